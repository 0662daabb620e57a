/** What a collector can be told. */
import type { CycleRecord } from './cycle.js';
import type { Sabotage } from './sabotage.js';

export type PublishPolicy = 'eager' | 'lazy';
export type WalkPolicy = 'address' | 'faults';
export type AheadChoice = 'auto' | 'always' | 'never';
/** The emptiest, as many as fit (sparse); all that fit, however full (full); none, so that nothing moves. */
export type EvacuationPolicy = 'sparse' | 'full' | 'none';

export interface CollectorOptions {
  readonly resolution: string;
  readonly flip: string;
  readonly delivery: string;
  readonly workers: number;
  /** Fault servers, where faults are delivered to one. */
  readonly faultServers?: number;
  /** Pages published by one call at most. */
  readonly batch?: number;
  /** Workers publish every page (eager), or only what mutators touch is published for a while (lazy). */
  readonly publish?: PublishPolicy;
  /** Which regions workers walk first: by address, or those where mutators fault. */
  readonly walk?: WalkPolicy;
  /** Which regions are evacuated. */
  readonly evacuate?: EvacuationPolicy;
  /** Regions fuller than this share are not evacuated. */
  readonly maxLiveShare?: number;
  /** Free regions whose memory is kept; the rest goes back to the kernel. All, unless said. */
  readonly residentFree?: number;
  /** Chunks of the grey pool; all the room there is, unless said. To make marking overflow in tests. */
  readonly greyChunks?: number;
  /** Map kept pages without stale references before the flip, where the resolution can; `auto`: where it pays. */
  readonly ahead?: AheadChoice;
  /** Cycles of which `records` tells: the last ones, 1000 unless said. */
  readonly keepRecords?: number;
  readonly sabotage?: Sabotage;
  /** Called with every mutator stopped, before each cycle and after it. */
  readonly inspect?: (when: 'before' | 'after', cycle: number) => void;
  /** Called after each cycle; the next begins when what it returns has resolved. */
  readonly onCycle?: (record: CycleRecord) => unknown;
}
