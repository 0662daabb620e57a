import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { plan as planHeap } from '../../gc/workers/plan.js';
import { type Heap, RegionState, type SpaceKind } from '../../heap/index.js';
import { copyOfHeap, type ModelMemory } from '../model/index.js';
import { markLive } from '../model/mark.js';
import { buildTargets, forwardSlots, indexObjects, isPageLive, updatePage } from '../model/page.js';
import { countLive, place } from '../model/plan.js';
import type { HalfTask } from '../support/half-marker.js';
import { chooseSeed, Random } from '../support/random.js';
import {
  BOUNDARY_GRANULES,
  type FillOptions,
  fillHeap,
  SMALL_REGION_BYTES,
  smallHeap,
} from '../support/random-heap.js';
import { type TargetOrder, takeInOrder } from '../support/target-order.js';

const CYCLE = 1;
const FULL: FillOptions = { granules: 320_000, keep: 0.5, sizes: BOUNDARY_GRANULES, humongous: true };
const seed = chooseSeed();
console.log(`CONTINUUM_SEED=${seed}`);

/** A heap with random objects, nothing collected yet, read through the workspace; and a copy of it for the model. */
function twoHeaps(
  random: Random,
  options: FillOptions,
  space: SpaceKind = 'twin',
  pageBytes?: number,
): { heap: Heap; model: ModelMemory } {
  const heap = smallHeap(space, pageBytes);
  fillHeap(heap, random, options);
  if (space === 'private') {
    heap.space.views[0]!.moveTo(heap.space.workspace);
    heap.kernels.readThrough('workspace');
  }
  return { heap, model: copyOfHeap(heap) };
}

function markBoth(heap: Heap, model: ModelMemory, chunks = 0, budget = 5000): void {
  const { kernels, meta } = heap;
  kernels.beginMarking(CYCLE, chunks);
  kernels.shade(meta.globals, meta.globals.length);
  while (kernels.mark(budget) || kernels.hasWork());
  kernels.handOver();
  markLive(model, meta.globals, CYCLE);
  same(meta.live, model.live, 'live bits');
}

/** Plans with the collector's own code, and repeats every placement in the model. */
function planBoth(heap: Heap, model: ModelMemory): { evacuated: readonly number[]; targets: readonly number[] } {
  const { layout, meta } = heap;
  const result = planHeap({ heap, cycle: CYCLE, leave: 0, maxLiveShare: 1 });
  const { evacuated, targets } = result;
  for (let region = 1; region < layout.regions; region++) {
    const counted =
      model.regionState[region] === RegionState.KEPT || model.regionState[region] === RegionState.HUMONGOUS;
    const live = counted && model.regionBorn[region] !== CYCLE ? countLive(model, region) : 0;
    const isFree = meta.regionState[region] === RegionState.FREE || targets.includes(region);
    if (counted && live === 0 && model.regionBorn[region] !== CYCLE) {
      assert.ok(isFree, `region ${region} is dead, and must be free`);
      blocksOf(heap, model.starts, region, 32).fill(0);
    } else if (!isFree) {
      assert.is(meta.regionLive[region], live, `live granules of region ${region}`);
    }
  }
  model.destination.fill(0xffffffff);
  placeAll(model, evacuated, targets);
  for (const region of [...evacuated, ...targets]) {
    same(blocksOf(heap, meta.destination, region), blocksOf(heap, model.destination, region), `destinations ${region}`);
  }
  for (const target of targets) assert.is(meta.regionTop[target], model.regionTop[target], `top of target ${target}`);
  model.regionState.set(meta.regionState);
  return result;
}

/** The plan's rule in the model: a region goes on in the next target where it does not fit. */
function placeAll(model: ModelMemory, evacuated: readonly number[], targets: readonly number[]): void {
  const { granulesPerRegion } = model.shape;
  let next = 0;
  let at = 0;
  let limit = 0;
  for (const region of evacuated) {
    for (let block = 0; ; ) {
      ({ target: at, block } = place(model, region, block, at, limit));
      if (next > 0) model.regionTop[targets[next - 1]!] = at;
      if (block === granulesPerRegion / 64) break;
      at = targets[next++]! * granulesPerRegion;
      limit = at + granulesPerRegion;
    }
  }
}

/** The words of `region` in a column that has one for so many granules. */
function blocksOf({ layout }: Heap, column: Uint32Array, region: number, granules = 64): Uint32Array {
  const blocks = layout.granulesPerRegion / granules;
  return column.subarray(region * blocks, (region + 1) * blocks);
}

/** Builds every target page, and compares it and its start bits with the model's. */
function buildBoth(heap: Heap, model: ModelMemory, evacuated: readonly number[], targets: readonly number[]): void {
  const { kernels, layout, meta, workspace, space } = heap;
  const wanted: ModelMemory = { ...model, words: model.words.slice(), starts: model.starts.slice() };
  buildTargets(model, wanted, evacuated, targets);
  const staging = space.staging === null ? null : new Int32Array(space.staging.buffer);
  const size = 2 * layout.granulesPerPage;
  for (const region of targets) {
    for (let i = 0; i < layout.pagesPerRegion; i++) {
      const page = region * layout.pagesPerRegion + i;
      const slot = staging === null ? 0 : page % 5;
      const [out, at] = staging === null ? [workspace, page * size] : [staging, slot * size];
      out.fill(-1, at, at + size); // what an earlier owner left
      meta.starts.fill(-1, (page * layout.granulesPerPage) / 32, ((page + 1) * layout.granulesPerPage) / 32);
      for (const _ of ['once', 'and again']) {
        kernels.build(page, slot);
        same(out.subarray(at, at + size), wanted.words.subarray(page * size, (page + 1) * size), `target page ${page}`);
      }
    }
  }
  same(meta.starts, wanted.starts, 'start bits');
  model.starts.set(wanted.starts);
}

/** Updates every page of the kept regions, and compares it with the model's. */
function updateBoth(heap: Heap, model: ModelMemory): void {
  const { kernels, layout, meta, workspace } = heap;
  for (let page = 0; page < layout.pages; page++) {
    const state = meta.regionState[Math.floor(page / layout.pagesPerRegion)];
    if (state !== RegionState.KEPT && state !== RegionState.HUMONGOUS && state !== RegionState.HUMONGOUS_TAIL) continue;
    assert.is(kernels.isPageLive(page, CYCLE), isPageLive(model, page, CYCLE), `whether page ${page} is live`);
    const changed = updatePage(model, page, CYCLE);
    assert.is(kernels.update(page, CYCLE), changed, `slots changed on page ${page}`);
    assert.is(kernels.update(page, CYCLE), 0, `page ${page} again`);
    const [from, to] = [2 * page * layout.granulesPerPage, 2 * (page + 1) * layout.granulesPerPage];
    same(workspace.subarray(from, to), model.words.subarray(from, to), `kept page ${page}`);
  }
}

/** The whole of a cycle's kernels on one heap. */
function compareCycle(
  random: Random,
  options: FillOptions,
  space: SpaceKind = 'twin',
  chunks = 0,
  pageBytes?: number,
  order?: TargetOrder,
): void {
  const { heap, model } = twoHeaps(random, options, space, pageBytes);
  if (order !== undefined) takeInOrder(heap, order, random);
  markBoth(heap, model, chunks);
  const { evacuated, targets } = planBoth(heap, model);
  buildBoth(heap, model, evacuated, targets);
  updateBoth(heap, model);
  const globals = heap.meta.globals.slice();
  forwardSlots(model, globals, 0, globals.length);
  heap.kernels.forward(heap.meta.globals, heap.meta.globals.length);
  same(heap.meta.globals, globals, 'globals');
  heap.close();
}

function same(found: Int32Array | Uint32Array, wanted: Int32Array | Uint32Array, what: string): void {
  if (Buffer.compare(bytesOf(found), bytesOf(wanted)) === 0) return;
  const at = found.findIndex((word, i) => word !== wanted[i]);
  assert.unreachable(`${what}: word ${at} of ${wanted.length} is ${found[at]}, and must be ${wanted[at]}`);
}

function bytesOf({ buffer, byteOffset, byteLength }: Int32Array | Uint32Array): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}

for (let i = 0; i < 20; i++) {
  test(`mark, plan, build, update and forward do what the model does: random heap ${i}`, () => {
    const random = new Random(seed + i);
    const keep = random.pick([0.1, 0.3, 0.5, 0.8]);
    compareCycle(random, { ...FULL, granules: random.pick([50_000, 200_000, 320_000]), keep });
  });
}

for (const granules of BOUNDARY_GRANULES) {
  test(`objects of ${granules} granules across blocks, pages and targets`, () => {
    const random = new Random(seed + granules);
    const total = Math.min(320_000, 20_000 * granules);
    compareCycle(random, { granules: total, keep: 0.6, sizes: [granules], humongous: false });
    compareCycle(random, { granules: total, keep: 0.6, sizes: [granules, granules, 1, 5], humongous: false });
  });
}

for (const order of ['descending', 'random'] as const) {
  test(`targets in ${order} order of addresses`, () => {
    for (const keep of [0.3, 0.7]) {
      compareCycle(new Random(seed + 120), { ...FULL, keep, sizes: [2, 17, 300, 2000] }, 'twin', 0, 4096, order);
    }
  });
}

test('private memory: pages are built in staging slots', () => {
  for (let i = 0; i < 3; i++) compareCycle(new Random(seed + 100 + i), FULL, 'private');
});

const granulesOf = (bytes: number) => bytes / 8;

for (const pageBytes of [8192, SMALL_REGION_BYTES / 2, SMALL_REGION_BYTES]) {
  test(`pages of ${pageBytes} bytes, in regions of ${SMALL_REGION_BYTES}`, () => {
    for (const keep of [0.2, 0.6, 1]) compareCycle(new Random(seed + 150), { ...FULL, keep }, 'twin', 0, pageBytes);
    const sizes = [granulesOf(pageBytes) - 1, granulesOf(pageBytes) / 2, 1].filter((size) => size <= 4096);
    compareCycle(
      new Random(seed + 151),
      { granules: 300_000, keep: 0.5, sizes, humongous: true },
      'twin',
      0,
      pageBytes,
    );
  });
}

test('everything live, and nothing live', () => {
  compareCycle(new Random(seed + 200), { ...FULL, keep: 1 });
  compareCycle(new Random(seed + 201), { ...FULL, keep: 0 });
  compareCycle(new Random(seed + 202), { ...FULL, granules: 0 });
});

test('marking finds everything when the grey pool has one chunk, in any slices', () => {
  const options = { ...FULL, granules: 100_000, comb: 20 };
  for (const [chunks, budget] of [
    [0, 1000],
    [1, 1],
    [1, 7],
    [1, 1e6],
    [3, 1000],
  ] as const) {
    const { heap, model } = twoHeaps(new Random(seed + 300), options);
    markBoth(heap, model, chunks, budget);
    const peak = heap.kernels.peakChunks();
    if (chunks === 0) assert.ok(peak > 3, `it takes ${peak} chunks`);
    else assert.is(peak, chunks);
    heap.close();
  }
  compareCycle(new Random(seed + 301), options, 'twin', 1);
});

test('a marker that stops hands over all that it has not scanned', async () => {
  for (const budget of [200, 3000, 20_000]) {
    const { heap, model } = twoHeaps(new Random(seed + 310), { ...FULL, granules: 100_000, comb: 20 });
    const { kernels, meta } = heap;
    kernels.beginMarking(CYCLE, 0);
    kernels.shade(meta.globals, meta.globals.length);
    const task: HalfTask = { heap: heap.handle, budget };
    const other = new Worker(new URL('../support/half-marker.js', import.meta.url), { workerData: task });
    const [marked] = (await once(other, 'message')) as [number];
    assert.ok(marked > 0 && kernels.hasWork(), `it has marked ${marked}, and left the rest`);
    while (kernels.mark(5000) || kernels.hasWork());
    markLive(model, meta.globals, CYCLE);
    same(meta.live, model.live, 'live bits');
    other.postMessage('go');
    await once(other, 'exit');
    heap.close();
  }
});

test('a region born in the cycle is live as a whole: not marked, but every object of it updated', () => {
  const random = new Random(seed + 400);
  const { heap, model } = twoHeaps(random, FULL);
  for (let region = 1; region < heap.layout.regions; region++) {
    if (heap.meta.regionState[region] !== RegionState.KEPT || !random.chance(0.3)) continue;
    heap.meta.regionBorn[region] = CYCLE;
    model.regionBorn[region] = CYCLE;
  }
  // Such objects refer to what was reachable when marking began, so their references are roots here.
  const roots = bornReferences(heap, model);
  const { kernels, meta } = heap;
  kernels.beginMarking(CYCLE, 0);
  kernels.shade(roots, roots.length);
  while (kernels.mark(5000) || kernels.hasWork());
  kernels.handOver();
  markLive(model, roots, CYCLE);
  same(meta.live, model.live, 'live bits');
  const { evacuated, targets } = planBoth(heap, model);
  assert.ok(evacuated.length > 0 && evacuated.every((region) => meta.regionBorn[region] !== CYCLE));
  buildBoth(heap, model, evacuated, targets);
  updateBoth(heap, model);
  heap.close();
});

/** Every reference that stands in a region born in the cycle, and the globals. */
function bornReferences({ meta, layout }: Heap, model: ModelMemory): Int32Array {
  const found = [...meta.globals];
  for (let region = 1; region < layout.regions; region++) {
    if (meta.regionBorn[region] !== CYCLE) continue;
    for (let at = region * layout.granulesPerRegion; at < meta.regionTop[region]; ) {
      const header = model.words[2 * at];
      for (let slot = 0; slot < header >>> 16; slot++) found.push(model.words[2 * at + 2 + slot]);
      at += header & 0xffff;
    }
  }
  return Int32Array.from(found);
}

test('place goes back to the last boundary that no object crosses, wherever target and limit are', () => {
  const random = new Random(seed + 500);
  const { heap, model } = twoHeaps(random, FULL);
  markBoth(heap, model);
  const { kernels, layout, meta } = heap;
  kernels.beginPlan();
  model.destination.set(meta.destination);
  model.origin.set(meta.origin);
  const blocks = layout.granulesPerRegion / 64;
  for (let i = 0; i < 3000; i++) {
    const region = random.between(1, layout.regions - 1);
    if (meta.regionState[region] !== RegionState.KEPT) continue;
    const block = random.below(blocks);
    const target = random.between(1, layout.granules - layout.granulesPerRegion - 1);
    const limit = target + random.pick([0, 1, 64, random.below(layout.granulesPerRegion)]);
    const wanted = place(model, region, block, target, limit);
    assert.equal(kernels.place(region, block, target, limit), wanted, `region ${region} from block ${block}`);
  }
  same(meta.destination, model.destination, 'destinations');
  same(meta.origin, model.origin, 'origins');
  heap.close();
});

test('start bits are found again from headers alone', () => {
  const { heap, model } = twoHeaps(new Random(seed + 600), FULL);
  const { kernels, layout, meta } = heap;
  model.starts.fill(0);
  for (let region = 1; region < layout.regions; region++) {
    if (meta.regionState[region] !== RegionState.KEPT) continue;
    const first = region * layout.granulesPerRegion;
    kernels.clearStarts(region);
    kernels.indexObjects(first, meta.regionTop[region]);
    indexObjects(model, first, meta.regionTop[region]);
    const [from, to] = [first / 32, (first + layout.granulesPerRegion) / 32];
    same(meta.starts.subarray(from, to), model.starts.subarray(from, to), `start bits of region ${region}`);
    if (meta.regionTop[region] < first + layout.granulesPerRegion) {
      assert.throws(() => kernels.indexObjects(first, meta.regionTop[region] + 1), /do not add up/);
    }
  }
  heap.close();
});

test('a header that cannot be is refused, and nothing outside its region is touched', () => {
  for (const header of [0xffff, 0xffff_ffff, 0x0001_0001, 2 | (3 << 16), 0]) {
    const { heap } = twoHeaps(new Random(seed + 700), { ...FULL, granules: 20_000, humongous: false, keep: 1 });
    const { kernels, meta, workspace, layout } = heap;
    const object =
      workspace[2 * meta.globals[0]! + 2 + workspace.subarray(2 * meta.globals[0]! + 2).findIndex((r) => r !== 0)]!;
    workspace[2 * object] = header;
    kernels.beginMarking(CYCLE, 0);
    kernels.shade(meta.globals, meta.globals.length);
    const trace = () => {
      while (kernels.mark(5000) || kernels.hasWork());
    };
    assert.throws(trace, new RegExp(`something refers to granule ${object}, where no object stands`));
    const region = Math.floor(object / layout.granulesPerRegion);
    for (let other = 0; other < layout.regions; other++) {
      if (meta.regionState[other] !== RegionState.FREE) continue;
      assert.ok(
        blocksOf(heap, meta.live, other, 32).every((word) => word === 0),
        `region ${other}, from ${region}`,
      );
    }
    kernels.handOver();
    heap.close();
  }
});

test('an address outside the heap is refused by every kernel', () => {
  const heap = smallHeap();
  const { kernels, layout } = heap;
  const outside = Int32Array.of(0, layout.granules);
  const refusals = [
    () => kernels.shade(outside, 2),
    () => kernels.shade(outside, 3),
    () => kernels.forward(outside, 2),
    () => kernels.countLive(layout.regions),
    () => kernels.place(layout.regions, 0, 0, 0),
    () => kernels.place(1, 0, 10, 9),
    () => kernels.build(layout.pages, 0),
    () => kernels.build(1, 0), // not a target
    () => kernels.update(layout.pages, 0),
    () => kernels.update(-1, 0),
    () => kernels.update(0.5, 0),
    () => kernels.update(Number.NaN, 0),
    () => kernels.indexObjects(0, layout.granules + 1),
    () => kernels.clearStarts(layout.regions),
  ];
  for (const refused of refusals)
    assert.throws(refused, (error: unknown) => error instanceof RangeError, String(refused));
  kernels.shade(outside, 1);
  heap.close();
  assert.throws(() => kernels.countLive(1), RangeError);
});

test.run();
