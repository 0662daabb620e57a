/** A thread that uses heaps and keeps nothing of them: it is sent a handle, uses the heap, and says so. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort } from 'node:worker_threads';
import { Heap, type HeapHandle, Mutator } from '../../heap/index.js';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** Its own kernels, its mappings and a mutator of it. */
function use(handle: HeapHandle): void {
  const heap = Heap.attach(handle);
  heap.kernels.countLive(1);
  heap.signals?.wake(0);
  const mutator = Mutator.attach(handle);
  mutator.setGlobal(0, mutator.allocate(0, 8));
  mutator.detach();
}

parentPort!.on('message', (handle: HeapHandle | 'gc') => {
  if (handle === 'gc') gc();
  else use(handle);
  parentPort!.postMessage('done');
});
