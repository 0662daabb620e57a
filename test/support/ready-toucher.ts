/**
 * A mutator that touches a page only when it is READY, which is when somebody else is about to publish it, or MAPPED. It
 * sleeps in between, so that it may have a priority that nothing else runs beside.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Control, Mutator, PageState, stateOf } from '../../heap/index.js';
import { threadId } from '../../native/index.js';
import type { ReadyTask, ReadyTouched } from './ready-words.js';

const OBJECTS = 600;
const BYTES = 2032;

const { heap: handle, stop } = workerData as ReadyTask;
const mutator = Mutator.attach(handle);
const { control, layout, meta } = mutator.heap;
const sleeper = new Int32Array(new SharedArrayBuffer(4));
const frame = mutator.enter(OBJECTS);
for (let i = 0; i < OBJECTS; i++) {
  mutator.allocate(0, BYTES); // garbage between them, so that all move
  mutator.setRoot(frame + i, mutator.allocate(1, BYTES - 16, i));
}
let wrong = 0;
/** Page words, which tell of their flip: each page once a flip. */
const touched = new Set<string>();
parentPort!.postMessage(threadId());
while (Atomics.load(stop, 0) === 0) {
  mutator.parked(() => Atomics.wait(sleeper, 0, 0, 1));
  if (Atomics.load(control, Control.COMPACTING) === 0) continue;
  for (let i = 0; i < OBJECTS; i++) {
    const object = mutator.root(frame + i);
    const page = Math.floor(object / layout.granulesPerPage);
    const word = Atomics.load(meta.pageState, page);
    if (stateOf(word, control[Control.GENERATION]!) !== PageState.READY) continue;
    touched.add(`${page} ${word}`);
    if (mutator.tag(object) !== i) wrong++;
  }
}
mutator.detach();
parentPort!.postMessage({ touched: touched.size, wrong } satisfies ReadyTouched);
