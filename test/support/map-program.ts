/** A thread that maps pages into the coming view, round after round, beside one that stores into them. */
import { parentPort, workerData } from 'node:worker_threads';
import { Heap, type HeapHandle, PagesAhead } from '../../heap/index.js';

export interface MapTask {
  readonly heap: HeapHandle;
  /** Rounds begun, by the other thread; rounds ended, by this one. */
  readonly meeting: Int32Array;
  readonly rounds: number;
  /** Of the first round; each has its own. */
  readonly generation: number;
  /** Pages [first, end), mapped in runs of a few. */
  readonly first: number;
  readonly end: number;
}

const RUN = 5;

const { heap: handle, meeting, rounds, generation, first, end } = workerData as MapTask;
const heap = Heap.attach(handle);
const { space, layout } = heap;
const ahead = new PagesAhead(heap);
let mapped = 0;
for (let round = 0; round < rounds; round++) {
  while (Atomics.load(meeting, 0) <= round); // spins, so that both start within nanoseconds
  for (let page = first; page < end; page += RUN) {
    const count = Math.min(RUN, end - page);
    space.watch!.at(0).continue(space.coming(0)!, page * layout.pageBytes, count * layout.pageBytes);
    mapped += ahead.mapped(page, count, generation + round);
  }
  Atomics.store(meeting, 1, round + 1);
}
parentPort!.postMessage(mapped);
