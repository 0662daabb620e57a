/**
 * What only a thread in the middle of something knew, and a thread that died there took with it: that a region is taken,
 * of which no table says for whom; that the count of free regions is one too low; that a pin was counted and nobody's.
 *
 * In a pause, every mutator held and no plan at work, nobody is in the middle of anything: then the region table says
 * it all. An OPEN region is some mutator's region at hand; a tail of a humongous object lies behind its head; what is
 * neither is nobody's, and was never seen by anybody. It is free, and so are the counts made anew.
 */
import { Control, MutatorState, Own, ownBase } from './control.js';
import type { Heap } from './heap.js';
import { RegionState } from './region.js';

/** Sets the region table right if a thread has died since the last time. With every mutator held. */
export function audit(heap: Heap): void {
  const { control, meta, layout, regions, kernels } = heap;
  if (Atomics.exchange(control, Control.AUDIT, 0) === 0) return;
  const owned = regionsAtHand(heap);
  let free = 0;
  for (let region = 0, tail = 0; region < layout.regions; region++) {
    const state = meta.regionState[region];
    if (state === RegionState.HUMONGOUS) tail = region + Math.ceil(meta.regionSize[region]! / layout.granulesPerRegion);
    const lost =
      state === RegionState.OPEN ? !owned.has(region) : state === RegionState.HUMONGOUS_TAIL && region >= tail;
    if (lost) {
      kernels.clearStarts(region);
      meta.regionHead[region] = region;
      regions.release(region);
    }
    if (meta.regionState[region] === RegionState.FREE) free++;
  }
  Atomics.store(control, Control.FREE, free);
  countPins(heap);
}

function regionsAtHand({ control, layout }: Heap): Set<number> {
  const regions = new Set<number>();
  for (const index of mutators(control, layout.mutators)) regions.add(control[ownBase(index) + Own.REGION]!);
  return regions;
}

function countPins({ control, meta, layout }: Heap): void {
  const all = [...mutators(control, layout.mutators)].map((index) => meta.pins(index));
  for (let region = 1; region < layout.regions; region++) {
    if (Atomics.load(meta.regionPins, region) === 0) continue;
    Atomics.store(
      meta.regionPins,
      region,
      all.reduce((sum, own) => sum + own[region]!, 0),
    );
  }
}

function* mutators(control: Int32Array, most: number): Iterable<number> {
  for (let index = 0; index < most; index++) {
    const state = Atomics.load(control, ownBase(index) + Own.STATE);
    if (state !== MutatorState.ABSENT && state !== MutatorState.ATTACHING) yield index;
  }
}
