/** A number that is no reference ends a collection with an error that says who holds it. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Collector, createHeap } from '../../gc/index.js';
import { type Delivery, defaultShape, type Heap, Mutator } from '../../heap/index.js';
import { exitAfterwards } from '../support/exit.js';

exitAfterwards(test);

const WAYS = [
  { resolution: 'continue', delivery: 'handler', flip: 'bank' },
  { resolution: 'copy', delivery: 'signal', flip: 'remap' }, // whose objects are looked at in the view
] as const;

/** What is stored, and who is then said to hold it. `m` has objects in root slots 0 to 2. */
const CASES: Readonly<Record<string, (m: Mutator, heap: Heap) => RegExp>> = {
  'a small number in a slot': (m) => {
    m.store(m.root(1), 2, 5);
    return new RegExp(
      `granule 5.*; slot 2 of object ${m.root(1)} \\(tag 77, 3 references, in region \\d+.*\\) holds 5$`,
    );
  },
  'a negative number in a slot': (m) => {
    m.store(m.root(1), 0, -1);
    return new RegExp(`an object holds 4294967295, which is no reference.*; slot 0 of object ${m.root(1)} \\(tag 77,`);
  },
  'the last slot of a large object': (m) => {
    m.store(m.root(2), 69_999, -2);
    return new RegExp(`4294967294.*; slot 69999 of object ${m.root(2)} \\(tag 88, 70000 references`);
  },
  'a root slot': (m) => {
    m.setRoot(0, -3);
    return /a reference points outside the heap: 4294967293; root slot 0 of mutator 0 holds 4294967293$/;
  },
  'a root slot that holds a small number': (m) => {
    m.setRoot(0, 9);
    return /granule 9.*; root slot 0 of mutator 0 holds 9$/;
  },
  'a global': (m, heap) => {
    m.setGlobal(3, heap.layout.granules + 1);
    return /points outside the heap.*; global 3 holds \d+$/;
  },
};

for (const way of WAYS) {
  for (const [what, spoil] of Object.entries(CASES)) {
    test(`${way.resolution} × ${way.delivery}: ${what}`, async () => {
      const heap = createHeap(defaultShape(16 << 20, 1), way.resolution, way.flip, {
        delivery: way.delivery as Delivery,
      });
      const collector = new Collector(heap, { ...way, workers: 1 });
      await collector.start();
      const mutator = Mutator.attach(heap);
      mutator.enter(3);
      mutator.setRoot(0, mutator.allocate(1, 8, 66));
      mutator.setRoot(1, mutator.allocate(3, 8, 77));
      mutator.setRoot(2, mutator.allocate(70_000, 8, 88));
      await mutator.parked(() => collector.collect()); // they move, and what is spoilt is older than the next marking
      const said = spoil(mutator, heap);
      const error: unknown = await mutator.parked(() => collector.collect()).catch((caught: unknown) => caught);
      assert.instance(collector.error, RangeError, String(error));
      assert.match(collector.error!.message, said);
      assert.ok(collector.error!.cause instanceof Error, 'what the marking said itself');
      await collector.stop();
      heap.close();
    });
  }
}

test.run();
