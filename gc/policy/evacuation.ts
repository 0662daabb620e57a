/**
 * Which regions to evacuate. `sparse` takes the emptiest first, because the same room for targets frees the most that
 * way; regions that die young select themselves. `full` takes all that fit, however full, as a collector does that
 * slides the whole heap, but the emptiest before all others: full regions in front would take the same room in every
 * cycle, and nothing would ever be freed. `none` leaves everything where it is.
 */
import type { EvacuationPolicy } from '../options.js';

export interface Candidate {
  readonly region: number;
  /** Live granules, more than 0. */
  readonly live: number;
}

export interface EvacuationOptions {
  readonly granulesPerRegion: number;
  /** Free regions that may become targets. */
  readonly targets: number;
  /** Regions fuller than this share stay where they are. */
  readonly maxLiveShare: number;
}

/** The regions to evacuate, in address order, so that neighbours stay neighbours. */
export function chooseSparse(candidates: readonly Candidate[], options: EvacuationOptions): number[] {
  const { granulesPerRegion, targets, maxLiveShare } = options;
  const room = targets * granulesPerRegion;
  const chosen: number[] = [];
  let live = 0;
  for (const candidate of [...candidates].sort((a, b) => a.live - b.live || a.region - b.region)) {
    if (candidate.live > maxLiveShare * granulesPerRegion) break;
    if (live + candidate.live > room) break;
    live += candidate.live;
    chosen.push(candidate.region);
  }
  // Nothing is gained by moving as many regions as it takes targets to hold them.
  return chosen.length > Math.ceil(live / granulesPerRegion) ? chosen.sort((a, b) => a - b) : [];
}

/** What frees most, and of the rest as many as there is room for, in address order. */
export function chooseFull(candidates: readonly Candidate[], options: EvacuationOptions): number[] {
  const first = new Set(chooseSparse(candidates, options));
  let left = options.targets * options.granulesPerRegion;
  for (const { region, live } of candidates) if (first.has(region)) left -= live;
  const chosen: number[] = [];
  for (const { region, live } of candidates) {
    if (!first.has(region)) {
      if (live > left) continue;
      left -= live;
    }
    chosen.push(region);
  }
  return chosen;
}

type Choose = (candidates: readonly Candidate[], options: EvacuationOptions) => number[];

/** Every policy there is: one line each. */
export const EVACUATION: Readonly<Record<EvacuationPolicy, Choose>> = {
  sparse: chooseSparse,
  full: chooseFull,
  none: () => [],
};
