/**
 * A program that recurses until JavaScript's stack ends, catches that, and goes on: as an interpreter or a parser may. On
 * the way back it uses the heap in each of the last frames, where any call may throw.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { type HeapHandle, Mutator } from '../../heap/index.js';

export interface OverflowTask {
  readonly heap: HeapHandle;
  readonly rounds: number;
  /** Nothing but safepoints, or everything in turns. */
  readonly only: 'safepoint' | undefined;
}

const OBJECTS = 2000;
/** Frames before the end in which the heap is used. */
const LAST = 150;

const task = workerData as OverflowTask;
const mutator = Mutator.attach(task.heap);
const frame = mutator.enter(2);
mutator.setRoot(frame, mutator.allocate(OBJECTS, 0));

function put(k: number): void {
  mutator.setRoot(frame + 1, mutator.allocate(0, 40, k));
  mutator.setPayload(mutator.root(frame + 1), 3, k * 7);
  mutator.store(mutator.root(frame), k, mutator.root(frame + 1));
}

function check(): void {
  for (let k = 0; k < OBJECTS; k++) {
    const object = mutator.load(mutator.root(frame), k);
    if (mutator.tag(object) !== k || mutator.payload(object, 3) !== k * 7) throw new Error(`object ${k} is wrong`);
  }
}

const everything: readonly (() => void)[] = [
  () => mutator.safepoint(),
  () => void mutator.allocate(0, 30_000, 1),
  () => mutator.parked(() => 0),
  () => mutator.store(mutator.root(frame), 1, mutator.load(mutator.root(frame), 1)),
  () => mutator.setGlobal(1, mutator.load(mutator.root(frame), 2)),
  () => void mutator.allocate(0, 300_000, 1),
  () => mutator.unpin(mutator.pin(frame + 1)),
];
const operations = task.only === 'safepoint' ? everything.slice(0, 1) : everything;
let turn = 0;
let thrown = 0;
const others: unknown[] = [];

function operate(): void {
  operations[turn++ % operations.length]!();
}

let bottom = 0;
function descend(depth: number): void {
  try {
    descend(depth + 1);
  } catch {
    if (bottom === 0) bottom = depth;
  }
  if (depth <= bottom - LAST) return;
  try {
    operate();
  } catch (error) {
    if (error instanceof RangeError) thrown++;
    else others.push(error);
  }
}

for (let k = 0; k < OBJECTS; k++) put(k);
for (let i = 0; i < 3000; i++) operate(); // compiled by now
for (let round = 0; round < task.rounds; round++) {
  bottom = 0;
  descend(0);
  for (let i = 0; i < 100; i++) put((round * 100 + i) % OBJECTS);
  check();
}
mutator.detach();
parentPort!.postMessage({ thrown, others: others.map(String) });
