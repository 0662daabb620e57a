// deadline: 360s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Collector, createHeap, verifyHeap } from '../../gc/index.js';
import { type Delivery, defaultShape, type Heap, Mutator, RegionState } from '../../heap/index.js';
import { exitAfterwards } from '../support/exit.js';
import { nameOf, WAYS, type Way } from '../support/ways.js';

exitAfterwards(test);

const MIB = 2 ** 20;
const TAG = 4711;

async function withCollector(way: Way, work: (heap: Heap, collector: Collector) => Promise<void>): Promise<void> {
  const { resolution, flip, delivery } = way;
  const heap = createHeap(defaultShape(32 * MIB, 1), resolution, flip, { delivery: delivery as Delivery });
  const collector = new Collector(heap, { ...way, workers: 2, inspect: () => void verifyHeap(heap) });
  await collector.start();
  await work(heap, collector);
  await collector.stop();
  heap.close();
}

/** Fills regions with garbage, and leaves an object alone in each of them. Returns root slots, the first of them. */
function scatter(mutator: Mutator, objects: number): number {
  const frame = mutator.enter(objects);
  for (let i = 0; i < objects; i++) {
    mutator.setRoot(frame + i, mutator.allocate(0, 24, TAG + i));
    for (let filled = 0; filled < 1100; filled++) mutator.allocate(0, 1000);
  }
  return frame;
}

for (const way of WAYS) {
  test(`${nameOf(way)}: what is pinned stays where it is, its neighbours move, and it moves once it is not pinned any more`, () =>
    withCollector(way, async (heap, collector) => {
      const mutator = Mutator.attach(heap);
      const roots = scatter(mutator, 8);
      const collect = () => mutator.parked(() => collector.collect());
      const pinned = mutator.pin(roots + 3);
      const before = Array.from({ length: 8 }, (_, i) => mutator.root(roots + i));
      await collect();
      const after = Array.from({ length: 8 }, (_, i) => mutator.root(roots + i));
      assert.is(after[3], pinned);
      assert.ok(after.filter((object, i) => object !== before[i]).length >= 5, `${before} → ${after}`);
      for (let i = 0; i < 8; i++) assert.is(mutator.tag(after[i]!), TAG + i);
      mutator.unpin(pinned);
      scatter(mutator, 4); // with what makes it worth while
      await collect();
      assert.is.not(mutator.root(roots + 3), pinned);
      assert.is(mutator.tag(mutator.root(roots + 3)), TAG + 3);
      mutator.detach();
    }));

  test(`${nameOf(way)}: a pin alone keeps an object's memory`, () =>
    withCollector(way, async (heap, collector) => {
      const mutator = Mutator.attach(heap);
      const roots = scatter(mutator, 3);
      const pinned = mutator.pin(roots + 1);
      const region = Math.floor(pinned / heap.layout.granulesPerRegion);
      for (let i = 0; i < 3; i++) mutator.setRoot(roots + i, 0);
      const collect = () => mutator.parked(() => collector.collect());
      for (let cycle = 0; cycle < 2; cycle++) {
        await collect();
        assert.is.not(heap.meta.regionState[region], RegionState.FREE);
      }
      mutator.unpin(pinned);
      await collect();
      assert.is(heap.meta.regionState[region], RegionState.FREE);
      mutator.detach();
    }));
}

test.run();
