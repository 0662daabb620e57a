/**
 * Whether to look for right pages before a flip, and how patiently. Mapping a page ahead costs the collector some 0.2 µs
 * more than mapping it afterwards, because stale pages between right ones cut the runs short, and saves the fault of a
 * mutator that would have come to the page before the workers did: 10 to 16 µs. So it pays where mutators come to more
 * than one page in a hundred, as they do on javac (one in eight), and does not on dense (one in three hundred).
 *
 * A look at a stale page costs some 0.1 µs, so it pays to look at all pages where one in twenty is right. Where fewer
 * are, as with random edges, a few pages of each region are looked at, to notice when that changes.
 */
const WORTH_IT = 0.05;
const PROBE = 4;
const FAULTS_WORTH_IT = 0.01;
/** Pages that a compaction must have published to say anything about the next one. */
const ENOUGH = 500;

export class AheadPolicy {
  /** Stale pages in a row after which the rest of a region is not looked at; 0: never. */
  patience = 0;
  /** Whether mutators come to pages before workers do. */
  pays = true;

  /** Of `looked` live pages of the last cycle, `right` were right. */
  learn(looked: number, right: number): void {
    if (looked > 0) this.patience = right < WORTH_IT * looked ? PROBE : 0;
  }

  /** Of `published` pages after the last flip, `byFault` were wanted by a mutator. They stand for those mapped ahead. */
  learnFaults(byFault: number, published: number): void {
    if (published >= ENOUGH) this.pays = byFault > FAULTS_WORTH_IT * published;
  }
}
