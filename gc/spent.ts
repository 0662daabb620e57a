/**
 * Memory that is needed no more while the compaction still runs. An evacuated region is spent once every page that was
 * built from it has been published; until then a page whose builder was lost could be built again. Plan fills targets
 * with evacuated regions in their order, so regions are spent in that order too, and one counter says how far it is.
 */
import { Control, type Heap, PageState, RegionState } from '../heap/index.js';
import type { Pages } from './protocol.js';

export class Spent {
  constructor(
    private readonly heap: Heap,
    private readonly pages: Pages,
    /** Regions that this cycle evacuates, in the plan's order. */
    private readonly evacuated: readonly number[],
  ) {}

  /** Hands each region to `take` that has been spent since anybody looked. Each goes to one thread. */
  collect(take: (region: number) => void): void {
    const { control } = this.heap;
    for (let next = Atomics.load(control, Control.SPENT); next < this.evacuated.length; ) {
      const region = this.evacuated[next]!;
      if (!this.isSpent(region)) return;
      const was = Atomics.compareExchange(control, Control.SPENT, next, next + 1);
      if (was === next) take(region);
      next = was === next ? next + 1 : was;
    }
  }

  /** Whether all pages of a target region have been published. */
  private isPublished(region: number): boolean {
    const { meta, layout } = this.heap;
    const end = Math.ceil(meta.regionTop[region]! / layout.granulesPerPage);
    for (let page = region * layout.pagesPerRegion; page < end; page++) {
      if (this.pages.state(page) !== PageState.MAPPED) return false;
    }
    return true;
  }

  private isSpent(region: number): boolean {
    const { meta, layout } = this.heap;
    const blocks = layout.granulesPerRegion / 64;
    const first = meta.destination[region * blocks]!;
    // Where the block behind the last would go: at or behind the last object's place.
    const last = meta.destination[(region + 1) * blocks - 1]!;
    const targets = [first, Math.max(first, last)].map((granule) => Math.floor(granule / layout.granulesPerRegion));
    for (let target = targets[0]!; ; target = targets[1]!) {
      if (meta.regionState[target] === RegionState.TARGET && !this.isPublished(target)) return false;
      if (target === targets[1]) return true;
    }
  }
}
