/** What the phases of a cycle share: the heap, the threads, the safepoints, and the cycle's clocks. */
import { Control, type Heap, type HeapHandle, Safepoints } from '../heap/index.js';
import { threadCpuNs } from '../native/index.js';
import { BARRIERS, type WriteBarrier } from './barrier/index.js';
import type { CycleRecord } from './cycle.js';
import type { FaultServers } from './delivery/servers.js';
import type { CollectorOptions } from './options.js';
import type { Pacer } from './policy/pacing.js';
import type { WorkerPool } from './workers/pool.js';

export const DEFAULTS = { maxLiveShare: 0.85 } as const;

export class World {
  readonly handle: HeapHandle;
  readonly safepoints: Safepoints;
  readonly barrier: WriteBarrier;
  /** performance.now() at the start of the cycle. */
  startedAt = 0;
  /** CPU of workers in this cycle, ms. */
  workerCpuMs = 0;
  /** Objects that the last cycle marked; how long marking is expected to be. */
  lastMarked = 0;
  private cpuAtStart = 0;

  constructor(
    readonly heap: Heap,
    readonly pool: WorkerPool,
    readonly pacer: Pacer,
    private readonly faults: FaultServers,
    readonly options: CollectorOptions & { readonly batch: number },
  ) {
    this.handle = heap.handle;
    this.safepoints = new Safepoints(heap.control, heap.layout.mutators);
    this.barrier = BARRIERS[heap.space.handle.barrier](this);
  }

  start(): void {
    const { control } = this.heap;
    this.startedAt = performance.now();
    this.cpuAtStart = this.ownCpuMs();
    this.workerCpuMs = 0;
    Atomics.store(control, Control.PROGRESS, 0);
    Atomics.store(control, Control.TAKEN, 0);
    const spare = this.heap.regions.free - Atomics.load(control, Control.RESERVE) - this.pacer.expectedTargets;
    Atomics.store(control, Control.BUDGET, Math.max(1, spare) * this.heap.layout.pagesPerRegion);
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

  /** CPU of this thread and of the fault servers, ms. */
  private ownCpuMs(): number {
    return threadCpuNs() / 1e6 + this.faults.cpuMs();
  }

  /** Calls the inspector, if there is one, with every mutator stopped. */
  inspect(when: 'before' | 'after', cycle: number): void {
    const { inspect } = this.options;
    if (inspect !== undefined) this.safepoints.pause(() => inspect(when, cycle));
  }

  /** Runs `work` and returns how long it took, ms. */
  static async time(work: () => Promise<unknown>): Promise<number> {
    const began = performance.now();
    await work();
    return performance.now() - began;
  }
}
