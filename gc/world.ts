/** What the phases of a cycle share: the heap, the threads, the safepoints, and the cycle's clocks. */
import { audit, Control, type Heap, type HeapHandle, PACE_BYTES, Safepoints } from '../heap/index.js';
import { threadCpuNs } from '../native/index.js';
import type { WriteBarrier } from './barrier/barrier.js';
import type { CycleRecord } from './cycle.js';
import type { Delivery } from './delivery/index.js';
import type { CollectorOptions } from './options.js';
import { AheadPolicy } from './policy/ahead.js';
import type { Pacer } from './policy/pacing.js';
import { SPARE_OWNERS } from './slots.js';
import { WorkerLost } from './workers/lost.js';
import type { WorkerPool } from './workers/pool.js';
import type { Tasks } from './workers/tasks.js';

export const DEFAULTS = { maxLiveShare: 0.85, evacuate: 'sparse', walk: 'address', ahead: 'auto' } as const;

export class World {
  readonly handle: HeapHandle;
  readonly safepoints: Safepoints;
  readonly ahead = new AheadPolicy();
  readonly barrier: WriteBarrier;
  /** performance.now() at the start of the cycle. */
  startedAt = 0;
  /** CPU of workers in this cycle, ms. */
  workerCpuMs = 0;
  /**
   * Whether pages may be left that are not right: from the flip until the compaction has ended and nobody is in the
   * middle of a page. COMPACTING says less: it is cleared before the last of the servers and handlers are waited for.
   */
  compacting = false;
  /** Objects that the last cycle marked; how long marking is expected to be. */
  lastMarked = 0;
  private cpuAtStart = 0;
  private owners = 0;
  /** Threads that have died as mutators, when that was last told. */
  private deathsTold = 0;

  constructor(
    readonly heap: Heap,
    readonly pool: WorkerPool,
    readonly pacer: Pacer,
    readonly delivery: Delivery,
    readonly options: CollectorOptions & { readonly batch: number },
    /** First number that no worker and no fault server has; see Pages.owner. */
    private readonly firstOwner: number,
    makeBarrier: (world: World) => WriteBarrier,
  ) {
    this.handle = heap.handle;
    this.safepoints = new Safepoints(heap);
    this.barrier = makeBarrier(this);
  }

  start(): void {
    const { control } = this.heap;
    this.safepoints.detachDead(); // their roots keep nothing alive, and nobody waits for them
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
    const deaths = Atomics.load(control, Control.DEATHS);
    if (deaths !== this.deathsTold) cycle.incidents.push(deathNotice(deaths - this.deathsTold));
    this.deathsTold = deaths;
    return Atomics.load(control, Control.OPENED);
  }

  /**
   * The same task on every worker at once. Waits for all of them, and then throws WorkerLost if one was lost;
   * `onLoss` is called as soon as that is known.
   */
  async onAll<N extends 'mark' | 'dirty'>(
    name: N,
    task: Tasks[N]['task'],
    onLoss: () => void = () => {},
  ): Promise<Tasks[N]['result'][]> {
    const one = () =>
      this.pool.run(name, task).catch((error) => {
        onLoss();
        throw new WorkerLost('marking', error);
      });
    const ended = await Promise.allSettled(this.pool.numbers.map(one));
    const lost = ended.find((end) => end.status === 'rejected');
    if (lost !== undefined) throw lost.reason;
    const done = ended.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
    this.workerCpuMs += done.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
    return done;
  }

  /** `work` as phase `kind` of the cycle, on the record. */
  async phase<T>(kind: number, cycle: CycleRecord, work: () => T | Promise<T>): Promise<T> {
    const { trace } = this.heap;
    const from = trace?.now() ?? 0;
    const result = await work();
    trace?.record(trace.collectorLane, kind, from, cycle.cycle);
    return result;
  }

  /** A pause, on the record. Resolves with how long mutators were asked to stand, in µs. */
  async pause(kind: number, cycle: CycleRecord, act: (mutators: readonly number[]) => void): Promise<number> {
    const { trace } = this.heap;
    const from = trace?.now() ?? 0;
    const us = await this.safepoints.pause(act);
    trace?.record(trace.collectorLane, kind, from, cycle.cycle);
    return us;
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
  async inspect(when: 'before' | 'after', cycle: number): Promise<void> {
    const { inspect } = this.options;
    if (inspect === undefined) return;
    await this.safepoints.pause(() => {
      audit(this.heap); // no plan is at work: what nobody has is free, and counted so
      inspect(when, cycle);
    });
  }
}

function deathNotice(deaths: number): string {
  const threads = deaths === 1 ? "a mutator's thread" : `the threads of ${deaths} mutators`;
  return `${threads} ended without detach(), which was done instead: its roots and pins are gone, its place is free`;
}
