/** Two mutators at one heap: one makes objects and stores each where the other looks, which reads it at once. */
import { type HeapHandle, Mutator } from '../../heap/index.js';
import { runProgram } from './program.js';

export interface HandOverTask {
  readonly heap: HeapHandle;
  readonly kind: 'giver' | 'taker';
  readonly ms: number;
}

export interface HandedOver {
  readonly objects: number;
  /** What was not as its maker left it; at most one thing. */
  readonly wrong: string | null;
}

/** Slots of the table on global 0: many, so that the taker has one that was just written more often. */
const SLOTS = 64;

function give(mutator: Mutator, ms: number): HandedOver {
  mutator.setGlobal(0, mutator.allocate(SLOTS, 0));
  let objects = 0;
  for (const until = performance.now() + ms; performance.now() < until; ) {
    for (let i = 0; i < 1000; i++) {
      const references = 1 + (objects % 7);
      const made = mutator.allocate(references, 8, references);
      mutator.setPayload(made, 0, references);
      mutator.store(mutator.global(0), objects % SLOTS, made);
      objects++;
    }
  }
  return { objects, wrong: null };
}

function take(mutator: Mutator, ms: number): HandedOver {
  let objects = 0;
  let wrong: string | null = null;
  let last = 0;
  for (const until = performance.now() + ms; performance.now() < until && wrong === null; ) {
    for (let i = 0; i < 1000; i++) {
      mutator.safepoint();
      const table = mutator.global(0);
      if (table === 0) continue;
      const object = mutator.load(table, i % SLOTS);
      if (object === 0 || object === last) continue;
      last = object;
      const [references, tag, payload] = [mutator.references(object), mutator.tag(object), mutator.payload(object, 0)];
      if (references < 1 || references > 7 || tag !== references || payload !== references) {
        wrong = `object ${object} has ${references} references, tag ${tag}, payload ${payload}`;
      }
      objects++;
    }
  }
  return { objects, wrong };
}

runProgram<HandOverTask, HandedOver>(({ heap, kind, ms }) => {
  const mutator = Mutator.attach(heap);
  const seen = kind === 'giver' ? give(mutator, ms) : take(mutator, ms);
  mutator.detach();
  return seen;
});
