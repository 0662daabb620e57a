/** Small graphs, made up. */
import { type HeapGraph, nullReference } from '../../../bench/graph/index.js';
import { below, nextRandom, seedState } from '../../../bench/random.js';

export interface GraphOptions {
  readonly objects: number;
  readonly seed: number;
  /** Share of the references that are null, or lead anywhere instead of to something near. */
  readonly nulls?: number;
  readonly far?: number;
}

/** A graph of random shapes; whatever the edges do not reach is a root. */
export function someGraph({ objects, seed, nulls = 0.3, far = 0.2 }: GraphOptions): HeapGraph {
  let state = seedState(seed);
  const random = (bound: number) => {
    state = nextRandom(state);
    return below(state, bound);
  };
  const chance = (share: number) => random(1000) < share * 1000;
  const edges = Array.from({ length: objects }, (_, object) =>
    Array.from({ length: random(5) }, () => {
      if (chance(nulls)) return nullReference;
      return chance(far) ? random(objects) : Math.min(objects - 1, object + 1 + random(6));
    }),
  );
  const firstReference = new Uint32Array(objects + 1);
  for (const [object, list] of edges.entries()) firstReference[object + 1] = firstReference[object] + list.length;
  const graph = {
    objectCount: objects,
    classes: [],
    classOf: new Uint32Array(objects),
    firstReference,
    payloadBytes: Uint32Array.from({ length: objects }, () => (chance(0.02) ? random(3000) : random(40))),
    references: Uint32Array.from(edges.flat()),
  };
  return { ...graph, roots: rootsOf(edges) };
}

/** Object 0, and then always the first one that is not reached yet. */
function rootsOf(edges: readonly (readonly number[])[]): Uint32Array {
  const reached = new Set<number>();
  const roots: number[] = [];
  for (const start of edges.keys()) {
    if (reached.has(start)) continue;
    roots.push(start);
    for (const stack = [start]; stack.length > 0; ) {
      const object = stack.pop() as number;
      if (reached.has(object)) continue;
      reached.add(object);
      stack.push(...edges[object].filter((target) => target !== nullReference));
    }
  }
  return Uint32Array.from(roots);
}
