/** An object as its header, or for a humongous one the region table, describes it. */
import { HEADER_WORDS, headerGranules, headerReferences } from '../../heap/index.js';
import type { ModelMemory } from './memory.js';

export function regionOf({ shape }: ModelMemory, granule: number): number {
  return Math.floor(granule / shape.granulesPerRegion);
}

export function granulesOf(memory: ModelMemory, object: number): number {
  const header = memory.words[2 * object];
  return header !== 0 ? headerGranules(header) : memory.regionSize[regionOf(memory, object)];
}

export function referencesOf(memory: ModelMemory, object: number): number {
  const header = memory.words[2 * object];
  return header !== 0 ? headerReferences(header) : memory.regionReferences[regionOf(memory, object)];
}

/** Index of the word of reference slot `slot`. */
export function slotWord(object: number, slot: number): number {
  return 2 * object + HEADER_WORDS + slot;
}
