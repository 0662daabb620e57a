/** Threads that do something at an awkward moment of a cycle, and post what they saw. */
import { parentPort, workerData } from 'node:worker_threads';
import { Control, Mutator } from '../../heap/index.js';
import { type InterleavedTask, Word } from './interleaved-words.js';

const { heap: handle, kind, words } = workerData as InterleavedTask;
const mutator = Mutator.attach(handle);
const { control, layout } = mutator.heap;
const frame = mutator.enter(8);

function fillRegion(): void {
  mutator.allocate(0, 500_000);
  mutator.allocate(0, 500_000);
}

/** An object in root slot `frame` that stays, and in the next three some that will move. */
function prepare(): void {
  mutator.setRoot(frame, mutator.allocate(1, 8));
  mutator.pin(frame);
  // Pages without a stale reference on either side of the object in slot 5.
  for (let i = 0; i < 50; i++) {
    mutator.setRoot(frame + 4, mutator.allocate(2, 2000));
    mutator.store(mutator.root(frame + 4), 1, mutator.root(frame + 6));
    mutator.setRoot(frame + 6, mutator.root(frame + 4));
    if (i === 25) mutator.setRoot(frame + 5, mutator.root(frame + 4));
  }
  mutator.allocate(0, 500_000);
  mutator.allocate(0, 400_000);
  for (let i = 1; i < 4; i++) {
    mutator.setRoot(frame + i, mutator.allocate(1, 8));
    fillRegion();
  }
}

function post(text: string): void {
  parentPort!.postMessage(text);
}

function until(condition: () => boolean): void {
  while (!condition()) mutator.safepoint();
}

function pass(ms: number): void {
  const began = performance.now();
  until(() => performance.now() - began > ms);
}

function afterFlip(): void {
  const before = control[Control.GENERATION];
  until(() => control[Control.GENERATION] !== before);
}

/** Compares a slot that refers to the object in root slot `frame + 2` with that root, which a flip forwards. */
function compare(object: number, before: number): string {
  const [seen, right] = [mutator.load(object, 0), mutator.root(frame + 2)];
  if (right === before) return 'it never moved';
  return seen === right ? 'right' : `the slot still says ${seen}, and the object moved from ${before} to ${right}`;
}

const KINDS: Readonly<Record<InterleavedTask['kind'], () => void>> = {
  holder() {
    prepare();
    mutator.store(mutator.root(frame), 0, mutator.root(frame + 2));
    mutator.setGlobal(0, mutator.root(frame));
    Atomics.store(words, Word.HOLDER, mutator.root(frame));
    const before = mutator.root(frame + 2);
    KINDS.toucher();
    afterFlip();
    pass(2000); // whoever is slow goes on meanwhile
    post(compare(mutator.root(frame), before));
  },
  toucher() {
    mutator.setRoot(frame, mutator.global(0));
    post('ready');
    for (let turn = 1; ; turn++) {
      until(() => Atomics.load(words, Word.GO) >= turn);
      if (Atomics.load(words, Word.GO) >= 1000) return;
      mutator.tag(mutator.root(frame));
      Atomics.add(words, Word.DONE, 1);
    }
  },
  evacuated() {
    prepare();
    const stale = mutator.root(frame + 2);
    post('ready');
    afterFlip();
    mutator.load(stale, 0);
    for (;;) mutator.collect();
  },
  ahead() {
    prepare();
    post('ready');
    until(() => Atomics.load(control, Control.AHEAD) !== 0);
    pass(50);
    mutator.load(0, 0);
    for (;;) mutator.collect();
  },
  parked() {
    mutator.allocate(0, 500_000);
    const region = Math.floor(mutator.allocate(0, 8) / layout.granulesPerRegion);
    mutator.parked(() => new Promise(() => {}));
    parentPort!.on('message', () => {
      throw new Error('on purpose');
    });
    post(String(region));
  },
  waiter() {
    prepare();
    mutator.store(mutator.root(frame), 0, mutator.root(frame + 2));
    Atomics.store(words, Word.HOLDER, mutator.root(frame));
    const before = mutator.root(frame + 2);
    post('ready');
    afterFlip();
    post(compare(mutator.root(frame), before)); // its page is claimed for this very fault
    for (;;) mutator.collect();
  },
  stray() {
    post('ready');
    until(() => Atomics.load(words, Word.GO) === 1);
    mutator.load(0, 0);
    Atomics.add(words, Word.DONE, 1);
    for (;;) mutator.collect();
  },
  store() {
    prepare();
    post('ready');
    until(() => Atomics.load(words, Word.GO) === 1);
    mutator.store(mutator.root(frame + 5), 0, mutator.root(frame + 2));
    const before = mutator.root(frame + 2);
    Atomics.add(words, Word.DONE, 1);
    afterFlip();
    post(compare(mutator.root(frame + 5), before));
  },
};

try {
  KINDS[kind]();
} catch (error) {
  post(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
}
if (kind !== 'parked') {
  try {
    mutator.detach();
  } catch {
    // it has heard already
  }
}
