import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Collector, type CollectorOptions, createHeap, type HeapChoices, RESOLUTIONS } from '../../gc/index.js';
import { type Delivery, defaultShape } from '../../heap/index.js';
import { nameOf, WAYS, type Way } from '../support/ways.js';

const SHAPE = defaultShape(16 << 20, 1);
const DELIVERIES = ['handler', 'signal', 'none'] as const;
const FLIPS = ['bank', 'remap', 'none'] as const;

function make({ resolution, delivery, flip }: Way, choices: HeapChoices = {}) {
  return createHeap(SHAPE, resolution, flip, { ...choices, delivery: delivery as Delivery });
}

test('every way that is not in the table is refused when the heap is made, and says what there is', () => {
  const legal = new Set(WAYS.map(nameOf));
  let refused = 0;
  for (const resolution of Object.keys(RESOLUTIONS)) {
    for (const delivery of DELIVERIES) {
      for (const flip of FLIPS) {
        const way = { resolution, delivery, flip };
        if (legal.has(nameOf(way))) {
          make(way).close();
        } else {
          assert.throws(() => make(way), /cannot (flip|be delivered) by (\w+), only by (\w+)/, nameOf(way));
          refused++;
        }
      }
    }
  }
  assert.is(refused, 5 * 3 * 3 - WAYS.length);
});

for (const way of WAYS) {
  test(`${nameOf(way)}: poison needs a userfaultfd, and several of those two banks`, () => {
    const { resolution, flip } = way;
    if (resolution === 'protect' || resolution === 'stw') {
      assert.throws(() => make(way, { poison: true }), /no userfaultfd that could poison a page/);
    } else {
      const heap = make(way, { poison: true });
      assert.ok(heap.space.poisons);
      heap.close();
    }
    if (flip === 'bank') make(way, { userfaultfds: 2 }).close();
    else assert.throws(() => make(way, { userfaultfds: 2 }), /2 userfaultfds need flips by bank/);
  });
}

test('a collector that the heap was not made for is refused', () => {
  const options = { resolution: 'continue', flip: 'bank', workers: 1 };
  const make = (delivery: Delivery) => createHeap(SHAPE, 'continue', 'bank', { delivery });
  for (const [made, asked] of [
    ['handler', 'signal'],
    ['signal', 'handler'],
    ['handler', 'none'],
    ['handler', 'carrier pigeon'],
  ] as const) {
    const heap = make(made);
    const collector: CollectorOptions = { ...options, delivery: asked };
    assert.throws(() => new Collector(heap, collector), /not made for continue delivered by/);
    heap.close();
  }
});

test('every userfaultfd has a server of its own, and there are no more than four', () => {
  const heap = createHeap(SHAPE, 'continue', 'bank', { userfaultfds: 3 });
  const options = { resolution: 'continue', flip: 'bank', delivery: 'handler', workers: 1 };
  assert.throws(() => new Collector(heap, { ...options, faultServers: 2 }), /2 fault servers for 3 userfaultfds/);
  assert.throws(() => new Collector(heap, { ...options, faultServers: 5 }), /1 to 4 are possible/);
  heap.close();
});

test.run();
