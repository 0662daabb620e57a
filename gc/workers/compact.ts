/** A compaction worker: walks regions, makes stale pages right, publishes them in batches. */
import { Control, type Heap, PageState, RegionState } from '../../heap/index.js';
import type { Forwarder } from '../forwarder.js';
import type { Walk } from '../policy/walk.js';
import type { Resolution } from '../resolution/index.js';
import { Spent } from '../spent.js';
import type { Moves } from './plan.js';

export interface CompactOptions {
  readonly heap: Heap;
  readonly forwarder: Forwarder;
  readonly cycle: number;
  readonly moves: Moves;
  readonly walk: Walk;
  /** Pages published by one call at most. */
  readonly batch: number;
  /** First of `batch` staging slots that are this worker's. */
  readonly firstSlot: number;
  /** Called after each region with the share of regions taken so far. */
  readonly onProgress: (share: number) => void;
  /** Called between a page's claim and its being ready, to break something there in tests. */
  readonly onPage?: (() => void) | undefined;
}

/** Consecutive READY pages that wait to be published with one call, and the slots in which they stand. */
class Run {
  private first = 0;
  private slot = 0;
  private last = 0;
  private slotsUsed = 0;
  private length = 0;

  constructor(
    private readonly forwarder: Forwarder,
    private readonly firstSlot: number,
    private readonly batch: number,
  ) {}

  /** Slot for the next page, if it needs one. */
  get nextSlot(): number {
    return this.firstSlot + this.slotsUsed;
  }

  /** Adds a page that was made right in `slot`; publishes those before it if it cannot go with them. */
  add(page: number, slot: number): void {
    if (this.length > 0 && !this.forwarder.resolution.follows(this.last, slot)) this.flush();
    if (this.length === 0) {
      this.first = page;
      this.slot = slot;
    }
    this.last = slot;
    this.length++;
    if (slot !== 0) this.slotsUsed = slot - this.firstSlot + 1;
  }

  get isFull(): boolean {
    return this.length === this.batch || this.slotsUsed === this.batch;
  }

  flush(wanted = false): void {
    if (this.length > 0) this.forwarder.publish(this.first, this.length, this.slot, wanted);
    this.length = this.slotsUsed = 0;
  }
}

/** Runs until no region is left to take. */
export function compact(options: CompactOptions): void {
  const { heap, forwarder, moves, walk, firstSlot, batch, onProgress } = options;
  const { layout, meta, control } = heap;
  const { resolution } = forwarder;
  const run = new Run(forwarder, firstSlot, batch);
  const spent = new Spent(heap, forwarder.pages, moves);
  for (let region = walk.next(); region >= 0; region = walk.next()) {
    onProgress(Math.min(1, Atomics.load(control, Control.CURSOR) / layout.regions));
    const needed = neededIn(heap, region, options.cycle);
    if (needed !== null) {
      const elsewhere = visit(options, run, region, needed);
      if (meta.regionState[region] === RegionState.TARGET) {
        if (resolution.spent !== undefined) spent.collect((done) => resolution.spent?.(done));
      } else if (elsewhere === 0) resolution.settled?.(region);
    } else if (resolution.wholeRegions && meta.regionState[region] !== RegionState.NULL) {
      resolution.publish(region * layout.pagesPerRegion, layout.pagesPerRegion, 0);
    }
  }
}

/** Which pages of a region must be made right; null: the region is free, or evacuated. */
export function neededIn({ layout, meta, kernels }: Heap, region: number, cycle: number) {
  // Acquire: pages below a top that a mutator has raised meanwhile were MAPPED before that.
  const end = Math.ceil(Atomics.load(meta.regionTop, region) / layout.granulesPerPage);
  const state = meta.regionState[region]!;
  if (state === RegionState.TARGET) return (page: number) => page < end;
  // A page that no live object reaches is nobody's business: no mutator can come to it. One above the top may be of an
  // object that is just being made, and be written as we look.
  return isKept(state) ? (page: number) => page < end && kernels.isPageLive(page, cycle) : null;
}

/** Pages [first, end) that a worker goes through in a region with pages that must be made right. */
export function pagesOf({ layout, meta }: Heap, region: number, { wholeRegions = false }: Resolution) {
  const first = region * layout.pagesPerRegion;
  const top = Math.ceil(Atomics.load(meta.regionTop, region) / layout.granulesPerPage);
  return { first, end: wholeRegions ? first + layout.pagesPerRegion : top };
}

/** Makes the pages of a region right. Returns how many others are still at. */
function visit(options: CompactOptions, run: Run, region: number, isNeeded: (page: number) => boolean): number {
  const { heap, forwarder, onPage } = options;
  const { pages, resolution } = forwarder;
  const { wholeRegions = false } = resolution;
  const { first, end } = pagesOf(heap, region, resolution);
  let elsewhere = 0;
  for (let page = first; page < end; page++) {
    if (pages.state(page) === PageState.MAPPED) {
      run.flush(); // ahead of the flip, for a fault, or handed out since
      continue;
    }
    const needed = isNeeded(page);
    if (!(needed || wholeRegions) || !pages.claim(page)) {
      run.flush();
      if (needed && pages.state(page) !== PageState.MAPPED) elsewhere++;
      continue;
    }
    onPage?.();
    const slot = needed ? forwarder.forward(page, run.nextSlot) : 0;
    run.add(page, slot);
    const wanted = pages.ready(page, slot);
    if (wanted || run.isFull) run.flush(wanted);
    if (wanted) forwarder.wakeWaiters(page);
  }
  run.flush();
  return elsewhere;
}

export function isKept(state: number): boolean {
  return (
    state === RegionState.KEPT ||
    state === RegionState.OPEN ||
    state === RegionState.HUMONGOUS ||
    state === RegionState.HUMONGOUS_TAIL
  );
}
