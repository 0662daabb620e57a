/** What has been seen to take so long may take a little longer. */
const margin = 1.1;

/**
 * Whether there is time for more in a sweep that is to be over by a certain time: as much as the longest has taken so far
 * of what stands side by side. The first is run in any case.
 */
export class Budget {
  private last: number | undefined;
  private longestMs = 0;
  private readonly began: number;

  constructor(
    private readonly budgetMs = Number.POSITIVE_INFINITY,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.began = now();
  }

  /** To be asked before each. */
  hasTime(): boolean {
    const now = this.now();
    if (this.last !== undefined) {
      this.longestMs = Math.max(this.longestMs, now - this.last);
      if (now - this.began + margin * this.longestMs > this.budgetMs) return false;
    }
    this.last = now;
    return true;
  }
}
