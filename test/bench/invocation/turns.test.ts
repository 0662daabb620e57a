/** A real invocation that is measured in turns: what passes between them is in none of its figures. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { InvocationConfig } from '../../../bench/schema/index.js';
import { MiB } from '../../../bench/sizes.js';
import { sum } from '../../../bench/statistics/sample.js';
import { runInvocation } from '../../../bench/sweep/child.js';

const script = fileURLToPath(new URL('../../../bench/invocation/main.js', import.meta.url));

const config: InvocationConfig = {
  ...{ workload: 'churn', scale: 1 / 64, heapBytes: 32 * MiB, mutators: 2, gcWorkers: 1 },
  ...{ resolution: 'continue', delivery: 'handler', flip: 'bank' },
  ...{ seconds: 0.6, turns: 0.2, seed: 1, quick: true },
};

test('rests are in no figure, however long they are', async () => {
  const restMs = 700;
  const asked: string[] = [];
  let [firstTurn, lastTurn] = [0, 0];
  const outcome = await runInvocation(config, {
    script,
    deadlineMs: 30_000,
    onWaiting: async (awaited, go) => {
      asked.push(awaited);
      if (asked.length === 1) firstTurn = performance.now();
      else if (awaited === 'turn') await sleep(restMs);
      else lastTurn = performance.now();
      go();
    },
  });
  assert.equal(asked, ['turn', 'turn', 'turn', 'end']);
  assert.is(outcome.kind, 'measured');
  if (outcome.kind !== 'measured') return;
  const { measurement, error } = outcome;
  assert.ok(error === undefined || error.code === 'NEVER_FAULTED', JSON.stringify(error));
  const { operations, batchUs, memory, mmu = [] } = measurement;
  const mostMs = lastTurn - firstTurn - 2 * restMs + 20;
  const meanWallMs = (operations.count * 1000) / operations.perSecond;
  assert.ok(meanWallMs >= 500 && meanWallMs <= mostMs, `${meanWallMs} of ${mostMs} ms`);
  for (const batches of batchUs.samples ?? []) {
    const ms = sum(batches) / 1000;
    assert.ok(ms >= 400 && ms <= mostMs, `batches of ${ms} in ${mostMs} ms`);
  }
  const [lastSample] = memory.series?.at(-1) ?? [0];
  assert.ok(lastSample <= mostMs + 50, `the last sample at ${lastSample} of ${mostMs} ms`);
  assert.ok(mmu.every(({ windowMs }) => windowMs <= mostMs));
  assert.ok(measurement.cpuMs.total <= 2 * mostMs + 200);
});

test.run();
