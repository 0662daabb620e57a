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
