/** Heaps full of random objects, for tests that look at one while nothing runs. */
import { Heap, Mutator, type SpaceKind } from '../../heap/index.js';
import type { Random } from './random.js';

/** Sizes at which something ends: words of a bitmap, blocks, pages. */
export const BOUNDARY_GRANULES = [1, 2, 3, 4, 7, 8, 63, 64, 65, 511, 512, 513, 1023, 1024, 1025] as const;
/** Regions are small here, so that there are many in a small heap: 8192 granules, and humongous from 4097 on. */
export const SMALL_REGION_BYTES = 64 << 10;
export const SMALL_HEAP_BYTES = 4 << 20;

export interface FillOptions {
  /** Granules to allocate in all. */
  readonly granules: number;
  /** Share of the objects that stay reachable, about. */
  readonly keep: number;
  /** Sizes to choose from, in granules. */
  readonly sizes: readonly number[];
  readonly humongous: boolean;
  /** Arrays in a comb: each is full of objects, and then of the next array. Tracing it takes room for all of them. */
  readonly comb?: number;
}

/** `pageBytes`: 4096, or as much as SMALL_REGION_BYTES for a heap in which, as with huge pages, a region is a page. */
export function smallHeap(space: SpaceKind = 'twin', pageBytes = 4096): Heap {
  return Heap.create({
    bytes: SMALL_HEAP_BYTES,
    regionBytes: SMALL_REGION_BYTES,
    pageBytes,
    mutators: 2,
    space,
    banks: 1,
  });
}

/**
 * Fills the heap. What stays reachable hangs on global 0, a wide array, and on references among the objects. The
 * mutator has left when this returns: every object has its start bit, and the globals are all the roots.
 */
export function fillHeap(heap: Heap, random: Random, options: FillOptions): void {
  const mutator = Mutator.attach(heap);
  const wide = 3000;
  mutator.setGlobal(0, mutator.allocate(wide, 0, 1));
  for (let i = options.comb ?? 0; i > 0; i--) growComb(mutator);
  for (let used = 0; used < options.granules; ) {
    const granules =
      options.humongous && random.chance(0.003) ? random.between(4097, 20_000) : random.pick(options.sizes);
    const object = allocateSized(mutator, random, granules);
    const table = mutator.global(0);
    for (let i = Math.min(mutator.references(object), 20); i > 0; i--) {
      const other = random.chance(0.2) ? object : mutator.load(table, random.below(wide));
      mutator.store(object, random.below(mutator.references(object)), other);
    }
    if (random.chance(options.keep)) mutator.store(table, random.below(wide), object);
    used += granules;
  }
  for (let i = 0; i < wide; i++) if (!random.chance(options.keep)) mutator.store(mutator.global(0), i, 0);
  if (options.keep === 0) mutator.setGlobal(0, 0);
  mutator.detach();
}

/** An object of exactly `granules`, with any number of references that fits and something in every payload word. */
export function allocateSized(mutator: Mutator, random: Random, granules: number, tag = random.next() | 0): number {
  const words = 2 * granules - 2;
  const references = random.chance(0.2) ? words : random.below(words + 1);
  const object = mutator.allocate(references, 4 * (words - references), tag);
  for (let i = words - references - 1; i >= 0; i--) mutator.setPayload(object, i, random.next() | 0);
  return object;
}

/** Puts another array in front of the comb below global 1. */
function growComb(mutator: Mutator): void {
  const teeth = 1000;
  const array = mutator.allocate(teeth + 1, 0, 2); // nothing moves here: there is no collector
  for (let i = 0; i < teeth; i++) mutator.store(array, i, mutator.allocate(1, 4, i));
  mutator.store(array, teeth, mutator.global(1));
  mutator.setGlobal(1, array);
}
