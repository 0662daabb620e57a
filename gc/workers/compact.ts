/** A compaction worker: walks regions in address order, makes stale pages right, publishes them in batches. */
import { Control, type Heap, PageState, RegionState } from '../../heap/index.js';
import type { Forwarder } from '../forwarder.js';

export interface CompactOptions {
  readonly heap: Heap;
  readonly forwarder: Forwarder;
  readonly cycle: number;
  /** Pages published by one call at most. */
  readonly batch: number;
  /** First of `batch` staging slots that are this worker's. */
  readonly firstSlot: number;
  /** Called after each region with the share of regions taken so far. */
  readonly onProgress: (share: number) => void;
}

/** Consecutive READY pages that wait to be published with one call. */
class Run {
  private first = 0;
  length = 0;
  private slot = 0;

  constructor(
    private readonly forwarder: Forwarder,
    private readonly firstSlot: number,
  ) {}

  /** Staging slot for the next page. */
  get nextSlot(): number {
    return this.firstSlot + this.length;
  }

  add(page: number, slot: number): void {
    if (this.length === 0) {
      this.first = page;
      this.slot = slot;
    }
    this.length++;
  }

  flush(): void {
    if (this.length > 0) this.forwarder.publish(this.first, this.length, this.slot);
    this.length = 0;
  }
}

/** Runs until no region is left to take. */
export function compact({ heap, forwarder, cycle, batch, firstSlot, onProgress }: CompactOptions): void {
  const { layout, meta, control } = heap;
  const run = new Run(forwarder, firstSlot);
  for (;;) {
    const region = Atomics.add(control, Control.CURSOR, 1);
    if (region >= layout.regions) return;
    onProgress(region / layout.regions);
    const target = meta.regionState[region] === RegionState.TARGET;
    if (!target && !isKept(meta.regionState[region])) continue;
    const first = region * layout.pagesPerRegion;
    const end = Math.ceil(meta.regionTop[region] / layout.granulesPerPage);
    for (let page = first; page < end; page++) {
      if (forwarder.pages.state(page) === PageState.MAPPED) {
        run.flush(); // ahead of the flip, or handed out since
        continue;
      }
      // A page that no live object reaches is nobody's business: no mutator can come to it.
      if (!target && !heap.kernels.isPageLive(page, cycle)) {
        run.flush();
        continue;
      }
      if (!forwarder.pages.claim(page)) {
        run.flush();
        continue;
      }
      const slot = forwarder.forward(page, run.nextSlot);
      run.add(page, slot);
      const wanted = forwarder.pages.ready(page, slot);
      if (wanted || run.length === batch) run.flush();
    }
    run.flush();
  }
}

function isKept(state: number): boolean {
  return (
    state === RegionState.KEPT ||
    state === RegionState.OPEN ||
    state === RegionState.HUMONGOUS ||
    state === RegionState.HUMONGOUS_TAIL
  );
}
