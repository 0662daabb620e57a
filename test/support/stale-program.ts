/**
 * A program that only the barrier between plan and flip keeps right. Holders stand close together and refer to nothing,
 * so that their regions are kept and their pages are right; tokens stand among garbage, so that theirs are evacuated.
 * From when the pages that are right are looked for until the flip, tokens are stored into holders as fast as it goes:
 * a page that was mapped ahead of the flip must not be there after it with a token's old address in it.
 */
import { Control, Mutator } from '../../heap/index.js';
import { ModelHeap, ModelMutator } from '../model/index.js';
import { Meeting } from './meeting.js';
import { Mirror, NOTHING } from './mirror.js';
import type { ProgramTask } from './model-run.js';
import { runProgram } from './program.js';
import { Random } from './random.js';

const HOLDERS = 20_000;
const TOKENS = 4096;
const Slot = { HOLDERS: 0, TOKENS: 1, NEW: 2, SLOTS: 3 } as const;

function run({ heap, model, meeting: handle }: ProgramTask): number {
  const meeting = new Meeting(handle);
  const mutator = Mutator.attach(heap);
  const mirror = new Mirror(mutator, new ModelMutator(ModelHeap.attach(model), mutator.index));
  const random = new Random(3);
  mirror.enter(Slot.SLOTS);
  mirror.allocate(Slot.HOLDERS, { references: HOLDERS, payloadBytes: 0, tag: 1 });
  for (let i = 0; i < HOLDERS; i++) {
    const holder = mirror.allocate(Slot.NEW, { references: 1, payloadBytes: 500, tag: i });
    mirror.store(mirror.root(Slot.HOLDERS), i, holder);
  }
  let stores = 0;
  for (; !meeting.stopped; stores++) {
    if (mirror.model.model.freeRegions < 8) mutator.parked(() => meeting.need());
    if (meeting.called) {
      renew(mirror);
      mutator.parked(() => meeting.attend());
    }
    if (stores % 16 === 0) mutator.safepoint();
    if (mutator.heap.control[Control.AHEAD] === 0) continue; // before, it would leave no page right
    const holder = mirror.load(mirror.root(Slot.HOLDERS), random.below(HOLDERS));
    const token = mirror.load(mirror.root(Slot.TOKENS), random.below(TOKENS));
    mirror.store(holder, 0, token);
  }
  mirror.leave(0);
  mutator.detach();
  return stores;
}

/** Clears the holders, and puts new tokens where they will be evacuated from, in an array that is new as well. */
function renew(mirror: Mirror): void {
  for (let i = 0; i < HOLDERS; i++) mirror.store(mirror.load(mirror.root(Slot.HOLDERS), i), 0, NOTHING);
  mirror.allocate(Slot.TOKENS, { references: TOKENS, payloadBytes: 0, tag: 2 });
  for (let i = 0; i < TOKENS; i++) {
    mirror.allocate(Slot.NEW, { references: 0, payloadBytes: 600, tag: 0 });
    const token = mirror.allocate(Slot.NEW, { references: 0, payloadBytes: 24, tag: i });
    mirror.store(mirror.root(Slot.TOKENS), i, token);
  }
  mirror.setRoot(Slot.NEW, NOTHING);
}

runProgram(run);
