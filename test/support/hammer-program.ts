/**
 * A mutator that reads and verifies all it has, again and again: every object knows its number, the number of the
 * object it refers to follows from it, and small garbage lies in between, so that there is always something to move.
 */
import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { type HeapHandle, Mutator } from '../../heap/index.js';

export interface HammerTask {
  readonly heap: HeapHandle;
  readonly objects: number;
  /** Any word but 0 tells it to leave. */
  readonly stop: Int32Array;
}

/** What it writes to stderr when it reads something that it never wrote. */
export const WRONG = 'the hammer read what nobody wrote';

const { heap, objects, stop } = workerData as HammerTask;
const mutator = Mutator.attach(heap);
const frame = mutator.enter(1);
const wordOf = (number: number) => (number * 2_654_435_761) | 0;
const otherOf = (number: number) => (number * 7 + 1) % objects;

mutator.setRoot(frame, mutator.allocate(objects, 0));
for (let i = 0; i < objects; i++) replace(i);
for (let i = 0; i < objects; i++) link(i);
parentPort!.postMessage('ready');
let rounds = 0;
for (; Atomics.load(stop, 0) === 0; rounds++) {
  for (let i = 0; i < objects; i++) {
    mutator.safepoint();
    verify(i);
  }
  for (let i = rounds % 5; i < objects; i += 5) replace(i);
  for (let i = 0; i < objects; i++) link(i);
}
mutator.detach();
parentPort!.postMessage(rounds);

function replace(number: number): void {
  mutator.allocate(0, 200, -1);
  const made = mutator.allocate(1, 40, number);
  mutator.setPayload(made, 9, wordOf(number));
  mutator.store(mutator.root(frame), number, made);
}

function link(number: number): void {
  mutator.safepoint();
  const table = mutator.root(frame);
  mutator.store(mutator.load(table, number), 0, mutator.load(table, otherOf(number)));
}

function verify(number: number): void {
  const object = mutator.load(mutator.root(frame), number);
  const other = mutator.load(object, 0);
  const seen = [mutator.tag(object), mutator.payload(object, 9), mutator.tag(other), mutator.payload(other, 9)];
  const wanted = [number, wordOf(number), otherOf(number), wordOf(otherOf(number))];
  if (seen.some((value, i) => value !== wanted[i])) {
    writeSync(2, `${WRONG}: ${seen} instead of ${wanted}\n`);
    throw new Error(WRONG);
  }
}
