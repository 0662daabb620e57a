import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Barrier,
  Control,
  type Heap,
  LOG_ENTRIES,
  Mutator,
  Own,
  ownBase,
  Safepoints,
  testBit,
} from '../../heap/index.js';
import { smallHeap } from '../support/random-heap.js';

/** Puts the only mutator into `mode`, as a handshake does, and empties its log. Returns what was logged. */
async function handshake(heap: Heap, mutator: Mutator, mode: number): Promise<number[]> {
  const own = ownBase(mutator.index);
  let logged: number[] = [];
  await mutator.parked(() =>
    new Safepoints(heap).handshake((index) => {
      logged = [...heap.meta.log(index).subarray(0, heap.control[own + Own.LOGGED])];
      heap.control[own + Own.LOGGED] = 0;
      heap.control[own + Own.BARRIER] = mode;
    }),
  );
  return logged;
}

test('a store logs what it overwrites; at first what it stores as well; nothing when no marking runs', async () => {
  const heap = smallHeap();
  const mutator = Mutator.attach(heap);
  const [holder, a, b] = [mutator.allocate(2, 0), mutator.allocate(0, 0), mutator.allocate(0, 0)];
  const stores = () => {
    mutator.store(holder, 0, a);
    mutator.store(holder, 0, b);
    mutator.store(holder, 0, 0);
    mutator.setGlobal(3, a);
    mutator.setGlobal(3, b);
    mutator.setGlobal(3, 0);
  };
  stores();
  assert.equal(await handshake(heap, mutator, Barrier.BOTH), []);
  stores();
  assert.equal(await handshake(heap, mutator, Barrier.OLD), [a, a, b, b, a, a, b, b], 'BOTH: old and new, never null');
  stores();
  assert.equal(await handshake(heap, mutator, Barrier.OFF), [a, b, a, b], 'OLD: what was overwritten');
  stores();
  assert.equal(await handshake(heap, mutator, Barrier.OFF), []);
  mutator.detach();
  heap.close();
});

test('a full log is shaded by the mutator itself, and nothing of it is lost', async () => {
  const heap = smallHeap();
  const mutator = Mutator.attach(heap);
  const count = 3 * LOG_ENTRIES + 7;
  const holder = mutator.allocate(count, 0);
  for (let i = 0; i < count; i++) mutator.store(holder, i, mutator.allocate(0, 0, i));
  const objects = Array.from({ length: count }, (_, i) => mutator.load(holder, i));
  mutator.setGlobal(0, holder);
  mutator.parked(() => undefined); // gives the objects their place in the published words
  heap.control[Control.CYCLE] = 1;
  heap.kernels.beginMarking(1);
  await handshake(heap, mutator, Barrier.OLD);
  for (let i = 0; i < count; i++) mutator.store(holder, i, 0);
  const logged = await handshake(heap, mutator, Barrier.OFF);
  assert.is(logged.length, 7);
  const rest = Int32Array.from(logged);
  heap.kernels.shade(rest, rest.length);
  while (heap.kernels.mark(1000));
  heap.kernels.handOver();
  for (const [i, object] of objects.entries()) assert.ok(testBit(heap.meta.live, object), `object ${i}`);
  assert.not(testBit(heap.meta.live, holder), 'nobody logged that');
  mutator.detach();
  heap.close();
});

test('a mutator that leaves while marking runs hands its log over', async () => {
  const heap = smallHeap();
  const mutator = Mutator.attach(heap);
  const holder = mutator.allocate(1, 0);
  const object = mutator.allocate(0, 0);
  mutator.store(holder, 0, object);
  heap.kernels.beginMarking(1);
  await handshake(heap, mutator, Barrier.OLD);
  mutator.store(holder, 0, 0);
  mutator.detach();
  while (heap.kernels.mark(1000));
  heap.kernels.handOver();
  assert.ok(testBit(heap.meta.live, object));
  heap.close();
});

test.run();
