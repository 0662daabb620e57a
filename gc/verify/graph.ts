/** A heap as a graph to read: roots, objects, edges, payload. For a stopped heap only. */
import {
  Control,
  HEADER_WORDS,
  type Heap,
  headerGranules,
  headerReferences,
  MutatorState,
  Own,
  ownBase,
  Tlab,
  wordOf,
} from '../../heap/index.js';

/** What the digest needs of a graph. Objects are numbers, 0 is null; the model of the tests is another. */
export interface GraphReader {
  /** Every root, nulls included, in an order that does not depend on where objects stand. */
  roots(): Iterable<number>;
  references(object: number): number;
  reference(object: number, slot: number): number;
  tag(object: number): number;
  /** 32-bit words of payload. */
  payloadWords(object: number): number;
  payload(object: number, index: number): number;
}

export class HeapGraph implements GraphReader {
  /** Where objects are read while no compaction runs. */
  readonly words: Int32Array;

  constructor(private readonly heap: Heap) {
    if (Atomics.load(heap.control, Control.COMPACTING) !== 0) {
      throw new RangeError('a heap can be read as a whole only while no compaction runs');
    }
    this.words = heap.space.shared ? heap.workspace : heap.view(0);
  }

  *roots(): Iterable<number> {
    const { control, layout, meta } = this.heap;
    yield* meta.globals;
    for (let i = 0; i < layout.mutators; i++) {
      if (!isThere(this.heap, i)) continue;
      yield* meta.stack(i).subarray(0, control[ownBase(i) + Own.DEPTH]);
    }
  }

  granules(object: number): number {
    const header = this.words[wordOf(object)];
    return header !== 0 ? headerGranules(header) : this.heap.meta.regionSize[this.region(object)];
  }

  references(object: number): number {
    const header = this.words[wordOf(object)];
    return header !== 0 ? headerReferences(header) : this.heap.meta.regionReferences[this.region(object)];
  }

  reference(object: number, slot: number): number {
    return this.words[wordOf(object) + HEADER_WORDS + slot];
  }

  tag(object: number): number {
    return this.words[wordOf(object) + 1];
  }

  payloadWords(object: number): number {
    return 2 * this.granules(object) - HEADER_WORDS - this.references(object);
  }

  payload(object: number, index: number): number {
    return this.words[wordOf(object) + HEADER_WORDS + this.references(object) + index];
  }

  region(object: number): number {
    return Math.floor(object / this.heap.layout.granulesPerRegion);
  }
}

/** Whether there is a mutator `index`, with words of its own: while one joins they are still those of another. */
function isThere({ control }: Heap, index: number): boolean {
  const state = Atomics.load(control, ownBase(index) + Own.STATE);
  return state !== MutatorState.ABSENT && state !== MutatorState.ATTACHING;
}

/** Gives start bits to what mutators have allocated since they last did. Every mutator must be stopped. */
export function settle(heap: Heap): void {
  for (let i = 0; i < heap.layout.mutators; i++) {
    if (!isThere(heap, i)) continue;
    const tlab = new Tlab(heap, i).reload();
    tlab.reindex();
    tlab.publish();
  }
}
