/**
 * How patiently to look for right pages before a flip. A look at a stale page costs some 0.1 µs, a right page that was
 * found saves the fault of a mutator that would have come to it before the workers did: 16 µs or so, one time in eight
 * (javac). So it pays to look at all pages where one in twenty is right. Where fewer are, as with random edges, a few
 * pages of each region are looked at, to notice when that changes.
 */
const WORTH_IT = 0.05;
const PROBE = 4;

export class AheadPolicy {
  /** Stale pages in a row after which the rest of a region is not looked at; 0: never. */
  patience = 0;

  /** Of `looked` live pages of the last cycle, `right` were right. */
  learn(looked: number, right: number): void {
    if (looked > 0) this.patience = right < WORTH_IT * looked ? PROBE : 0;
  }
}
