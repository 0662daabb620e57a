/** An ahead worker: finds kept pages that hold no stale reference, and maps them into the coming view. */
import { Control, type Heap, mapRun, PagesAhead, RegionState, TraceKind } from '../../heap/index.js';
import type { Resolution } from '../resolution/index.js';

const ENOMEM = 12;

export interface AheadOptions {
  readonly heap: Heap;
  readonly publish: NonNullable<Resolution['publishAhead']>;
  /** Number of this thread among those that forward pages. */
  readonly owner: number;
  readonly cycle: number;
  /** The coming one. */
  readonly generation: number;
  /** Stale pages in a row after which the rest of a region is left for after the flip; 0: never. */
  readonly patience: number;
  /** Called with each region, to break something there in tests. */
  readonly onRegion?: (() => void) | undefined;
}

/** Pages. */
export interface LookedAhead {
  /** Live ones looked at; of them, those that were right; of them, those mapped before a mutator took them back. */
  readonly looked: number;
  readonly right: number;
  readonly mapped: number;
}

/** Runs until no region is left to take. */
export function mapAhead(options: AheadOptions): LookedAhead {
  const { heap, publish, owner, cycle, generation, patience, onRegion } = options;
  const { control, kernels, layout, meta } = heap;
  const { pageBytes, pagesPerRegion, granulesPerPage } = layout;
  const ahead = new PagesAhead(heap);
  const runs = new Int32Array(pagesPerRegion + 4);
  const trace = heap.trace?.recordsPages ? heap.trace : null;
  const lane = trace?.laneOf(owner) ?? 0;
  let looked = 0;
  let right = 0;
  let mapped = 0;
  for (;;) {
    const region = Atomics.add(control, Control.CURSOR, 1);
    if (region >= layout.regions) return { looked, right, mapped };
    onRegion?.();
    if (!isOld(heap, region, cycle)) continue;
    const first = region * pagesPerRegion;
    const count = Math.ceil(meta.regionTop[region] / granulesPerPage) - first;
    looked += kernels.findRight(first, count, cycle, patience, runs);
    for (let i = 0; runs[i + 1] > 0; i += 2) {
      const [page, pages] = [runs[i], runs[i + 1]];
      const began = trace?.now() ?? 0;
      const result = publish(page, pages);
      if (result === -ENOMEM) continue; // mprotect has used up the mappings of the process: after the flip, then
      const done = result / pageBytes;
      if (done !== pages) mapRest(page + Math.max(0, done), page + pages, publish, pageBytes);
      trace?.record(lane, TraceKind.PUBLISH_AHEAD, began, page, pages);
      mapped += ahead.mapped(page, pages, generation);
      right += pages;
    }
  }
}

/** What the kernel left of a run. Nobody else maps there, so that a page that is there is one that it did map. */
function mapRest(first: number, end: number, publish: AheadOptions['publish'], pageBytes: number): void {
  const attempt = (done: number) => publish(first + done, end - first - done);
  mapRun({ pages: end - first, pageBytes, attempt, exists: () => {} });
}

/** Whether a region stays where it is and has objects from before this cycle, all of them in place. */
function isOld({ layout, meta }: Heap, region: number, cycle: number): boolean {
  const state = Atomics.load(meta.regionState, region);
  if (state !== RegionState.KEPT && state !== RegionState.HUMONGOUS && state !== RegionState.HUMONGOUS_TAIL)
    return false;
  // A humongous run that is being opened gets its tops last: with a top it also says when it was born.
  const top = Atomics.load(meta.regionTop, region);
  return top > region * layout.granulesPerRegion && meta.regionBorn[region] !== cycle;
}
