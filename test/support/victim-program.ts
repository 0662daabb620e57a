/** A mutator that is to die: it does what mutators do, at random, until its thread is ended or it ends that itself. */
import { workerData } from 'node:worker_threads';
import { GLOBAL_SLOTS, type HeapHandle, Mutator } from '../../heap/index.js';
import { threadId } from '../../native/index.js';
import { addon } from '../../native/loader.js';
import { Random } from './random.js';

/** How a thread ends. `native` takes the test build of the addon: the bare system call, without any destructor. */
export const ENDS = ['terminate', 'exit', 'throw', 'out of memory', 'native'] as const;
export type End = (typeof ENDS)[number];

export interface VictimTask {
  readonly heap: HeapHandle;
  readonly seed: number;
  readonly end: End;
  /** Steps after which it ends itself. */
  readonly steps: number;
  /** Word 0 is the kernel's number of its thread once it has joined. */
  readonly joined: Int32Array;
}

const SLOTS = 64;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

const task = workerData as VictimTask;
const random = new Random(task.seed);
const mutator = Mutator.attach(task.heap);
Atomics.store(task.joined, 0, threadId());
Atomics.notify(task.joined, 0);
const frame = mutator.enter(SLOTS);
const hoard: number[][] = [];

function end(): void {
  if (task.end === 'exit') process.exit(7);
  if (task.end === 'throw') throw new Error('a victim throws');
  if (task.end === 'native') (addon as { injectEnd(): void }).injectEnd();
  while (task.end === 'out of memory') hoard.push(new Array(1e5).fill(random.below(10)));
}

/** Roots of objects that it made, which it may store into, and of what belongs to others. */
const own = () => frame + random.below(SLOTS / 2);
const any = () => frame + random.below(SLOTS);

/** Follows what others have built, as far as it goes, and keeps what it comes to. */
function chase(): void {
  const at = frame + SLOTS / 2 + random.below(SLOTS / 2);
  mutator.setRoot(at, mutator.global(random.below(GLOBAL_SLOTS)));
  for (let steps = random.below(60); steps > 0 && mutator.root(at) !== 0; steps--) {
    const references = mutator.references(mutator.root(at));
    if (references === 0) return;
    const next = mutator.load(mutator.root(at), random.below(references));
    if (next === 0) return;
    mutator.setRoot(at, next);
  }
}

/** Hangs something on one of its own. */
function link(): void {
  const from = mutator.root(own());
  if (from !== 0) mutator.store(from, random.below(mutator.references(from)), mutator.root(any()));
}

function build(): void {
  mutator.setRoot(own(), mutator.allocate(1 + random.below(8), random.below(200), 1));
  for (let i = 0; i < 10; i++) link();
}

/** Its pins, of which it dies without taking them back. */
const pinned: number[] = [];

function pin(): void {
  if (pinned.length === 3) mutator.unpin(pinned.shift()!);
  const at = any();
  if (mutator.root(at) !== 0) pinned.push(mutator.pin(at));
}

/** How often each is chosen, of 200. */
const STEPS: readonly (readonly [number, () => void])[] = [
  [90, build],
  [50, chase],
  [40, link],
  [8, () => mutator.setRoot(own(), mutator.allocate(2, 40_000, 2))],
  [1, () => mutator.setRoot(own(), mutator.allocate(1, 1 << 20, 3))],
  [2, pin],
  [1, () => mutator.parked(() => Atomics.wait(sleeper, 0, 0, random.below(20)))],
  [1, () => mutator.collect()],
  [7, () => mutator.safepoint()],
];

function step(): void {
  let at = random.below(200);
  for (const [weight, act] of STEPS) {
    at -= weight;
    if (at >= 0) continue;
    act();
    return;
  }
}

async function run(): Promise<void> {
  for (let steps = 0; ; steps++) {
    if (steps === task.steps) end();
    try {
      step();
    } catch (error) {
      if (!/out of memory/.test(String(error))) throw error;
      for (let i = 0; i < SLOTS; i++) mutator.setRoot(frame + i, 0);
    }
    if (random.chance(0.002)) await mutator.parked(() => new Promise((soon) => setTimeout(soon, random.below(10))));
  }
}

await run();
