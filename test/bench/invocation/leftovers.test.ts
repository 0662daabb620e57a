import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { floatingBytesOf, fragmentationOf } from '../../../bench/invocation/leftovers.js';
import { Collector, createHeap } from '../../../gc/index.js';
import { defaultShape, Mutator } from '../../../heap/index.js';
import { CONCURRENT_WAYS, nameOf } from '../../support/ways.js';

const MiB = 2 ** 20;
const objectBytes = 1024;
const payload = objectBytes - 8;

for (const way of CONCURRENT_WAYS.filter(({ delivery }) => delivery === 'handler')) {
  test(`${nameOf(way)}: what died since is floating garbage, to the byte, and what fills no region is fragmentation`, async () => {
    const { resolution, flip, delivery } = way;
    const heap = createHeap(defaultShape(32 * MiB, 1), resolution, flip);
    const collector = new Collector(heap, { resolution, flip, delivery, workers: 1 });
    await collector.start();
    const mutator = Mutator.attach(heap);
    try {
      const table = mutator.enter(1);
      mutator.setRoot(table, mutator.allocate(8192, 0));
      for (let i = 0; i < 8192; i++) {
        const object = mutator.allocate(0, payload);
        mutator.store(mutator.root(table), i, object);
      }
      for (let i = 0; i < 8192; i += 2) mutator.store(mutator.root(table), i, 0);
      const record = await mutator.parked(() => collector.collect());
      const floating = () => mutator.parked(() => floatingBytesOf(heap));
      assert.is(floating(), 0, 'half of the objects died before, and were not kept');
      const { before, after } = fragmentationOf(heap, record);
      assert.ok(before > 0.4 && before < 0.6, `half of it is garbage: ${before}`);
      assert.ok(after < 0.25, `and is not there any more: ${after}`);
      for (let i = 1; i < 201; i += 2) mutator.store(mutator.root(table), i, 0);
      assert.is(floating(), 100 * objectBytes);
      mutator.allocate(0, payload);
      assert.is(floating(), 101 * objectBytes, 'so is what was born dead');
      mutator.allocate(0, 3 * MiB);
      assert.is(floating(), 101 * objectBytes + 3 * MiB + 8, 'humongous or not');
      await mutator.parked(() => collector.collect());
      assert.is(floating(), 0);
    } finally {
      mutator.detach();
      await collector.stop();
      heap.close();
    }
  });
}

test.run();
