/** A thread that rests between turns as a mutator does, until the steps go past them: how often it rested. */
import { parentPort, workerData } from 'node:worker_threads';
import { Follower, Step, type StepWords } from '../../bench/invocation/steps.js';
import type { Mutator } from '../../heap/index.js';

const { words } = workerData as { readonly words: StepWords };
const follower = new Follower(words, 0);
const mutator = { parked: (wait: () => void) => wait() } as Pick<Mutator, 'parked'> as Mutator;

follower.arriveAndWaitFor(Step.MEASURE, mutator);
let rests = 0;
for (let goesOn = true; goesOn; ) {
  if (follower.isOver(Step.MEASURE)) {
    goesOn = follower.restBetween(mutator);
    rests++;
  }
}
parentPort?.postMessage(rests);
