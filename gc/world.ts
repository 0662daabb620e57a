/** What the phases of a cycle share: the heap, the threads, the safepoints, and the cycle's clocks. */
import { Control, type Heap, type HeapHandle, PACE_BYTES, Safepoints } from '../heap/index.js';
import { threadCpuNs } from '../native/index.js';
import type { CycleRecord } from './cycle.js';
import type { Delivery } from './delivery/index.js';
import type { CollectorOptions } from './options.js';
import type { Pacer } from './policy/pacing.js';
import type { WorkerPool } from './workers/pool.js';

export const DEFAULTS = { maxLiveShare: 0.85, evacuate: 'sparse', walk: 'address' } as const;

/** Numbers for threads that finish the pages of others. */
export const SPARE_OWNERS = 16;

export class World {
  readonly handle: HeapHandle;
  readonly safepoints: Safepoints;
  /** performance.now() at the start of the cycle. */
  startedAt = 0;
  /** CPU of workers in this cycle, ms. */
  workerCpuMs = 0;
  /** Objects that the last cycle marked; how long marking is expected to be. */
  lastMarked = 0;
  private cpuAtStart = 0;
  private owners = 0;

  constructor(
    readonly heap: Heap,
    readonly pool: WorkerPool,
    readonly pacer: Pacer,
    readonly delivery: Delivery,
    readonly options: CollectorOptions & { readonly batch: number },
    /** First number that no worker and no fault server has; see Pages.owner. */
    private readonly firstOwner: number,
  ) {
    this.handle = heap.handle;
    this.safepoints = new Safepoints(heap.control, heap.layout.mutators);
  }

  start(): void {
    const { control } = this.heap;
    this.startedAt = performance.now();
    this.cpuAtStart = this.ownCpuMs();
    this.workerCpuMs = 0;
    Atomics.store(control, Control.PROGRESS, 0);
    Atomics.store(control, Control.TAKEN, 0);
    const spare = this.heap.regions.free - Atomics.load(control, Control.RESERVE) - this.pacer.expectedTargets;
    Atomics.store(control, Control.BUDGET, Math.max(1, spare) * (this.heap.layout.regionBytes / PACE_BYTES));
  }

  /** Closes the cycle's clocks. Returns the regions that mutators have taken since the heap was made. */
  finish(cycle: CycleRecord): number {
    const { control } = this.heap;
    Atomics.store(control, Control.BUDGET, -1);
    Atomics.add(control, Control.PROGRESS, 1);
    Atomics.notify(control, Control.PROGRESS);
    cycle.ms.total = performance.now() - this.startedAt;
    cycle.cpuMs = this.workerCpuMs + this.ownCpuMs() - this.cpuAtStart;
    return Atomics.load(control, Control.OPENED);
  }

  /** Whether evacuated regions are poisoned until they are used again. */
  get poisons(): boolean {
    return this.heap.space.poisons;
  }

  /** A number for one more thread that forwards pages. */
  nextOwner(): number {
    return this.firstOwner + (this.owners++ % SPARE_OWNERS);
  }

  /** CPU of this thread and of the fault servers, ms. */
  private ownCpuMs(): number {
    return threadCpuNs() / 1e6 + this.delivery.cpuMs();
  }

  /** Calls the inspector, if there is one, with every mutator stopped. */
  inspect(when: 'before' | 'after', cycle: number): void {
    const { inspect } = this.options;
    if (inspect !== undefined) this.safepoints.pause(() => inspect(when, cycle));
  }
}
