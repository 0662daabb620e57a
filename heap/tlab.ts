/**
 * Where a mutator's objects come from: a region of its own, handed out 64 KiB at a time. The mutator owns it while it
 * runs; whoever has seized the mutator works on it through the published words, with the same methods.
 *
 * A chunk is zeroed and mapped with one bulk ioctl just before it is used, and its objects get their start bits when
 * it is left, both while the lines are in the cache. Of a page larger than a chunk all is mapped with its first chunk,
 * and the others are zeroed as they are come to: nobody looks at what lies behind the last object of a region. After a
 * flip the limit is a page boundary, so a page is either all older than a flip or all younger.
 */
import { GRANULE_BYTES, roundUp } from './address.js';
import { Control, Own, ownBase } from './control.js';
import type { Heap } from './heap.js';
import { encodeState, PageState } from './page-state.js';
import { cleanse } from './poison.js';
import { RegionState } from './region.js';
import { PACE_BYTES } from './stall.js';

const CHUNK_GRANULES = (64 << 10) / GRANULE_BYTES;

export class Tlab {
  top = 0;
  limit = 0;
  /** Objects below this granule have start bits. */
  indexed = 0;
  region = -1;
  private readonly control: Int32Array;
  private readonly own: number;

  constructor(
    private readonly heap: Heap,
    index: number,
  ) {
    this.control = heap.control;
    this.own = ownBase(index);
  }

  /** Makes room for `granules` in the region at hand. False: it is full, or there is none. */
  extend(granules: number, bank: number, generation: number): boolean {
    if (this.region < 0) return false;
    const { granulesPerRegion } = this.heap.layout;
    const end = (this.region + 1) * granulesPerRegion;
    if (this.top + granules > end) return false;
    this.reindex();
    const missing = this.top + granules - this.limit;
    const limit = Math.min(end, this.limit + wholeSteps(this.heap, Math.max(missing, CHUNK_GRANULES)));
    provide(this.heap, this.limit, limit - this.limit, bank, generation);
    this.limit = limit;
    this.control[this.own + Own.LIMIT] = limit;
    return true;
  }

  /** Takes over a region that was just taken as OPEN. */
  open(region: number, born: number, bank: number): void {
    cleanse(this.heap, region, bank);
    const first = region * this.heap.layout.granulesPerRegion;
    Atomics.store(this.heap.meta.regionBorn, region, born);
    this.region = region;
    this.top = this.limit = this.indexed = first;
    // Written out, as publish() is: a call may throw at the end of the stack, and then the region would be nobody's.
    const { control, own } = this;
    control[own + Own.TOP] = control[own + Own.LIMIT] = control[own + Own.INDEXED] = first;
    control[own + Own.REGION] = region;
  }

  /** Leaves the region for good: from now on it is the collector's. */
  close(): void {
    if (this.region < 0) return;
    this.reindex();
    Atomics.store(this.heap.meta.regionState, this.region, RegionState.KEPT);
    this.control[this.own + Own.REGION] = -1;
    this.region = -1;
    this.top = this.limit = this.indexed = 0;
  }

  /** Gives start bits to what was allocated since the last time, and tells the region's top. */
  reindex(): void {
    if (this.region < 0) return;
    this.heap.kernels.indexObjects(this.indexed, this.top);
    this.indexed = this.top;
    // A release, after the start bits: who sees a top (kernel barrier, compaction) sees the objects below it. Once a chunk.
    Atomics.store(this.heap.meta.regionTop, this.region, this.top);
    this.control[this.own + Own.INDEXED] = this.top;
  }

  /** Finds the end of what a thread that has ended had allocated: see dead-mutator.ts. */
  find(): void {
    this.top = this.heap.kernels.indexWhatStands(this.indexed, this.limit);
  }

  /** Nothing that comes after a flip shares a page with what came before it. */
  skipToPage(): void {
    if (this.region < 0) return;
    const { granulesPerPage } = this.heap.layout;
    this.reindex();
    this.top = this.limit = this.indexed = Math.ceil(this.top / granulesPerPage) * granulesPerPage;
  }

  /** Copies the words out for whoever seizes the mutator, and back. */
  publish(): void {
    const { control, own } = this;
    control[own + Own.TOP] = this.top;
    control[own + Own.LIMIT] = this.limit;
    control[own + Own.INDEXED] = this.indexed;
    control[own + Own.REGION] = this.region; // last: with the others as they were, it would be no region's TLAB
  }

  reload(): this {
    const { control, own } = this;
    this.region = control[own + Own.REGION]!;
    this.top = control[own + Own.TOP]!;
    this.limit = control[own + Own.LIMIT]!;
    this.indexed = control[own + Own.INDEXED]!;
    return this;
  }
}

/** `granules`, rounded up to what is handed out at once: pages, or chunks where a page is larger than one. */
function wholeSteps(heap: Heap, granules: number): number {
  return roundUp(granules, Math.min(heap.layout.granulesPerPage, CHUNK_GRANULES));
}

/**
 * Gives granules [from, from + count), whole steps, to a mutator of view `bank`: zero, and present. Pages that begin
 * there are MAPPED; one that began before was given to the same mutator since the last flip.
 */
export function provide(heap: Heap, from: number, count: number, bank: number, generation: number): void {
  const { granulesPerPage } = heap.layout;
  const mapped = encodeState(generation, PageState.MAPPED);
  const end = Math.ceil((from + count) / granulesPerPage);
  for (let page = Math.ceil(from / granulesPerPage); page < end; page++) {
    Atomics.store(heap.meta.pageState, page, mapped);
  }
  heap.space.provide(bank, from * GRANULE_BYTES, count * GRANULE_BYTES);
  Atomics.add(heap.control, Control.TAKEN, (count * GRANULE_BYTES) / PACE_BYTES);
}

/** Takes and fills in the regions of a humongous object; its first granule, or 0 where there is no such run. */
export function openHumongous(
  heap: Heap,
  granules: number,
  references: number,
  born: number,
  bank: number,
  generation: number,
): number {
  const { meta, layout, regions, control } = heap;
  const count = Math.ceil(granules / layout.granulesPerRegion);
  const head = regions.takeRun(count, Atomics.load(control, Control.RESERVE));
  if (head < 0) return 0;
  const first = head * layout.granulesPerRegion;
  try {
    for (let region = head; region < head + count; region++) {
      cleanse(heap, region, bank);
      meta.regionHead[region] = head;
      meta.regionBorn[region] = born;
    }
    meta.regionSize[head] = granules;
    meta.regionReferences[head] = references;
    provide(heap, first, wholeSteps(heap, granules), bank, generation);
  } catch (error) {
    // The kernel has no memory for it: nobody has seen the run, so it can be given back as it is.
    for (let region = head; region < head + count; region++) {
      meta.regionHead[region] = region;
      regions.release(region);
    }
    throw error;
  }
  // Tops last: a compaction that walks the table must not find pages here that are not MAPPED yet.
  for (let region = head; region < head + count; region++) {
    const end = Math.min(first + granules, (region + 1) * layout.granulesPerRegion);
    Atomics.store(meta.regionTop, region, end);
  }
  meta.starts[first >>> 5] |= 1;
  Atomics.store(meta.regionState, head, RegionState.HUMONGOUS);
  return first;
}
