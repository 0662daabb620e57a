/**
 * A process that takes its processor for one that keeps no order of stores, and says how a reference is stored: the
 * Atomics.store that stores it must find the object's header there.
 */
import { defaultShape, Heap, Mutator } from '../../heap/index.js';
import { STORES_IN_ORDER } from '../../heap/processor.js';

const heap = Heap.create({ ...defaultShape(8 << 20, 1), space: 'twin' });
const mutator = Mutator.attach(heap);
const holder = mutator.allocate(3, 0);
const words = heap.view(0);
const released: string[] = [];
const store = Atomics.store;
Atomics.store = ((array: Int32Array, index: number, value: number) => {
  if (array === words) released.push(`slot ${index - 2 * holder - 2}, header ${words[2 * value]! !== 0}`);
  return store(array, index, value);
}) as typeof Atomics.store;
for (let slot = 0; slot < 3; slot++) mutator.store(holder, slot, mutator.allocate(1, 8));
Atomics.store = store;
const kept = [0, 1, 2].every((slot) => mutator.references(mutator.load(holder, slot)) === 1);
console.log(`in order: ${STORES_IN_ORDER}; released: ${released.join('; ')}; kept: ${kept}`);
process.exit(0);
