/** Typed views of the metadata mapping, one set a thread. Columns are described in layout.ts. */
import { FAULT_COUNT_WORDS, FLIP_WORDS, GLOBAL_SLOTS, type Layout, LOG_ENTRIES, STACK_SLOTS } from './layout.js';
import { MAX_SLOTS } from './page-state.js';

export interface Metadata {
  /** Bit a granule, as 32-bit words: granule g is bit g & 31 of word g >>> 5. */
  readonly live: Uint32Array;
  readonly starts: Uint32Array;
  readonly destination: Uint32Array;
  readonly origin: Uint32Array;
  /** One word a page; see gc/protocol.ts. */
  readonly pageState: Int32Array;
  // A heap has fewer than 2^31 granules (MAX_HEAP_BYTES): a signed word holds a top, a reference, a number of live ones.
  readonly regionState: Int32Array;
  readonly regionTop: Int32Array;
  readonly regionLive: Int32Array;
  readonly regionBorn: Int32Array;
  readonly regionHead: Int32Array;
  /** Of a large object, at its head: granules, and references, of which it may have 2^32 less some. */
  readonly regionSize: Uint32Array;
  readonly regionReferences: Uint32Array;
  readonly regionNext: Int32Array;
  readonly regionPins: Int32Array;
  /** Cycle that last evacuated the region; 0 for none. Plan writes; for the message about a page that is dead. */
  readonly regionEvacuated: Int32Array;
  /** Generation in which a worker took the region, where they do not go by address. Workers exchange. */
  readonly regionWalked: Int32Array;
  /** 1: poisoned in the view, until somebody opens it. The collector sets, whoever opens the region clears. */
  readonly regionPoisoned: Int32Array;
  /** FlipWord: what signal handlers must know. */
  readonly flip: Int32Array;
  /** By slot: page of the workspace where a READY page stands. Its owner writes before READY. */
  readonly slotPages: Int32Array;
  /** What the signal handler of a mutator has done; the last one is for threads that are none. */
  faultCounts(mutator: number): Int32Array;
  readonly globals: Int32Array;
  stack(mutator: number): Int32Array;
  log(mutator: number): Int32Array;
  /** A mutator's own pins, by region. It counts them itself; whoever detaches it takes them back. */
  pins(mutator: number): Int32Array;
}

export function viewMetadata(buffer: ArrayBuffer, layout: Layout): Metadata {
  const { granules, pages, regions, region } = layout;
  const words = (offset: number, length: number) => new Int32Array(buffer, offset, length);
  const unsigned = (offset: number, length: number) => new Uint32Array(buffer, offset, length);
  return {
    live: unsigned(layout.live, granules / 32),
    starts: unsigned(layout.starts, granules / 32),
    destination: unsigned(layout.destination, granules / 64),
    origin: unsigned(layout.origin, pages),
    pageState: words(layout.pageState, pages),
    regionState: words(region.regionState, regions),
    regionTop: words(region.regionTop, regions),
    regionLive: words(region.regionLive, regions),
    regionBorn: words(region.regionBorn, regions),
    regionHead: words(region.regionHead, regions),
    regionSize: unsigned(region.regionSize, regions),
    regionReferences: unsigned(region.regionReferences, regions),
    regionNext: words(region.regionNext, regions),
    regionPins: words(region.regionPins, regions),
    regionEvacuated: words(region.regionEvacuated, regions),
    regionWalked: words(region.regionWalked, regions),
    regionPoisoned: words(region.regionPoisoned, regions),
    flip: words(layout.flip, FLIP_WORDS),
    slotPages: words(layout.slotPages, MAX_SLOTS + 1),
    faultCounts: (mutator) => words(layout.faultCounts + mutator * FAULT_COUNT_WORDS * 4, FAULT_COUNT_WORDS),
    globals: words(layout.globals, GLOBAL_SLOTS),
    stack: (mutator) => words(layout.stacks + mutator * STACK_SLOTS * 4, STACK_SLOTS),
    log: (mutator) => words(layout.logs + mutator * LOG_ENTRIES * 4, LOG_ENTRIES),
    pins: (mutator) => words(layout.pins + mutator * regions * 4, regions),
  };
}

/** Bit `granule` of a bitmap. */
export function testBit(bits: Uint32Array, granule: number): boolean {
  return ((bits[granule >>> 5] >>> (granule & 31)) & 1) === 1;
}
