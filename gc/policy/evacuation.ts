/**
 * Which regions to evacuate. `sparse` takes the emptiest first, because the same room for targets frees the most that
 * way; regions that die young select themselves. `full` takes all that fit, however full, as a collector does that
 * slides the whole heap; `none` leaves everything where it is.
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

type Choose = (candidates: readonly Candidate[], options: EvacuationOptions) => number[];

/** Every policy there is: one line each. */
export const EVACUATION: Readonly<Record<EvacuationPolicy, Choose>> = {
  sparse: chooseSparse,
  full: (candidates, options) => fitting(candidates, options.targets * options.granulesPerRegion),
  none: () => [],
};

/** As many as there is room for, in address order. */
function fitting(candidates: readonly Candidate[], room: number): number[] {
  const chosen: number[] = [];
  let live = 0;
  for (const candidate of candidates) {
    if (live + candidate.live > room) continue;
    live += candidate.live;
    chosen.push(candidate.region);
  }
  return chosen;
}
