import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AttachedThread } from '../../heap/attached-thread.js';
import {
  Control,
  GLOBAL_SLOTS,
  type Heap,
  HeapError,
  Mutator,
  MutatorState,
  Own,
  ownBase,
  RegionState,
  STACK_SLOTS,
} from '../../heap/index.js';
import { smallHeap } from '../support/random-heap.js';

function throwsHeapError(act: () => unknown, code: HeapError['code']): void {
  assert.throws(act, (error: unknown) => error instanceof HeapError && error.code === code, code);
}

class Unmakeable extends AttachedThread {
  static attach(heap: Heap): Unmakeable {
    return AttachedThread.join<Unmakeable>(heap, () => {
      throw new Error('on purpose');
    });
  }
}

test('a thread that cannot join leaves its place, which nobody waits for and the next one has', () => {
  const heap = smallHeap();
  const state = ownBase(0) + Own.STATE;
  assert.throws(() => Unmakeable.attach(heap), /on purpose/);
  assert.is(heap.control[state], MutatorState.ABSENT);
  const mutator = Mutator.attach(heap);
  assert.is(mutator.index, 0);
  mutator.allocate(0, 0);
  mutator.detach();
  assert.is(heap.control[ownBase(0) + Own.REGION], -1, 'the words of an empty place are no TLAB');
  heap.close();
});

test('a frame’s slots are null, whatever stood there before', () => {
  const heap = smallHeap();
  const mutator = Mutator.attach(heap);
  const object = mutator.allocate(0, 0);
  const outer = mutator.enter(2);
  mutator.setRoot(outer, object);
  const inner = mutator.enter(3);
  assert.is(inner, outer + 2);
  for (let i = 0; i < 3; i++) mutator.setRoot(inner + i, object);
  mutator.leave(inner);
  assert.is(mutator.enter(3), inner);
  for (let i = 0; i < 3; i++) assert.is(mutator.root(inner + i), 0);
  assert.is(mutator.root(outer), object);
  mutator.leave(outer);
  assert.is(mutator.enter(1), outer, 'leaving a frame leaves those above');
  mutator.detach();
  heap.close();
});

test('the shadow stack overflows with an error, and stays as it was', () => {
  const heap = smallHeap();
  const mutator = Mutator.attach(heap);
  const frame = mutator.enter(STACK_SLOTS - 1);
  mutator.setRoot(frame, mutator.allocate(0, 0));
  throwsHeapError(() => mutator.enter(2), 'stack-overflow');
  assert.is(mutator.enter(1), STACK_SLOTS - 1);
  assert.is(mutator.enter(0), STACK_SLOTS);
  throwsHeapError(() => mutator.enter(1), 'stack-overflow');
  assert.is.not(mutator.root(frame), 0);
  mutator.detach();
  heap.close();
});

test('globals are everybody’s', () => {
  const heap = smallHeap();
  const [a, b] = [Mutator.attach(heap), Mutator.attach(heap)];
  const object = a.allocate(0, 4, 5);
  a.setGlobal(GLOBAL_SLOTS - 1, object);
  assert.is(b.tag(b.global(GLOBAL_SLOTS - 1)), 5);
  b.setGlobal(GLOBAL_SLOTS - 1, 0);
  assert.is(a.global(GLOBAL_SLOTS - 1), 0);
  a.detach();
  b.detach();
  heap.close();
});

test('no more mutators than places; one that leaves makes room, and leaves its region to the collector', () => {
  const heap = smallHeap();
  const [a, b] = [Mutator.attach(heap), Mutator.attach(heap)];
  throwsHeapError(() => Mutator.attach(heap), 'too-many-mutators');
  const region = Math.floor(a.allocate(3, 0) / heap.layout.granulesPerRegion);
  a.enter(10);
  assert.is(heap.meta.regionState[region], RegionState.OPEN);
  a.detach();
  assert.is(heap.meta.regionState[region], RegionState.KEPT);
  assert.is(heap.control[ownBase(a.index) + Own.STATE], MutatorState.ABSENT);
  const again = Mutator.attach(heap);
  assert.is(again.index, a.index);
  assert.is(again.enter(1), 0, 'with a stack of its own');
  const other = Math.floor(again.allocate(3, 0) / heap.layout.granulesPerRegion);
  assert.is.not(other, region);
  throwsHeapError(() => Mutator.attach(heap), 'too-many-mutators');
  again.detach();
  b.detach();
  heap.close();
});

test('parked: the collector may act meanwhile; what it returns or throws comes through', async () => {
  const heap = smallHeap();
  const mutator = Mutator.attach(heap);
  const state = () => heap.control[ownBase(mutator.index) + Own.STATE];
  assert.is(state(), MutatorState.RUNNING);
  assert.is(mutator.parked(state), MutatorState.STOPPED);
  assert.is(state(), MutatorState.RUNNING);
  assert.throws(() => {
    mutator.parked(() => {
      throw new RangeError('on purpose');
    });
  }, /on purpose/);
  assert.is(state(), MutatorState.RUNNING);
  const later = mutator.parked(async () => {
    await new Promise((soon) => setTimeout(soon, 5));
    return state();
  });
  assert.is(state(), MutatorState.STOPPED, 'until the promise is settled');
  assert.is(await later, MutatorState.STOPPED);
  assert.is(state(), MutatorState.RUNNING);
  const failing = mutator.parked(() => Promise.reject(new RangeError('later')));
  assert.match(await failing.then(String, String), 'RangeError: later');
  assert.is(state(), MutatorState.RUNNING);
  mutator.detach();
  heap.close();
});

test('without a collector, waiting for one is an error and no hang', () => {
  const heap = smallHeap();
  const mutator = Mutator.attach(heap);
  throwsHeapError(() => mutator.collect(), 'no-collector');
  throwsHeapError(() => {
    for (;;) mutator.allocate(0, 1000);
  }, 'no-collector');
  throwsHeapError(() => {
    for (;;) mutator.allocate(0, 100_000);
  }, 'no-collector');
  assert.is(heap.regions.free, 0);
  mutator.detach();
  heap.close();
});

test('a thread that runs the collector hears that it cannot wait for itself', () => {
  const heap = smallHeap();
  const mutator = Mutator.attach(heap);
  heap.control[Control.COLLECTOR] = heap.control[ownBase(mutator.index) + Own.THREAD];
  assert.throws(() => mutator.collect(), /parked\(\(\) => collector\.collect\(\)\)/);
  heap.control[Control.COLLECTOR] = 0;
  mutator.detach();
  heap.close();
});

test('once the heap is lost, every mutator hears of it at its next safepoint, and can still leave', () => {
  const heap = smallHeap();
  const mutator = Mutator.attach(heap);
  heap.fail(1);
  throwsHeapError(() => mutator.parked(() => 0), 'corrupt');
  throwsHeapError(() => mutator.collect(), 'corrupt');
  try {
    mutator.detach();
  } catch (error) {
    assert.instance(error, HeapError);
  }
  assert.is(heap.control[ownBase(mutator.index) + Own.STATE], MutatorState.ABSENT);
  heap.close();
});

test('pins are counted by region, and keep it from being chosen', () => {
  const heap = smallHeap();
  const mutator = Mutator.attach(heap);
  const frame = mutator.enter(2);
  const object = mutator.allocate(0, 0);
  mutator.setRoot(frame, object);
  mutator.setRoot(frame + 1, mutator.allocate(0, 0));
  const region = Math.floor(object / heap.layout.granulesPerRegion);
  assert.is(mutator.pin(frame), object);
  mutator.pin(frame + 1);
  assert.is(heap.meta.regionPins[region], 2);
  mutator.unpin(object);
  mutator.unpin(mutator.root(frame + 1));
  assert.is(heap.meta.regionPins[region], 0);
  // Chosen already: pin() takes its mark back and waits for the cycle, which nobody runs here.
  heap.meta.regionState[region] = RegionState.EVACUATED;
  throwsHeapError(() => mutator.pin(frame), 'no-collector');
  assert.is(heap.meta.regionPins[region], 0);
  heap.meta.regionState[region] = RegionState.OPEN;
  mutator.detach();
  heap.close();
});

test.run();
