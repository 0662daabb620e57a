/**
 * Mutators that all read the same array of references, page by page and in the same order, as fast as they can: in
 * compiled code, over a plain typed array. Thread 0 makes it, and goes on making what has to be moved.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { type HeapHandle, Mutator } from '../../heap/index.js';

export interface ReaderTask {
  readonly heap: HeapHandle;
  readonly number: number;
  readonly stop: Int32Array;
}

export const SLOTS = 300_000;
/** Objects that slots refer to; slot i refers to object i % TARGETS. */
const TARGETS = 2000;

const { heap: handle, number, stop } = workerData as ReaderTask;
const mutator = Mutator.attach(handle);
const frame = mutator.enter(1);

if (number === 0) build();
else while (mutator.global(0) === 0) mutator.parked(() => Atomics.wait(stop, 0, 0, 1));
parentPort!.postMessage('ready');
let rounds = 0;
for (; Atomics.load(stop, 0) === 0; rounds++) {
  mutator.safepoint();
  const array = mutator.global(0);
  const words = mutator.heap.view(mutator.heap.bank);
  const first = 2 * array + 2;
  const unlike = differences(words, first);
  if (unlike !== 0) throw new Error(`${unlike} slots of the array are not what they were`);
  if (number === 0) renew();
}
mutator.detach();
parentPort!.postMessage(rounds);

/** How many slots do not refer to what the slot TARGETS before refers to. No safepoint in it, and no call. */
function differences(words: Int32Array, first: number): number {
  let unlike = 0;
  for (let i = first + TARGETS; i < first + SLOTS; i++) if (words[i] !== words[i - TARGETS]) unlike++;
  return unlike;
}

function build(): void {
  mutator.setRoot(frame, mutator.allocate(SLOTS, 0));
  for (let i = 0; i < TARGETS; i++) mutator.store(mutator.root(frame), i, make(i));
  spread();
  mutator.setGlobal(0, mutator.root(frame));
}

function make(tag: number): number {
  for (let i = 0; i < 8; i++) mutator.allocate(0, 200, -1);
  return mutator.allocate(0, 24, tag);
}

/** Every slot refers to what the slot TARGETS before refers to. */
function spread(): void {
  const array = mutator.root(frame);
  for (let i = TARGETS; i < SLOTS; i++) mutator.store(array, i, mutator.load(array, i - TARGETS));
}

/** Garbage, so that there is always a region to evacuate; what the array refers to stays. */
function renew(): void {
  for (let i = 0; i < 2000; i++) mutator.allocate(0, 200, -1);
}
