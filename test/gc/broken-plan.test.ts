/** A page that cannot be built, because what was evacuated is not as the plan left it, says where and why. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { plan } from '../../gc/workers/plan.js';
import { chooseSeed, Random } from '../support/random.js';
import { fillHeap, smallHeap } from '../support/random-heap.js';

const CYCLE = 1;
const seed = chooseSeed();
console.log(`CONTINUUM_SEED=${seed}`);

const heap = smallHeap();
fillHeap(heap, new Random(seed), { granules: 320_000, keep: 0.5, sizes: [2, 3, 17, 64, 300], humongous: false });
const { kernels, layout, meta, workspace } = heap;
kernels.beginMarking(CYCLE, 0);
kernels.shade(meta.globals, meta.globals.length);
while (kernels.mark(5000) || kernels.hasWork());
kernels.handOver();
const { targets } = plan({ heap, cycle: CYCLE, leave: 0, maxLiveShare: 1 });
const last = targets.at(-1)!;
const page = Math.ceil(meta.regionTop[last]! / layout.granulesPerPage) - 1;
const from = meta.origin[page]!;
const wanted = meta.regionTop[last]! - page * layout.granulesPerPage;

/** What building the last page of the plan says once `damage` is done, which `mend` takes back. */
function said(damage: () => void, mend: () => void): string {
  damage();
  try {
    kernels.build(page, 0);
    return 'built';
  } catch (error) {
    return (error as Error).message;
  } finally {
    mend();
    assert.is(kernels.build(page, 0), wanted, 'as good as before');
  }
}

test('the plan’s objects end before the page does', () => {
  const { regionTop } = meta;
  const top = regionTop[last]!;
  const more = Math.min(8, layout.granulesPerPage - wanted);
  const message = said(
    () => regionTop.fill(top + more, last, last + 1),
    () => regionTop.fill(top, last, last + 1),
  );
  const where = `page ${page} cannot be built: after ${wanted} of ${wanted + more} granules, at ${2 ** 32 - 1}`;
  if (more > 0) assert.match(message, `${where}: the plan's objects end; it begins at granule ${from} of region `);
  else assert.is(message, 'built', 'there is no room for more on the page');
});

test('no object starts where the page begins, nor before', () => {
  const first = Math.floor(from / layout.granulesPerRegion) * layout.granulesPerRegion;
  const bits = meta.starts.subarray(first >>> 5, (first + layout.granulesPerRegion) >>> 5);
  const before = bits.slice();
  const message = said(
    () => bits.fill(0),
    () => bits.set(before),
  );
  assert.match(message, `after 0 of ${wanted} granules, at ${from}: no object starts there or before`);
});

test('a header that can be none', () => {
  let start = from;
  while (((meta.starts[start >>> 5]! >>> (start & 31)) & 1) === 0) start--;
  const header = workspace[2 * start]!;
  const message = said(
    () => workspace.fill(0, 2 * start, 2 * start + 1),
    () => workspace.fill(header, 2 * start, 2 * start + 1),
  );
  assert.match(message, `after 0 of ${wanted} granules, at ${from}: the header before it can be none`);
});

test.after(() => heap.close());
test.run();
