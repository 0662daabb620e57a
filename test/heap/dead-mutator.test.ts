/** What becomes of a mutator whose thread is ended at a certain point: each of them found by somebody else. */
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  audit,
  Barrier,
  Control,
  type Heap,
  Mutator,
  MutatorState,
  Own,
  ownBase,
  RegionState,
  Safepoints,
  type SpaceKind,
  testBit,
} from '../../heap/index.js';
import type { DyingTask, Point } from '../support/dying-mutator.js';
import { smallHeap } from '../support/random-heap.js';

const stateOf = (heap: Heap, place: number) => Atomics.load(heap.control, ownBase(place) + Own.STATE);

/** Ends a thread at that point. What it had told, and, if asked, what was to be done while it stood there. */
async function dieAt(heap: Heap, point: Point, meanwhile: () => void = () => {}): Promise<number[]> {
  const told = new Int32Array(new SharedArrayBuffer(16));
  const task: DyingTask = { heap: heap.handle, point, told };
  const worker = new Worker(new URL('../support/dying-mutator.js', import.meta.url), { workerData: task });
  const failed = new Promise<never>((_, reject) => worker.once('error', reject));
  failed.catch(() => undefined);
  const there = Atomics.waitAsync(told, 0, 0, 30_000);
  if (there.async) await Promise.race([there.value, failed]);
  assert.is(told[0], 1, `it did not come to "${point}"`);
  meanwhile();
  await worker.terminate();
  return [...told.subarray(1)];
}

const EVERYWHERE = ['joining', 'running', 'parked', 'parked for a promise', 'at a safepoint'] as const;

for (const point of EVERYWHERE) {
  test(`${point}: whoever stops the world finds that it has left`, async () => {
    const heap = smallHeap();
    const safepoints = new Safepoints(heap);
    const [place] = await dieAt(heap, point);
    assert.is.not(stateOf(heap, place!), MutatorState.ABSENT);
    safepoints.detachDead();
    assert.is(stateOf(heap, place!), MutatorState.ABSENT);
    await safepoints.pause((all) => assert.equal([...all], []));
    assert.is(heap.control[ownBase(place!) + Own.DEPTH], 0, 'its roots are left');
    assert.is(Atomics.load(heap.control, Control.DEATHS), 1);
    const [a, b] = [Mutator.attach(heap), Mutator.attach(heap)];
    a.detach();
    b.detach();
    heap.close();
  });

  test(`${point}: whoever wants to join, and finds no place, takes its place`, async () => {
    const heap = smallHeap();
    const [first, second] = [await dieAt(heap, point), await dieAt(heap, point)];
    assert.equal(new Set([first[0], second[0]]).size, 2, 'the first place was free again before anybody looked');
    const [a, b] = [Mutator.attach(heap), Mutator.attach(heap)];
    assert.throws(() => Mutator.attach(heap), /all 2 mutators of this heap are attached/);
    a.setRoot(a.enter(1), a.allocate(1, 8, 3));
    assert.is(a.tag(a.root(0)), 3);
    a.detach();
    b.detach();
    heap.close();
  });
}

test('a thread that dies while it is waited for is waited for no longer', async () => {
  const heap = smallHeap();
  const began = performance.now();
  let paused: Promise<number> | undefined;
  const [place] = await dieAt(heap, 'running', () => {
    paused = new Safepoints(heap).pause((all) => assert.equal([...all], []));
  });
  await paused;
  assert.ok(performance.now() - began < 30_000);
  assert.is(stateOf(heap, place!), MutatorState.ABSENT);
  heap.close();
});

for (const space of ['twin', 'private', 'single'] as SpaceKind[]) {
  test(`${space}: all that it had allocated has start bits, and its region is the collector’s`, async () => {
    const heap = smallHeap(space);
    const [first, last] = await dieAt(heap, 'objects');
    new Safepoints(heap).detachDead();
    const words = space === 'twin' ? heap.workspace : heap.view(0);
    const region = Math.floor(last! / heap.layout.granulesPerRegion);
    for (let at = first!, granules = 0; at <= last!; at += granules) {
      granules = words[2 * at]! & 0xffff;
      if (granules === 0) {
        at = (Math.floor(at / heap.layout.granulesPerRegion) + 1) * heap.layout.granulesPerRegion; // the next region
        continue;
      }
      assert.ok(testBit(heap.meta.starts, at), `the object at ${at}, of ${first} to ${last}`);
    }
    assert.is(heap.meta.regionState[region], RegionState.KEPT);
    assert.ok(heap.meta.regionTop[region]! > last!, 'the top is below its last object');
    heap.close();
  });
}

for (const [point, slot] of [
  ['overwritten', 0],
  ['log nearly full', 1],
] as const) {
  test(`${point}: what only its log knew is shaded`, async () => {
    const heap = smallHeap();
    const mutator = Mutator.attach(heap);
    mutator.setGlobal(0, mutator.allocate(2, 0));
    mutator.store(mutator.global(0), slot, mutator.allocate(0, 0));
    mutator.detach();
    heap.kernels.beginMarking(1);
    Atomics.store(heap.control, Control.CYCLE, 1);
    Atomics.store(heap.control, Control.BARRIER, Barrier.OLD);
    const [object] = await dieAt(heap, point);
    await new Safepoints(heap).handshake(() => assert.unreachable('a dead mutator was handed over'));
    while (heap.kernels.mark(1000));
    heap.kernels.handOver();
    assert.ok(testBit(heap.meta.live, object!), 'what it had overwritten was forgotten');
    heap.close();
  });
}

test('its pins are nobody’s any more, and those of others stay', async () => {
  const heap = smallHeap();
  const mutator = Mutator.attach(heap);
  const frame = mutator.enter(1);
  mutator.setRoot(frame, mutator.allocate(0, 8));
  const mine = mutator.pin(frame);
  const [object] = await dieAt(heap, 'pinned');
  const region = (reference: number) => Math.floor(reference / heap.layout.granulesPerRegion);
  assert.is(heap.meta.regionPins[region(object!)], 2);
  new Safepoints(heap).detachDead();
  assert.is(heap.meta.regionPins[region(object!)], 0);
  // One that was counted and became nobody's, as by a thread that died between the two.
  Atomics.add(heap.meta.regionPins, region(object!), 1);
  Atomics.add(heap.meta.regionPins, region(mine), 1);
  audit(heap);
  assert.is(heap.meta.regionPins[region(object!)], 0);
  assert.is(heap.meta.regionPins[region(mine)], 1);
  mutator.detach();
  assert.is(heap.meta.regionPins[region(mine)], 0, 'who leaves takes his pins along');
  heap.close();
});

for (const [point, count] of [
  ['region taken', 1],
  ['run taken', 3],
] as const) {
  test(`${point}: what it had taken and told nobody of is free again after the next pause`, async () => {
    const heap = smallHeap();
    const mutator = Mutator.attach(heap);
    mutator.setGlobal(0, mutator.allocate(1, 8));
    mutator.setGlobal(1, mutator.allocate(1, 3 * (64 << 10)));
    const free = heap.regions.free;
    const [region] = await dieAt(heap, point);
    Atomics.sub(heap.control, Control.FREE, 1); // and it was about to take another
    new Safepoints(heap).detachDead();
    await mutator.parked(() => new Safepoints(heap).pause(() => audit(heap)));
    assert.is(heap.regions.free, free);
    for (let i = region!; i < region! + count; i++) assert.is(heap.meta.regionState[i], RegionState.FREE);
    const states = [...heap.meta.regionState];
    assert.is(states.filter((state) => state === RegionState.HUMONGOUS).length, 1, 'the living one’s object is gone');
    assert.is(states.filter((state) => state === RegionState.FREE).length, free);
    mutator.detach();
    heap.close();
  });
}

test('a region that it had closed already is left as it is', async () => {
  const heap = smallHeap();
  const [region] = await dieAt(heap, 'closed');
  Atomics.store(heap.meta.regionState, region!, RegionState.EVACUATED);
  new Safepoints(heap).detachDead();
  assert.is(heap.meta.regionState[region!], RegionState.EVACUATED);
  heap.close();
});

test.run();
