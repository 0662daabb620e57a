import { nullReference } from './graph.js';

/** In `Reachable.renumbered`: an object that is left out. */
export const unreached = 0xffff_ffff;

/** What can be reached, and how it is renumbered without what cannot. */
export interface Reachable {
  readonly count: number;
  /** Per object: its number among the reachable ones, in the same order; `unreached` if it is not one of them. */
  readonly renumbered: Uint32Array;
}

/**
 * Traces the graph from its roots. Every reference counts, weak ones as well: a dump does not say which are.
 *
 * @param firstReference per object and one more: where its references begin
 * @param references index of the target, or `nullReference`
 */
export function traceReachable(firstReference: Uint32Array, references: Uint32Array, roots: Uint32Array): Reachable {
  const objectCount = firstReference.length - 1;
  const renumbered = new Uint32Array(objectCount).fill(unreached);
  // Every object is pushed once at most, so the stack never grows.
  const stack = new Uint32Array(objectCount);
  let depth = 0;
  for (const root of roots) {
    if (renumbered[root] !== unreached) continue;
    renumbered[root] = 0;
    stack[depth++] = root;
  }
  while (depth > 0) {
    const object = stack[--depth];
    for (let slot = firstReference[object]; slot < firstReference[object + 1]; slot++) {
      const target = references[slot];
      if (target === nullReference || renumbered[target] !== unreached) continue;
      renumbered[target] = 0;
      stack[depth++] = target;
    }
  }
  let count = 0;
  for (let object = 0; object < objectCount; object++) {
    if (renumbered[object] !== unreached) renumbered[object] = count++;
  }
  return { count, renumbered };
}
