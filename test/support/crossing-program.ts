/**
 * A mutator whose large objects all reach from page to page, full of references that have to be forwarded at each flip.
 * It touches them a page at a time, in another order each time: so a page is made right now before and now after the
 * one on which its object's header stands, which by then may have been moved away.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Control, type HeapHandle, Mutator } from '../../heap/index.js';
import { Random } from './random.js';

export interface CrossingTask {
  readonly heap: HeapHandle;
  readonly stop: Int32Array;
  readonly seed: number;
}

const TOKENS = 2000;
const OBJECTS = 500;
/** 5.6 KiB: every object stands on two pages or on three. */
const REFERENCES = 1400;
const ORDERS = ['up', 'down', 'odd first', 'even first', 'random'] as const;

const { heap: handle, stop, seed } = workerData as CrossingTask;
const mutator = Mutator.attach(handle);
const { control, layout } = mutator.heap;
const random = new Random(seed);
const frame = mutator.enter(2);
const [tokens, objects] = [frame, frame + 1];
const tokenOf = (object: number, slot: number) => (object * 31 + slot) % TOKENS;

mutator.setRoot(tokens, mutator.allocate(TOKENS, 0));
for (let i = 0; i < TOKENS; i++) renewToken(i);
mutator.setRoot(objects, mutator.allocate(OBJECTS, 0));
for (let i = 0; i < OBJECTS; i++) {
  const made = mutator.allocate(REFERENCES, 0, i);
  mutator.store(mutator.root(objects), i, made);
}
fill();
parentPort!.postMessage('ready');
let flips = 0;
for (let seen = generation(); Atomics.load(stop, 0) === 0; ) {
  mutator.safepoint();
  if (generation() === seen) {
    mutator.parked(() => Atomics.wait(stop, 0, 0, 1));
    continue;
  }
  seen = generation();
  visit(ORDERS[flips++ % ORDERS.length]!);
  for (let i = 0; i < TOKENS; i += 2) renewToken(i);
  fill();
}
mutator.detach();
parentPort!.postMessage(flips);

function generation(): number {
  return Atomics.load(control, Control.GENERATION);
}

/** Reads one slot on every page of every object, the pages in the given order. No safepoint until it is through. */
function visit(order: (typeof ORDERS)[number]): void {
  const touches: { page: number; object: number; index: number; slot: number }[] = [];
  for (let index = 0; index < OBJECTS; index++) {
    const object = mutator.load(mutator.root(objects), index);
    for (let slot = 0, last = -1; slot < REFERENCES; slot++) {
      const page = Math.floor((object * 8 + 8 + 4 * slot) / layout.pageBytes);
      if (page !== last) touches.push({ page, object, index, slot });
      last = page;
    }
  }
  const keys: Record<(typeof ORDERS)[number], (page: number) => number> = {
    up: (page) => page,
    down: (page) => -page,
    'odd first': (page) => page - (page % 2) * layout.pages,
    'even first': (page) => page + (page % 2) * layout.pages,
    random: (page) => (Math.imul(page, seed | 1) * 2_654_435_761) | 0,
  };
  touches.sort((a, b) => keys[order](a.page) - keys[order](b.page));
  for (const { object, index, slot } of touches) {
    const tag = mutator.tag(mutator.load(object, slot));
    if (tag !== tokenOf(index, slot)) {
      throw new Error(`${order}: slot ${slot} of object ${index} leads to token ${tag}, not ${tokenOf(index, slot)}`);
    }
  }
  for (let index = 0; index < OBJECTS; index++) {
    const object = mutator.load(mutator.root(objects), index);
    if (mutator.references(object) !== REFERENCES || mutator.tag(object) !== index) {
      throw new Error(`${order}: object ${index} has another header`);
    }
    const slot = random.below(REFERENCES);
    if (mutator.tag(mutator.load(object, slot)) !== tokenOf(index, slot)) {
      throw new Error(`${order}: slot ${slot} of object ${index} leads to another token`);
    }
  }
}

/** A new token among garbage, so that its region is evacuated. */
function renewToken(number: number): void {
  for (let i = 0; i < 6; i++) mutator.allocate(0, 200, -1);
  const token = mutator.allocate(0, 8, number);
  mutator.store(mutator.root(tokens), number, token);
}

function fill(): void {
  for (let index = 0; index < OBJECTS; index++) {
    mutator.safepoint();
    const object = mutator.load(mutator.root(objects), index);
    const table = mutator.root(tokens);
    for (let slot = 0; slot < REFERENCES; slot++) {
      mutator.store(object, slot, mutator.load(table, tokenOf(index, slot)));
    }
  }
}
