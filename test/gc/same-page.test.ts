// deadline: 540s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Collector, createHeap } from '../../gc/index.js';
import { Control, type Delivery, defaultShape, FaultCount, type Heap } from '../../heap/index.js';
import { exitAfterwards } from '../support/exit.js';
import { startFleet } from '../support/fleet.js';
import { CONCURRENT_WAYS, nameOf, type Way } from '../support/ways.js';

exitAfterwards(test);

const READERS = 3;
const SLEEP_MS = 12;
const SCRIPT = new URL('../support/reader-program.js', import.meta.url);

function waited({ meta }: Heap): number {
  let sum = 0;
  for (let mutator = 0; mutator <= READERS; mutator++) sum += meta.faultCounts(mutator)[FaultCount.WAITED]!;
  return sum;
}

function faults({ control }: Heap): number {
  return control[Control.FAULTS_MINOR]! + control[Control.FAULTS_MISSING]! + control[Control.FAULTS_SIGNAL]!;
}

/** Everything moves in each, so all pages of the array have to be updated. Readers beside collections until some have waited for a worker that sleeps over a page, which it has claimed. */
async function readTogether({ resolution, delivery, flip }: Way): Promise<void> {
  const heap = createHeap(defaultShape(64 << 20, READERS), resolution, flip, { delivery: delivery as Delivery });
  const sabotage = { delay: { phases: ['compact'] as const, chance: 0.02, ms: SLEEP_MS } };
  const collector = new Collector(heap, { resolution, delivery, flip, workers: 1, evacuate: 'full', sabotage });
  await collector.start();
  const fleet = await startFleet(heap, READERS, SCRIPT, {});
  const began = performance.now();
  let cycles = 0;
  const isEnough = () => (delivery === 'signal' ? waited(heap) > 20 : faults(heap) > 200);
  while (cycles < 8 || (!isEnough() && performance.now() - began < 30_000)) {
    await collector.collect();
    cycles++;
  }
  const rounds = await fleet.leave();
  const longest = collector.faults.service.max / 1e6;
  console.log(
    `${nameOf({ resolution, delivery, flip })}: ${cycles} cycles, ${faults(heap)} faults, ${waited(heap)} waits`,
  );
  assert.is(rounds.length, READERS);
  assert.ok(isEnough(), `${faults(heap)} faults, ${waited(heap)} waits in ${cycles} cycles`);
  if (delivery === 'signal') {
    // The longest service has been a wait for a sleeping worker: the buckets of the handler mean what serviceNs says.
    assert.ok(longest > 0.5 * SLEEP_MS, `the longest service was ${longest} ms`);
    assert.ok(longest < performance.now() - began, `the longest service was ${longest} ms`);
    assert.ok(collector.faults.service.min < 1e6, 'none was short');
  }
  await collector.stop();
  heap.close();
}

for (const way of CONCURRENT_WAYS) {
  test(`${nameOf(way)}: ${READERS} mutators at the same pages, whose worker sleeps with a page in its hands`, () =>
    readTogether(way));
}

test.run();
