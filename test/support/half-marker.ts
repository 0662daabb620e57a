/** A thread that marks a little, hands over what it has left, and stays until it is told to go. */
import { parentPort, workerData } from 'node:worker_threads';
import { Heap, type HeapHandle } from '../../heap/index.js';

export interface HalfTask {
  readonly heap: HeapHandle;
  /** Objects that it scans. */
  readonly budget: number;
}

const { heap: handle, budget } = workerData as HalfTask;
const { kernels } = Heap.attach(handle);
kernels.mark(budget);
const marked = kernels.takeMarked();
kernels.handOver();
parentPort!.postMessage(marked);
parentPort!.once('message', () => {});
