/**
 * The collector: one cycle on one screen, and the loop that decides when to run one.
 *
 *     concurrent  mark      pause  remark      concurrent  plan, ahead   pause  flip   concurrent  compact, reclaim
 */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { Control, checkAlive, Heap, type HeapShape, MAX_SLOTS, type SpaceOptions } from '../heap/index.js';
import { threadId } from '../native/index.js';
import { type CycleRecord, newCycle } from './cycle.js';
import { FaultServers } from './delivery/servers.js';
import { FLIPS, type Flip } from './flip/index.js';
import type { CollectorOptions } from './options.js';
import { concurrentAhead } from './phases/ahead.js';
import { concurrentCompact } from './phases/compact.js';
import { pauseFlip } from './phases/flip.js';
import { concurrentMark } from './phases/mark.js';
import { concurrentPlan } from './phases/plan.js';
import { concurrentReclaim } from './phases/reclaim.js';
import { pauseRemark } from './phases/remark.js';
import { Pacer } from './policy/pacing.js';
import { RESOLUTIONS } from './resolution/index.js';
import { WorkerPool } from './workers/pool.js';
import { World } from './world.js';

export interface PauseHistograms {
  /** Nanoseconds. */
  readonly remark: RecordableHistogram;
  readonly flip: RecordableHistogram;
}

/** What else a heap must be made for; it cannot be changed afterwards. */
export type HeapChoices = Partial<Omit<SpaceOptions, 'banks'>>;

/** Makes the heap that a resolution and a flip need. Throws RangeError where the choices do not go together. */
export function createHeap(shape: HeapShape, resolution: string, flip: string, choices: HeapChoices = {}): Heap {
  const kind = RESOLUTIONS[resolution];
  if (kind === undefined) throw new RangeError(`no resolution ${resolution}: ${Object.keys(RESOLUTIONS).join(', ')}`);
  if (FLIPS[flip] === undefined) throw new RangeError(`no flip ${flip}: ${Object.keys(FLIPS).join(', ')}`);
  if (!kind.flips.includes(flip)) {
    throw new RangeError(`resolution ${resolution} cannot flip by ${flip}, only by ${kind.flips.join(', ')}`);
  }
  return Heap.create({
    ...choices,
    ...shape,
    space: kind.space,
    banks: flip === 'bank' ? 2 : 1,
  });
}

/**
 * Regions that mutators leave to the collector. With a single target no region over half live can be evacuated, so a
 * tight heap wants several; a small one can spare a tenth.
 */
function reserveOf(regions: number): number {
  return Math.max(1, Math.floor(regions / 64), Math.min(8, Math.floor(regions / 10)));
}

export class Collector {
  readonly records: CycleRecord[] = [];
  readonly pauses: PauseHistograms = { remark: createHistogram(), flip: createHistogram() };
  readonly faults: FaultServers;
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

  constructor(
    readonly heap: Heap,
    readonly options: CollectorOptions,
  ) {
    this.flip = FLIPS[options.flip]!;
    if (this.firstServerSlot + (options.faultServers ?? 1) > MAX_SLOTS) {
      throw new RangeError(
        `${options.workers} workers with batches of ${this.batch} pages: at most ${MAX_SLOTS} in all`,
      );
    }
    this.pool = new WorkerPool(options.workers);
    this.faults = new FaultServers(heap, options.resolution, options.faultServers ?? 1, this.firstServerSlot);
    this.pacer = new Pacer(heap.layout.regions - 1);
    this.world = new World(heap, this.pool, this.pacer, this.faults, { ...options, batch: this.batch });
    const { control, layout } = heap;
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
        return await this.cycle(trigger);
      } catch (error) {
        // Of a server that failed we may have heard by its word on the heap only: its own error says more.
        await this.faults.settled();
        throw this.fail(error instanceof Error ? error : new Error(String(error)));
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

  /** The error that ended the collector, if one did. */
  get error(): Error | null {
    return this.failure;
  }

  private async cycle(trigger: string): Promise<CycleRecord> {
    const { world, flip, pauses } = this;
    const cycle = newCycle(this.begin(), trigger);
    await concurrentMark(world, cycle);
    pauses.remark.record(await pauseRemark(world, cycle));
    const plan = await concurrentPlan(world, cycle);
    if (plan.evacuated.length > 0) {
      flip.prepare(this.heap);
      await concurrentAhead(world, cycle);
      pauses.flip.record(pauseFlip(world, cycle, flip));
      await concurrentCompact(world, cycle);
    }
    concurrentReclaim(world, cycle, plan, flip);
    this.end(cycle, plan.targets.length);
    return cycle;
  }

  private begin(): number {
    const { control } = this.heap;
    this.answered = Atomics.load(control, Control.REQUESTS);
    this.askedBefore = Atomics.load(control, Control.ASKED);
    const cycle = Atomics.load(control, Control.CYCLE) + 1;
    this.world.inspect('before', cycle);
    this.world.start();
    return cycle;
  }

  private end(cycle: CycleRecord, targets: number): void {
    const { control } = this.heap;
    const taken = this.world.finish(cycle);
    this.pacer.learn({
      totalMs: cycle.ms.total,
      markMs: cycle.ms.mark + cycle.ms.remark + cycle.ms.plan,
      taken: taken - this.lastTaken,
      sinceLastMs: this.records.length === 0 ? 0 : this.world.startedAt - this.lastStart,
      targets,
    });
    this.lastTaken = taken;
    this.lastStart = this.world.startedAt;
    Atomics.store(control, Control.TRIGGER, this.pacer.trigger);
    this.world.inspect('after', cycle.cycle);
    this.records.push(cycle);
    Atomics.add(control, Control.COLLECTIONS, 1);
    Atomics.notify(control, Control.COLLECTIONS);
    this.options.onCycle?.(cycle);
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
    if (this.failure !== null) return this.failure;
    this.failure = error;
    this.heap.fail(1);
    Atomics.store(this.heap.control, Control.STOP, 1);
    this.heap.space.disarm();
    return error;
  }

  private get batch(): number {
    return this.options.batch ?? RESOLUTIONS[this.options.resolution]!.batch;
  }

  private get firstServerSlot(): number {
    return 1 + this.options.workers * this.batch;
  }
}
