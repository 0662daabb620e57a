/** Plan: how much of a region is live, and where its live granules go. */
import { RegionState, testBit } from '../../heap/index.js';
import { countBits } from './bits.js';
import type { ModelMemory } from './memory.js';
import { regionOf } from './object.js';

const BLOCK = 64;

/** Live granules of a region; also written to the region table. A humongous object counts whole, in its first region. */
export function countLive(memory: ModelMemory, region: number): number {
  const { live, shape, regionLive, regionSize, regionState } = memory;
  const first = region * shape.granulesPerRegion;
  let count = 0;
  if (regionState[region] === RegionState.HUMONGOUS) {
    count = testBit(live, first) ? regionSize[region] : 0;
  } else {
    for (let at = first; at < first + shape.granulesPerRegion; at += BLOCK) count += countBits(live, at, at + BLOCK);
  }
  regionLive[region] = count;
  return count;
}

/**
 * Gives the blocks of `region`, from `block` on, their places from granule `target` up, short of `limit`. Where a block
 * does not fit, it goes back to the last boundary that no live object crosses, because an object stays in one piece.
 * Returns the next free target granule and the first block without a place.
 */
export function place(
  memory: ModelMemory,
  region: number,
  block: number,
  target: number,
  limit: number,
): { target: number; block: number } {
  const { destination, live, origin, shape, starts } = memory;
  const first = region * shape.granulesPerRegion;
  let whole = { target, block };
  let at = target;
  for (let b = block; b < shape.granulesPerRegion / BLOCK; b++) {
    const from = first + b * BLOCK;
    const crossed = testBit(live, from) && !testBit(starts, from);
    if (!crossed) whole = { target: at, block: b };
    const count = countBits(live, from, from + BLOCK);
    if (at + count > limit) return whole;
    destination[from / BLOCK] = at;
    for (let granule = from; granule < from + BLOCK; granule++) {
      if (!testBit(live, granule)) continue;
      if (at % shape.granulesPerPage === 0) origin[at / shape.granulesPerPage] = granule;
      at++;
    }
  }
  return { target: at, block: shape.granulesPerRegion / BLOCK };
}

/** Where a live granule stands after the cycle: forwarding needs the bitmap and the destination table, nothing else. */
export function forward(memory: ModelMemory, reference: number): number {
  if (memory.regionState[regionOf(memory, reference)] !== RegionState.EVACUATED) return reference;
  const block = Math.floor(reference / BLOCK);
  return memory.destination[block] + countBits(memory.live, block * BLOCK, reference);
}
