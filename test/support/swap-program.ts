/**
 * A program that only a write barrier keeps right. Tokens hang on holders; much live data behind every holder makes
 * marking slow, so that for most of it some holders are traced and others are not; and all the while tokens change
 * places through the stack. One that goes from a holder not yet traced to one that is can be found only in the log of
 * what was overwritten, or on the page it was written to. Tokens stand alone among garbage, so that their regions are
 * evacuated, and a token that is not marked is lost. With `wrap`, a token comes to its new holder inside an object that
 * was just made for it.
 */
import { Mutator } from '../../heap/index.js';
import { ModelHeap, ModelMutator } from '../model/index.js';
import { Meeting } from './meeting.js';
import { Mirror, NOTHING, type Pair } from './mirror.js';
import type { ProgramTask } from './model-run.js';
import { runProgram } from './program.js';
import { Random } from './random.js';

const HOLDERS = 4096;
const BEHIND = 200;
/** What is logged in one marking must fit into the log: a full one is shaded by the mutator, and then is no loss. */
const SWAP_EVERY_MS = 0.1;
const Slot = { TABLE: 0, HOLDER: 1, CHAIN: 2, LEFT: 3, RIGHT: 4, WRAP: 5, SLOTS: 6 } as const;

interface SwapTask extends ProgramTask {
  readonly wrap?: boolean;
}

function run({ heap, model, meeting: handle, wrap = false }: SwapTask): number {
  const meeting = new Meeting(handle);
  const mutator = Mutator.attach(heap);
  const mirror = new Mirror(mutator, new ModelMutator(ModelHeap.attach(model), mutator.index));
  const random = new Random(1);
  mirror.enter(Slot.SLOTS);
  build(mirror);
  let swaps = 0;
  for (; !meeting.stopped; swaps++) {
    if (meeting.called) {
      replaceTokens(mirror); // before and not after: the next cycle begins at once
      mutator.parked(() => meeting.attend());
    }
    swap(mirror, random.below(HOLDERS), random.below(HOLDERS), wrap);
  }
  mirror.leave(0);
  mutator.detach();
  return swaps;
}

function build(mirror: Mirror): void {
  mirror.allocate(Slot.TABLE, { references: HOLDERS, payloadBytes: 0, tag: 1 });
  for (let i = 0; i < HOLDERS; i++) {
    mirror.store(mirror.root(Slot.TABLE), i, mirror.allocate(Slot.HOLDER, { references: 2, payloadBytes: 0, tag: i }));
    for (let j = 0; j < BEHIND; j++) {
      const link = mirror.allocate(Slot.CHAIN, { references: 1, payloadBytes: 16, tag: j });
      const holder = mirror.root(Slot.HOLDER);
      mirror.store(link, 0, mirror.load(holder, 1));
      mirror.store(holder, 1, link);
    }
  }
}

function replaceTokens(mirror: Mirror): void {
  for (let i = 0; i < HOLDERS; i++) {
    mirror.allocate(Slot.LEFT, { references: 0, payloadBytes: 120, tag: 0 });
    const token = mirror.allocate(Slot.LEFT, { references: 0, payloadBytes: 8, tag: HOLDERS + i });
    mirror.store(holderAt(mirror, i), 0, token);
  }
  mirror.setRoot(Slot.LEFT, NOTHING);
}

function swap(mirror: Mirror, left: number, right: number, wrap: boolean): void {
  if (left === right) return;
  take(mirror, Slot.LEFT, left);
  take(mirror, Slot.RIGHT, right);
  for (const until = performance.now() + SWAP_EVERY_MS; performance.now() < until; ) mirror.mutator.safepoint();
  if (wrap) for (const slot of [Slot.LEFT, Slot.RIGHT]) wrapUp(mirror, slot);
  mirror.store(holderAt(mirror, left), 0, mirror.root(Slot.RIGHT));
  mirror.store(holderAt(mirror, right), 0, mirror.root(Slot.LEFT));
  mirror.setRoot(Slot.LEFT, NOTHING);
  mirror.setRoot(Slot.RIGHT, NOTHING);
}

/** The token of holder `index`, out of what it may be wrapped in, is on the stack only. */
function take(mirror: Mirror, slot: number, index: number): void {
  const held = mirror.load(holderAt(mirror, index), 0);
  mirror.setRoot(slot, mirror.references(held) > 0 ? mirror.load(held, 0) : held);
  mirror.store(holderAt(mirror, index), 0, NOTHING);
}

function wrapUp(mirror: Mirror, slot: number): void {
  mirror.allocate(Slot.WRAP, { references: 1, payloadBytes: 0, tag: 7 });
  mirror.store(mirror.root(Slot.WRAP), 0, mirror.root(slot));
  mirror.setRoot(slot, mirror.root(Slot.WRAP));
  mirror.setRoot(Slot.WRAP, NOTHING);
}

function holderAt(mirror: Mirror, index: number): Pair {
  return mirror.load(mirror.root(Slot.TABLE), index);
}

runProgram(run);
