/**
 * A thread that keeps all it can allocate, objects of one size, until there is no room; lets go of it; and goes on
 * allocating. Posts what happened.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { type HeapHandle, Mutator, OutOfMemoryError, Own, ownBase, waitedUs } from '../../heap/index.js';

export interface HogTask {
  readonly heap: HeapHandle;
  readonly references: number;
  readonly payloadBytes: number;
}

export interface HogResult {
  /** Objects it could keep, each time it began anew. */
  readonly kept: number[];
  readonly message: string;
  readonly requestedBytes: number;
  readonly stalls: number;
  readonly stallUs: number;
  readonly longestUs: number;
}

const ROUNDS = 3;

const { heap, references, payloadBytes } = workerData as HogTask;
const mutator = Mutator.attach(heap);
const frame = mutator.enter(1);
const kept: number[] = [];
let last: OutOfMemoryError | undefined;
for (let round = 0; round < ROUNDS; round++) {
  mutator.setRoot(frame, 0);
  last = undefined;
  for (let count = 0; last === undefined; count++) {
    try {
      const object = mutator.allocate(references, payloadBytes, count);
      mutator.store(object, 0, mutator.root(frame));
      mutator.setRoot(frame, object);
    } catch (error) {
      if (!(error instanceof OutOfMemoryError)) throw error;
      last = error;
      kept.push(count);
    }
  }
  // The heap is intact: everything is still there.
  let left = kept.at(-1)!;
  for (let object = mutator.root(frame); object !== 0; object = mutator.load(object, 0)) {
    if (mutator.tag(object) !== --left) throw new Error(`object ${left} has the tag ${mutator.tag(object)}`);
  }
  if (left !== 0) throw new Error(`${left} objects are missing`);
}
const own = (word: number) => mutator.heap.control[ownBase(mutator.index) + word];
const result: HogResult = {
  kept,
  message: last!.message,
  requestedBytes: last!.requestedBytes,
  stalls: own(Own.STALLS),
  stallUs: waitedUs(mutator.heap.control, mutator.index, Own.STALL_US),
  longestUs: own(Own.STALL_MAX_US),
};
mutator.detach();
parentPort!.postMessage(result);
