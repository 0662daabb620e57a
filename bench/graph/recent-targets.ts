/** How many targets a column remembers. 8 make the shipped graph 2% larger, 64 no smaller. */
export const recentCount = 16;

/** In `RecentTargets.find`: not among the last ones. */
export const notRecent = -1;

const nobody = 0xffff_ffff;

/** The last distinct targets of a column of references, the latest first. */
export class RecentTargets {
  private readonly targets = new Uint32Array(recentCount).fill(nobody);

  /** Place of `target`, 0 for the latest, or `notRecent`. */
  find(target: number): number {
    return this.targets.indexOf(target);
  }

  at(place: number): number {
    return this.targets[place];
  }

  /** Makes `target` the latest; `place` is where it was. */
  touch(target: number, place: number): void {
    const { targets } = this;
    for (let i = place === notRecent ? recentCount - 1 : place; i > 0; i--) targets[i] = targets[i - 1];
    targets[0] = target;
  }
}
