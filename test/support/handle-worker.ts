/** A thread that attaches to a heap by the handle it is sent, and posts what came of it. */
import { parentPort, workerData } from 'node:worker_threads';
import { type HeapHandle, Mutator } from '../../heap/index.js';

let heard = 'attached';
try {
  Mutator.attach(workerData as HeapHandle).detach();
} catch (error) {
  heard = error instanceof Error ? error.name : String(error);
}
parentPort!.postMessage(heard);
