/** What one collection did: the figures of `collections` in a result line. */
export interface CycleRecord {
  readonly cycle: number;
  /** Why it ran: 'allocation' when free regions ran low, 'requested' otherwise. */
  readonly trigger: string;
  /** Bytes found live, copied, and made free. */
  liveBytes: number;
  evacuatedBytes: number;
  reclaimedBytes: number;
  pages: {
    /** Target pages built; kept pages in which a reference changed; kept pages that needed nothing but mapping. */
    built: number;
    updated: number;
    mapped: number;
    /** Kept pages without stale references that were mapped before the flip, so that nobody could fault on them. */
    mappedAhead: number;
    publishedInBulk: number;
    publishedByFault: number;
  };
  /** Milliseconds; mark to reclaim run beside the mutators, except remark and flip, which are pauses. */
  ms: { mark: number; remark: number; plan: number; flip: number; compact: number; reclaim: number; total: number };
  publishNsPerPage: number;
  /** Written pages that the kernel barrier found beside the mutators, and in the remark pause. */
  dirtyPages?: number;
  dirtyPagesAtRemark?: number;
  /** CPU of the collector's threads in this cycle. */
  cpuMs: number;
  /** What went wrong and was mended, a sentence each: threads that were lost. */
  incidents: string[];
}

export function newCycle(cycle: number, trigger: string): CycleRecord {
  return {
    cycle,
    trigger,
    liveBytes: 0,
    evacuatedBytes: 0,
    reclaimedBytes: 0,
    pages: { built: 0, updated: 0, mapped: 0, mappedAhead: 0, publishedInBulk: 0, publishedByFault: 0 },
    ms: { mark: 0, remark: 0, plan: 0, flip: 0, compact: 0, reclaim: 0, total: 0 },
    publishNsPerPage: 0,
    cpuMs: 0,
    incidents: [],
  };
}

/** Sums over all cycles that there have been. */
export interface CycleTotals {
  cycles: number;
  liveBytes: number;
  evacuatedBytes: number;
  reclaimedBytes: number;
  ms: number;
  cpuMs: number;
  incidents: number;
}

const KEPT = 1000;

/** What the last cycles did, and what all did together: a collector may run for months. */
export class CycleRecords {
  /** The last ones, the oldest first. */
  readonly last: CycleRecord[] = [];
  readonly totals: CycleTotals = {
    cycles: 0,
    liveBytes: 0,
    evacuatedBytes: 0,
    reclaimedBytes: 0,
    ms: 0,
    cpuMs: 0,
    incidents: 0,
  };

  /** Throws RangeError for what is no number of records. */
  constructor(private readonly most = KEPT) {
    if (!(Math.floor(most) === most && most >= 0)) {
      throw new RangeError(`keepRecords: ${String(most)}, not a whole number from 0`);
    }
  }

  add(cycle: CycleRecord): void {
    const { last, totals, most } = this;
    last.push(cycle);
    if (last.length > most) last.shift();
    totals.cycles++;
    for (const sum of ['liveBytes', 'evacuatedBytes', 'reclaimedBytes', 'cpuMs'] as const) totals[sum] += cycle[sum];
    totals.ms += cycle.ms.total;
    totals.incidents += cycle.incidents.length;
  }
}
