/** What is left of a heap that was closed, in a thread that used it and goes on. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createHeap } from '../../gc/index.js';
import { defaultShape, type HeapHandle } from '../../heap/index.js';
import { Mapping } from '../../native/index.js';

const MIB = 2 ** 20;
const TURNS = 50;

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

const isThere = (address: number) =>
  readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .some((line) => line.startsWith(`${address.toString(16)}-`));

/** A heap that the worker has used, closed: where its mappings were. */
async function comeAndGo(tell: (message: HeapHandle | 'gc') => Promise<void>): Promise<readonly number[]> {
  const heap = createHeap(defaultShape(16 * MIB, 2), 'continue', 'bank', { delivery: 'signal' });
  const { workspace, views } = heap.space;
  const metadata = Mapping.attach(heap.handle.metadata);
  const addresses = [workspace, ...views, metadata].map(({ address }) => address);
  await tell(heap.handle);
  heap.close();
  return addresses;
}

test('a thread that goes on to another heap has let go of the addresses of the one before', async () => {
  const worker = new Worker(new URL('../support/closed-heaps-worker.js', import.meta.url));
  const tell = async (message: HeapHandle | 'gc') => {
    worker.postMessage(message);
    await once(worker, 'message');
  };
  try {
    const first = await comeAndGo(tell);
    await comeAndGo(tell);
    let left: readonly number[] = first;
    for (let turn = 0; turn < TURNS && left.length > 0; turn++) {
      await tell('gc');
      gc();
      await new Promise((soon) => setTimeout(soon, 5)); // ArrayBuffers go when their thread has a moment
      left = first.filter(isThere);
    }
    assert.equal(left, [], `of ${first.length} mappings`);
  } finally {
    await worker.terminate();
  }
});

test.run();
