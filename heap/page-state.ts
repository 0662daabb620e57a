/**
 * The word that says what has become of a page in the armed view. One atomic word a page.
 *
 *     bits 0–1    state     RAW, CLAIMED, READY, MAPPED
 *     bit  2      wanted    a mutator waits for it: whoever built it publishes it at once
 *     bits 3–14   slot      where a READY page stands: 0 in its place in the workspace, else a slot of whoever built it
 *                 owner     of a CLAIMED page: who is at it, so that it can be taken over from one that was lost
 *     bits 15–30  generation  the flip it belongs to; a word of any other generation reads as RAW
 *
 * Because of the generation nothing has to be reset at a flip, which therefore takes the same time for every heap.
 */
export const PageState = { RAW: 0, CLAIMED: 1, READY: 2, MAPPED: 3 } as const;
export type PageStateValue = (typeof PageState)[keyof typeof PageState];

export const WANTED = 4;
export const SLOT_SHIFT = 3;
export const MAX_SLOTS = 0xfff;
export const GENERATION_SHIFT = 15;
/**
 * Generations count 1…MAX_GENERATION and begin again. Before one comes again no word may speak of it from last time, so
 * twice on the way round words of all generations but the present one are forgotten, beside the mutators: what is left
 * then speaks of generations that have half the way round before them.
 */
export const MAX_GENERATION = 0xffff;

/** Whether old words are to be forgotten between this generation's flip and the next. */
export function forgetsOldWords(generation: number): boolean {
  return generation === MAX_GENERATION || generation === MAX_GENERATION >> 1;
}

/** The generation after `generation`. */
export function nextGeneration(generation: number): number {
  return generation === MAX_GENERATION ? 1 : generation + 1;
}

export function stateOf(word: number, generation: number): PageStateValue {
  return word >>> GENERATION_SHIFT === generation ? ((word & 3) as PageStateValue) : PageState.RAW;
}

export function encodeState(generation: number, state: PageStateValue, slot = 0): number {
  return (generation << GENERATION_SHIFT) | (slot << SLOT_SHIFT) | state;
}

export function slotOf(word: number): number {
  return (word >>> SLOT_SHIFT) & MAX_SLOTS;
}
