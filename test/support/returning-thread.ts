/** A thread that has nothing to do but to come back from being parked, while somebody wants it stopped. */
import { parentPort, workerData } from 'node:worker_threads';
import { type HeapHandle, Mutator } from '../../heap/index.js';

const mutator = Mutator.attach(workerData as HeapHandle);
await mutator.parked(() => {
  parentPort!.postMessage('parked');
  return new Promise((soon) => setTimeout(soon, 50));
});
mutator.detach();
parentPort!.postMessage('back');
