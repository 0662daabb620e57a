/**
 * A mutator's methods with what is no reference, no slot and no size. The checked ones refuse; load, store and the
 * payload's are bare accesses to one typed array, which cannot leave the heap.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultShape, GLOBAL_SLOTS, Heap, HeapError, Mutator, STACK_SLOTS } from '../../heap/index.js';
import { HOSTILE, NUMBERS, Sprung } from '../support/hostile-values.js';
import { smallHeap } from '../support/random-heap.js';

const isRefusal = (error: unknown): boolean =>
  error instanceof TypeError || error instanceof RangeError || error instanceof HeapError || error instanceof Sprung;

function refuses(act: () => unknown, what: string): void {
  assert.throws(act, isRefusal, what);
}

/** The names of what can be called: that none is forgotten. */
type MethodOf<T> = { [K in keyof T]: T[K] extends (...given: never[]) => unknown ? K : never }[keyof T];

/** Every value that is no whole number from 0 to `most`. */
function wrong(most: number): { name: string; value: number }[] {
  return HOSTILE.map(({ name, make }) => ({ name, value: make() }))
    .filter(({ value }) => !(typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most))
    .map(({ name, value }) => ({ name, value: value as number }));
}

/** A heap of one mapping, so that a stray access is no fault, and a mutator with an object in a frame. */
function open(): { heap: Heap; mutator: Mutator; object: number; close: () => void } {
  const heap = smallHeap('single');
  const mutator = Mutator.attach(heap);
  const frame = mutator.enter(4);
  const object = mutator.allocate(2, 16, 42);
  mutator.setRoot(frame, object);
  const close = () => {
    mutator.detach();
    heap.close();
  };
  return { heap, mutator, object, close };
}

test('sizes that are none are refused, and the next object is as it should be', () => {
  const { mutator, close } = open();
  const least = 3 << 20; // larger than what is right is out of memory, which is tried elsewhere
  for (const { name, value } of wrong(least)) {
    if (Number.isSafeInteger(value) && value > 0) continue;
    refuses(() => mutator.allocate(value, 8), `${name} references`);
    refuses(() => mutator.allocate(1, value), `a payload of ${name}`);
  }
  for (const number of NUMBERS.filter((one) => one > least)) {
    assert.throws(() => mutator.allocate(number, 0), /out of memory|whole numbers/, `${number} references`);
    assert.throws(() => mutator.allocate(0, number), /out of memory|whole numbers/, `${number} bytes`);
  }
  const next = mutator.allocate(3, 8, 9);
  assert.is(mutator.references(next), 3);
  assert.is(mutator.tag(next), 9);
  close();
});

test('frames that are none are refused, and the stack stays as it was', () => {
  const { mutator, object, close } = open();
  for (const { name, value } of wrong(STACK_SLOTS)) {
    refuses(() => mutator.enter(value), `enter ${name}`);
    refuses(() => mutator.leave(value), `leave ${name}`);
  }
  refuses(() => mutator.leave(5), 'a frame above the top');
  assert.is(mutator.enter(1), 4);
  assert.is(mutator.root(0), object);
  close();
});

test('root slots and globals that are none are not there', () => {
  const { heap, mutator, object, close } = open();
  const before = heap.meta.stack(mutator.index).slice();
  for (const number of NUMBERS.filter((one) => !(one >= 0 && one < STACK_SLOTS) || !Number.isInteger(one))) {
    assert.is(mutator.root(number), undefined, `root ${number}`);
    mutator.setRoot(number, object);
    if (number >= 0 && number < 2) continue; // Atomics takes the whole part of it
    if (number < 0 && number > -1) continue;
    if (Number.isNaN(number)) continue;
    refuses(() => mutator.global(number), `global ${number}`);
    refuses(() => mutator.setGlobal(number, object), `global ${number}`);
  }
  refuses(() => mutator.global(GLOBAL_SLOTS), 'one past the last');
  assert.equal(heap.meta.stack(mutator.index), before, 'the stack is untouched');
  close();
});

test('load and store of any numbers stay inside the heap', () => {
  const { heap, mutator, object, close } = open();
  const other = smallHeap('single');
  const [words, neighbour] = [heap.workspace, other.workspace];
  const length = words.length;
  const before = neighbour.slice();
  const meta = Buffer.from(heap.meta.live.buffer as ArrayBuffer).toString('latin1');
  for (const reference of [...NUMBERS, 0, 1, heap.layout.granules, heap.layout.granules - 1, object]) {
    for (const slot of [...NUMBERS, 0, 1, -2, -3, length, 2 * heap.layout.granules]) {
      for (const value of [0, -1, 2 ** 31, Number.NaN, 1e300]) {
        mutator.store(reference, slot, value);
        mutator.setPayload(reference, slot, value);
      }
      mutator.setTag(reference, 7);
      for (const read of [mutator.load(reference, slot), mutator.payload(reference, slot), mutator.tag(reference)]) {
        assert.ok(read === undefined || Number.isInteger(read), `load(${reference}, ${slot})`);
      }
    }
  }
  assert.is(words.length, length);
  assert.equal(neighbour, before, 'the heap beside it is untouched');
  assert.is(Buffer.from(heap.meta.live.buffer as ArrayBuffer).toString('latin1'), meta, 'so is the metadata');
  heap.close(); // its mutator cannot leave in order: the headers are gone
  other.close();
  assert.throws(close);
});

test('pins of what is no reference hold nothing outside the region table', () => {
  const { heap, mutator, close } = open();
  const frame = mutator.enter(1);
  for (const number of [...NUMBERS, 2 ** 31 - 1]) {
    mutator.setRoot(frame, number); // becomes 32 bits there
    try {
      mutator.unpin(mutator.pin(frame));
    } catch (error) {
      assert.ok(isRefusal(error), `pin of ${number}: ${error}`);
    }
    try {
      mutator.unpin(number);
    } catch (error) {
      assert.ok(isRefusal(error), `unpin of ${number}: ${error}`);
    }
  }
  assert.equal(
    [...heap.meta.regionPins.subarray(1)].filter((pins) => pins !== 0),
    [],
    'no region is left pinned',
  );
  mutator.leave(frame);
  close();
});

test('a mutator that has left can do nothing more, and its place is another’s', () => {
  const { heap, mutator } = open();
  const old = mutator.root(0);
  mutator.detach();
  const next = Mutator.attach(heap);
  assert.is(next.index, mutator.index);
  next.enter(4);
  const object = next.allocate(1, 8, 3);
  next.setRoot(0, object);
  const before = heap.workspace.slice();
  const isDetached = (error: unknown) => error instanceof HeapError && error.code === 'detached';
  const calls: Readonly<Record<MethodOf<Mutator>, () => unknown>> = {
    detach: () => mutator.detach(),
    allocate: () => mutator.allocate(1, 8),
    safepoint: () => mutator.safepoint(),
    parked: () => mutator.parked(() => 1),
    collect: () => mutator.collect(),
    requestCollection: () => mutator.requestCollection(),
    load: () => mutator.load(old, 0),
    store: () => mutator.store(old, 0, old),
    references: () => mutator.references(old),
    payload: () => mutator.payload(old, 0),
    setPayload: () => mutator.setPayload(old, 0, 1),
    tag: () => mutator.tag(old),
    setTag: () => mutator.setTag(old, 1),
    enter: () => mutator.enter(1),
    leave: () => mutator.leave(0),
    root: () => mutator.root(0),
    setRoot: () => mutator.setRoot(0, 7),
    global: () => mutator.global(0),
    setGlobal: () => mutator.setGlobal(0, 7),
    pin: () => mutator.pin(0),
    unpin: () => mutator.unpin(old),
  };
  for (const [what, act] of Object.entries(calls)) assert.throws(act, isDetached, what);
  assert.throws(() => mutator.allocate(0, 1 << 20), isDetached, 'allocate much');
  assert.ok(mutator instanceof Mutator);
  assert.is(next.root(0), object, 'its successor’s root');
  assert.equal(heap.workspace, before, 'nothing was written');
  assert.is(next.allocate(1, 8, 4) > object, true);
  assert.is(next.tag(object), 3);
  next.detach();
  heap.close();
});

test('a mutator that leaves while it is parked wakes to an error, and does not wait for its place', async () => {
  const { heap, mutator } = open();
  let wake = () => {};
  const parked = mutator.parked(() => new Promise<void>((resolve) => (wake = resolve)));
  mutator.detach();
  const next = Mutator.attach(heap);
  wake();
  const error = await parked.catch((caught: unknown) => caught);
  assert.ok(error instanceof HeapError && error.code === 'detached', String(error));
  assert.is(next.allocate(1, 8) > 0, true);
  next.detach();
  heap.close();
});

test('however many mutators a thread has, it listens to its end once', () => {
  const { heap, mutator } = open();
  const listeners = process.listenerCount('exit');
  mutator.detach();
  for (let i = 0; i < 30; i++) {
    const other = Heap.create({ ...defaultShape(4 << 20, 1), space: 'single' });
    Mutator.attach(other);
  }
  assert.is(process.listenerCount('exit'), listeners);
  heap.close();
});

test('a heap that was closed under its mutator is an error, or blank memory of its own', () => {
  const heap = smallHeap();
  const mutator = Mutator.attach(heap);
  const object = mutator.allocate(1, 8, 3);
  heap.close();
  assert.is(mutator.tag(object), 0);
  assert.throws(() => {
    for (;;) mutator.allocate(2, 1000);
  }, /closed|no such heap|EBADF|could not be mapped/);
  assert.throws(() => mutator.detach());
  assert.throws(() => heap.close());
});

test('arguments that are no numbers at all leave the heap in order', () => {
  const { mutator, object, close } = open();
  for (const { name, make } of HOSTILE) {
    const value = make();
    if (typeof value === 'number') continue;
    for (const act of [
      () => mutator.load(value as number, 0),
      () => mutator.load(object, value as number),
      () => mutator.root(value as number),
      () => mutator.allocate(0, 8, value as number),
    ]) {
      try {
        act();
      } catch (error) {
        assert.ok(isRefusal(error), `${name}: ${error}`);
      }
    }
  }
  assert.is(mutator.tag(object), 42);
  close();
});

test.run();
