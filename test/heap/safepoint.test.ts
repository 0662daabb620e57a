import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Heap, Mutator, MutatorState, Own, ownBase, Safepoints } from '../../heap/index.js';
import { chooseSeed, Random } from '../support/random.js';
import { smallHeap } from '../support/random-heap.js';
import type { RestlessTask } from '../support/restless-program.js';

const THREADS = 6;

function stateOf(heap: Heap, mutator: number): number {
  return Atomics.load(heap.control, ownBase(mutator) + Own.STATE);
}

test('a mutator that is parked is held while somebody acts, and let go afterwards', async () => {
  const heap = smallHeap();
  const mutator = Mutator.attach(heap);
  const safepoints = new Safepoints(heap);
  const held: number[] = [];
  await mutator.parked(async () => {
    await safepoints.handshake((index) => {
      held.push(index);
      assert.is(stateOf(heap, index), MutatorState.SEIZED);
    });
    const us = await safepoints.pause((all) => {
      held.push(...all);
      for (const index of all) assert.is(stateOf(heap, index), MutatorState.SEIZED);
    });
    assert.ok(us >= 0);
    assert.is(stateOf(heap, mutator.index), MutatorState.STOPPED);
  });
  assert.equal(held, [mutator.index, mutator.index], 'empty places are nobody');
  assert.is(stateOf(heap, mutator.index), MutatorState.RUNNING);
  mutator.detach();
  heap.close();
});

test('whoever acts may change the mutator’s words, and it goes on with them', async () => {
  const heap = smallHeap();
  const mutator = Mutator.attach(heap);
  const frame = mutator.enter(1);
  const [a, b] = [mutator.allocate(0, 0, 1), mutator.allocate(0, 0, 2)];
  mutator.setRoot(frame, a);
  const safepoints = new Safepoints(heap);
  await mutator.parked(() =>
    safepoints.pause(([index]) => {
      assert.is(heap.control[ownBase(index!) + Own.DEPTH], 1);
      heap.meta.stack(index!)[frame] = b;
    }),
  );
  assert.is(mutator.tag(mutator.root(frame)), 2);
  mutator.detach();
  heap.close();
});

test('an error while mutators are held lets them go', async () => {
  const heap = smallHeap();
  const mutator = Mutator.attach(heap);
  const safepoints = new Safepoints(heap);
  const fail = () => {
    throw new RangeError('on purpose');
  };
  for (const stop of [() => safepoints.handshake(fail), () => safepoints.pause(fail)]) {
    assert.match(String(await mutator.parked<Promise<unknown>>(stop).catch(String)), /on purpose/);
    assert.is(stateOf(heap, mutator.index), MutatorState.RUNNING);
  }
  mutator.detach();
  heap.close();
});

test('after a handshake or a pause with empty places, attaching does not wait for the next one', async () => {
  const heap = smallHeap();
  const safepoints = new Safepoints(heap);
  for (const stop of [() => safepoints.handshake(() => undefined), () => safepoints.pause(() => undefined)]) {
    await stop();
    const began = performance.now();
    Mutator.attach(heap).detach();
    assert.ok(performance.now() - began < 5000, 'it waited');
  }
  heap.close();
});

test('threads that run, wait, leave and come back stand still whenever they are held, and only then', async () => {
  const seed = chooseSeed();
  console.log(`CONTINUUM_SEED=${seed}`);
  const random = new Random(seed);
  const heap = Heap.create({
    bytes: 64 << 20,
    regionBytes: 64 << 10,
    pageBytes: 4096,
    mutators: THREADS + 1,
    space: 'twin',
    banks: 1,
  });
  const { mutators } = heap.layout;
  const activity = new Int32Array(new SharedArrayBuffer(4 * (mutators + 1)));
  const threads = Array.from({ length: THREADS }, (_, i) => {
    const task: RestlessTask = { heap: heap.handle, seed: seed + i, activity };
    const worker = new Worker(new URL('../support/restless-program.js', import.meta.url), { workerData: task });
    return once(worker, 'exit'); // rejects on an error in it
  });
  const safepoints = new Safepoints(heap);
  const standStill = (indexes: readonly number[]) => {
    const before = indexes.map((index) => Atomics.load(activity, index));
    for (const until = performance.now() + random.pick([0, 0.01, 0.3]); performance.now() < until; );
    for (const [i, index] of indexes.entries()) {
      assert.is(stateOf(heap, index), MutatorState.SEIZED);
      assert.is(Atomics.load(activity, index), before[i], `mutator ${index} ran on while it was held`);
    }
  };
  let held = 0;
  for (const until = performance.now() + 4000; performance.now() < until; ) {
    if (random.chance(0.5)) {
      await safepoints.pause((all) => {
        held += all.length;
        standStill(all);
        for (let index = 0; index < mutators; index++) assert.is.not(stateOf(heap, index), MutatorState.RUNNING);
      });
    } else {
      await safepoints.handshake((index) => standStill([index]));
    }
    if (random.chance(0.2)) await new Promise((soon) => setTimeout(soon, 1));
  }
  assert.ok(held > 0, 'no mutator was ever held');
  const ran = activity.reduce((sum, word) => sum + word, 0);
  assert.ok(ran > 0, 'no mutator ran');
  Atomics.store(activity, mutators, 1);
  await Promise.all(threads);
  for (let index = 0; index < mutators; index++) assert.is(stateOf(heap, index), MutatorState.ABSENT);
  heap.close();
});

test.run();
