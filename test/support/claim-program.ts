/** A thread that claims every page of every generation, beside others that do the same. Posts how many it won. */
import { parentPort, workerData } from 'node:worker_threads';
import { Pages } from '../../gc/protocol.js';
import { Heap, type HeapHandle } from '../../heap/index.js';

export interface ClaimTask {
  readonly heap: HeapHandle;
  readonly threads: number;
  readonly generations: number;
  /** Counts arrivals: every generation begins for all at once. */
  readonly meeting: Int32Array;
}

const { heap: handle, threads, generations, meeting } = workerData as ClaimTask;
const heap = Heap.attach(handle);
let won = 0;
for (let generation = 1; generation <= generations; generation++) {
  const pages = new Pages(heap, generation, 1);
  Atomics.add(meeting, 0, 1);
  while (Atomics.load(meeting, 0) < threads * generation); // spins, so that they start within nanoseconds
  for (let page = 0; page < heap.layout.pages; page++) if (pages.claim(page)) won++;
}
parentPort!.postMessage(won);
