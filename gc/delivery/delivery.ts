/**
 * A delivery is a way for a fault to reach somebody who can resolve it. A new one is a file here and a line in index.ts.
 */
import type { RecordableHistogram } from 'node:perf_hooks';
import type { Heap } from '../../heap/index.js';
import type { Sabotage } from '../sabotage.js';

/** What was done to resolve faults. */
export interface Served {
  readonly built: number;
  readonly updated: number;
  readonly mapped: number;
  readonly published: number;
}

export interface Delivery {
  /** Nanoseconds from when somebody begins to resolve a fault until its page is published. */
  readonly service: RecordableHistogram;
  /** `onFailure` hears of what ends the heap: a stray access, or a kernel that refused. */
  start(onFailure: (error: Error) => void): Promise<void>;
  /** Waits until nobody is at a page of the compaction that has just been declared over (COMPACTING is 0). */
  quiesce(): Promise<void>;
  /**
   * With every mutator stopped, soon: whether nobody is at a page. If so, nobody comes to one until a mutator goes on; if
   * not, ask again later, when this thread has seen to its messages.
   */
  isIdle(): boolean;
  /** What has been done since the heap was made. No compaction runs. */
  served(): Served;
  /** Resolves once the error of a server that failed is known, or soon if there is none. */
  settled(): Promise<void>;
  /** CPU of threads of its own so far, ms. */
  cpuMs(): number;
  /** What went wrong and was mended since the last call. */
  incidents(): string[];
  stop(): Promise<void>;
}

export interface DeliveryOptions {
  readonly resolution: string;
  /** Fault servers, and their staging slots and owner numbers from these on. */
  readonly servers: number;
  readonly firstSlot: number;
  readonly firstOwner: number;
  readonly sabotage?: Sabotage | undefined;
}

export interface DeliveryKind {
  readonly name: string;
  readonly summary: string;
  /** Threads of its own that may fail: as many slots and owner numbers are reserved for it. */
  servers(wanted: number): number;
  create(heap: Heap, options: DeliveryOptions): Delivery;
}
