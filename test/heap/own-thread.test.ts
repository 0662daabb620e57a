/** What a thread does to a heap whose mutators it has asked to stop itself, and how a mutator may not leave. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Barrier, Control, HeapError, Mutator, MutatorState, Own, ownBase, Safepoints } from '../../heap/index.js';
import { runScript } from '../support/child.js';
import { smallHeap } from '../support/random-heap.js';

const is = (code: string) => (error: unknown) => error instanceof HeapError && error.code === code;

test('a thread that waits for one of its mutators lets none of its own wait for itself', async () => {
  const heap = smallHeap();
  const late = Mutator.attach(heap);
  const pause = new Safepoints(heap).pause(() => assert.unreachable('it has not come'));
  pause.catch(() => undefined);
  await new Promise((turn) => setTimeout(turn, 5));
  assert.throws(() => Mutator.attach(heap), is('safepoint'));
  for (const act of [() => late.safepoint(), () => late.parked(() => 1), () => late.detach()]) {
    assert.throws(act, is('safepoint'));
  }
  assert.is(heap.control[Control.FATAL], 0, 'nothing has changed');
  heap.fail(1, 'the test is over');
  assert.match(String(await pause.catch(String)), /the test is over/);
  heap.close();
});

test('who comes back while that is so goes on when it is over', async () => {
  const heap = smallHeap();
  const [late, parked] = [Mutator.attach(heap), Mutator.attach(heap)];
  const order: string[] = [];
  const wait = parked.parked(() => new Promise((soon) => setTimeout(soon, 5))).then(() => order.push('goes on'));
  const pause = new Safepoints(heap).pause((all) => void order.push(`pause of ${all.length}`));
  await new Promise((turn) => setTimeout(turn, 30));
  assert.equal(order, []);
  // It comes at last, as if from another thread.
  Atomics.store(heap.control, ownBase(late.index) + Own.STATE, MutatorState.STOPPED);
  await pause;
  await wait;
  assert.equal(order, ['pause of 2', 'goes on']);
  heap.close();
});

test('a thread that has nothing else to do comes back when the pause is over, and does not end before', async () => {
  const heap = smallHeap();
  const worker = new Worker(new URL('../support/returning-thread.js', import.meta.url), { workerData: heap.handle });
  const said: string[] = [];
  worker.on('message', (text: string) => said.push(text));
  await once(worker, 'message');
  const safepoints = new Safepoints(heap);
  await safepoints.hold();
  await new Promise((turn) => setTimeout(turn, 200));
  safepoints.letGo();
  await once(worker, 'exit');
  assert.equal(said, ['parked', 'back']);
  heap.close();
});

test('where all are there, a pause begins and ends in the call', () => {
  const heap = smallHeap();
  let paused = false;
  new Safepoints(heap).pause(() => {
    paused = true;
  });
  assert.ok(paused);
  const mutator = Mutator.attach(heap);
  mutator.detach();
  heap.close();
});

test('a process ends although a mutator of the collector’s thread is parked and a pause waits', async () => {
  const ended = await runScript(new URL('../support/exit-in-pause.js', import.meta.url), [], { deadlineMs: 20_000 });
  assert.is(ended.code, 7, `it ended with ${ended.signal ?? ended.code}: ${ended.output}`);
});

test('a mutator that cannot leave ends the heap, with its reason, and not the objects of others', () => {
  const heap = smallHeap();
  const [mutator, other] = [Mutator.attach(heap), Mutator.attach(heap)];
  heap.kernels.beginMarking(1, 0);
  const own = ownBase(mutator.index);
  heap.control[own + Own.BARRIER] = Barrier.OLD; // read at the next safepoint, which leaving is
  heap.meta.log(mutator.index)[0] = 0x7ffffff0;
  heap.control[own + Own.LOGGED] = 1;
  assert.throws(() => mutator.detach());
  assert.throws(() => other.parked(() => 1), /a mutator could not leave/);
  heap.close();
});

test('a mutator that leaves while it is parked is told so', () => {
  const heap = smallHeap();
  const mutator = Mutator.attach(heap);
  assert.throws(() => mutator.parked(() => mutator.detach()), is('detached'));
  heap.close();
});

test.run();
