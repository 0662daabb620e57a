// deadline: 300s
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Collector, createHeap, verifyHeap } from '../../gc/index.js';
import { type Delivery, defaultShape } from '../../heap/index.js';
import { exitAfterwards } from '../support/exit.js';
import type { OverflowTask } from '../support/overflow-program.js';
import { nameOf, WAYS, type Way } from '../support/ways.js';

exitAfterwards(test);

async function overflow(way: Way, only: OverflowTask['only'], rounds: number): Promise<void> {
  const heap = createHeap(defaultShape(32 << 20, 2), way.resolution, way.flip, { delivery: way.delivery as Delivery });
  const collector = new Collector(heap, { ...way, workers: 1, ahead: 'always', inspect: () => void verifyHeap(heap) });
  await collector.start();
  const task: OverflowTask = { heap: heap.handle, rounds, only };
  const worker = new Worker(new URL('../support/overflow-program.js', import.meta.url), {
    workerData: task,
    resourceLimits: { stackSizeMb: 1 },
  });
  const exit = once(worker, 'exit');
  let heard: { thrown: number; others: string[] } | undefined;
  worker.on('message', (message) => {
    heard = message;
  });
  let over = false;
  exit.finally(() => {
    over = true;
  });
  while (!over) {
    await collector.collect();
    await new Promise((soon) => setTimeout(soon, 2));
  }
  await exit;
  assert.ok(heard !== undefined && heard.thrown > 0, 'the stack did not end in any of them');
  assert.equal(heard.others, []);
  await collector.collect();
  verifyHeap(heap);
  await collector.stop();
  heap.close();
}

test('a safepoint at the end of the stack is a RangeError, and the mutator goes on', () =>
  overflow(WAYS[0]!, 'safepoint', 300));

for (const way of WAYS) {
  test(`${nameOf(way)}: whatever the stack ends in, heap and mutator stay as they should be`, () =>
    overflow(way, undefined, 30));
}

test.run();
