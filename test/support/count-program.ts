/**
 * A program that touches every page it has, again and again: it counts in each of many objects, and replaces some so
 * that there is always something to move. What it reads must be what it wrote last, compaction or not.
 */
import { Mutator } from '../../heap/index.js';
import { ModelHeap, ModelMutator } from '../model/index.js';
import { Meeting } from './meeting.js';
import { Mirror } from './mirror.js';
import type { ProgramTask } from './model-run.js';
import { runProgram } from './program.js';
import { Random } from './random.js';

const OBJECTS = 16_384;
const PAYLOAD_BYTES = 1000;
const REPLACED_EACH_PASS = 1000;
const Slot = { TABLE: 0, NEW: 1, SLOTS: 2 } as const;

function run({ heap, model, meeting: handle }: ProgramTask): number {
  const meeting = new Meeting(handle);
  const mutator = Mutator.attach(heap);
  const mirror = new Mirror(mutator, new ModelMutator(ModelHeap.attach(model), mutator.index));
  const random = new Random(2);
  mirror.enter(Slot.SLOTS);
  mirror.allocate(Slot.TABLE, { references: OBJECTS, payloadBytes: 0, tag: 1 });
  for (let i = 0; i < OBJECTS; i++) replace(mirror, i, random);
  let passes = 0;
  for (; !meeting.stopped; passes++) {
    if (mirror.model.model.freeRegions < 8) mutator.parked(() => meeting.need());
    if (meeting.called) mutator.parked(() => meeting.attend());
    count(mirror);
    for (let i = 0; i < REPLACED_EACH_PASS; i++) replace(mirror, random.below(OBJECTS), random);
  }
  mirror.leave(0);
  mutator.detach();
  return passes;
}

function replace(mirror: Mirror, index: number, random: Random): void {
  const made = mirror.allocate(Slot.NEW, { references: 1, payloadBytes: PAYLOAD_BYTES, tag: random.next() | 0 });
  const table = mirror.root(Slot.TABLE);
  mirror.store(made, 0, mirror.load(table, random.below(OBJECTS)));
  const old = mirror.load(table, index);
  if (old.heap !== 0) mirror.store(old, 0, { heap: 0, model: 0 });
  mirror.store(table, index, made);
}

/** From the end: compaction begins at the other. */
function count(mirror: Mirror): void {
  for (let i = OBJECTS - 1; i >= 0; i--) {
    mirror.mutator.safepoint();
    const object = mirror.load(mirror.root(Slot.TABLE), i);
    mirror.comparePayload(object, 0);
    mirror.setPayload(object, 0, mirror.model.model.payload(object.model, 0) + 1);
  }
}

runProgram(run);
