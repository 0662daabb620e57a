/**
 * What a workload is. Each mutator thread opens its own session, whose random choices follow from a seed alone, and the
 * driver (bench/invocation/mutator-thread.ts) takes it through set-up, warm-up, measurement and check.
 *
 * The rule of the heap holds for all of it: a Reference in a local is good until the next safepoint (allocate,
 * safepoint, parked), so whatever has to outlive one stands in a root slot. Loops without allocation call safepoint().
 */
import type { Mutator } from '../../heap/index.js';
import type { OwnSettings } from './table.js';

export interface Workload {
  /** Time it runs before anything is measured, s; with `quick` it is a tenth of that. */
  readonly warmUpSeconds: number;
  /**
   * What all sessions share, made once, in a thread of its own that ends with it: plain data, with SharedArrayBuffers
   * for what is large.
   */
  readonly prepare?: (scope: Scope) => unknown;
  /** One mutator's part of the work, on that mutator's thread. */
  readonly open: (mutator: Mutator, part: Part) => Session;
}

/** How much there is to do, and in how many parts. */
export interface Scope extends OwnSettings {
  /** Share of the workload's full size, all mutators together. */
  readonly scale: number;
  readonly mutators: number;
}

export interface Part extends Scope {
  /** Which mutator this is, from 0. */
  readonly index: number;
  /** Not the same for any two mutators of a run. */
  readonly seed: number;
  /** What `prepare` gave. */
  readonly prepared: unknown;
  /** Tells how far set-up or check has come, 0..1. */
  readonly progress: (fraction: number) => void;
}

export interface Session {
  /** Builds what the batches work on. */
  setUp(): void;
  /**
   * Does a batch, about a thousand operations, and returns how many. Timed as a whole: one latency sample. Where work can
   * be divided it does just the `operations` asked for (a whole number of hundreds): a request of the open loop. Zero
   * means that it had to wait for another mutator and did nothing: no sample, and a wait of some milliseconds at most.
   */
  batch(operations?: number): number;
  /** Whether the run can end after the batch just done. Absent: always. */
  readonly ending?: Ending;
  /** Compares everything with what it must be. */
  check(): Check;
}

/** `may`: between any two batches; `not-yet`: in the middle of something; `must`: nothing is left to do. */
export type Ending = 'may' | 'not-yet' | 'must';

export interface Check {
  /** What is wrong, the first thing found; absent when all is well. */
  readonly problem?: string;
  /** Objects or entries that were compared. */
  readonly checked: number;
  /** Of what was done, where that is random: the same for the same seed and operations, on any heap and in any language. */
  readonly checksum?: number;
  /** What the session's roots keep alive now, all of it. */
  readonly objects: number;
  readonly bytes: number;
}
