/**
 * Plan: counts what is live, frees what is dead, chooses what to evacuate into which free regions, and fills the
 * destination table. Nothing moves yet, and every page can be built from here on.
 */
import { cleanse, GRANULE_BYTES, type Heap, RegionState } from '../../heap/index.js';
import type { EvacuationPolicy } from '../options.js';
import { type Candidate, EVACUATION } from '../policy/evacuation.js';
import { forgetOldWords } from './old-words.js';

/**
 * Shares of the free regions that become targets: not all, because mutators need some until the evacuated ones are
 * free; not too few either, because a plan that moves little reclaims little and leaves the next one less still.
 */
const MOST_TARGETS = 0.7;
const LEAST_TARGETS = 0.5;

export interface PlanOptions {
  readonly heap: Heap;
  readonly cycle: number;
  /** Free regions to leave to the mutators while the compaction runs. */
  readonly leave: number;
  readonly maxLiveShare: number;
  /** `sparse`, unless said. */
  readonly evacuate?: EvacuationPolicy;
  /** Called with each region, to break something there in tests. */
  readonly onRegion?: (() => void) | undefined;
}

/** What moves, and where to. Plain data, so that it can be posted. */
export interface Moves {
  /** Regions whose objects move, in the order in which they were placed. */
  readonly evacuated: readonly number[];
  /** Regions that they move to, in the order in which they are filled. That is no order of addresses. */
  readonly targets: readonly number[];
  /** By evacuated region: how many of the targets, from the first, hold what is in it and in all before it. */
  readonly through: readonly number[];
}

export interface Plan extends Moves {
  readonly liveBytes: number;
  readonly evacuatedBytes: number;
  /** Bytes of regions freed on the spot because nothing in them was live. */
  readonly freedBytes: number;
}

export function plan({ heap, cycle, leave, maxLiveShare, evacuate = 'sparse', onRegion }: PlanOptions): Plan {
  const { kernels, layout, meta, regions } = heap;
  kernels.beginPlan();
  const candidates: Candidate[] = [];
  let liveGranules = 0;
  let freed = 0;
  for (let region = 0; region < layout.regions; region++) {
    onRegion?.();
    const state = meta.regionState[region];
    if (state !== RegionState.KEPT && state !== RegionState.HUMONGOUS && state !== RegionState.OPEN) continue;
    if (state === RegionState.OPEN || meta.regionBorn[region] === cycle) {
      liveGranules += meta.regionTop[region] - region * layout.granulesPerRegion;
      continue;
    }
    const live = kernels.countLive(region);
    liveGranules += live;
    if (live === 0) freed += free(heap, region);
    else if (state === RegionState.KEPT) candidates.push({ region, live });
  }
  const { granulesPerRegion } = layout;
  const room = Math.max(
    1,
    Math.min(regions.free * MOST_TARGETS, Math.max(regions.free - leave, regions.free * LEAST_TARGETS)),
  );
  const chosen = EVACUATION[evacuate](candidates, { granulesPerRegion, targets: room, maxLiveShare });
  const { granules, ...moves } = place(heap, claim(heap, chosen, cycle));
  if (moves.evacuated.length > 0) forgetOldWords(heap); // a flip follows
  return {
    liveBytes: liveGranules * GRANULE_BYTES,
    evacuatedBytes: granules * GRANULE_BYTES,
    freedBytes: freed * layout.regionBytes,
    ...moves,
  };
}

/** Frees a dead region, or a dead humongous object's run. Returns how many regions that made. */
function free(heap: Heap, region: number): number {
  const { kernels, layout, meta, regions } = heap;
  const count =
    meta.regionState[region] === RegionState.HUMONGOUS
      ? Math.ceil(meta.regionSize[region] / layout.granulesPerRegion)
      : 1;
  if (meta.regionPins[region] > 0) return 0;
  kernels.clearStarts(region);
  for (let i = region; i < region + count; i++) regions.release(i); // the head first: without it the rest is nobody's
  return count;
}

/** Takes the chosen regions for evacuation, unless somebody pinned one. */
function claim(heap: Heap, chosen: readonly number[], cycle: number): number[] {
  const { regionState, regionPins, regionEvacuated } = heap.meta;
  return chosen.filter((region) => {
    regionEvacuated[region] = cycle;
    Atomics.store(regionState, region, RegionState.EVACUATED);
    // A mutator pins and then reads the state; we the other way round: one of the two sees the other.
    if (Atomics.load(regionPins, region) === 0) return true;
    Atomics.store(regionState, region, RegionState.KEPT);
    return false;
  });
}

/** Gives every block of the chosen regions a place. Those for which no target is left are kept after all. */
function place(heap: Heap, chosen: readonly number[]): Moves & { granules: number } {
  const { kernels, layout, meta, regions } = heap;
  const { granulesPerRegion } = layout;
  const blocks = granulesPerRegion / 64;
  const evacuated: number[] = [];
  const targets: number[] = [];
  const through: number[] = [];
  let at = 0;
  let limit = 0;
  let granules = 0;
  let previous = -1;
  for (const region of chosen) {
    const live = meta.regionLive[region];
    // The region must fit into what is left of this target and one more: take that one before anything is placed.
    let next = -1;
    if (live > limit - at) {
      next = regions.take(RegionState.TARGET);
      if (next < 0) {
        Atomics.store(meta.regionState, region, RegionState.KEPT);
        continue;
      }
      // Now: a private view takes its poison along to where the flip puts it, which is where targets may be built.
      cleanse(heap, next, heap.bank);
      targets.push(next);
    }
    for (let block = 0; ; ) {
      const placed = kernels.place(region, block, at, limit);
      at = placed.target;
      block = placed.block;
      if (limit > 0) meta.regionTop[Math.floor((limit - 1) / granulesPerRegion)] = at;
      if (block === blocks) break;
      at = next * granulesPerRegion;
      limit = at + granulesPerRegion;
      meta.regionTop[next] = at;
      next = -1;
    }
    if (previous >= 0) meta.regionNext[previous] = region;
    meta.regionNext[region] = -1;
    previous = region;
    evacuated.push(region);
    through.push(targets.length);
    granules += live;
  }
  return { evacuated, targets, through, granules };
}
