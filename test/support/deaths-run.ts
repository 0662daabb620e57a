/**
 * Mutator threads that die at random moments, beside programs that do not: whose graph is the model's all the time, and
 * whom no dead thread keeps waiting.
 */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import * as assert from 'uvu/assert';
import { type CycleRecord, verifyHeap } from '../../gc/index.js';
import { Control, type Heap, MutatorState, Own, ownBase, Safepoints } from '../../heap/index.js';
import { ModelRun } from './model-run.js';
import { assertPublished } from './published.js';
import { chooseSeed, Random } from './random.js';
import type { StressResult } from './stress-mutator.js';
import type { End, VictimTask } from './victim-program.js';
import { nameOf, type Way } from './ways.js';

export interface DeathsOptions {
  readonly way: Way;
  readonly ends: readonly End[];
  /** How many threads die, unless CONTINUUM_DEATHS says. */
  readonly deaths: number;
}

/** Threads that die at once, and from one meeting to the next. */
const AT_ONCE = 4;
const A_MEETING = 12;
const PRESSURE_MIB = 8;
/** Far more than it takes to find a thread dead, on a machine that is busy as well; far less than anybody's patience. */
const LONGEST_MS = 20_000;
/** Longest that a thread may take to join. */
const JOIN_MS = 30_000;

export async function runDeaths({ way, ends, deaths }: DeathsOptions): Promise<void> {
  const seed = chooseSeed();
  const random = new Random(seed);
  const wanted = Number(process.env.CONTINUUM_DEATHS ?? deaths);
  console.log(`${nameOf(way)}: CONTINUUM_SEED=${seed} CONTINUUM_DEATHS=${wanted}`);
  const run = await ModelRun.start<StressResult>(
    { ...{ heapMiB: 64, modelMiB: 256, programs: 2, places: AT_ONCE }, collector: { ...way, workers: 2 } },
    new URL('./stress-mutator.js', import.meta.url),
    (program) => ({ seed, program, pressureMiB: PRESSURE_MIB }),
    (heap) => {
      verifyHeap(heap);
      assertPublished(heap);
    },
  );
  const { heap, collector } = run;
  const waits = timeWaits();
  let died = 0;
  const collect = () => run.cycle();
  try {
    while (died < wanted) {
      let dying = 0;
      const killers = Array.from({ length: AT_ONCE }, async () => {
        for (let i = 0; i < A_MEETING / AT_ONCE && died + dying < wanted; i++) {
          dying++;
          await die(heap, ends, random);
          dying--;
          died++;
        }
      });
      let over = false;
      const all = run.during(Promise.all(killers)).finally(() => {
        over = true;
      });
      while (!over) await collect();
      await all;
      await collect(); // detaches the last of them, whose roots are nothing to the model
      for (let i = 0; i < heap.layout.mutators; i++) assertLives(run, i);
      await run.meet(true);
    }
    await run.finish();
  } catch (error) {
    throw await run.abandon(error);
  }
  assert.ok(waits.longest < LONGEST_MS, `a collection waited ${waits.longest} ms for one mutator`);
  assert.equal([...heap.meta.regionPins.subarray(1)].filter(Boolean).length, 0, 'pins of the dead are left');
  const found = Atomics.load(heap.control, Control.DEATHS);
  const told = collector.records.filter(({ incidents }) => incidents.some((one) => /without detach/.test(one))).length;
  console.log(`${died} died, ${found} without a word, told in ${told} of ${collector.records.length} cycles;`);
  const worst = (of: (ms: CycleRecord['ms']) => number) => Math.max(...collector.records.map(({ ms }) => of(ms)));
  const pauses = `remark ${worst((ms) => ms.remark).toFixed(1)}, flip ${worst((ms) => ms.flip).toFixed(1)} ms`;
  const total = `${worst((ms) => ms.total).toFixed(0)} ms, ${pauses}; for one mutator ${waits.longest.toFixed(1)} ms`;
  console.log(`the longest: a collection ${total}; ${run.meetings} meetings`);
  if (ends.includes('terminate')) assert.ok(found > 0 && told > 0, 'nobody died without a word');
  heap.close();
}

/** How long a collector waits, at most, for a mutator that does not come at once. From here on, in this thread. */
function timeWaits(): { longest: number } {
  const waits = { longest: 0 };
  const seize = Reflect.get(Safepoints.prototype, 'seize') as (mutator: number) => Promise<boolean>;
  Reflect.set(Safepoints.prototype, 'seize', async function (this: Safepoints, mutator: number) {
    const began = performance.now();
    try {
      return await seize.call(this, mutator);
    } finally {
      waits.longest = Math.max(waits.longest, performance.now() - began);
    }
  });
  return waits;
}

/** A place is a program's, or free. */
function assertLives({ heap }: ModelRun<StressResult>, place: number): void {
  const own = ownBase(place);
  const state = Atomics.load(heap.control, own + Own.STATE);
  if (state === MutatorState.ABSENT || state === MutatorState.ATTACHING) return;
  assert.ok(threads().includes(Atomics.load(heap.control, own + Own.THREAD)), `place ${place} is a dead thread's`);
}

const threads = () => readdirSync('/proc/self/task').map(Number);

/** Starts a victim that ends in one of these ways, and resolves when its thread has ended. */
export async function die(heap: Heap, ends: readonly End[], random: Random): Promise<void> {
  const joined = new Int32Array(new SharedArrayBuffer(4));
  const steps = Math.floor(10 ** (random.below(400) / 100));
  const task: VictimTask = { heap: heap.handle, seed: random.below(2 ** 31), end: random.pick(ends), steps, joined };
  const worker = new Worker(new URL('./victim-program.js', import.meta.url), {
    workerData: task,
    resourceLimits: task.end === 'out of memory' ? { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 } : {},
  });
  worker.on('error', () => undefined);
  const exit = once(worker, 'exit').catch(() => undefined);
  const joins = Atomics.waitAsync(task.joined, 0, 0, JOIN_MS);
  if (task.end === 'native') {
    if (joins.async) await joins.value;
    // Node never hears of it, so there is no event.
    while (threads().includes(task.joined[0]!)) await new Promise((soon) => setTimeout(soon, 1));
    return;
  }
  if (task.end === 'terminate') {
    // While it joins, or at its work.
    if (random.chance(0.2)) await once(worker, 'online');
    else if (joins.async) await joins.value;
    const ms = random.pick([0, 1, 5, 20, 60]) * (random.below(100) / 100);
    await new Promise((soon) => setTimeout(soon, ms));
    await worker.terminate();
  }
  await exit;
}
