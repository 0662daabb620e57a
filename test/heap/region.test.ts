import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Control, Heap, RegionState } from '../../heap/index.js';
import { smallHeap } from '../support/random-heap.js';
import type { TakerTask } from '../support/region-taker.js';

function statesOf(heap: Heap): number[] {
  return [...heap.meta.regionState];
}

test('region 0 is nobody’s; all others are free at first', () => {
  const heap = smallHeap();
  const { regions } = heap.layout;
  assert.equal(statesOf(heap), [RegionState.NULL, ...Array(regions - 1).fill(RegionState.FREE)]);
  assert.is(heap.regions.free, regions - 1);
  heap.close();
});

test('take hands out each free region once, the lowest first, and leaves as many as it is told', () => {
  const heap = smallHeap();
  const { regions } = heap.layout;
  const taken: number[] = [];
  for (let region = heap.regions.take(RegionState.OPEN, 3); region >= 0; ) {
    taken.push(region);
    region = heap.regions.take(RegionState.OPEN, 3);
  }
  assert.equal(
    taken,
    Array.from({ length: regions - 4 }, (_, i) => i + 1),
  );
  assert.is(heap.regions.free, 3);
  for (let left = 3; left > 0; left--) assert.ok(heap.regions.take(RegionState.TARGET) > 0);
  assert.is(heap.regions.take(RegionState.TARGET), -1);
  assert.is(heap.regions.free, 0);
  heap.regions.release(17);
  assert.is(heap.regions.free, 1);
  assert.is(heap.regions.take(RegionState.OPEN), 17);
  heap.close();
});

test('release clears what the next owner must not find', () => {
  const heap = smallHeap();
  const { meta, layout } = heap;
  const region = heap.regions.take(RegionState.OPEN);
  meta.regionTop[region] += 100;
  meta.regionLive[region] = 7;
  meta.regionBorn[region] = 7;
  heap.regions.release(region);
  assert.is(meta.regionTop[region], region * layout.granulesPerRegion);
  assert.is(meta.regionLive[region], 0);
  assert.is(meta.regionBorn[region], 0);
  heap.close();
});

test('a run is neighbours, the lowest that fit; what does not fit gives everything back', () => {
  const heap = smallHeap();
  const { regions } = heap.layout;
  for (let i = 1; i < regions; i++) heap.regions.take(RegionState.OPEN);
  for (const free of [3, 4, 8, 9, 10, 20, regions - 1]) heap.regions.release(free);
  const before = statesOf(heap);
  assert.is(heap.regions.takeRun(4), -1, 'the longest gap is 3');
  assert.equal(statesOf(heap), before);
  assert.is(heap.regions.free, 7);
  assert.is(heap.regions.takeRun(3), 8);
  assert.is(heap.regions.takeRun(2), 3);
  assert.is(heap.regions.takeRun(2), -1);
  assert.is(heap.regions.takeRun(1, 2), -1, 'it would leave only 1');
  assert.is(heap.regions.takeRun(1, 1), 20);
  assert.is(heap.regions.takeRun(1), regions - 1);
  assert.is(heap.regions.takeRun(1), -1);
  assert.is(heap.regions.free, 0);
  assert.is(heap.regions.takeRun(regions), -1);
  assert.is(heap.control[Control.FREE], 0);
  heap.close();
});

/** Thousands of regions of one page each, so that threads meet in the table. */
function manyRegions(): Heap {
  return Heap.create({ bytes: 16 << 20, regionBytes: 4096, pageBytes: 4096, mutators: 1, space: 'twin', banks: 1 });
}

/** Lets threads take all at once. Returns what each got. */
async function takeTogether(heap: Heap, runs: readonly number[], leave: number): Promise<number[][]> {
  const start = new Int32Array(new SharedArrayBuffer(4));
  const workers = runs.map((run) => {
    const task: TakerTask = { heap: heap.handle, run, leave, start };
    return new Worker(new URL('../support/region-taker.js', import.meta.url), { workerData: task });
  });
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const taken = workers.map(async (worker) => (await once(worker, 'message'))[0] as number[]);
  Atomics.store(start, 0, 1);
  Atomics.notify(start, 0);
  return Promise.all(taken);
}

test('threads that take at the same time get every region, and none twice', async () => {
  for (let round = 0; round < 3; round++) {
    const heap = manyRegions();
    const taken = (await takeTogether(heap, [1, 1, 1, 1], 2)).flat();
    assert.is(new Set(taken).size, taken.length, 'no region twice');
    assert.is(taken.length, heap.layout.regions - 3);
    assert.is(heap.regions.free, 2);
    heap.close();
  }
});

test('threads that take runs and single regions at the same time get none twice, and lose none', async () => {
  for (let round = 0; round < 3; round++) {
    const heap = manyRegions();
    const taken = (await takeTogether(heap, [1, 2, 3, 5], 0)).flat();
    // The taker of single regions may have ended while another held some for a run that it then could not have.
    for (let rest = heap.regions.take(RegionState.OPEN); rest >= 0; rest = heap.regions.take(RegionState.OPEN)) {
      taken.push(rest);
    }
    assert.is(new Set(taken).size, taken.length, 'no region twice');
    assert.is(taken.length, heap.layout.regions - 1, 'none is lost');
    assert.is(heap.regions.free, 0);
    heap.close();
  }
});

test.run();
