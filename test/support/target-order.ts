/** In which order a plan finds free regions for its targets: any, because mutators hold some of them for a moment. */
import { Control, type Heap, RegionState } from '../../heap/index.js';
import type { Random } from './random.js';

export type TargetOrder = 'ascending' | 'descending' | 'random';

const ORDERS: Readonly<Record<TargetOrder, (free: readonly number[], random: Random) => number>> = {
  ascending: (free) => free[0]!,
  descending: (free) => free.at(-1)!,
  random: (free, random) => random.pick(free),
};

/** From here on this heap's free regions are taken in that order, by this thread. */
export function takeInOrder({ meta, control, regions }: Heap, order: TargetOrder, random: Random): void {
  regions.take = (state) => {
    const free = [...meta.regionState.keys()].filter((region) => meta.regionState[region] === RegionState.FREE);
    if (free.length === 0) return -1;
    const taken = ORDERS[order](free, random);
    Atomics.store(meta.regionState, taken, state);
    Atomics.sub(control, Control.FREE, 1);
    return taken;
  };
}
