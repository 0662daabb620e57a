/**
 * A mutator with the model's mutator beside it. Every operation is done in both, and whatever is read is compared: a
 * wrong reference is found where it is followed, not only by the next digest.
 */
import type { Mutator } from '../../heap/index.js';
import type { ModelMutator } from '../model/index.js';

/** The same object in the heap and in the model; 0 and 0 for null. Good until the mutator's next safepoint. */
export interface Pair {
  readonly heap: number;
  readonly model: number;
}

export interface Shape {
  readonly references: number;
  readonly payloadBytes: number;
  readonly tag: number;
}

export const NOTHING: Pair = { heap: 0, model: 0 };

export class MirrorMismatch extends Error {
  override readonly name = 'MirrorMismatch';
}

export class Mirror {
  constructor(
    readonly mutator: Mutator,
    readonly model: ModelMutator,
  ) {}

  enter(slots: number): number {
    this.model.enter(slots);
    return this.mutator.enter(slots);
  }

  leave(frame: number): void {
    this.mutator.leave(frame);
    this.model.leave(frame);
  }

  /** A safepoint. The heap first: where it has no room, nothing has happened. */
  allocate(slot: number, { references, payloadBytes, tag }: Shape): Pair {
    const heap = this.mutator.allocate(references, payloadBytes, tag);
    const pair = { heap, model: this.model.allocate(references, payloadBytes, tag) };
    this.setRoot(slot, pair);
    return pair;
  }

  root(slot: number): Pair {
    return this.agree(this.mutator.root(slot), this.model.root(slot), () => `root ${slot}`);
  }

  setRoot(slot: number, value: Pair): void {
    this.mutator.setRoot(slot, value.heap);
    this.model.setRoot(slot, value.model);
  }

  global(index: number): Pair {
    return this.agree(this.mutator.global(index), this.model.global(index), () => `global ${index}`);
  }

  setGlobal(index: number, value: Pair): void {
    this.mutator.setGlobal(index, value.heap);
    this.model.setGlobal(index, value.model);
  }

  load(from: Pair, slot: number): Pair {
    const heap = this.mutator.load(from.heap, slot);
    return this.agree(heap, this.model.load(from.model, slot), () => `slot ${slot} of ${from.heap} (${from.model})`);
  }

  store(into: Pair, slot: number, value: Pair): void {
    this.mutator.store(into.heap, slot, value.heap);
    this.model.store(into.model, slot, value.model);
  }

  references(of: Pair): number {
    return this.model.model.references(of.model);
  }

  tag(of: Pair): number {
    return this.model.model.tag(of.model);
  }

  setTag(of: Pair, tag: number): void {
    this.mutator.setTag(of.heap, tag);
    this.model.setTag(of.model, tag);
  }

  payloadWords(of: Pair): number {
    return this.model.model.payloadWords(of.model);
  }

  comparePayload(of: Pair, index: number): void {
    const heap = this.mutator.payload(of.heap, index);
    const model = this.model.model.payload(of.model, index);
    if (heap !== model) {
      throw new MirrorMismatch(`payload word ${index} of ${of.heap} (${of.model}) is ${heap}, and must be ${model}`);
    }
  }

  setPayload(of: Pair, index: number, value: number): void {
    this.mutator.setPayload(of.heap, index, value);
    this.model.setPayload(of.model, index, value);
  }

  /** Both or neither null, and objects that look the same. */
  private agree(heap: number, model: number, where: () => string): Pair {
    if ((heap === 0) !== (model === 0)) {
      throw new MirrorMismatch(`${where()} is ${heap}, and in the model ${model}: one of them is null`);
    }
    if (heap !== 0) {
      const { mutator } = this;
      const { model: other } = this.model;
      const [references, tag] = [mutator.references(heap), mutator.tag(heap)];
      if (references !== other.references(model) || tag !== other.tag(model)) {
        throw new MirrorMismatch(
          `${where()} is ${heap} with ${references} references and tag ${tag}; ` +
            `the model has ${other.references(model)} and ${other.tag(model)}`,
        );
      }
    }
    return { heap, model };
  }
}
