/**
 * The words that mutators and the collector speak through: one SharedArrayBuffer, because Atomics.wait wants one.
 * All accesses are Atomics (sequentially consistent). Who writes what, and what it protects:
 */

/** Words that all share. */
export const Control = {
  /** Free regions. Whoever takes or frees one adds; a hint for pacing, the region table decides. */
  FREE: 0,
  /** Below this many free regions a mutator asks for a collection. Collector. */
  TRIGGER: 1,
  /** Free regions that mutators leave to the collector as targets. Collector. */
  RESERVE: 2,
  /** Collections asked for. Mutators add and notify; the collector waits on it. */
  REQUESTS: 3,
  /** Cycles ended. The collector adds and notifies; stalled mutators wait on it. */
  COLLECTIONS: 4,
  /** Number of the current or last cycle. Collector. */
  CYCLE: 5,
  /** Barrier mode that a mutator attaching now starts in (Barrier). Collector, before each handshake round. */
  BARRIER: 6,
  /** Flips so far: the tag that makes every page state of an older flip read as RAW. Collector, in the flip pause. */
  GENERATION: 7,
  /** Mutators add and notify when they stop; the collector waits on it while it stops them. */
  ARRIVALS: 9,
  /** Nonzero once the heap cannot go on; everybody who waits looks at it (checkAlive). Whoever found out. */
  FATAL: 10,
  /** Next region that a compaction worker takes. Workers add; the collector rewinds it. */
  CURSOR: 11,
  /** Marking workers that found no work. They add and subtract; all idle and an empty pool end a round. */
  IDLE: 12,
  /** 1 tells fault servers to go. Collector. */
  STOP: 13,
  /** Work of the cycle done so far, of 1000: what allocation is paced against. Collector and its workers. */
  PROGRESS: 14,
  /** Memory that mutators may take while this cycle runs, in units of PACE_BYTES; -1 while none runs. Collector. */
  BUDGET: 15,
  /** What mutators took since the cycle began, in the same units. Mutators add; the collector resets it. */
  TAKEN: 16,
  /** 1 from the flip until the last stale page is published. Collector. */
  COMPACTING: 17,
  /** What fault servers have done, ever: faults by kind, and pages by what they needed. Servers add. */
  FAULTS_MISSING: 18,
  FAULTS_MINOR: 19,
  FAULT_BUILT: 20,
  FAULT_UPDATED: 21,
  FAULT_KEPT: 22,
  FAULT_PUBLISHED: 23,
  /** Evacuated regions that are spent, in the plan's order. Workers compare and swap; the flip rewinds it. */
  SPENT: 24,
  /** Objects traced in this cycle, for PROGRESS. Workers add; the collector resets it. */
  MARKED: 25,
  /** Kernel thread id of a collector that answers requests; 0 while there is none. Collector. */
  COLLECTOR: 26,
  /** Regions that mutators have opened, ever. Mutators add; the pacer looks at it once a cycle. */
  OPENED: 27,
  /** Kernel thread ids of up to 4 fault servers, for their CPU time. Each writes its own. */
  SERVERS: 28,
  /** Of REQUESTS, those that a program made itself and not an allocation that found little free. Mutators add. */
  ASKED: 32,
  /** Faults that mutators resolved in their signal handlers, ever. The collector adds when a compaction ends. */
  FAULTS_SIGNAL: 33,
  /** 1 tells marking workers to give up, because one of them was lost. Collector. */
  ABANDON: 34,
  /** The coming generation, while pages are mapped ahead of its flip; else 0. Collector. See ahead.ts. */
  AHEAD: 35,
  /** Pages mapped ahead of the coming flip that mutators took back. They add; the collector resets it. */
  TAKEN_BACK: 36,
  /** 1 while fault server 0, 1, 2, 3 handles messages. Each writes its own; the collector waits for 0 to end a compaction. */
  SERVING: 37,
  /** Threads that ended without leaving the heap, ever. Whoever detached one adds. */
  DEATHS: 41,
  /** 1: a thread died, and may have been at the region table or its pins. Whoever finds out; the next pause takes it. */
  AUDIT: 42,
  /**
   * Bytes of text at the end of these words that say why the heap cannot go on; 0: none, -1: somebody writes it. By
   * compare-and-swap from 0, then the text, then its length, then FATAL: who sees the length sees the text.
   */
  REASON: 43,
  WORDS: 44,
} as const;

/** A mutator's own words. "owner" is the mutator while it is RUNNING, and whoever seized it otherwise. */
export const Own = {
  /** MutatorState. See safepoint.ts for who may change what to what. */
  STATE: 0,
  /** How many want it to stop at its next safepoint. Each adds one and takes it away; the mutator waits on it. */
  POLL: 1,
  /** Region it allocates in, or -1. Owner, as it changes; written after the three below. */
  REGION: 2,
  /** Next free granule. Owner; published at safepoints. */
  TOP: 3,
  /** Memory below this granule was given to it, zero. Owner, as it changes: after it was zeroed. */
  LIMIT: 4,
  /** Objects below this granule have their start bits. Owner, as it changes: after the bits. */
  INDEXED: 5,
  /** Slots in use on the shadow stack. Owner; published at safepoints. */
  DEPTH: 6,
  /** References in the barrier log. Owner, as it changes: after the entry, and before the store that it is about. */
  LOGGED: 7,
  /** Barrier. Collector, while it holds the mutator. */
  BARRIER: 8,
  /** What regionBorn of regions that it opens is to say. Collector, while it holds the mutator. */
  BORN: 9,
  /** Allocation stalls: how many, and the longest, microseconds (35 minutes at most). Owner. STALL_US: in all. */
  STALLS: 11,
  STALL_MAX_US: 13,
  /** Kernel thread id, for CPU time and fault counts. Owner, at attach. */
  THREAD: 14,
  /** Waits that pacing imposed. Owner. PACED_US: microseconds in all. */
  PACED: 15,
  /** Faults that it took and somebody else resolved. Fault servers add. */
  FAULTS: 17,
  /** Of 64 bits, two words each: see waitedUs in stall.ts. Owner. */
  STALL_US: 18,
  PACED_US: 20,
  WORDS: 32,
} as const;

export const MutatorState = { ABSENT: 0, ATTACHING: 1, RUNNING: 2, STOPPED: 3, SEIZED: 4 } as const;

/** What a reference store has to log (see barrier.ts), or, AHEAD, that it may have to take a page back (ahead.ts). */
export const Barrier = { OFF: 0, BOTH: 1, OLD: 2, AHEAD: 3 } as const;

/** Bytes for the text that says why a heap cannot go on. */
export const REASON_BYTES = 1024;

export function makeControl(mutators: number): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(4 * (Control.WORDS + mutators * Own.WORDS) + REASON_BYTES));
}

/** Index of word 0 of mutator `index`. */
export function ownBase(index: number): number {
  return Control.WORDS + index * Own.WORDS;
}
