/**
 * The collector: one cycle on one screen, and the loop that decides when to run one.
 *
 *     concurrent  mark      pause  remark      concurrent  plan, ahead   pause  flip   concurrent  compact, reclaim
 */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { Control, checkAlive, type Heap, TraceKind } from '../heap/index.js';
import { threadId } from '../native/index.js';
import { BARRIERS } from './barrier/index.js';
import { type CycleRecord, CycleRecords, type CycleTotals, newCycle } from './cycle.js';
import { DELIVERIES, type Delivery } from './delivery/index.js';
import { FLIPS, type Flip } from './flip/index.js';
import { endProcess } from './lost-heap.js';
import type { CollectorOptions } from './options.js';
import { untilFlip } from './phases/abandon.js';
import { concurrentAhead } from './phases/ahead.js';
import { concurrentCompact } from './phases/compact.js';
import { pauseFlip } from './phases/flip.js';
import { concurrentMark } from './phases/mark.js';
import { concurrentPlan } from './phases/plan.js';
import { concurrentReclaim } from './phases/reclaim.js';
import { pauseRemark } from './phases/remark.js';
import { stopTheWorld } from './phases/stop.js';
import { Pacer } from './policy/pacing.js';
import { RESOLUTIONS, type ResolutionKind } from './resolution/index.js';
import { mostBatch } from './slots.js';
import { withHolder } from './verify/index.js';
import type { Plan } from './workers/plan.js';
import { WorkerPool } from './workers/pool.js';
import { World } from './world.js';

export interface PauseHistograms {
  /** Nanoseconds. */
  readonly remark: RecordableHistogram;
  /** Of a collector that stops the world, the whole cycle. */
  readonly flip: RecordableHistogram;
}

/**
 * Regions that mutators leave to the collector. With a single target no region over half live can be evacuated, so a
 * tight heap wants several; a small one can spare a tenth.
 */
function reserveOf(regions: number): number {
  return Math.max(1, Math.floor(regions / 64), Math.min(8, Math.floor(regions / 10)));
}

export class Collector {
  readonly pauses: PauseHistograms = { remark: createHistogram(), flip: createHistogram() };
  /** Who resolves faults, and how long it takes them. */
  readonly faults: Delivery;
  private readonly history: CycleRecords;
  private readonly kind: ResolutionKind;
  private readonly world: World;
  private readonly pacer: Pacer;
  private readonly flip: Flip;
  private readonly pool: WorkerPool;
  private running: Promise<void> = Promise.resolve();
  private listening: Promise<void> | null = null;
  private stopped = false;
  /** Requests that the last cycle to begin has answered. */
  private answered = 0;
  private askedBefore = 0;
  private lastTaken = 0;
  private lastStart = performance.now();
  private failure: Error | null = null;

  /** Throws RangeError for options that the heap was not made for, or that do not go together. */
  constructor(
    readonly heap: Heap,
    readonly options: CollectorOptions,
  ) {
    const { resolution, delivery, workers, sabotage } = options;
    this.history = new CycleRecords(options.keepRecords);
    this.kind = RESOLUTIONS[resolution]!;
    this.flip = FLIPS[options.flip]!;
    const counts = { workers, batch: options.batch ?? this.kind.batch, faultServers: options.faultServers ?? 1 };
    for (const [name, count] of Object.entries(counts)) {
      if (!Number.isInteger(count) || count < 1) throw new RangeError(`${name}: ${count}, not a whole number from 1`);
    }
    const means = DELIVERIES[delivery];
    if (
      means === undefined ||
      !this.kind.deliveries.includes(delivery) ||
      (delivery === 'signal') !== heap.resolvesSignals
    ) {
      throw new RangeError(`this heap was not made for ${resolution} delivered by ${delivery}`);
    }
    const servers = means.servers(options.faultServers ?? heap.space.watch?.descriptors.length ?? 1);
    const most = mostBatch(workers, servers);
    const batch = options.batch ?? Math.min(this.kind.batch, most); // with many workers they are smaller
    if (batch > most || most < 1) {
      throw new RangeError(`${workers} workers with batches of ${batch} pages: of ${Math.max(0, most)} at most`);
    }
    const firstSlot = 1 + workers * batch;
    this.pool = new WorkerPool(workers);
    this.faults = means.create(heap, { resolution, servers, firstSlot, firstOwner: workers, sabotage });
    const { control, layout } = heap;
    this.pacer = new Pacer(layout.regions - 1, this.kind.concurrent);
    const makeBarrier = BARRIERS[heap.space.handle.barrier];
    const own = { ...options, batch };
    this.world = new World(heap, this.pool, this.pacer, this.faults, own, workers + servers, makeBarrier);
    heap.trace?.declare(workers, servers);
    Atomics.store(control, Control.RESERVE, reserveOf(layout.regions - 1));
    Atomics.store(control, Control.TRIGGER, this.pacer.trigger);
  }

  /** Starts to serve faults, and to collect when mutators ask for it. */
  async start(): Promise<void> {
    await this.faults.start((error) => this.fail(error));
    Atomics.store(this.heap.control, Control.COLLECTOR, threadId());
    this.listening = this.listen();
  }

  /** Runs a whole cycle after those under way. Rejects if the heap cannot go on. */
  collect(trigger = 'requested'): Promise<CycleRecord> {
    const turn = this.running.then(async () => {
      if (this.failure !== null) throw this.failure;
      try {
        checkAlive(this.heap.control); // a server may have said so, and its error be on its way
        const record = await this.cycle(trigger);
        if (this.failure !== null) throw this.failure;
        return record;
      } catch (error) {
        if (this.world.compacting) endProcess(this.heap, error);
        const told = withHolder(this.heap, error instanceof Error ? error : new Error(String(error)));
        // Of a server that failed we may have heard by its word on the heap only: its own error says more.
        await this.faults.settled();
        throw this.fail(told);
      }
    });
    this.running = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }

  /** Ends the cycle under way, the workers and the fault servers. The heap stays. */
  async stop(): Promise<void> {
    const { control } = this.heap;
    this.stopped = true;
    Atomics.store(control, Control.COLLECTOR, 0);
    Atomics.add(control, Control.REQUESTS, 1);
    Atomics.notify(control, Control.REQUESTS);
    await this.listening;
    await this.running;
    try {
      await this.faults.stop();
    } finally {
      await this.pool.close();
    }
  }

  /** What each of the last cycles did, the oldest first; as many as `keepRecords` says. */
  get records(): readonly CycleRecord[] {
    return this.history.last;
  }

  /** What all cycles did, those included of which there is no record any more. */
  get totals(): Readonly<CycleTotals> {
    return this.history.totals;
  }

  /** The error that ended the collector, if one did. */
  get error(): Error | null {
    return this.failure;
  }

  private async cycle(trigger: string): Promise<CycleRecord> {
    const { world, kind } = this;
    const cycle = newCycle(await this.begin(), trigger);
    const phases = () => this.phases(cycle);
    const all = () => (kind.concurrent ? phases() : stopTheWorld(world, cycle, phases));
    const plan = await world.phase(TraceKind.CYCLE, cycle, all);
    await this.end(cycle, plan.targets.length);
    return cycle;
  }

  private async phases(cycle: CycleRecord): Promise<Plan> {
    const { world, flip } = this;
    const plan = await untilFlip(world, cycle, async () => {
      await world.phase(TraceKind.MARK, cycle, () => concurrentMark(world, cycle));
      await pauseRemark(world, cycle);
      return world.phase(TraceKind.PLAN, cycle, () => concurrentPlan(world, cycle));
    });
    if (plan.evacuated.length > 0) {
      await world.phase(TraceKind.AHEAD, cycle, () => concurrentAhead(world, cycle));
      await pauseFlip(world, cycle, flip);
      await world.phase(TraceKind.COMPACT, cycle, () => concurrentCompact(world, cycle, plan));
      if (this.failure !== null) throw this.failure; // who is stuck in a fault has waited for long enough
    }
    await world.phase(TraceKind.RECLAIM, cycle, () => concurrentReclaim(world, cycle, plan, flip));
    return plan;
  }

  private async begin(): Promise<number> {
    const { control } = this.heap;
    this.answered = Atomics.load(control, Control.REQUESTS);
    this.askedBefore = Atomics.load(control, Control.ASKED);
    const cycle = Atomics.load(control, Control.CYCLE) + 1;
    await this.world.inspect('before', cycle);
    this.world.start();
    return cycle;
  }

  private async end(cycle: CycleRecord, targets: number): Promise<void> {
    const { control } = this.heap;
    const taken = this.world.finish(cycle);
    cycle.incidents.push(...this.faults.incidents());
    for (const pause of ['remark', 'flip'] as const) {
      if (cycle.ms[pause] > 0) this.pauses[pause].record(Math.max(1, Math.round(cycle.ms[pause] * 1e6)));
    }
    this.pacer.learn({
      totalMs: cycle.ms.total,
      markMs: cycle.ms.mark + cycle.ms.remark + cycle.ms.plan,
      taken: taken - this.lastTaken,
      sinceLastMs: this.totals.cycles === 0 ? 0 : this.world.startedAt - this.lastStart,
      targets,
    });
    this.lastTaken = taken;
    this.lastStart = this.world.startedAt;
    Atomics.store(control, Control.TRIGGER, this.pacer.trigger);
    await this.world.inspect('after', cycle.cycle);
    this.history.add(cycle);
    Atomics.add(control, Control.COLLECTIONS, 1);
    Atomics.notify(control, Control.COLLECTIONS);
    await this.options.onCycle?.(cycle);
  }

  private async listen(): Promise<void> {
    const { control } = this.heap;
    while (!this.stopped && this.failure === null) {
      const wait = Atomics.waitAsync(control, Control.REQUESTS, this.answered);
      if (wait.async) await wait.value;
      await this.running; // a cycle that somebody else asked for may answer this request as well
      if (this.stopped || this.failure !== null) return;
      if (Atomics.load(control, Control.REQUESTS) !== this.answered) {
        const asked = Atomics.load(control, Control.ASKED) !== this.askedBefore;
        await this.collect(asked ? 'requested' : 'allocation').catch(() => undefined);
      }
    }
  }

  /** Ends everything: whoever waits hears of it, and whoever is stuck in a fault gets out and throws at a safepoint. */
  private fail(error: Error): Error {
    if (this.failure === null) {
      this.failure = error;
      this.heap.fail(1, error.message);
    }
    // A compaction under way comes to its end first: nobody is to see a page that is not right.
    if (!this.world.compacting) this.release();
    return this.failure;
  }

  private release(): void {
    Atomics.store(this.heap.control, Control.STOP, 1);
    this.heap.space.disarm();
  }
}
