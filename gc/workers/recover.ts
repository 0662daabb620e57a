/**
 * What becomes of the pages of a thread that was lost in a compaction: another one goes over all of them again. Work on
 * a page can be repeated, and the page words say what is left: pages that are READY are published, those that the lost
 * thread had claimed are taken over, and those that nobody has come to are made right.
 */
import { Control, type Heap, MAX_SLOTS, PageState, RegionState } from '../../heap/index.js';
import { Forwarder } from '../forwarder.js';
import { RESOLUTIONS } from '../resolution/index.js';
import { type Sabotage, stepIn } from '../sabotage.js';
import { isKept } from './compact.js';

/** Owner number of the collector's own thread. Threads that forward in a signal handler have MAX_SLOTS. */
export const COLLECTOR_OWNER = MAX_SLOTS - 1;

export interface RecoverOptions {
  readonly heap: Heap;
  readonly forwarder: Forwarder;
  readonly cycle: number;
  /** Owner number of the thread that was lost. */
  readonly lost: number;
  /** A staging slot in which nothing stands that is still to be published, once all READY pages are. */
  readonly slot: number;
  /** Called with each page that was claimed, to break something there in tests. */
  readonly onPage?: (() => void) | undefined;
}

/** Leaves no stale page but those that other threads are at. */
export function recover({ heap, forwarder, cycle, lost, slot, onPage }: RecoverOptions): void {
  const { pages } = forwarder;
  const each = (act: (page: number) => void) => {
    const { layout, meta } = heap;
    for (let region = 0; region < layout.regions; region++) {
      const target = meta.regionState[region] === RegionState.TARGET;
      if (!target && !isKept(meta.regionState[region]!)) continue;
      const end = Math.ceil(meta.regionTop[region]! / layout.granulesPerPage);
      for (let page = region * layout.pagesPerRegion; page < end; page++) {
        if (target || heap.kernels.isPageLive(page, cycle)) act(page);
      }
    }
  };
  each((page) => {
    if (pages.state(page) === PageState.READY) forwarder.publish(page, 1, pages.slot(page));
  });
  each((page) => {
    if (!pages.claim(page) && !pages.takeOver(page, lost)) return;
    onPage?.();
    forwarder.finish(page, slot);
  });
}

/** The same on this thread, at once. The compaction has not ended. */
export function recoverHere(heap: Heap, resolution: string, lost: number, slot: number, sabotage?: Sabotage): void {
  const { control } = heap;
  const cycle = Atomics.load(control, Control.CYCLE);
  const generation = Atomics.load(control, Control.GENERATION);
  const kind = RESOLUTIONS[resolution]!;
  const forwarder = new Forwarder({ heap, resolution: kind, generation, cycle, owner: COLLECTOR_OWNER });
  recover({ heap, forwarder, cycle, lost, slot, onPage: stepIn('collector', sabotage) });
}
