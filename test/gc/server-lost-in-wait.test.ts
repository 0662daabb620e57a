import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Collector, createHeap } from '../../gc/index.js';
import { defaultShape } from '../../heap/index.js';
import { exitAfterwards } from '../support/exit.js';

exitAfterwards(test);

test('a fault server that is lost while the collector waits for whom it served is replaced meanwhile', async () => {
  const heap = createHeap(defaultShape(16 << 20, 1), 'continue', 'bank', { delivery: 'handler' });
  const left = new Int32Array(new SharedArrayBuffer(4));
  const collector = new Collector(heap, {
    ...{ resolution: 'continue', flip: 'bank', delivery: 'handler', workers: 1, faultServers: 1 },
    sabotage: { lose: { phases: ['serve'], how: 'throw', chance: 1, left } },
  });
  await collector.start();
  const stop = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(new URL('../support/toucher-program.js', import.meta.url), {
    workerData: { heap: heap.handle, stop },
  });
  const exit = once(worker, 'exit');
  await once(worker, 'message');
  // The kernel drops what it had mapped, as it may at any time: the next touch is a fault, and its server is lost.
  Atomics.store(left, 0, 1);
  heap.space.views[heap.bank]!.advise(0, heap.layout.spanBytes, 'dontneed');
  const began = performance.now();
  const record = await collector.collect();
  assert.ok(performance.now() - began < 30_000, `it took ${performance.now() - began} ms`);
  assert.match(record.incidents.join(), /fault server 0 was lost/);
  Atomics.store(stop, 0, 1);
  await exit;
  assert.is(stop[1], 1, 'the mutator did not come to its end');
  await collector.stop();
  heap.close();
});

test.run();
