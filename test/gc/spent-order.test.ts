/**
 * Targets need not lie in address order: a mutator that puts a run together holds low regions for a moment, and gives
 * them back. A region that goes to two of them is spent once both are published, whichever lies lower.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Pages } from '../../gc/protocol.js';
import { Spent } from '../../gc/spent.js';
import { plan } from '../../gc/workers/plan.js';
import type { Heap } from '../../heap/index.js';
import { chooseSeed, Random } from '../support/random.js';
import { fillHeap, smallHeap } from '../support/random-heap.js';
import { type TargetOrder, takeInOrder } from '../support/target-order.js';

const CYCLE = 1;
const seed = chooseSeed();
console.log(`CONTINUUM_SEED=${seed}`);

/** A heap whose plan took its targets in this order. */
function planned(order: TargetOrder, random: Random) {
  const heap = smallHeap('private');
  fillHeap(heap, random, { granules: 320_000, keep: 0.7, sizes: [2, 3, 17, 64, 300, 2000], humongous: false });
  const { kernels, meta } = heap;
  takeInOrder(heap, order, random);
  kernels.beginMarking(CYCLE, 0);
  kernels.shade(meta.globals, meta.globals.length);
  while (kernels.mark(5000) || kernels.hasWork());
  kernels.handOver();
  return { heap, moves: plan({ heap, cycle: CYCLE, leave: 0, maxLiveShare: 1 }) };
}

/** Where the objects of a region really go, block by block. */
function targetsOf({ layout, meta }: Heap, region: number): Set<number> {
  const into = new Set<number>();
  const blocks = layout.granulesPerRegion / 64;
  for (let block = region * blocks; block < (region + 1) * blocks; block++) {
    if ((meta.live[2 * block]! | meta.live[2 * block + 1]!) === 0) continue;
    into.add(Math.floor(meta.destination[block]! / layout.granulesPerRegion));
  }
  return into;
}

function publish(pages: Pages, { layout, meta }: Heap, target: number): void {
  const end = Math.ceil(meta.regionTop[target]! / layout.granulesPerPage);
  for (let page = target * layout.pagesPerRegion; page < end; page++) pages.mapped(page);
}

for (const order of ['ascending', 'descending', 'random'] as const) {
  for (const walk of ['by address', 'in the plan’s order', 'in any order']) {
    test(`targets ${order}, published ${walk}: no region is spent before all that was built from it is published`, () => {
      const random = new Random(seed);
      const { heap, moves } = planned(order, random);
      const needs = new Map(moves.evacuated.map((region) => [region, targetsOf(heap, region)]));
      assert.ok([...needs.values()].filter(({ size }) => size === 2).length > 3, 'regions go to two targets each');
      const pages = new Pages(heap, 2, 0);
      const spent = new Spent(heap, pages, moves);
      const left = [...moves.targets];
      if (walk === 'by address') left.sort((a, b) => a - b);
      const published = new Set<number>();
      const taken: number[] = [];
      while (left.length > 0) {
        const [target] = left.splice(walk === 'in any order' ? random.below(left.length) : 0, 1);
        published.add(target!);
        publish(pages, heap, target!);
        spent.collect((region) => {
          for (const need of needs.get(region)!) {
            assert.ok(
              published.has(need),
              `region ${region} is spent, and target ${need} is still to be built from it`,
            );
          }
          taken.push(region);
        });
      }
      assert.equal(taken, moves.evacuated, 'all of them, each once');
      heap.close();
    });
  }
}

test.run();
