/**
 * A small heap with its collector, the model beside it, and threads that play programs on both. Programs are played one
 * after the other: each begins on an empty heap, whose pages and regions are as the one before has left them.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import * as assert from 'uvu/assert';
import { Collector, createHeap, digestGraph, HeapGraph, verifyHeap } from '../../gc/index.js';
import { Control, type Delivery, type Heap } from '../../heap/index.js';
import { collectModel, ModelHeap, modelShape } from '../model/index.js';
import { SMALL_HEAP_BYTES, SMALL_REGION_BYTES } from '../support/random-heap.js';
import type { Way } from '../support/ways.js';
import type { PlayerResult } from './player.js';
import type { Answer, Part, ThreadTask } from './player-thread.js';
import { actorOf, MAIN, PLAYERS, type Program } from './program.js';
import type { Setting } from './settings.js';
import { Turns } from './turns.js';

const MODEL_BYTES = 64 << 20;
/** Longest that a thread may take to hear of a failure; it may be blocked in a fault for ever. */
const PATIENCE_MS = 5000;
const HURRY_MS = 10;

export class Rig {
  readonly model: ModelHeap;

  private constructor(
    readonly heap: Heap,
    readonly collector: Collector,
    private readonly threads: readonly Worker[],
    model: ModelHeap,
  ) {
    this.model = model;
  }

  static async open(way: Way, setting: Setting): Promise<Rig> {
    const shape = { bytes: SMALL_HEAP_BYTES, regionBytes: SMALL_REGION_BYTES, pageBytes: 4096, mutators: PLAYERS };
    const delivery = way.delivery as Delivery;
    const heap = createHeap(shape, way.resolution, way.flip, { ...setting.heap, delivery });
    const collector = new Collector(heap, {
      workers: 1,
      ...way,
      ...setting.collector,
      inspect: () => void verifyHeap(heap),
    });
    await collector.start();
    const { granulesPerRegion, granulesPerPage } = heap.layout;
    const model = ModelHeap.create(
      modelShape(MODEL_BYTES / SMALL_REGION_BYTES, granulesPerRegion, granulesPerPage),
      PLAYERS,
    );
    const task: ThreadTask = { heap: heap.handle, model: model.handle };
    const threads = Array.from(
      { length: PLAYERS },
      () => new Worker(new URL('./player-thread.js', import.meta.url), { workerData: task }),
    );
    return new Rig(heap, collector, threads, model);
  }

  /** Plays a program. Rejects with what it shows to be wrong; the rig is then of no more use. */
  async play(program: Program): Promise<PlayerResult> {
    const turns = new Turns();
    const answers = this.threads.slice(0, program.players).map(async (thread, number) => {
      const answer = once(thread, 'message');
      thread.postMessage({ program, number, turns: turns.handle } satisfies Part);
      return (await answer)[0] as Answer;
    });
    const all = Promise.all(answers).catch((error: unknown): Answer[] => {
      turns.fail();
      return [{ error: `a player's thread ended: ${String(error)}` }];
    });
    let failure: unknown;
    try {
      await this.attend(program, turns);
    } catch (error) {
      failure = error;
      turns.fail();
    }
    const results = await within(all, failure === undefined ? undefined : PATIENCE_MS);
    const errors = results.flatMap((result) => ('error' in result ? [result.error] : []));
    if (this.collector.error !== null) errors.unshift(`the collector: ${this.collector.error.stack}`);
    if (failure !== undefined) throw failure;
    if (errors.length > 0) throw new Error(errors.join('\n'));
    await this.empty();
    const sum = (of: keyof PlayerResult) =>
      results.reduce((total, result) => total + ('error' in result ? 0 : result[of]), 0);
    return { operations: sum('operations'), outOfMemory: sum('outOfMemory') };
  }

  /** Ends its threads and gives everything back, as far as that can be done after a failure. */
  async close(): Promise<void> {
    const stopped = await within(
      this.collector.stop().then(
        () => true,
        () => false,
      ),
      PATIENCE_MS,
    ).catch(() => false);
    await Promise.all(this.threads.map((thread) => within(thread.terminate(), PATIENCE_MS).catch(() => undefined)));
    if (stopped) this.heap.close();
  }

  /** What the main thread does in a program: looks at the heap when it is asked to, and at its end. */
  private async attend(program: Program, turns: Turns): Promise<void> {
    if (program.turns) {
      for (let at = 0; at < program.operations.length; at++) {
        if (actorOf(program, at) !== MAIN) continue;
        await turns.untilNext(at);
        if (turns.failed) return;
        await this.compare(`before operation ${at + 1}`);
        turns.done(at);
      }
    }
    await turns.untilArrived(program.players);
    if (turns.failed) return;
    await this.compare('at the end');
    await this.collect();
    await this.compare('after a collection at the end');
    turns.end();
  }

  /** Nothing is left of a program whose players have gone. */
  private async empty(): Promise<void> {
    this.model.handle.globals.fill(0);
    this.heap.meta.globals.fill(0);
    const free = this.heap.layout.regions - 1;
    for (let turn = 0; turn < 3 && (turn === 0 || this.heap.regions.free < free); turn++) await this.collect();
    assert.is(this.heap.regions.free, free, 'regions are free when nothing is alive');
    assert.ok(
      this.heap.meta.regionPins.every((pins) => pins === 0),
      'a region is still pinned',
    );
    collectModel(this.model);
    assert.is(this.model.freeRegions, this.model.memory.shape.regions - 1);
  }

  private async collect(): Promise<void> {
    const impatient = setInterval(() => this.hurry(), HURRY_MS);
    try {
      await this.collector.collect();
    } finally {
      clearInterval(impatient);
    }
  }

  /** A compaction that leaves pages to faults goes on when somebody else wants a collection. */
  private hurry(): void {
    const { control } = this.heap;
    if (Atomics.load(control, Control.COMPACTING) === 0) return;
    Atomics.add(control, Control.REQUESTS, 1);
    Atomics.notify(control, Control.REQUESTS);
  }

  private async compare(when: string): Promise<void> {
    const { control } = this.heap;
    while (Atomics.load(control, Control.COMPACTING) !== 0) {
      if (this.collector.error !== null) throw this.collector.error;
      await new Promise((soon) => setTimeout(soon, 2));
      this.hurry();
    }
    const found = digestGraph(new HeapGraph(this.heap));
    const wanted = digestGraph(this.model);
    assert.equal(found, wanted, `${when} the heap's graph is not the model's: ${JSON.stringify({ found, wanted })}`);
  }
}

/** Rejects where `work` takes longer than `ms`; waits for ever without it. */
async function within<T>(work: Promise<T>, ms: number | undefined): Promise<T> {
  if (ms === undefined) return work;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
