/** One thread's use of the model: the operations of heap/mutator.ts, without barriers, safepoints or faults. */
import {
  encodeHeader,
  MAX_HEADER_FIELD,
  OutOfMemoryError,
  RegionState,
  roundUp,
  sizeInGranules,
} from '../../heap/index.js';
import { setBit } from './bits.js';
import type { ModelHeap } from './heap.js';
import { referencesOf, slotWord } from './object.js';

export class ModelMutator {
  private readonly stack: Int32Array;

  constructor(
    readonly model: ModelHeap,
    readonly index: number,
  ) {
    this.stack = model.handle.stacks[index]!;
    model.handle.depths[index] = 0; // who was here before may have ended without leaving
  }

  /** Throws OutOfMemoryError if the model has no room: collectModel() makes some. */
  allocate(references: number, payloadBytes: number, tag = 0): number {
    const granules = sizeInGranules(references, payloadBytes);
    const { shape, words, starts } = this.model.memory;
    const humongous =
      granules > Math.min(MAX_HEADER_FIELD, shape.granulesPerRegion / 2) || references > MAX_HEADER_FIELD;
    const object = humongous ? this.takeRun(granules, references) : this.bump(granules);
    words.fill(0, 2 * object, 2 * (object + granules));
    words[2 * object] = humongous ? 0 : encodeHeader(granules, references);
    words[2 * object + 1] = tag;
    setBit(starts, object);
    return object;
  }

  load(object: number, slot: number): number {
    return this.model.memory.words[slotWord(object, slot)];
  }

  store(object: number, slot: number, value: number): void {
    this.model.memory.words[slotWord(object, slot)] = value;
  }

  setPayload(object: number, index: number, value: number): void {
    const { memory } = this.model;
    memory.words[slotWord(object, referencesOf(memory, object)) + index] = value;
  }

  setTag(object: number, tag: number): void {
    this.model.memory.words[2 * object + 1] = tag;
  }

  enter(slots: number): number {
    const { depths } = this.model.handle;
    const frame = depths[this.index];
    this.stack.fill(0, frame, frame + slots);
    depths[this.index] = frame + slots;
    return frame;
  }

  leave(frame: number): void {
    this.model.handle.depths[this.index] = frame;
  }

  root(slot: number): number {
    return this.stack[slot];
  }

  setRoot(slot: number, value: number): void {
    this.stack[slot] = value;
  }

  global(index: number): number {
    return this.model.handle.globals[index];
  }

  setGlobal(index: number, value: number): void {
    this.model.handle.globals[index] = value;
  }

  private bump(granules: number): number {
    const { memory, handle } = this.model;
    const { granulesPerRegion } = memory.shape;
    const open = handle.open[this.index];
    if (open >= 0 && memory.regionTop[open] + granules <= (open + 1) * granulesPerRegion) {
      const object = memory.regionTop[open];
      memory.regionTop[open] += granules;
      return object;
    }
    const region = this.take(granules, 1);
    memory.regionState[region] = RegionState.KEPT;
    memory.regionTop[region] = region * granulesPerRegion + granules;
    handle.open[this.index] = region;
    return region * granulesPerRegion;
  }

  private takeRun(granules: number, references: number): number {
    const { memory } = this.model;
    const { granulesPerRegion } = memory.shape;
    const count = roundUp(granules, granulesPerRegion) / granulesPerRegion;
    const head = this.take(granules, count);
    const first = head * granulesPerRegion;
    for (let region = head; region < head + count; region++) {
      memory.regionHead[region] = head;
      memory.regionTop[region] = Math.min(first + granules, (region + 1) * granulesPerRegion);
    }
    memory.regionSize[head] = granules;
    memory.regionReferences[head] = references;
    memory.regionState[head] = RegionState.HUMONGOUS;
    return first;
  }

  /** Takes `count` neighbouring free regions, as parts of a humongous run so far. Other threads may be taking, too. */
  private take(granules: number, count: number): number {
    const { regionState, shape } = this.model.memory;
    let length = 0;
    for (let region = 0; region < shape.regions; region++) {
      const was = Atomics.compareExchange(regionState, region, RegionState.FREE, RegionState.HUMONGOUS_TAIL);
      if (was === RegionState.FREE) {
        if (++length === count) return region - count + 1;
      } else {
        for (; length > 0; length--) Atomics.store(regionState, region - length, RegionState.FREE);
      }
    }
    for (; length > 0; length--) Atomics.store(regionState, shape.regions - length, RegionState.FREE);
    throw new OutOfMemoryError(8 * granules, 8 * shape.granules, 'the model is full');
  }
}
