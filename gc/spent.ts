/**
 * Memory that is needed no more while the compaction still runs. An evacuated region is spent once every page that was
 * built from it has been published; until then a page whose builder was lost could be built again. Plan fills targets
 * with evacuated regions in their order, so regions are spent in that order too, and one counter says how far it is.
 *
 * Which targets hold a region the plan says itself. Nothing is read from addresses: targets are free regions as they
 * were found, and one that was found later may lie lower, because a mutator that puts a run together holds low regions
 * for a moment. In which order pages are published does not matter either: workers walk as they like, faults come in
 * between, and each page says for itself that it is MAPPED.
 */
import { Control, type Heap, PageState } from '../heap/index.js';
import type { Pages } from './protocol.js';
import type { Moves } from './workers/plan.js';

export class Spent {
  constructor(
    private readonly heap: Heap,
    private readonly pages: Pages,
    private readonly moves: Moves,
  ) {}

  /** Hands each region to `take` that has been spent since anybody looked. Each goes to one thread. */
  collect(take: (region: number) => void): void {
    const { control } = this.heap;
    const { evacuated } = this.moves;
    for (let next = Atomics.load(control, Control.SPENT); next < evacuated.length; ) {
      if (!this.isSpent(next)) return;
      const was = Atomics.compareExchange(control, Control.SPENT, next, next + 1);
      if (was === next) take(evacuated[next]!);
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

  /** Of evacuated region number `index`, those before it being spent: it begins where the one before it ends. */
  private isSpent(index: number): boolean {
    const { targets, through } = this.moves;
    const first = index === 0 ? 0 : Math.max(0, through[index - 1]! - 1);
    for (let target = first; target < through[index]!; target++) if (!this.isPublished(targets[target]!)) return false;
    return true;
  }
}
