/** A round of stress programs: each does the same to the heap and to a model, and the two are compared at meetings. */
import { verifyHeap } from '../../gc/index.js';
import { die } from '../support/deaths-run.js';
import { ModelRun } from '../support/model-run.js';
import { Random } from '../support/random.js';
import type { StressResult } from '../support/stress-mutator.js';
import type { Injector } from './injections.js';
import { type Outcome, outcomeOf } from './outcome.js';
import { checkEnd, collectorOptions } from './round-end.js';
import type { RoundSettings } from './settings.js';
import type { Stage } from './stage.js';

/** The model collects at meetings only. */
const MODEL_MIB = 384;
/** What a program lets go of, as a share of the heap that is live. */
const PRESSURE = 0.375;
const MOST_BETWEEN_MEETINGS = 6;

export async function runStressRound(
  settings: RoundSettings,
  stage: Stage,
  injector: Injector,
  onCycle: () => void,
): Promise<Outcome> {
  const { program, choices, pageBytes, seed } = settings;
  const random = new Random(seed);
  const run = await ModelRun.start<StressResult>(
    {
      ...{ heapMiB: program.heapMiB, modelMiB: MODEL_MIB, programs: program.mutators, pageBytes, choices },
      places: settings.deaths ? 1 : 0,
      collector: { ...collectorOptions(settings, injector), onCycle },
    },
    new URL('../support/stress-mutator.js', import.meta.url),
    (number) => ({ seed, program: number, pressureMiB: PRESSURE * program.heapMiB }),
    settings.verify ? verifyHeap : undefined,
  );
  stage.opened(run.heap, run.collector);
  stage.enter('run');
  const until = performance.now() + 1000 * program.seconds;
  while (performance.now() < until || run.meetings === 0) {
    const cycles = random.between(1, MOST_BETWEEN_MEETINGS);
    const dead = settings.deaths ? die(run.heap, ['terminate', 'terminate', 'exit', 'throw'], random) : undefined;
    for (let i = 0; i < cycles && !run.meeting.needed; i++) await run.cycle();
    if (dead !== undefined) {
      await run.during(dead);
      await run.cycle(); // its roots are nothing to the model
    }
    await run.meet(random.chance(0.15));
    stage.enter('run');
  }
  stage.enter('end');
  const results = await run.finish();
  checkEnd(settings, run.heap, run.collector, injector);
  const outcome = outcomeOf(run.heap, run.collector, injector);
  for (const { operations, outOfMemory } of results) {
    outcome.operations += operations;
    outcome.outOfMemory += outOfMemory;
  }
  outcome.compared = 2 * run.meetings;
  return outcome;
}
