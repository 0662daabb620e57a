/** A mutator that waits for a collection, and tells of the error that ends that. */
import { parentPort, workerData } from 'node:worker_threads';
import { Control, type HeapHandle, Mutator } from '../../heap/index.js';

const mutator = Mutator.attach(workerData as HeapHandle);
mutator.heap.control[Control.COLLECTOR] = 1; // there is one, which never comes
parentPort!.postMessage('waits');
try {
  mutator.collect();
} catch (error) {
  parentPort!.postMessage((error as Error).message);
}
