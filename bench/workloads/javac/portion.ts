/** A part of a graph: the objects nearest to the roots. */
import { type HeapGraph, nullReference, referenceCount, sizeInHeap } from '../../graph/index.js';

/** The way to each object: the object before it, and the slot to take there. */
export interface Ways {
  /** -1: a root, and `slot` is its place among the roots. */
  readonly from: Int32Array;
  readonly slot: Uint32Array;
  /** Edges from a root. */
  readonly depth: Uint32Array;
  /** Objects as they were reached, nearest first. */
  readonly order: Uint32Array;
}

/** A shortest way to every object, found breadth first. */
export function shortestWays({ objectCount, firstReference, references, roots }: HeapGraph): Ways {
  const from = new Int32Array(objectCount).fill(-1);
  const slot = new Uint32Array(objectCount);
  const depth = new Uint32Array(objectCount);
  const order = new Uint32Array(objectCount);
  const reached = new Uint8Array(objectCount);
  let count = 0;
  for (const [place, root] of roots.entries()) {
    if (reached[root] === 1) continue;
    reached[root] = 1;
    slot[root] = place;
    order[count++] = root;
  }
  for (let next = 0; next < count; next++) {
    const object = order[next];
    const first = firstReference[object];
    for (let at = first; at < firstReference[object + 1]; at++) {
      const target = references[at];
      if (target === nullReference || reached[target] === 1) continue;
      reached[target] = 1;
      from[target] = object;
      slot[target] = at - first;
      depth[target] = depth[object] + 1;
      order[count++] = target;
    }
  }
  return { from, slot, depth, order: order.subarray(0, count) };
}

/** The objects nearest to the roots that have `share` of all bytes, in their old order. Edges out of it become null. */
export function portion(graph: HeapGraph, share: number): HeapGraph {
  if (share >= 1) return graph;
  const kept = nearest(graph, share);
  const renumbered = new Uint32Array(graph.objectCount).fill(nullReference);
  let objectCount = 0;
  let slots = 0;
  for (let object = 0; object < graph.objectCount; object++) {
    if (kept[object] === 0) continue;
    renumbered[object] = objectCount++;
    slots += referenceCount(graph, object);
  }
  const part = {
    classOf: new Uint32Array(objectCount),
    firstReference: new Uint32Array(objectCount + 1),
    payloadBytes: new Uint32Array(objectCount),
    references: new Uint32Array(slots),
  };
  let slot = 0;
  for (let object = 0; object < graph.objectCount; object++) {
    const number = renumbered[object];
    if (number === nullReference) continue;
    part.classOf[number] = graph.classOf[object];
    part.payloadBytes[number] = graph.payloadBytes[object];
    for (let at = graph.firstReference[object]; at < graph.firstReference[object + 1]; at++) {
      const target = graph.references[at];
      part.references[slot++] = target === nullReference ? nullReference : renumbered[target];
    }
    part.firstReference[number + 1] = slot;
  }
  const roots = graph.roots.map((root) => renumbered[root]).filter((root) => root !== nullReference);
  return { objectCount, classes: graph.classes, ...part, roots };
}

/** Object → 1 where it belongs to the part. Shortest ways lead through nearer objects, so all of it can be reached. */
function nearest(graph: HeapGraph, share: number): Uint8Array {
  const { order } = shortestWays(graph);
  const bytesOf = (object: number) => sizeInHeap(referenceCount(graph, object), graph.payloadBytes[object]);
  const wanted = share * order.reduce((bytes, object) => bytes + bytesOf(object), 0);
  const kept = new Uint8Array(graph.objectCount);
  let bytes = 0;
  for (const object of order) {
    if (bytes >= wanted && bytes > 0) break;
    kept[object] = 1;
    bytes += bytesOf(object);
  }
  return kept;
}
