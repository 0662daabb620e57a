/**
 * Poison: whoever touches a page of an evacuated region gets a signal, which ends the process with a message, until the
 * region is used again. To find references that were kept too long.
 */
import type { Heap } from './heap.js';

/** Poisons a region of the view that mutators use. Nothing of it is mapped there. The collector only. */
export function poison({ meta, layout, space, bank }: Heap, region: number): void {
  if (!space.poisons) return;
  meta.regionPoisoned[region] = 1;
  space.watch?.poison(space.views[bank]!, region * layout.regionBytes, layout.regionBytes);
}

/** Takes it away. By whoever has just taken the region, to be used in view `bank` or after a flip. */
export function cleanse({ meta, layout, space }: Heap, region: number, bank: number): void {
  if (meta.regionPoisoned[region] === 0) return;
  meta.regionPoisoned[region] = 0;
  space.views[bank]!.advise(region * layout.regionBytes, layout.regionBytes, 'dontneed');
}
