/** A mutator that touches page after page of its own, with a safepoint after each round of them all. */
import { parentPort, workerData } from 'node:worker_threads';
import { type HeapHandle, Mutator } from '../../heap/index.js';

const PAGES = 200;
const { heap, stop } = workerData as { heap: HeapHandle; stop: Int32Array };
const mutator = Mutator.attach(heap);
const frame = mutator.enter(PAGES);
for (let i = 0; i < PAGES; i++) mutator.setRoot(frame + i, mutator.allocate(0, 4080, i));
parentPort!.postMessage('touches');
for (let round = 0; Atomics.load(stop, 0) === 0; round++) {
  for (let i = 0; i < PAGES; i++) {
    if (mutator.tag(mutator.root(frame + i)) !== i) throw new Error(`page ${i} is wrong in round ${round}`);
  }
  mutator.safepoint();
}
mutator.detach();
Atomics.store(stop, 1, 1);
