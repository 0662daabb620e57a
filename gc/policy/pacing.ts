/**
 * When a cycle starts, and how fast mutators may allocate while it runs.
 *
 * The rule: a cycle starts when the free regions fall below
 *
 *     rate × duration × 1.3  +  targets  +  2
 *
 * with the allocation rate (regions a second) and the cycle's duration as exponentially weighted means of what was
 * seen (half a weight to the last cycle), and as many targets as the last plan took; at least 10% and at most 70% of
 * the heap, 35% before anything is known. While it runs, what mutators may take is spread over the cycle in proportion
 * to its progress (heap/stall.ts): marking counts for the share of time that marking took last time.
 */
export interface CycleFigures {
  /** ms from the cycle's start to its end, and the part until the flip. */
  readonly totalMs: number;
  readonly markMs: number;
  /** Regions that mutators took from the start of the cycle before to the start of this one, and ms in between. */
  readonly taken: number;
  readonly sinceLastMs: number;
  readonly targets: number;
}

const WEIGHT = 0.5;
const SAFETY = 1.3;

export class Pacer {
  private rate = 0; // regions a ms
  private durationMs = 0;
  private compactMs = 0;
  private targets = 0;
  private markShare = 0.6;

  constructor(private readonly regions: number) {}

  learn(cycle: CycleFigures): void {
    const mean = (old: number, now: number) => (old === 0 ? now : old * (1 - WEIGHT) + now * WEIGHT);
    if (cycle.sinceLastMs > 0) this.rate = mean(this.rate, cycle.taken / cycle.sinceLastMs);
    this.durationMs = mean(this.durationMs, cycle.totalMs);
    this.compactMs = mean(this.compactMs, cycle.totalMs - cycle.markMs);
    this.markShare = Math.min(0.9, Math.max(0.1, mean(this.markShare, cycle.markMs / Math.max(1, cycle.totalMs))));
    this.targets = cycle.targets;
  }

  /** Free regions below which the next cycle is to start. */
  get trigger(): number {
    if (this.durationMs === 0) return Math.ceil(this.regions * 0.35);
    const wanted = this.rate * this.durationMs * SAFETY + this.targets + 2;
    return Math.ceil(Math.min(0.7 * this.regions, Math.max(0.1 * this.regions, wanted)));
  }

  /** Free regions that the next plan is likely to take as targets. */
  get expectedTargets(): number {
    return this.targets;
  }

  /** Share of a cycle's progress that marking stands for. */
  get shareOfMarking(): number {
    return this.markShare;
  }

  /** Free regions that mutators will want while the compaction runs. */
  get neededWhileCompacting(): number {
    return Math.ceil(this.rate * this.compactMs * 2) + 1;
  }
}
