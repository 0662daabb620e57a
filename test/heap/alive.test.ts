import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HeapError, Mutator } from '../../heap/index.js';
import { smallHeap } from '../support/random-heap.js';

const gaveUp = (reason: RegExp) => (error: unknown) =>
  error instanceof HeapError && error.code === 'corrupt' && reason.test(error.message);

test('why a heap was lost is told to every thread that asks, the first reason to all of them', async () => {
  const heap = smallHeap();
  const mutator = Mutator.attach(heap);
  const waiter = new Worker(new URL('../support/parked-program.js', import.meta.url), { workerData: heap.handle });
  const [ready] = await once(waiter, 'message');
  assert.is(ready, 'waits');
  heap.fail(1, 'a mutator touched page 17 — über alles\nand a stack that nobody needs');
  heap.fail(1, 'another reason');
  const [heard] = await once(waiter, 'message');
  const reason = /^the collector gave up on this heap: a mutator touched page 17 — über alles$/;
  assert.match(heard, reason);
  assert.throws(() => mutator.collect(), gaveUp(reason));
  assert.throws(() => Mutator.attach(heap.handle), gaveUp(reason));
  heap.close();
});

test('a reason of any length is cut, and none at all leaves a pointer', () => {
  const [long, none] = [smallHeap(), smallHeap()];
  long.fail(1, 'x'.repeat(10_000));
  assert.throws(() => Mutator.attach(long), gaveUp(/: x{1024}$/));
  none.fail(1);
  assert.throws(() => Mutator.attach(none), gaveUp(/: its own message says why$/));
  none.fail(1, 'too late for some, in time for others');
  assert.throws(() => Mutator.attach(none), gaveUp(/in time for others$/));
  for (const heap of [long, none]) heap.close();
});

test.run();
