/**
 * A thread that runs, waits, leaves and comes back at random. While it runs as a mutator it counts in a word of its
 * own: somebody who holds it must not see that word change.
 */
import { workerData } from 'node:worker_threads';
import { Heap, type HeapHandle, Mutator } from '../../heap/index.js';
import { Random } from './random.js';

export interface RestlessTask {
  readonly heap: HeapHandle;
  readonly seed: number;
  /** A word a mutator of the heap; behind them one that says stop. */
  readonly activity: Int32Array;
}

const { heap: handle, seed, activity } = workerData as RestlessTask;
const heap = Heap.attach(handle);
const random = new Random(seed);
const stop = heap.layout.mutators;
const nobody = new Int32Array(new SharedArrayBuffer(4));
const sleep = (ms: number) => Atomics.wait(nobody, 0, 0, ms);

while (Atomics.load(activity, stop) === 0) {
  const mutator = Mutator.attach(heap);
  const { index } = mutator;
  const frame = mutator.enter(1);
  for (let left = random.spread(1, 20_000); left > 0 && Atomics.load(activity, stop) === 0; left--) {
    Atomics.add(activity, index, 1);
    if (random.chance(0.01) && heap.regions.free > 50) mutator.setRoot(frame, mutator.allocate(1, 8, seed));
    else if (random.chance(0.001)) mutator.parked(() => sleep(random.below(2)));
    else if (random.chance(0.2)) mutator.parked(() => undefined);
    else mutator.safepoint();
    const kept = mutator.root(frame);
    if (kept !== 0 && mutator.tag(kept) !== seed) throw new Error(`the object at ${kept} is not what it was`);
  }
  mutator.detach();
  if (random.chance(0.3)) sleep(random.below(3));
}
