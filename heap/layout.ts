/**
 * Where everything stands: the heap's shape, and the columns of the metadata mapping.
 *
 * One native mapping that JavaScript views and C++ kernels share; about 4.1% of the heap, plus a fixed part a mutator:
 *
 *     live          1 bit a granule     1.56%
 *     starts        1 bit a granule     1.56%
 *     destination   4 bytes a block     0.78%   lent to marking as its grey pool
 *     origin        4 bytes a page      0.10%
 *     pageState     4 bytes a page      0.10%
 *     region table  13 columns of 4 bytes a region
 *     flip          what signal handlers must know of the last flip; faultCounts, 1 KiB a mutator: what they did
 *     slotPages     4 bytes a staging slot: where a page stands that was built in a recycled one
 *     roots         global slots; a shadow stack and a barrier log a mutator
 *     pins          4 bytes a region and mutator: see pins.ts
 */
import { BLOCK_GRANULES, DEFAULT_REGION_BYTES, GRANULE_BYTES, MAX_HEAP_BYTES, PAGE_BYTES, roundUp } from './address.js';
import { HeapError } from './errors.js';
import { MAX_SLOTS } from './page-state.js';

export const REGION_COLUMNS = [
  'regionState',
  'regionTop',
  'regionLive',
  'regionBorn',
  'regionHead',
  'regionSize',
  'regionReferences',
  'regionNext',
  'regionRescan',
  'regionPins',
  'regionEvacuated',
  'regionWalked',
  'regionPoisoned',
] as const;
export type RegionColumn = (typeof REGION_COLUMNS)[number];

export interface HeapShape {
  /** Bytes that objects can have, a multiple of regionBytes. */
  readonly bytes: number;
  /** Unit of allocation, choice and reuse; a power of two, at least a page. */
  readonly regionBytes: number;
  /** Unit of the page protocol; 2 MiB are made of reserved huge pages, anything else of the system's own pages. */
  readonly pageBytes: number;
  /** How many mutators may be attached at once. */
  readonly mutators: number;
}

/** Byte offsets into the metadata mapping; plain numbers, so that it can be sent to a worker. */
export interface Layout extends HeapShape {
  /** Bytes of address space: `bytes`, and the null region in front, which never has memory. */
  readonly spanBytes: number;
  readonly granules: number;
  readonly pages: number;
  readonly regions: number;
  readonly granulesPerPage: number;
  readonly granulesPerRegion: number;
  readonly pagesPerRegion: number;
  readonly live: number;
  readonly starts: number;
  readonly destination: number;
  readonly origin: number;
  readonly pageState: number;
  readonly flip: number;
  readonly faultCounts: number;
  readonly slotPages: number;
  readonly region: Readonly<Record<RegionColumn, number>>;
  readonly globals: number;
  readonly stacks: number;
  readonly logs: number;
  readonly pins: number;
  readonly metadataBytes: number;
}

export const GLOBAL_SLOTS = 1024;
/** Mutators that one heap has room for: 69 KiB of metadata each, and 4 bytes a region. */
export const MAX_MUTATORS = 2 ** 14;
/** Slots of one mutator's shadow stack. */
export const STACK_SLOTS = 16384;
/** References in one mutator's barrier log before it is shaded. */
export const LOG_ENTRIES = 1024;

/** Words that tell signal handlers of the last flip, and words in which each mutator's handler counts. */
export const FLIP_WORDS = 16;
export const FAULT_COUNT_WORDS = 256;

/** Lays the metadata out. Throws HeapError on a shape that cannot be. */
export function layOut(shape: HeapShape): Layout {
  const { bytes, regionBytes, pageBytes, mutators } = shape;
  const powerOfTwo = (n: number) => Number.isSafeInteger(n) && n > 0 && Number.isInteger(Math.log2(n));
  if (!powerOfTwo(regionBytes) || !powerOfTwo(pageBytes) || regionBytes < pageBytes || pageBytes < PAGE_BYTES) {
    throw new HeapError(
      'shape',
      `regions of ${String(regionBytes)} bytes and pages of ${String(pageBytes)}: both must be powers of two`,
    );
  }
  if (!Number.isSafeInteger(mutators) || mutators < 1 || mutators > MAX_MUTATORS) {
    throw new HeapError('shape', `${String(mutators)} mutators: a heap has places for 1 to ${MAX_MUTATORS}`);
  }
  if (!Number.isSafeInteger(bytes) || bytes % regionBytes !== 0 || bytes < 4 * regionBytes) {
    const least = (4 * regionBytes) / 2 ** 20;
    throw new HeapError(
      'shape',
      `a heap of ${String(bytes)} bytes: it must be whole regions, at least 4 (${least} MiB)`,
    );
  }
  const spanBytes = bytes + regionBytes;
  if (spanBytes > MAX_HEAP_BYTES) {
    throw new HeapError('shape', `a heap of ${bytes} bytes: references reach ${MAX_HEAP_BYTES - regionBytes} bytes`);
  }
  const granules = spanBytes / GRANULE_BYTES;
  const pages = spanBytes / pageBytes;
  const regions = spanBytes / regionBytes;
  let end = 0;
  const take = (size: number) => {
    const at = end;
    end = roundUp(end + size, 64);
    return at;
  };
  const live = take(granules / 8);
  const starts = take(granules / 8);
  const destination = take((granules / BLOCK_GRANULES) * 4);
  const origin = take(pages * 4);
  const pageState = take(pages * 4);
  const region = Object.fromEntries(REGION_COLUMNS.map((name) => [name, take(regions * 4)])) as Record<
    RegionColumn,
    number
  >;
  const flip = take(4 * FLIP_WORDS);
  const faultCounts = take((mutators + 1) * 4 * FAULT_COUNT_WORDS);
  const slotPages = take((MAX_SLOTS + 1) * 4);
  const globals = take(GLOBAL_SLOTS * 4);
  const stacks = take(mutators * STACK_SLOTS * 4);
  const logs = take(mutators * LOG_ENTRIES * 4);
  const pins = take(mutators * regions * 4);
  return {
    ...shape,
    spanBytes,
    granules,
    pages,
    regions,
    granulesPerPage: pageBytes / GRANULE_BYTES,
    granulesPerRegion: regionBytes / GRANULE_BYTES,
    pagesPerRegion: regionBytes / pageBytes,
    live,
    starts,
    destination,
    origin,
    pageState,
    flip,
    faultCounts,
    slotPages,
    region,
    globals,
    stacks,
    logs,
    pins,
    metadataBytes: roundUp(end, PAGE_BYTES),
  };
}

/** Bytes of the largest heap with the usual regions. */
export function mostHeapBytes(pageBytes = PAGE_BYTES): number {
  const { regionBytes } = defaultShape(0, 1, pageBytes);
  return (Math.floor(MAX_HEAP_BYTES / regionBytes) - 1) * regionBytes; // without the null region
}

/** A shape with the usual regions: of 1 MiB, or of one page where pages are larger. */
export function defaultShape(bytes: number, mutators: number, pageBytes = PAGE_BYTES): HeapShape {
  return { bytes, regionBytes: Math.max(DEFAULT_REGION_BYTES, pageBytes), pageBytes, mutators };
}
