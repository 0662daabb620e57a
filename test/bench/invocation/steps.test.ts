import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Conductor, makeStepWords, Step } from '../../../bench/invocation/steps.js';

test('a thread that sleeps through a whole turn arrives once more', async () => {
  const turns = 40;
  const words = makeStepWords(1);
  const conductor = new Conductor(words, 1);
  const worker = new Worker(new URL('../../support/resting-follower.js', import.meta.url), { workerData: { words } });
  const ended = once(worker, 'message');
  const watchdog = sleep(20_000, undefined, { ref: false }).then(() => assert.unreachable('nobody arrived'));
  const arrived = () => Promise.race([conductor.allArrived(), watchdog]);
  try {
    await arrived();
    conductor.goTo(Step.MEASURE);
    for (let turn = 0; turn < turns; turn++) {
      // Begun and ended before the other thread can look, most times.
      conductor.goTo(Step.MEASURE);
      conductor.goTo(Step.BETWEEN);
      await arrived();
    }
    conductor.goTo(Step.STOP);
    assert.equal(await Promise.race([ended, watchdog]), [turns]);
  } finally {
    await worker.terminate();
  }
});

test.run();
