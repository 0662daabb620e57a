/** A round of one of the benchmark's workloads, which checks its own objects at the end, with cycles asked for beside it. */
import { createHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { judge, lookThrough } from '../../bench/invocation/digest.js';
import type { MutatorOutcome, MutatorReport, MutatorTask } from '../../bench/invocation/mutator-thread.js';
import type { PrepareOutcome, PrepareTask } from '../../bench/invocation/prepare-thread.js';
import { Conductor, makeStepWords, Step } from '../../bench/invocation/steps.js';
import { poolOf, runOnce } from '../../bench/invocation/threads.js';
import { workloadsByName } from '../../bench/workloads/index.js';
import type { WorkloadName } from '../../bench/workloads/table.js';
import { Collector, createHeap, verifyHeap } from '../../gc/index.js';
import { Control, defaultShape, type Heap } from '../../heap/index.js';
import { Random } from '../support/random.js';
import type { Injector } from './injections.js';
import { type Outcome, outcomeOf } from './outcome.js';
import { checkEnd, collectorOptions } from './round-end.js';
import type { RoundSettings } from './settings.js';
import type { Stage } from './stage.js';

const MIB = 2 ** 20;
/** Longest between two cycles that are asked for. */
const MOST_IDLE_MS = 300;
const TICK_MS = 250;

export async function runWorkloadRound(
  settings: RoundSettings,
  stage: Stage,
  injector: Injector,
  onCycle: () => void,
): Promise<Outcome> {
  const { way, choices, program, pageBytes, seed } = settings;
  const { mutators } = program;
  stage.enter('prepare');
  const task = { workload: program.kind as WorkloadName, scale: program.scale, mutators };
  const prepared = await prepare(task);
  const delivery = way.delivery as 'handler' | 'signal';
  const shape = defaultShape(program.heapMiB * MIB, mutators, pageBytes);
  const heap = createHeap(shape, way.resolution, way.flip, { ...choices, delivery });
  const collector = new Collector(heap, {
    ...collectorOptions(settings, injector),
    onCycle,
    ...(settings.verify && { inspect: () => void verifyHeap(heap) }),
  });
  stage.opened(heap, collector);
  await collector.start();
  const conductor = new Conductor(makeStepWords(mutators), mutators);
  const ticker = setInterval(() => {
    stage.fraction = conductor.progress;
  }, TICK_MS);
  const pool = poolOf('./mutator-thread.js', mutators);
  try {
    const batches = createHistogram();
    const reports = Promise.all(
      Array.from({ length: mutators }, async (_, index): Promise<MutatorReport> => {
        const own = { heap: heap.handle, steps: conductor.words, index, batches, prepared, seed: seed + index };
        const outcome = (await pool.run({ ...task, ...own } satisfies MutatorTask)) as MutatorOutcome;
        if ('error' in outcome) throw collector.error ?? new Error(`${outcome.error.code}: ${outcome.error.message}`);
        return outcome;
      }),
    );
    reports.catch(() => undefined); // whoever waits for something hears of it
    const unlessFailed = <T>(wanted: Promise<T>): Promise<T> =>
      Promise.race([wanted, reports.then(() => Promise.reject(new Error('a mutator ended too early')))]);
    stage.enter('set up');
    await unlessFailed(conductor.allArrived());
    conductor.goTo(Step.MEASURE);
    await unlessFailed(conductor.allArrived()); // no warm-up: over before it began
    stage.enter('run');
    const over = conductor.allArrived();
    const end = { reached: false };
    over.then(() => {
      end.reached = true; // some have nothing left to do
    });
    await unlessFailed(collectNowAndThen(collector, heap, settings, end));
    conductor.goTo(Step.STOP);
    await unlessFailed(over);
    stage.enter('check');
    conductor.goTo(Step.CHECK);
    await unlessFailed(conductor.allArrived());
    while (isCollecting(heap)) await unlessFailed(sleep(1));
    const found = lookThrough(heap);
    conductor.goTo(Step.LEAVE);
    const done = await reports;
    const { problem } = judge(
      found,
      done.map(({ check }) => check),
    );
    if (problem !== undefined) throw new Error(`the heap is not what it must be: ${problem}`);
    await pool.destroy();
    await collector.stop();
    checkEnd(settings, heap, collector, injector);
    const outcome = outcomeOf(heap, collector, injector);
    outcome.compared = 1;
    outcome.operations = done.reduce((sum, { operations }) => sum + operations, 0);
    return outcome;
  } catch (error) {
    throw collector.error ?? error;
  } finally {
    clearInterval(ticker);
  }
}

async function prepare(task: PrepareTask): Promise<unknown> {
  if (workloadsByName[task.workload].prepare === undefined) return undefined;
  const outcome = await runOnce<PrepareTask, PrepareOutcome>('./prepare-thread.js', task);
  if ('error' in outcome) throw new Error(outcome.error.message);
  return outcome.prepared;
}

async function collectNowAndThen(
  collector: Collector,
  heap: Heap,
  { program, seed }: RoundSettings,
  end: { readonly reached: boolean },
): Promise<void> {
  const random = new Random(seed);
  const until = performance.now() + 1000 * program.seconds;
  while (performance.now() < until && !end.reached) {
    await sleep(random.below(MOST_IDLE_MS));
    if (!isCollecting(heap)) await collector.collect();
  }
}

function isCollecting({ control }: Heap): boolean {
  return Atomics.load(control, Control.CYCLE) !== Atomics.load(control, Control.COLLECTIONS);
}
