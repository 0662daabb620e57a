// deadline: 180s
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Heap, Mutator, MutatorState, Own, ownBase, Safepoints } from '../../heap/index.js';
import { chooseSeed } from '../support/random.js';
import { smallHeap } from '../support/random-heap.js';
import type { RestlessTask } from '../support/restless-program.js';

const stateOf = (heap: Heap, mutator: number) => Atomics.load(heap.control, ownBase(mutator) + Own.STATE);

test('who is held stands still through pauses and handshakes, until it is let go', async () => {
  const heap = smallHeap();
  const mutator = Mutator.attach(heap);
  const safepoints = new Safepoints(heap);
  const seen: string[] = [];
  await mutator.parked(async () => {
    await safepoints.hold();
    assert.is(stateOf(heap, mutator.index), MutatorState.SEIZED);
    await safepoints.handshake((index) => seen.push(`handshake ${index}`));
    assert.is(stateOf(heap, mutator.index), MutatorState.SEIZED, 'a handshake let it go');
    await safepoints.pause((all) => seen.push(`pause ${all}`));
    assert.is(stateOf(heap, mutator.index), MutatorState.SEIZED, 'a pause let it go');
    safepoints.letGo();
    assert.is(stateOf(heap, mutator.index), MutatorState.STOPPED);
  });
  assert.equal(seen, [`handshake ${mutator.index}`, `pause ${mutator.index}`]);
  assert.is(stateOf(heap, mutator.index), MutatorState.RUNNING);
  mutator.detach();
  heap.close();
});

test('letting go of nobody, and twice, does no harm', async () => {
  const heap = smallHeap();
  const safepoints = new Safepoints(heap);
  safepoints.letGo();
  await safepoints.hold();
  safepoints.letGo();
  safepoints.letGo();
  Mutator.attach(heap).detach();
  heap.close();
});

test('an error in a pause while all are held leaves them held', async () => {
  const heap = smallHeap();
  const mutator = Mutator.attach(heap);
  const safepoints = new Safepoints(heap);
  await mutator.parked(async () => {
    await safepoints.hold();
    const pause = safepoints.pause(() => {
      throw new RangeError('on purpose');
    });
    assert.match(String(await pause.catch(String)), /on purpose/);
    assert.is(stateOf(heap, mutator.index), MutatorState.SEIZED);
    safepoints.letGo();
  });
  mutator.detach();
  heap.close();
});

test('threads that come while all are held wait to be let go, and those that are there do nothing', async () => {
  const seed = chooseSeed();
  console.log(`CONTINUUM_SEED=${seed}`);
  const threads = 4;
  const heap = Heap.create({
    ...{ bytes: 64 << 20, regionBytes: 64 << 10, pageBytes: 4096 },
    ...{ mutators: threads, space: 'single', banks: 1 },
  });
  const activity = new Int32Array(new SharedArrayBuffer(4 * (threads + 1)));
  const exits = Array.from({ length: threads }, (_, i) => {
    const task: RestlessTask = { heap: heap.handle, seed: seed + i, activity };
    return once(new Worker(new URL('../support/restless-program.js', import.meta.url), { workerData: task }), 'exit');
  });
  const safepoints = new Safepoints(heap);
  const total = () => activity.reduce((sum, word) => sum + word, 0);
  while (total() === 0) await new Promise((soon) => setTimeout(soon, 5));
  for (let round = 0; round < 30; round++) {
    await safepoints.hold();
    const before = total();
    await new Promise((later) => setTimeout(later, 10)); // time enough to attach, and to run on if anybody could
    await safepoints.handshake((index) => assert.is(stateOf(heap, index), MutatorState.SEIZED));
    assert.is(total(), before, 'somebody ran while all were held');
    safepoints.letGo();
    const began = performance.now();
    while (total() === before) {
      assert.ok(performance.now() - began < 20_000, 'nobody runs after it was let go');
      await new Promise((soon) => setTimeout(soon, 1));
    }
  }
  Atomics.store(activity, threads, 1);
  await Promise.all(exits);
  heap.close();
});

test.run();
