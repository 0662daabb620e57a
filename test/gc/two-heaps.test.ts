// deadline: 360s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Collector, createHeap } from '../../gc/index.js';
import { Control, type Delivery, defaultShape, type Heap, Mutator } from '../../heap/index.js';
import { exitAfterwards } from '../support/exit.js';
import { type Fleet, startFleet } from '../support/fleet.js';
import { fillHalfDead } from '../support/half-dead.js';
import { CONCURRENT_WAYS, nameOf, type Way } from '../support/ways.js';

exitAfterwards(test);

const MIB = 2 ** 20;
const WAYS = CONCURRENT_WAYS.filter(({ delivery, flip }) => delivery === 'signal' && flip === 'remap');
const HAMMER = new URL('../support/hammer-program.js', import.meta.url);

interface Running {
  readonly heap: Heap;
  readonly collector: Collector;
}

async function make({ resolution, delivery, flip }: Way, mutators: number): Promise<Running> {
  const heap = createHeap(defaultShape(64 * MIB, mutators), resolution, flip, { delivery: delivery as Delivery });
  const collector = new Collector(heap, { resolution, delivery, flip, workers: 1 });
  await collector.start();
  return { heap, collector };
}

/** Collects until mutators of it have faulted. */
async function untilFaults({ heap, collector }: Running): Promise<void> {
  const began = performance.now();
  const before = Atomics.load(heap.control, Control.FAULTS_SIGNAL);
  while (Atomics.load(heap.control, Control.FAULTS_SIGNAL) === before) {
    assert.ok(performance.now() - began < 20_000, 'nobody faults any more');
    await collector.collect();
  }
}

for (const [i, way] of WAYS.entries()) {
  const other = WAYS[(i + 1) % WAYS.length]!;
  test(`${nameOf(way)} beside ${nameOf(other)}: one heap comes and goes, the faults of the other are resolved`, async () => {
    const stays = await make(way, 1);
    const fleet: Fleet = await startFleet(stays.heap, 1, HAMMER, { objects: 10_000 });
    for (let round = 0; round < 4; round++) {
      const goes = await make(other, 1);
      fillHalfDead(goes.heap, 8 * MIB);
      const mutator = Mutator.attach(goes.heap);
      await mutator.parked(() => Promise.all([goes.collector.collect(), untilFaults(stays)]));
      // In this thread now, after the compaction: what it reads is right, and it may read all of it.
      const table = mutator.global(0);
      for (let slot = 0; slot < 1000; slot++) assert.is(mutator.tag(mutator.load(table, slot)), slot);
      mutator.detach();
      await goes.collector.stop();
      goes.heap.close();
      await untilFaults(stays);
    }
    const [rounds] = await fleet.leave();
    assert.ok(rounds! > 0);
    await stays.collector.stop();
    stays.heap.close();
  });
}

test.run();
