/** Pages: what a target page, and a kept page, must hold after the cycle. Said object by object, without cleverness. */
import { NULL, RegionState, testBit } from '../../heap/index.js';
import { nextBit, setBit } from './bits.js';
import type { ModelMemory } from './memory.js';
import { granulesOf, referencesOf, regionOf, slotWord } from './object.js';
import { forward } from './plan.js';

/**
 * Copies the live objects of `evacuated` regions to where they go, in `to`, which is another copy of `from`, and
 * forwards their references; what the target regions hold besides is zero. Gives them start bits there, too.
 */
export function buildTargets(
  from: ModelMemory,
  to: ModelMemory,
  evacuated: readonly number[],
  targets: readonly number[],
): void {
  const { granulesPerRegion } = from.shape;
  for (const region of targets) {
    const first = region * granulesPerRegion;
    to.words.fill(0, 2 * first, 2 * (first + granulesPerRegion));
    to.starts.fill(0, first / 32, (first + granulesPerRegion) / 32);
  }
  for (const region of evacuated) {
    const end = (region + 1) * granulesPerRegion;
    for (let object = nextBit(from.starts, region * granulesPerRegion, end); object < end; ) {
      const granules = granulesOf(from, object);
      if (testBit(from.live, object)) {
        const target = forward(from, object);
        to.words.set(from.words.subarray(2 * object, 2 * (object + granules)), 2 * target);
        setBit(to.starts, target);
        forwardSlots(from, to.words, slotWord(target, 0), referencesOf(from, object));
      }
      object = nextBit(from.starts, object + 1, end);
    }
  }
}

/** Forwards the slots of live objects that stand on kept page `page`. Returns how many changed. */
export function updatePage(memory: ModelMemory, page: number, cycle: number): number {
  const first = 2 * page * memory.shape.granulesPerPage;
  const end = first + 2 * memory.shape.granulesPerPage;
  let changed = 0;
  for (const object of liveObjects(memory, regionOf(memory, first / 2), cycle)) {
    const from = Math.max(first, slotWord(object, 0));
    const to = Math.min(end, slotWord(object, referencesOf(memory, object)));
    if (from < to) changed += forwardSlots(memory, memory.words, from, to - from);
  }
  return changed;
}

/** Whether a live object reaches onto kept page `page`. */
export function isPageLive(memory: ModelMemory, page: number, cycle: number): boolean {
  const first = page * memory.shape.granulesPerPage;
  const end = first + memory.shape.granulesPerPage;
  return liveObjects(memory, regionOf(memory, first), cycle).some(
    (object) => object < end && object + granulesOf(memory, object) > first,
  );
}

/** The live objects of a kept region; for any part of a humongous run, its one object. */
function liveObjects(memory: ModelMemory, region: number, cycle: number): number[] {
  const { granulesPerRegion } = memory.shape;
  const state = memory.regionState[region];
  const head = state === RegionState.HUMONGOUS_TAIL ? memory.regionHead[region] : region;
  const humongous = head !== region || state === RegionState.HUMONGOUS;
  const first = head * granulesPerRegion;
  const end = humongous ? first + 1 : memory.regionTop[region];
  const all = memory.regionBorn[head] === cycle;
  const objects: number[] = [];
  for (
    let object = nextBit(memory.starts, first, end);
    object < end;
    object = nextBit(memory.starts, object + 1, end)
  ) {
    if (all || testBit(memory.live, object)) objects.push(object);
  }
  return objects;
}

/** Forwards `count` references in `words`, a heap's or a thread's roots, by the plan in `memory`. Returns how many changed. */
export function forwardSlots(memory: ModelMemory, words: Int32Array, from: number, count: number): number {
  let changed = 0;
  for (let word = from; word < from + count; word++) {
    const reference = words[word];
    const forwarded = reference === NULL ? NULL : forward(memory, reference);
    if (forwarded === reference) continue;
    words[word] = forwarded;
    changed++;
  }
  return changed;
}

/** Gives start bits to the objects that stand gap-free in [from, to). */
export function indexObjects(memory: ModelMemory, from: number, to: number): void {
  for (let object = from; object < to; object += granulesOf(memory, object)) setBit(memory.starts, object);
}
