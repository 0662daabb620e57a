// deadline: 360s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Collector, createHeap, digestGraph, HeapGraph, verifyHeap } from '../../gc/index.js';
import { Control, type Delivery, defaultShape, Mutator } from '../../heap/index.js';
import { exitAfterwards } from '../support/exit.js';
import { fillHalfDead } from '../support/half-dead.js';
import { nameOf, WAYS } from '../support/ways.js';

exitAfterwards(test);

const MIB = 2 ** 20;

for (const way of WAYS) {
  test(`${nameOf(way)}: where nothing is to be evacuated nothing moves, and what is dead is free all the same`, async () => {
    const { resolution, flip, delivery } = way;
    const heap = createHeap(defaultShape(64 * MIB, 1), resolution, flip, { delivery: delivery as Delivery });
    const collector = new Collector(heap, {
      ...way,
      workers: 2,
      evacuate: 'none',
      inspect: () => void verifyHeap(heap),
    });
    await collector.start();
    fillHalfDead(heap, 10 * MIB);
    const before = digestGraph(new HeapGraph(heap));
    const generation = Atomics.load(heap.control, Control.GENERATION);
    const mutator = Mutator.attach(heap);
    const array = mutator.global(0);
    for (let i = 0; i < 10_000; i++) mutator.allocate(0, 1000, -1); // whole regions of nothing but garbage
    const { free } = heap.regions;
    const first = await mutator.parked(() => collector.collect());
    assert.is(first.evacuatedBytes, 0);
    assert.ok(heap.regions.free > free + 5, `${free} regions were free, and now ${heap.regions.free}`);
    assert.is(mutator.global(0), array);
    assert.is(mutator.tag(mutator.load(array, 77)), 77);
    assert.is(Atomics.load(heap.control, Control.GENERATION), generation, 'there was a flip');
    mutator.detach();
    assert.equal(digestGraph(new HeapGraph(heap)), before);
    await collector.stop();
    heap.close();
  });
}

test.run();
