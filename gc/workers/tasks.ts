/** What is sent to a worker, and what comes back: plain data, so that it can be posted. */
import type { RecordableHistogram } from 'node:perf_hooks';
import type { HeapHandle } from '../../heap/index.js';
import type { PageCounts } from '../forwarder.js';
import type { EvacuationPolicy, WalkPolicy } from '../options.js';
import type { Sabotage } from '../sabotage.js';
import type { LookedAhead } from './ahead.js';
import type { DirtyWork } from './dirty.js';
import type { Moves, Plan } from './plan.js';

export interface MarkTask {
  readonly heap: HeapHandle;
  readonly workers: number;
  /** Objects that marking is expected to scan, and the share of the cycle that stands for it. */
  readonly expected: number;
  readonly share: number;
  readonly sabotage: Sabotage | undefined;
}

export interface DirtyTask {
  readonly heap: HeapHandle;
  readonly work: DirtyWork;
  readonly sabotage: Sabotage | undefined;
}

export interface PlanTask {
  readonly heap: HeapHandle;
  readonly cycle: number;
  readonly leave: number;
  readonly maxLiveShare: number;
  readonly evacuate: EvacuationPolicy;
  readonly sabotage: Sabotage | undefined;
}

export interface CompactTask {
  readonly heap: HeapHandle;
  readonly resolution: string;
  readonly cycle: number;
  readonly generation: number;
  /** Number of this thread among those that forward pages, and the first of its `batch` staging slots. */
  readonly owner: number;
  readonly firstSlot: number;
  readonly batch: number;
  readonly moves: Moves;
  readonly walk: WalkPolicy;
  /** Progress before this phase, of 1. */
  readonly share: number;
  readonly sabotage: Sabotage | undefined;
}

export interface AheadTask {
  readonly heap: HeapHandle;
  readonly resolution: string;
  readonly cycle: number;
  readonly generation: number;
  /** Number of this thread among those that forward pages. */
  readonly owner: number;
  readonly patience: number;
  readonly sabotage: Sabotage | undefined;
}

export interface RecoverTask {
  readonly heap: HeapHandle;
  readonly resolution: string;
  readonly cycle: number;
  readonly generation: number;
  readonly owner: number;
  readonly slot: number;
  /** Owner number of the thread that was lost. */
  readonly lost: number;
  readonly sabotage: Sabotage | undefined;
}

export interface ServeTask {
  readonly heap: HeapHandle;
  readonly resolution: string;
  readonly server: number;
  readonly slot: number;
  readonly owner: number;
  readonly service: RecordableHistogram;
  readonly sabotage: Sabotage | undefined;
}

/** Every task reports the CPU it took. */
export type Reported<T> = T & { readonly cpuMs: number };

export interface Tasks {
  mark: { task: MarkTask; result: Reported<{ objects: number }> };
  dirty: { task: DirtyTask; result: Reported<{ pages: number }> };
  plan: { task: PlanTask; result: Reported<{ plan: Plan }> };
  ahead: { task: AheadTask; result: Reported<LookedAhead> };
  compact: { task: CompactTask; result: Reported<{ counts: PageCounts }> };
  recover: { task: RecoverTask; result: Reported<{ counts: PageCounts }> };
  serve: { task: ServeTask; result: Reported<object> };
}
