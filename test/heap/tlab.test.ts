import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Control,
  defaultShape,
  encodeHeader,
  Heap,
  PageState,
  RegionState,
  stateOf,
  Tlab,
  testBit,
} from '../../heap/index.js';
import { SMALL_REGION_BYTES, smallHeap } from '../support/random-heap.js';

const CHUNK_GRANULES = (64 << 10) / 8;
/** A page is four chunks, a region four pages. */
const LARGE_PAGES = { bytes: 8 << 20, regionBytes: 1 << 20, pageBytes: 256 << 10, mutators: 1 };
const BANK = 0;
const GENERATION = 1;

function opened(heap: Heap): Tlab {
  const tlab = new Tlab(heap, 0);
  tlab.open(heap.regions.take(RegionState.OPEN), 5, 0);
  return tlab;
}

/** Bump-allocates an object of `granules` as a mutator does. */
function put(heap: Heap, tlab: Tlab, granules: number): number {
  const object = tlab.top;
  assert.ok(object + granules <= tlab.limit);
  heap.view(BANK)[2 * object] = encodeHeader(granules, 0);
  tlab.top += granules;
  return object;
}

test('without a region there is no room', () => {
  const heap = smallHeap();
  assert.not(new Tlab(heap, 0).extend(1, BANK, GENERATION));
  heap.close();
});

test('extend gives whole pages, zeroed and MAPPED, until the region is full', () => {
  const heap = Heap.create({ ...defaultShape(8 << 20, 1), space: 'twin', banks: 1 });
  const { granulesPerPage, granulesPerRegion } = heap.layout;
  heap.workspace.fill(-1, 2 * granulesPerRegion, 4 * granulesPerRegion); // an earlier owner of region 1
  const tlab = opened(heap);
  const first = tlab.top;
  assert.is(heap.meta.regionBorn[tlab.region], 5);
  assert.ok(tlab.extend(1, BANK, GENERATION));
  assert.is(tlab.limit, first + CHUNK_GRANULES);
  const taken = heap.control[Control.TAKEN];
  assert.is(taken, CHUNK_GRANULES / granulesPerPage, 'pages are counted for pacing');
  for (let page = first / granulesPerPage; page < tlab.limit / granulesPerPage; page++) {
    assert.is(stateOf(heap.meta.pageState[page], GENERATION), PageState.MAPPED);
  }
  assert.ok(
    heap
      .view(BANK)
      .subarray(2 * first, 2 * tlab.limit)
      .every((word) => word === 0),
  );
  put(heap, tlab, 100);
  assert.ok(tlab.extend(2 * CHUNK_GRANULES, BANK, GENERATION), 'more than a chunk');
  assert.ok(tlab.limit >= tlab.top + 2 * CHUNK_GRANULES);
  assert.is(tlab.limit % granulesPerPage, 0);
  put(heap, tlab, 2 * CHUNK_GRANULES);
  const left = first + granulesPerRegion - tlab.top;
  assert.not(tlab.extend(left + 1, BANK, GENERATION));
  assert.ok(tlab.extend(left, BANK, GENERATION));
  assert.is(tlab.limit, first + granulesPerRegion);
  heap.close();
});

test('a page larger than a chunk is mapped with its first chunk, and zeroed chunk by chunk', () => {
  const heap = Heap.create({ ...LARGE_PAGES, space: 'twin', banks: 1 });
  const { layout, control, meta } = heap;
  heap.workspace.fill(-1, 2 * layout.granulesPerRegion, 4 * layout.granulesPerRegion); // an earlier owner of region 1
  const tlab = opened(heap);
  const first = tlab.top;
  const page = first / layout.granulesPerPage;
  assert.ok(tlab.extend(1, BANK, GENERATION));
  assert.is(tlab.limit, first + CHUNK_GRANULES);
  assert.is(stateOf(meta.pageState[page]!, GENERATION), PageState.MAPPED);
  assert.is(stateOf(meta.pageState[page + 1]!, GENERATION), PageState.RAW);
  const words = heap.view(BANK);
  assert.equal([words[2 * tlab.limit - 1], words[2 * tlab.limit]], [0, -1], 'what follows is mapped, not yet zeroed');
  put(heap, tlab, CHUNK_GRANULES);
  meta.pageState[page] = 0;
  assert.ok(tlab.extend(1, BANK, GENERATION));
  assert.is(meta.pageState[page], 0, 'a page that was handed out is not handed out again');
  assert.equal([words[2 * tlab.limit - 1], words[2 * tlab.limit]], [0, -1]);
  put(heap, tlab, CHUNK_GRANULES);
  assert.ok(tlab.extend(layout.granulesPerPage, BANK, GENERATION), 'into the next page');
  assert.is(tlab.limit, first + 2 * CHUNK_GRANULES + layout.granulesPerPage);
  assert.is(stateOf(meta.pageState[page + 1]!, GENERATION), PageState.MAPPED);
  const taken = (tlab.limit - first) / 512;
  assert.is(control[Control.TAKEN], taken, 'pacing counts memory, not pages');
  heap.close();
});

test('pages larger than a chunk: a flip in the middle of one leaves the rest of it behind', () => {
  const heap = Heap.create({ ...LARGE_PAGES, space: 'twin', banks: 1 });
  heap.workspace.fill(0); // no holes: a huge page is all there from its first byte on
  const { granulesPerPage, granulesPerRegion } = heap.layout;
  const tlab = opened(heap);
  const first = tlab.top;
  tlab.skipToPage();
  assert.is(tlab.top, first, 'nothing was handed out yet');
  assert.ok(tlab.extend(1, BANK, GENERATION));
  const object = put(heap, tlab, 100);
  tlab.skipToPage();
  assert.equal([tlab.top, tlab.limit], [first + granulesPerPage, first + granulesPerPage]);
  assert.is(heap.meta.regionTop[tlab.region], object + 100);
  assert.not(tlab.extend(granulesPerRegion - granulesPerPage + 1, BANK, GENERATION + 1));
  assert.ok(tlab.extend(1, BANK, GENERATION + 1));
  assert.is(stateOf(heap.meta.pageState[tlab.top / granulesPerPage]!, GENERATION + 1), PageState.MAPPED);
  heap.close();
});

test('a region of one page is full after a flip, and goes to the collector with what stands in it', () => {
  const heap = smallHeap('twin', SMALL_REGION_BYTES);
  const tlab = opened(heap);
  const { region } = tlab;
  assert.ok(tlab.extend(1, BANK, GENERATION));
  const object = put(heap, tlab, 7);
  tlab.skipToPage();
  assert.is(tlab.top, (region + 1) * heap.layout.granulesPerRegion);
  assert.not(tlab.extend(1, BANK, GENERATION + 1));
  tlab.close();
  assert.is(heap.meta.regionState[region], RegionState.KEPT);
  assert.ok(testBit(heap.meta.starts, object));
  assert.ok(heap.kernels.isPageLive(region, 5), 'it was born in cycle 5');
  assert.is(heap.kernels.update(region, 5), 0, 'what follows the last object is nobody’s');
  const next = opened(heap);
  assert.is(next.region, region + 1);
  heap.close();
});

test('objects have start bits once the chunk is left, and the region its top', () => {
  const heap = smallHeap();
  const tlab = opened(heap);
  const first = tlab.top;
  tlab.extend(1, BANK, GENERATION);
  const objects = [1, 3, 64, 500, 7].map((granules) => put(heap, tlab, granules));
  assert.is(heap.meta.regionTop[tlab.region], first);
  tlab.reindex();
  assert.is(heap.meta.regionTop[tlab.region], tlab.top);
  for (let granule = first; granule < tlab.limit; granule++) {
    assert.is(testBit(heap.meta.starts, granule), objects.includes(granule), `granule ${granule}`);
  }
  heap.close();
});

test('close gives the region to the collector, with all its objects', () => {
  const heap = smallHeap();
  const tlab = opened(heap);
  const { region } = tlab;
  tlab.extend(1, BANK, GENERATION);
  const object = put(heap, tlab, 9);
  tlab.close();
  assert.is(heap.meta.regionState[region], RegionState.KEPT);
  assert.is(heap.meta.regionTop[region], object + 9);
  assert.ok(testBit(heap.meta.starts, object));
  assert.is(tlab.region, -1);
  assert.not(tlab.extend(1, BANK, GENERATION));
  tlab.close(); // once is enough
  heap.close();
});

test('skipToPage: nothing younger shares a page with what is older', () => {
  const heap = smallHeap();
  const { granulesPerPage } = heap.layout;
  const tlab = opened(heap);
  const first = tlab.top;
  tlab.extend(1, BANK, GENERATION);
  tlab.skipToPage();
  assert.is(tlab.top, first, 'on a boundary already');
  tlab.extend(1, BANK, GENERATION);
  put(heap, tlab, granulesPerPage + 1);
  tlab.skipToPage();
  assert.is(tlab.top, first + 2 * granulesPerPage);
  assert.is(tlab.limit, tlab.top, 'the rest of the chunk belongs to the old view');
  assert.is(heap.meta.regionTop[tlab.region], first + granulesPerPage + 1);
  assert.ok(tlab.extend(5, BANK, GENERATION + 1));
  const object = put(heap, tlab, 5);
  tlab.close();
  assert.ok(testBit(heap.meta.starts, object), 'the gap is in nobody’s way');
  assert.is(heap.meta.regionTop[Math.floor(object / heap.layout.granulesPerRegion)], object + 5);
  heap.close();
});

test('whoever holds a mutator finds its TLAB in the words, and gives it back there', () => {
  const heap = smallHeap();
  const tlab = opened(heap);
  tlab.extend(1, BANK, GENERATION);
  put(heap, tlab, 11);
  tlab.publish();
  const other = new Tlab(heap, 0).reload();
  assert.equal(
    [other.region, other.top, other.limit, other.indexed],
    [tlab.region, tlab.top, tlab.limit, tlab.indexed],
  );
  other.close();
  other.publish();
  tlab.reload();
  assert.is(tlab.region, -1);
  assert.is(tlab.top, tlab.limit);
  heap.close();
});

test.run();
