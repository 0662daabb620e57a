import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HeapError, Mutator, Safepoints } from '../../heap/index.js';
import { smallHeap } from '../support/random-heap.js';

const isParked = (error: unknown) => error instanceof HeapError && error.code === 'parked';

test('who is parked, for a promise or in a call, cannot allocate or park again, and goes on afterwards', async () => {
  const heap = smallHeap();
  const mutator = Mutator.attach(heap);
  const before = mutator.allocate(1, 8, 1);
  mutator.setRoot(mutator.enter(1), before);
  const refuses = () => {
    for (const act of [
      () => mutator.allocate(1, 8),
      () => mutator.allocate(1, 100_000),
      () => mutator.safepoint(),
      () => mutator.parked(() => 1),
    ]) {
      assert.throws(act, isParked);
    }
  };
  let end = () => {};
  const wait = mutator.parked(
    () =>
      new Promise<void>((resolve) => {
        end = resolve;
      }),
  );
  refuses();
  await new Safepoints(heap).pause((all) => assert.equal([...all], [mutator.index]));
  refuses();
  end();
  await wait;
  mutator.parked(refuses);
  assert.is(mutator.tag(mutator.root(0)), 1);
  assert.is(mutator.tag(mutator.allocate(1, 8, 2)), 2);
  mutator.detach();
  heap.close();
});

test('what is thrown while it is parked is thrown on, by a mutator that runs', async () => {
  const heap = smallHeap();
  const mutator = Mutator.attach(heap);
  const fail = () => {
    throw new RangeError('on purpose');
  };
  assert.throws(() => mutator.parked(fail), /on purpose/);
  assert.match(String(await mutator.parked(async () => fail()).catch(String)), /on purpose/);
  mutator.safepoint();
  mutator.detach();
  heap.close();
});

test.run();
