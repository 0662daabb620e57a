/** A thread that takes regions until there are none, single ones or runs, and posts what it got. */
import { parentPort, workerData } from 'node:worker_threads';
import { Heap, type HeapHandle, RegionState } from '../../heap/index.js';

export interface TakerTask {
  readonly heap: HeapHandle;
  /** Regions a run; 1: single regions. */
  readonly run: number;
  readonly leave: number;
  /** Set to 1 when all may begin. */
  readonly start: Int32Array;
}

const { heap: handle, run, leave, start } = workerData as TakerTask;
const { regions } = Heap.attach(handle);
const taken: number[] = [];
parentPort!.postMessage('ready');
Atomics.wait(start, 0, 0);
// A run that another thread is just putting together, and gives back, can make regions look taken for a moment.
for (let failures = 0; failures < 100; ) {
  const first = run === 1 ? regions.take(RegionState.OPEN, leave) : regions.takeRun(run, leave);
  if (first < 0) failures++;
  else for (let i = 0; i < run; i++) taken.push(first + i);
}
parentPort!.postMessage(taken);
