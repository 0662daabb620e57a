/**
 * The model: a heap of its own in typed arrays, with the same objects, roots and regions as the real one, and a
 * collection that stops the world. It is the executable specification: a program that is run on both must find the
 * same graph in both (gc/verify/digest.ts) at every point where they can be compared.
 *
 * Threads may share one: each has a ModelMutator of its own, and they keep to objects of their own or take turns.
 */

import type { GraphReader } from '../../gc/index.js';
import { GLOBAL_SLOTS, RegionState, STACK_SLOTS } from '../../heap/index.js';
import { type ModelMemory, type ModelShape, newMemory } from './memory.js';
import { granulesOf, referencesOf, slotWord } from './object.js';

/** Everything of a model, to be posted to another thread. */
export interface ModelHandle {
  readonly memory: ModelMemory;
  readonly globals: Int32Array;
  /** A shadow stack a mutator, and how many slots of it are in use. */
  readonly stacks: readonly Int32Array[];
  readonly depths: Int32Array;
  /** The region in which each mutator allocates, or -1. */
  readonly open: Int32Array;
}

export class ModelHeap implements GraphReader {
  private constructor(readonly handle: ModelHandle) {}

  static create(shape: ModelShape, mutators: number): ModelHeap {
    const shared = (length: number) => new Int32Array(new SharedArrayBuffer(4 * length));
    const memory = newMemory(shape);
    memory.regionState[0] = RegionState.NULL; // no object has reference 0
    return new ModelHeap({
      memory,
      globals: shared(GLOBAL_SLOTS),
      stacks: Array.from({ length: mutators }, () => shared(STACK_SLOTS)),
      depths: shared(mutators),
      open: shared(mutators).fill(-1),
    });
  }

  static attach(handle: ModelHandle): ModelHeap {
    return new ModelHeap(handle);
  }

  get memory(): ModelMemory {
    return this.handle.memory;
  }

  get freeRegions(): number {
    return this.memory.regionState.reduce((free, state) => free + (state === RegionState.FREE ? 1 : 0), 0);
  }

  *roots(): Iterable<number> {
    const { globals, stacks, depths } = this.handle;
    yield* globals;
    for (const [i, stack] of stacks.entries()) yield* stack.subarray(0, depths[i]);
  }

  references(object: number): number {
    return referencesOf(this.memory, object);
  }

  reference(object: number, slot: number): number {
    return this.memory.words[slotWord(object, slot)];
  }

  tag(object: number): number {
    return this.memory.words[2 * object + 1];
  }

  payloadWords(object: number): number {
    return 2 * granulesOf(this.memory, object) - 2 - this.references(object);
  }

  payload(object: number, index: number): number {
    return this.memory.words[slotWord(object, this.references(object)) + index];
  }
}
