/** A round may take a little longer than any before. */
const margin = 1.1;

/** Whether there is time for another round of a sweep that is to be over by a certain time. The first is run in any case. */
export class Rounds {
  private readonly began: number;
  private round: number | undefined;
  private roundBegan = 0;
  private longestMs = 0;

  constructor(
    private readonly budgetMs = Number.POSITIVE_INFINITY,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.began = now();
  }

  /** To be asked before each point, with the number of its round; within one there is always time. */
  hasTimeFor(round: number): boolean {
    if (round === this.round) return true;
    const now = this.now();
    if (this.round !== undefined) {
      this.longestMs = Math.max(this.longestMs, now - this.roundBegan);
      if (now - this.began + margin * this.longestMs > this.budgetMs) return false;
    }
    [this.round, this.roundBegan] = [round, now];
    return true;
  }
}
