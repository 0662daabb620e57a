import { createHistogram } from 'node:perf_hooks';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { serve } from '../../gc/delivery/handler.js';
import { RESOLUTIONS } from '../../gc/index.js';
import { Pages } from '../../gc/protocol.js';
import { Control, encodeState, type Heap, PageState, RegionState } from '../../heap/index.js';
import { EVENT_PAGEFAULT, FAULT_MINOR } from '../../native/index.js';
import { smallHeap } from '../support/random-heap.js';

const GENERATION = 7;
const COMING = GENERATION + 1;
const PAGE = 40;

/** A heap between two compactions, whose kept page PAGE the kernel has dropped from the view. */
function dropped(): Heap {
  const heap = smallHeap();
  const { control, layout, meta, space } = heap;
  meta.regionState[Math.floor(PAGE / layout.pagesPerRegion)] = RegionState.KEPT;
  meta.pageState[PAGE] = encodeState(GENERATION, PageState.MAPPED);
  control[Control.GENERATION] = GENERATION;
  control[Control.AHEAD] = COMING;
  new Uint8Array(space.workspace.buffer)[PAGE * layout.pageBytes] = 1;
  space.views[0]!.renew();
  space.arm(0);
  return heap;
}

test('a word of the coming flip says that the page is MAPPED now, and nobody may claim it', () => {
  const heap = dropped();
  const pages = new Pages(heap, GENERATION, 1);
  for (const state of [PageState.RAW, PageState.MAPPED]) {
    const word = encodeState(COMING, state);
    heap.meta.pageState[PAGE] = word;
    assert.is(pages.state(PAGE), PageState.MAPPED);
    assert.not(pages.claim(PAGE));
    assert.not(pages.want(PAGE));
    assert.not(pages.takeOver(PAGE, 0));
    assert.is(heap.meta.pageState[PAGE], word);
    assert.is(new Pages(heap, COMING, 1).state(PAGE), state, 'and what it says once that flip has come');
  }
  heap.control[Control.AHEAD] = 0;
  assert.is(pages.state(PAGE), PageState.RAW, 'an older word, then');
  heap.close();
});

/**
 * A server's one message, about a page that is mapped ahead (or taken back) just before the server's look number `at`
 * at its word. Returns the number of its looks.
 */
function serveOne(heap: Heap, at: number, becomes: number): number {
  const { control, layout, meta, space } = heap;
  const descriptor = space.watch!.descriptors[0]!;
  const real = { read: descriptor.read, load: Atomics.load };
  let looks = 0;
  descriptor.read = (into) => {
    Atomics.store(control, Control.STOP, 1);
    into.set([EVENT_PAGEFAULT, FAULT_MINOR, space.views[0]!.address + PAGE * layout.pageBytes, 0]);
    return 1;
  };
  Atomics.load = ((array: Int32Array, index: number) => {
    const isWord = array.buffer === meta.pageState.buffer && array.byteOffset === meta.pageState.byteOffset;
    if (isWord && index === PAGE && ++looks === at) meta.pageState[PAGE] = becomes;
    return real.load(array, index);
  }) as typeof Atomics.load;
  try {
    const service = createHistogram();
    serve({ heap, resolution: RESOLUTIONS.continue!, server: 0, slot: 1, owner: 1, service });
  } finally {
    descriptor.read = real.read;
    Atomics.load = real.load;
  }
  return looks;
}

test('a dropped page that is being mapped ahead is shown again, whenever its word changes', () => {
  let most = 0;
  for (const state of [PageState.RAW, PageState.MAPPED]) {
    for (let at = 1; at <= 8; at++) {
      const heap = dropped();
      const word = encodeState(COMING, state);
      const looks = serveOne(heap, at, word);
      assert.is(heap.control[Control.FATAL], 0, `at look ${at}`);
      assert.is(heap.meta.pageState[PAGE], looks < at ? encodeState(GENERATION, PageState.MAPPED) : word);
      const view = heap.space.views[0]!;
      const again = heap.space.watch!.at(0).tryContinue(view, PAGE * heap.layout.pageBytes, heap.layout.pageBytes);
      assert.is(again, -17, 'EEXIST: the page is in the view');
      most = Math.max(most, looks);
      heap.close();
    }
  }
  assert.ok(most > 0 && most < 8, `${most} looks: all of them were tried`);
});

test.run();
