// deadline: 600s
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Collector,
  type CollectorOptions,
  createHeap,
  type Sabotage,
  VerifyError,
  verifyHeap,
} from '../../gc/index.js';
import type { AheadChoice } from '../../gc/options.js';
import { plan } from '../../gc/workers/plan.js';
import {
  Control,
  type Delivery,
  defaultShape,
  encodeState,
  Heap,
  Mutator,
  PageState,
  PagesAhead,
  RegionState,
  stateOf,
} from '../../heap/index.js';
import { exitAfterwards } from '../support/exit.js';
import type { MapTask } from '../support/map-program.js';
import { MirrorMismatch } from '../support/mirror.js';
import { ModelRun } from '../support/model-run.js';
import { chooseSeed, Random } from '../support/random.js';
import {
  BOUNDARY_GRANULES,
  fillHeap,
  SMALL_HEAP_BYTES,
  SMALL_REGION_BYTES,
  smallHeap,
} from '../support/random-heap.js';

exitAfterwards(test);

const CYCLE = 1;
const EEXIST = -17;
const seed = chooseSeed();
console.log(`CONTINUUM_SEED=${seed}`);

// ---- the look ------------------------------------------------------------------------------------------------------

/** A heap of random objects, marked and planned, but not flipped. */
function planned(random: Random): Heap {
  const heap = smallHeap();
  fillHeap(heap, random, { granules: 320_000, keep: 0.6, sizes: BOUNDARY_GRANULES, humongous: true });
  heap.kernels.beginMarking(CYCLE, 0);
  heap.kernels.shade(heap.meta.globals, heap.meta.globals.length);
  while (heap.kernels.mark(5000) || heap.kernels.hasWork());
  heap.kernels.handOver();
  plan({ heap, cycle: CYCLE, leave: 0, maxLiveShare: 0.4 });
  return heap;
}

/** First page and number of pages of each region that stays where it is. */
function keptRanges({ layout, meta }: Heap): { first: number; count: number }[] {
  const kept: number[] = [RegionState.KEPT, RegionState.HUMONGOUS, RegionState.HUMONGOUS_TAIL];
  return Array.from({ length: layout.regions }, (_, region) => region)
    .filter((region) => kept.includes(meta.regionState[region]!))
    .map((region) => {
      const first = region * layout.pagesPerRegion;
      return { first, count: Math.ceil(meta.regionTop[region]! / layout.granulesPerPage) - first };
    })
    .filter(({ count }) => count > 0);
}

function rightPages(heap: Heap, first: number, count: number, patience = 0): { looked: number; pages: number[] } {
  const runs = new Int32Array(count + 4).fill(-1);
  const looked = heap.kernels.findRight(first, count, CYCLE, patience, runs);
  const pages: number[] = [];
  let end = -1;
  for (let i = 0; runs[i + 1]! > 0; i += 2) {
    assert.ok(runs[i]! > end, 'runs are in order, and do not touch');
    end = runs[i]! + runs[i + 1]!;
    for (let page = runs[i]!; page < end; page++) pages.push(page);
  }
  return { looked, pages };
}

test('right are the live pages on which an update changes nothing', () => {
  const random = new Random(seed);
  let [right, stale, dead] = [0, 0, 0];
  for (let round = 0; round < 5; round++) {
    const heap = planned(random);
    const before = heap.workspace.slice();
    const found = keptRanges(heap).map(({ first, count }) => ({ first, count, ...rightPages(heap, first, count) }));
    assert.equal(
      Buffer.compare(Buffer.from(before.buffer), Buffer.from(heap.workspace.slice().buffer)),
      0,
      'it only looks',
    );
    for (const { first, count, looked, pages } of found) {
      const all = Array.from({ length: count }, (_, i) => first + i);
      const live = all.filter((page) => heap.kernels.isPageLive(page, CYCLE));
      assert.is(looked, live.length);
      assert.equal(
        pages,
        live.filter((page) => heap.kernels.update(page, CYCLE) === 0),
      );
      right += pages.length;
      stale += live.length - pages.length;
      dead += count - live.length;
    }
    heap.close();
  }
  console.log(`${right} pages right, ${stale} stale, ${dead} dead`);
  assert.ok(right > 0 && stale > 0 && dead > 0);
});

test('a look without patience ends at the first stale page, and one with patience n at n in a row', () => {
  const heap = planned(new Random(seed + 1));
  for (const { first, count } of keptRanges(heap)) {
    const all = rightPages(heap, first, count).pages;
    for (const patience of [1, 2, 3]) {
      const wanted: number[] = [];
      let stale = 0;
      for (let page = first; page < first + count && stale < patience; page++) {
        if (!heap.kernels.isPageLive(page, CYCLE)) continue;
        stale = all.includes(page) ? 0 : stale + 1;
        if (stale === 0) wanted.push(page);
      }
      assert.equal(rightPages(heap, first, count, patience).pages, wanted);
    }
  }
  heap.close();
});

test('pages of two regions, no pages, and too little room are refused', () => {
  const heap = smallHeap();
  const { pagesPerRegion, pages } = heap.layout;
  const runs = new Int32Array(pagesPerRegion + 4);
  assert.throws(() => heap.kernels.findRight(pagesPerRegion - 1, 2, CYCLE, 0, runs), RangeError);
  assert.throws(() => heap.kernels.findRight(0, 0, CYCLE, 0, runs), RangeError);
  assert.throws(() => heap.kernels.findRight(pages - 1, 2, CYCLE, 0, runs), RangeError);
  assert.throws(() => heap.kernels.findRight(0, pagesPerRegion, CYCLE, 0, runs.subarray(1)), RangeError);
  heap.close();
});

// ---- the word ------------------------------------------------------------------------------------------------------

const GENERATION = 7;

/** A heap in which the last region is to be evacuated and all others are kept; the coming view is armed, and empty. */
function beforeFlip(): { heap: Heap; stale: number } {
  const heap = Heap.create({
    bytes: SMALL_HEAP_BYTES,
    regionBytes: SMALL_REGION_BYTES,
    pageBytes: 4096,
    mutators: 2,
    space: 'twin',
    banks: 2,
  });
  const { layout, meta, control } = heap;
  heap.workspace.fill(0);
  meta.regionState.fill(RegionState.KEPT);
  meta.regionState[layout.regions - 1] = RegionState.EVACUATED;
  control[Control.CYCLE] = CYCLE;
  control[Control.AHEAD] = GENERATION;
  return { heap, stale: (layout.regions - 1) * layout.granulesPerRegion + 5 };
}

function mapAhead({ space, layout }: Heap, page: number, count = 1): number {
  const { pageBytes } = layout;
  return space.watch!.at(0).tryContinue(space.coming(0)!, page * pageBytes, count * pageBytes);
}

test('a page is taken back by a stale reference, at once or afterwards, and by no other', () => {
  const { heap, stale } = beforeFlip();
  const { meta, layout, control } = heap;
  const ahead = new PagesAhead(heap);
  const wordOfPage = (page: number) => (page * layout.pageBytes) / 4 + 3;
  const stateNow = (page: number) => stateOf(meta.pageState[page]!, GENERATION);
  const [early, late, other, young] = [40, 41, 42, 5 * layout.pagesPerRegion];
  meta.regionBorn[5] = CYCLE;
  for (const page of [early, late, other, young]) meta.pageState[page] = encodeState(GENERATION - 1, PageState.MAPPED);

  ahead.store(wordOfPage(early), stale);
  assert.is(meta.pageState[early], encodeState(GENERATION, PageState.RAW));
  for (const page of [early, late, other]) assert.is(mapAhead(heap, page), layout.pageBytes);
  assert.is(ahead.mapped(early, 1, GENERATION), 0);
  assert.is(ahead.mapped(late, 1, GENERATION), 1);
  assert.is(ahead.mapped(other, 1, GENERATION), 1);
  assert.is(control[Control.TAKEN_BACK], 0);

  for (const _ of ['once', 'and again']) ahead.store(wordOfPage(late), stale);
  assert.is(control[Control.TAKEN_BACK], 1);
  for (const value of [0, 8192, stale - layout.granulesPerRegion]) ahead.store(wordOfPage(other), value);
  assert.equal([early, late, other].map(stateNow), [PageState.RAW, PageState.RAW, PageState.MAPPED]);
  assert.equal(
    [early, late, other].map((page) => mapAhead(heap, page)),
    [layout.pageBytes, layout.pageBytes, EEXIST],
  );

  ahead.store(wordOfPage(young), stale);
  assert.is(meta.pageState[young], encodeState(GENERATION - 1, PageState.MAPPED), 'nobody looks at young regions');
  heap.close();
});

test('a thread that maps pages and one that stores into them at the same time: every page is taken back', async () => {
  const { heap, stale } = beforeFlip();
  const { layout, meta, control } = heap;
  const rounds = 60;
  const first = layout.pagesPerRegion;
  const end = layout.pages - layout.pagesPerRegion;
  const meeting = new Int32Array(new SharedArrayBuffer(8));
  const task: MapTask = { heap: heap.handle, meeting, rounds, generation: GENERATION, first, end };
  const worker = new Worker(new URL('../support/map-program.js', import.meta.url), { workerData: task });
  const [message, exit] = [once(worker, 'message'), once(worker, 'exit')];
  await once(worker, 'online');
  const ahead = new PagesAhead(heap);
  for (let round = 0; round < rounds; round++) {
    const generation = GENERATION + round;
    control[Control.AHEAD] = generation;
    Atomics.store(meeting, 0, round + 1);
    // From either end, or once it has begun, so that the two meet on different pages.
    const begun = () => stateOf(Atomics.load(meta.pageState, first), generation) === PageState.MAPPED;
    while (round % 3 === 2 && !begun());
    for (let i = first; i < end; i++) {
      const page = round % 2 === 0 ? i : first + end - 1 - i;
      ahead.store((page * layout.pageBytes) / 4, stale);
    }
    while (Atomics.load(meeting, 1) <= round); // it has ended
    for (let page = first; page < end; page++) {
      assert.is(meta.pageState[page], encodeState(generation, PageState.RAW), `page ${page}, round ${round}`);
      assert.is(mapAhead(heap, page), layout.pageBytes, `page ${page} is in the view, round ${round}`);
    }
    heap.space.coming(0)!.advise(0, layout.spanBytes, 'dontneed');
  }
  const [mapped] = (await message) as [number];
  await exit;
  console.log(`${mapped} of ${rounds * (end - first)} pages mapped before they were taken back`);
  assert.ok(mapped > 0, 'the two never met');
  assert.is(control[Control.TAKEN_BACK], mapped);
  heap.close();
});

// ---- a whole cycle -------------------------------------------------------------------------------------------------

const WAYS = [
  { resolution: 'continue', flip: 'bank', delivery: 'handler' },
  { resolution: 'protect', flip: 'bank', delivery: 'signal' },
] as const;
type Way = Pick<CollectorOptions, 'resolution' | 'flip'> & { readonly delivery: Delivery };
const MIB = 2 ** 20;

/** Dense regions whose objects refer to each other, one object that refers to sparse regions, and those. */
async function collectDense(way: Way, ahead: AheadChoice) {
  const heap = createHeap(defaultShape(64 * MIB, 1), way.resolution, way.flip, { delivery: way.delivery });
  const inspect = () => void verifyHeap(heap);
  const collector = new Collector(heap, { ...way, workers: 2, ahead, inspect });
  await collector.start();
  const mutator = Mutator.attach(heap);
  try {
    mutator.setGlobal(0, mutator.allocate(1000, 0, 1));
    for (let i = 0; i < 80_000; i++) {
      const object = mutator.allocate(1, 200, i);
      mutator.store(object, 0, mutator.load(mutator.global(0), 0));
      mutator.store(mutator.global(0), 0, object);
    }
    for (let i = 1; i < 1000; i++) {
      for (let garbage = 0; garbage < 10; garbage++) mutator.allocate(0, 500);
      mutator.store(mutator.global(0), i, mutator.allocate(0, 24, i));
    }
    const record = await mutator.parked(() => collector.collect());
    let sum = 0;
    for (let object = mutator.load(mutator.global(0), 0); object !== 0; object = mutator.load(object, 0)) {
      sum += mutator.tag(object);
    }
    for (let i = 1; i < 1000; i++) assert.is(mutator.tag(mutator.load(mutator.global(0), i)), i);
    assert.is(sum, (80_000 * 79_999) / 2);
    mutator.detach();
    return record;
  } finally {
    await collector.stop();
    heap.close();
  }
}

test('a flip by remap has no view that could be filled before it', async () => {
  const record = await collectDense({ resolution: 'continue', flip: 'remap', delivery: 'handler' }, 'always');
  assert.is(record.pages.mappedAhead, 0);
});

for (const way of WAYS) {
  test(`${way.resolution} × ${way.flip}: pages that need nothing are mapped before the flip, and not touched again`, async () => {
    const mapping = await collectDense(way, 'always');
    const without = await collectDense(way, 'never');
    assert.ok(mapping.evacuatedBytes > 0);
    assert.ok(mapping.pages.mappedAhead > 3500, JSON.stringify(mapping.pages));
    assert.is(without.pages.mappedAhead, 0);
    assert.is(mapping.pages.mappedAhead + mapping.pages.mapped, without.pages.mapped);
    assert.is(mapping.pages.updated, without.pages.updated);
    const published = ({ pages }: typeof mapping) => pages.publishedInBulk + pages.publishedByFault;
    assert.is(published(mapping), published(without) - mapping.pages.mappedAhead);
  });
}

/** Runs the program that stores stale references into right pages beside `cycles` cycles; the error that ended it. */
async function storeStale(way: Way, cycles: number, sabotage: Sabotage, drop = false) {
  const records: { mappedAhead: number; takenBack: number }[] = [];
  let control = new Int32Array(new SharedArrayBuffer(0));
  const run = await ModelRun.start<number>(
    {
      heapMiB: 64,
      modelMiB: 256,
      programs: 1,
      collector: {
        ...way,
        workers: 1,
        ahead: 'always',
        sabotage: { lingerMs: 10, ...sabotage },
        onCycle: ({ pages }) =>
          records.push({ mappedAhead: pages.mappedAhead, takenBack: control[Control.TAKEN_BACK]! }),
      },
    },
    new URL('../support/stale-program.js', import.meta.url),
    () => ({}),
    verifyHeap,
  );
  control = run.heap.control;
  let dropped = 0;
  const dropping = setInterval(() => {
    if (!drop || Atomics.load(control, Control.AHEAD) === 0) return;
    const view = run.heap.space.views[run.heap.bank]!;
    view.advise(0, view.bytes, 'dontneed');
    dropped++;
  }, 1);
  try {
    await run.meet();
    for (let i = 0; i < cycles; i++) {
      await run.cycle();
      await run.meet();
    }
    assert.ok((await run.finish())[0]! > 0, 'the program did nothing');
    return { records, dropped, error: undefined };
  } catch (error) {
    return { records, dropped, error: await run.abandon(error) };
  } finally {
    clearInterval(dropping);
    run.heap.close();
  }
}

for (const way of WAYS) {
  test(`${way.resolution} × ${way.flip}: stale references stored into pages that are mapped ahead`, async () => {
    const { records, error } = await storeStale(way, 10, {});
    assert.is(error, undefined, String(error));
    const [takenBack, ahead] = [
      Math.max(...records.map((record) => record.takenBack)),
      Math.max(...records.map(({ mappedAhead }) => mappedAhead)),
    ];
    console.log(`most in a cycle: ${takenBack} pages taken back, ${ahead} left`);
    assert.ok(takenBack > 0, 'no store met a page that was mapped');
    assert.ok(ahead > 0, 'no page was mapped ahead');
  });

  test(`${way.resolution} × ${way.flip}: stores that nobody hears of are caught`, async () => {
    const { error } = await storeStale(way, 20, { deafAhead: true });
    const seen = error instanceof MirrorMismatch || error instanceof VerifyError || error instanceof assert.Assertion;
    assert.ok(seen || (error instanceof Error && /MirrorMismatch|VerifyError|HeapError|StrayAccess/.test(error.name)));
  });

  test(`${way.resolution} × ${way.flip}: slots that were logged and not forwarded are caught`, async () => {
    const { error } = await storeStale(way, 20, { dropAhead: true });
    assert.ok(error instanceof Error && /MirrorMismatch|VerifyError|HeapError|StrayAccess|Assertion/.test(error.name));
  });

  test(`${way.resolution} × ${way.flip}: a present page that the kernel drops meanwhile comes back`, async () => {
    const { error, dropped } = await storeStale(way, 10, {}, true);
    assert.is(error, undefined, String(error));
    assert.ok(dropped > 0, 'nothing was dropped');
  });
}

test.run();
