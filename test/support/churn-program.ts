/** A thread that keeps a ring of objects, replacing the oldest, and now and then waits for a collection. */
import { parentPort, workerData } from 'node:worker_threads';
import { type HeapHandle, Mutator, Own, ownBase } from '../../heap/index.js';

export interface ChurnTask {
  readonly heap: HeapHandle;
  /** Objects to allocate in all, and how many of them live at a time. */
  readonly objects: number;
  readonly liveObjects: number;
  readonly payloadBytes: number;
  /** Collections to ask for and wait for, spread over the run. */
  readonly collections: number;
}

export interface ChurnResult {
  /** Collections that it asked for and that had ended when it went on. */
  readonly collections: number;
  readonly stalls: number;
}

const { heap, objects, liveObjects, payloadBytes, collections } = workerData as ChurnTask;
const mutator = Mutator.attach(heap);
const frame = mutator.enter(1);
mutator.setRoot(frame, mutator.allocate(liveObjects, 0));
let collected = 0;
for (let i = 0; i < objects; i++) {
  const object = mutator.allocate(1, payloadBytes, i);
  mutator.store(mutator.root(frame), i % liveObjects, object);
  if (collections > 0 && i % Math.ceil(objects / collections) === 0) {
    mutator.collect();
    collected++;
  }
  const old = mutator.load(mutator.root(frame), (i + 1) % liveObjects);
  if (old !== 0 && mutator.tag(old) !== i + 1 - liveObjects) throw new Error(`object ${i} found ${mutator.tag(old)}`);
}
const result: ChurnResult = {
  collections: collected,
  stalls: mutator.heap.control[ownBase(mutator.index) + Own.STALLS],
};
mutator.detach();
parentPort!.postMessage(result);
