/** A mutator whose thread ends with an uncaught error, still attached. */
import { workerData } from 'node:worker_threads';
import { type HeapHandle, Mutator } from '../../heap/index.js';

const mutator = Mutator.attach((workerData as { heap: HeapHandle }).heap);
mutator.enter(3);
mutator.allocate(1, 8);
throw new Error('on purpose');
