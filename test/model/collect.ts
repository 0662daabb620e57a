/**
 * A whole collection of the model, the world stopped: mark, plan, slide. Every region but the humongous ones slides to
 * the lowest region there is room in, in address order, so an object moves down or stays, and nothing is overwritten
 * before it has moved.
 */
import { RegionState, testBit } from '../../heap/index.js';
import { clearBit, nextBit, setBit } from './bits.js';
import type { ModelHeap } from './heap.js';
import { markLive } from './mark.js';
import type { ModelMemory } from './memory.js';
import { granulesOf, referencesOf, slotWord } from './object.js';
import { forwardSlots } from './page.js';
import { countLive, forward, place } from './plan.js';

/** No region of a model is born in this cycle. */
const CYCLE = -1;

/** Collects, and returns the granules that are live. No other thread may use the model meanwhile. */
export function collectModel(model: ModelHeap): number {
  const { memory, handle } = model;
  handle.open.fill(-1);
  markLive(memory, model.roots(), CYCLE);
  const { moving, humongous, granules } = survey(memory);
  const tops = plan(memory, moving);
  for (const region of moving) memory.regionState[region] = RegionState.EVACUATED;
  for (const region of moving) slide(memory, region);
  for (const object of humongous) {
    forwardSlots(memory, memory.words, slotWord(object, 0), referencesOf(memory, object));
  }
  forwardSlots(memory, handle.globals, 0, handle.globals.length);
  for (const [i, stack] of handle.stacks.entries()) forwardSlots(memory, stack, 0, handle.depths[i]);
  for (const [i, region] of moving.entries()) {
    const first = region * memory.shape.granulesPerRegion;
    memory.regionTop[region] = tops[i] ?? first;
    memory.regionState[region] = i < tops.length ? RegionState.KEPT : RegionState.FREE;
  }
  return granules;
}

/** Frees dead humongous objects. Returns the regions to slide, the humongous objects that live, and granules alive. */
function survey(memory: ModelMemory): { moving: number[]; humongous: number[]; granules: number } {
  const { regionState, regionSize, shape } = memory;
  const moving: number[] = [];
  const humongous: number[] = [];
  let granules = 0;
  for (let region = 0; region < shape.regions; region++) {
    const state = regionState[region];
    if (state !== RegionState.KEPT && state !== RegionState.HUMONGOUS) continue;
    const live = countLive(memory, region);
    granules += live;
    const first = region * shape.granulesPerRegion;
    if (state === RegionState.KEPT) moving.push(region);
    else if (live > 0) humongous.push(first);
    else {
      clearBit(memory.starts, first);
      for (let left = regionSize[region], at = region; left > 0; left -= shape.granulesPerRegion, at++) {
        regionState[at] = RegionState.FREE;
        memory.regionTop[at] = at * shape.granulesPerRegion;
      }
    }
  }
  return { moving, humongous, granules };
}

/** Places the live granules of `moving` in as many of these regions as it takes. Returns the tops of those. */
function plan(memory: ModelMemory, moving: readonly number[]): number[] {
  const { granulesPerRegion } = memory.shape;
  const tops: number[] = [];
  let at = 0;
  let limit = 0;
  for (const region of moving) {
    for (let block = 0; ; ) {
      ({ target: at, block } = place(memory, region, block, at, limit));
      if (tops.length > 0) tops[tops.length - 1] = at;
      if (block === granulesPerRegion / 64) break;
      at = moving[tops.length]! * granulesPerRegion;
      limit = at + granulesPerRegion;
      tops.push(at);
    }
  }
  return tops;
}

/** Moves the live objects of one region down to where they go, references forwarded, start bits with them. */
function slide(memory: ModelMemory, region: number): void {
  const { live, shape, starts, words } = memory;
  const end = (region + 1) * shape.granulesPerRegion;
  for (let object = nextBit(starts, region * shape.granulesPerRegion, end); object < end; ) {
    const granules = granulesOf(memory, object);
    clearBit(starts, object);
    if (testBit(live, object)) {
      const target = forward(memory, object);
      const references = referencesOf(memory, object);
      words.copyWithin(2 * target, 2 * object, 2 * (object + granules));
      setBit(starts, target);
      forwardSlots(memory, words, slotWord(target, 0), references);
    }
    object = nextBit(starts, object + 1, end);
  }
}
