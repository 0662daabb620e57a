/**
 * How long somebody who waits has been patient. Time counts only as far as the waiter was there to see it: a step
 * between two looks counts for as much as a step is meant to take, and no more. A process that was stopped for a
 * minute (SIGSTOP, a frozen container, a debugger) finds the clock a minute on, and the others had no more of that
 * minute than the waiter had.
 */

/** Longest that a step between two looks counts for, ms: more than any wait between two looks is meant to take. */
const STEP_MS = 200;

export class Patience {
  private last: number;
  private waited = 0;

  constructor(
    private readonly ms: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.last = now();
  }

  /** Whether it is at its end. To be asked after each step. */
  get isOver(): boolean {
    const now = this.now();
    this.waited += Math.min(now - this.last, STEP_MS);
    this.last = now;
    return this.waited > this.ms;
  }
}
