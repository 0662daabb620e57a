/**
 * What becomes of the pages of a thread that was lost in a compaction: another one goes over all of them again. Work on
 * a page can be repeated, and the page words say what is left: pages that are READY are published, those that the lost
 * thread had claimed are taken over, and those that nobody has come to are made right.
 */
import { Control, type Heap, MAX_SLOTS, PageState } from '../../heap/index.js';
import { Forwarder } from '../forwarder.js';
import { RESOLUTIONS } from '../resolution/index.js';
import { type Sabotage, stepIn } from '../sabotage.js';
import { neededIn, pagesOf } from './compact.js';

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
  const { pages, resolution } = forwarder;
  const each = (act: (page: number, needed: boolean) => void) => {
    for (let region = 0; region < heap.layout.regions; region++) {
      const needed = neededIn(heap, region, cycle);
      if (needed === null) continue;
      const { first, end } = pagesOf(heap, region, resolution);
      for (let page = first; page < end; page++) act(page, needed(page));
    }
  };
  each((page) => {
    if (pages.state(page) === PageState.READY) forwarder.publish(page, 1, pages.slot(page));
  });
  each((page, needed) => {
    if (!(needed && pages.claim(page)) && !pages.takeOver(page, lost)) return;
    onPage?.();
    if (needed) forwarder.finish(page, slot);
    else forwarder.publish(page, 1, 0); // it was to go with its neighbours
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
