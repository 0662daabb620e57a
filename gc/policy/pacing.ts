/**
 * When a cycle starts, and how much room it keeps for whom.
 *
 * The rule: a cycle starts when the free regions fall below
 *
 *     rate × marking × 1.3  +  rate × compaction × 2 + 1  +  targets  +  2
 *
 * what mutators will take until the flip and after it, and what the evacuation itself needs: `rate` is the allocation
 * rate (regions a ms), `marking` and `compaction` the two parts of a cycle, all as exponentially weighted means with half a weight
 * to the last cycle; `targets` a quarter more than the last plan took, and at least 6% of the heap, because a plan
 * that found little room reclaims little, and would leave the next one less. At least 10% and at most 70% of the heap,
 * 35% before anything is known.
 *
 * While the cycle runs, what mutators may take is spread over it in proportion to its progress (heap/stall.ts):
 * marking counts for the share of time that marking took before.
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
const LEAST_TARGETS = 0.06;

export class Pacer {
  private rate = 0;
  private markMs = 0;
  private compactMs = 0;
  private targets = 0;

  constructor(
    private readonly regions: number,
    /** Whether mutators go on allocating while a cycle runs. */
    private readonly concurrent = true,
  ) {}

  learn(cycle: CycleFigures): void {
    const mean = (old: number, now: number) => (old === 0 ? now : old * (1 - WEIGHT) + now * WEIGHT);
    if (cycle.sinceLastMs > 0) this.rate = mean(this.rate, cycle.taken / cycle.sinceLastMs);
    this.markMs = mean(this.markMs, cycle.markMs);
    this.compactMs = mean(this.compactMs, cycle.totalMs - cycle.markMs);
    this.targets = cycle.targets;
  }

  /** Free regions below which the next cycle is to start. */
  get trigger(): number {
    if (!this.concurrent) return this.expectedTargets + 2;
    if (this.markMs === 0) return Math.ceil(this.regions * 0.35);
    const wanted = this.rate * this.markMs * 1.3 + this.neededWhileCompacting + this.expectedTargets + 2;
    return Math.ceil(Math.min(0.7 * this.regions, Math.max(0.1 * this.regions, wanted)));
  }

  /** Free regions that mutators will want while the compaction runs. */
  get neededWhileCompacting(): number {
    return this.concurrent ? Math.ceil(this.rate * this.compactMs * 2) + 1 : 0;
  }

  /** Free regions that the next plan is likely to take as targets. */
  get expectedTargets(): number {
    return Math.ceil(Math.max(1.25 * this.targets, LEAST_TARGETS * this.regions));
  }

  /** Share of a cycle's progress that marking stands for. */
  get shareOfMarking(): number {
    const total = this.markMs + this.compactMs;
    return total === 0 ? 0.6 : Math.min(0.9, Math.max(0.1, this.markMs / total));
  }
}
