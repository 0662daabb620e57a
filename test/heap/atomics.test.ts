/**
 * The metadata is an ordinary ArrayBuffer that several threads have, and ECMAScript promises that Atomics are atomic, and
 * in one order for all, on SharedArrayBuffer only. heap/README.md says why they are here as well; this would notice if a
 * V8 made other instructions of them.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultShape, Heap } from '../../heap/index.js';
import { exitAfterwards } from '../support/exit.js';
import { type Litmus, type LitmusTask, type Seen, TURNS } from '../support/litmus-words.js';

exitAfterwards(test);

const MS = 150;

async function play(kind: Litmus): Promise<{ seen: readonly Seen[]; words: Int32Array }> {
  const heap = Heap.create({ ...defaultShape(4 << 20, 3), space: 'twin' });
  assert.ok(heap.meta.pageState.buffer instanceof ArrayBuffer, 'were it shared, there would be nothing to test');
  const words = heap.meta.stack(2);
  const turns = new Int32Array(new SharedArrayBuffer(4 * TURNS));
  const seen = await Promise.all(
    [0, 1].map(async (side) => {
      const worker = new Worker(new URL('../support/litmus-program.js', import.meta.url), {
        workerData: { heap: heap.handle, kind, side, ms: MS, turns } satisfies LitmusTask,
      });
      const exit = once(worker, 'exit');
      const [said] = (await once(worker, 'message')) as [Seen];
      await exit;
      return said;
    }),
  );
  const left = words.slice(0, 64);
  heap.close();
  return { seen, words: left };
}

test('a store and then a load of another word: one of two threads sees the other’s store', async () => {
  const plain = await play('plain dekker');
  const { seen } = await play('dekker');
  console.log(
    `${seen[0]!.done} pairs, ${seen[0]!.wrong} of them wrong; with plain stores ${plain.seen[0]!.wrong} of ${plain.seen[0]!.done}`,
  );
  assert.ok(seen[0]!.done > 0);
  assert.is(seen[0]!.wrong, 0);
});

test('two threads add, subtract and set bits, and nothing is lost', async () => {
  const { seen, words } = await play('counters');
  const sum = seen.reduce((all, { done }) => all + done, 0);
  assert.ok(sum > 0);
  assert.is(words[0], sum | 0);
  assert.is(words[16], -1);
});

test('a compare-and-swap lets one thread in', async () => {
  const { seen, words } = await play('lock');
  assert.equal(
    seen.map(({ wrong }) => wrong),
    [0, 0],
  );
  assert.is(words[32], seen[0]!.done + seen[1]!.done);
});

test('what was stored plainly before an atomic store is there for who sees that', async () => {
  const { seen } = await play('message');
  assert.ok(seen[1]!.done > 0);
  assert.is(seen[1]!.wrong, 0);
});

test('of three tokens that are exchanged none is lost, and none is there twice', async () => {
  const { seen, words } = await play('exchange');
  const tokens = [seen[0]!.wrong, seen[1]!.wrong, words[0]!];
  assert.equal(tokens.sort(), [0, 1, 2]);
});

test.run();
