/** A process that exits while a pause of its own thread waits for a mutator, and another of its mutators is parked. */
import { Mutator, Safepoints } from '../../heap/index.js';
import { smallHeap } from './random-heap.js';

const heap = smallHeap();
Mutator.attach(heap);
const parked = Mutator.attach(heap);
void parked.parked(() => new Promise(() => {}));
const pause = new Safepoints(heap).pause(() => undefined);
pause.catch(() => undefined);
setTimeout(() => process.exit(7), 20);
