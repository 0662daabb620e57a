// deadline: 720s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Collector, createHeap } from '../../gc/index.js';
import { type Delivery, defaultShape } from '../../heap/index.js';
import { exitAfterwards } from '../support/exit.js';
import { startFleet } from '../support/fleet.js';
import { chooseSeed } from '../support/random.js';
import { CONCURRENT_WAYS, nameOf, type Way } from '../support/ways.js';

exitAfterwards(test);

const SCRIPT = new URL('../support/crossing-program.js', import.meta.url);
const CYCLES = 10;

// Lazy: for half a second only what is touched is published, in the order in which it is.
async function cross({ resolution, delivery, flip }: Way): Promise<void> {
  const seed = chooseSeed();
  const heap = createHeap(defaultShape(64 << 20, 1), resolution, flip, { delivery: delivery as Delivery });
  const collector = new Collector(heap, { resolution, delivery, flip, workers: 1, publish: 'lazy' });
  await collector.start();
  const fleet = await startFleet(heap, 1, SCRIPT, { seed });
  let byFault = 0;
  const until = performance.now() + 60_000; // a machine with much else to do takes more cycles
  for (let cycle = 0; cycle < CYCLES || (byFault <= 1000 && performance.now() < until); cycle++) {
    byFault += (await collector.collect()).pages.publishedByFault;
  }
  const [flips] = await fleet.leave();
  console.log(
    `${nameOf({ resolution, delivery, flip })}: CONTINUUM_SEED=${seed}, ${flips} orders, ${byFault} pages for faults`,
  );
  assert.ok(flips! >= 3, `${flips} flips were seen`);
  assert.ok(byFault > 1000, `${byFault} pages were published for faults`);
  await collector.stop();
  heap.close();
}

for (const way of CONCURRENT_WAYS.filter(({ flip }) => flip === 'remap')) {
  test(`${nameOf(way)}: objects that reach from page to page, whose pages come in any order`, () => cross(way));
}

test.run();
