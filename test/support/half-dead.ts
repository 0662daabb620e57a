/** A heap in which every other object is garbage, so that all that was ever allocated is worth evacuating. */
import { type Heap, Mutator } from '../../heap/index.js';

const OBJECT_BYTES = 1016;

/** Fills about `bytes`. What lives hangs on global 0; the mutator that did it has left. */
export function fillHalfDead(heap: Heap, bytes: number): void {
  const mutator = Mutator.attach(heap);
  const objects = Math.floor(bytes / OBJECT_BYTES / 2);
  mutator.setGlobal(0, mutator.allocate(objects, 0));
  for (let i = 0; i < objects; i++) {
    mutator.allocate(1, OBJECT_BYTES - 16, -1);
    const made = mutator.allocate(1, OBJECT_BYTES - 16, i);
    mutator.setPayload(made, i % 250, i);
    mutator.store(made, 0, mutator.load(mutator.global(0), i >> 1));
    mutator.store(mutator.global(0), i, made);
  }
  mutator.detach();
}
