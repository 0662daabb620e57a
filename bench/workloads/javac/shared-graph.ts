/**
 * A graph ready to be worked on by several threads: columns in shared memory, objects numbered so that what an object
 * dominates follows it, the way to each from the roots, and the edges that lead into the subtrees that can be replaced.
 */
import { type HeapGraph, nullReference } from '../../graph/index.js';
import { dominatorTree } from './dominators.js';
import { shortestWays } from './portion.js';

/** Objects that a replaced subtree has at most. */
export const mostObjects = 64;
/** Edges from outside that lead into its top. */
const mostEntries = 4;
/** Edges to be followed from a root to where such an edge begins. */
const mostSteps = 64;

/** No object: a null reference, or above the roots. */
export const none = -1;

export interface SharedGraph {
  readonly count: number;
  /** Object → where its references begin in `references`; one more at the end. */
  readonly first: Uint32Array;
  /** Every slot: the object it refers to, or `none`. */
  readonly references: Int32Array;
  readonly payloadBytes: Uint32Array;
  /** Objects it dominates, itself included; 255 stands for more. */
  readonly size: Uint8Array;
  /** The object that dominates it, or `none`. */
  readonly dominator: Int32Array;
  /** The way to it: the object before, or `none` for a root, and the slot there, or the place among the roots. */
  readonly from: Int32Array;
  readonly slot: Uint32Array;
  /** Edges of the longest way. */
  readonly longestWay: number;
  readonly roots: Uint32Array;
  /** Objects in the order of the addresses they were dumped from. */
  readonly order: Uint32Array;
  /** Tops of subtrees that can be replaced. */
  readonly tops: Uint32Array;
  /** Object → where the edges into it begin, in the columns below; none for those that are no `tops`. */
  readonly firstEntry: Uint32Array;
  readonly entryFrom: Uint32Array;
  readonly entrySlot: Uint32Array;
}

export function shareGraph(graph: HeapGraph): SharedGraph {
  const { numberOf, objectOf, dominator, size } = dominatorTree(graph);
  const { objectCount: count } = graph;
  const first = emptyUnsigned(count + 1);
  const references = emptySigned(graph.references.length);
  for (let number = 0, slot = 0; number < count; number++) {
    const object = objectOf[number];
    for (let at = graph.firstReference[object]; at < graph.firstReference[object + 1]; at++) {
      const target = graph.references[at];
      references[slot++] = target === nullReference ? none : numberOf[target];
    }
    first[number + 1] = slot;
  }
  const ways = shortestWays(graph);
  const depth = Uint32Array.from(objectOf, (object) => ways.depth[object]);
  const roots = unsigned(graph.roots.map((root) => numberOf[root]));
  return {
    count,
    first,
    references,
    payloadBytes: unsigned(objectOf.map((object) => graph.payloadBytes[object])),
    size: bytes(size.map((objects) => Math.min(objects, 255))),
    dominator: signed(dominator),
    from: signed(Int32Array.from(objectOf, (object) => (ways.from[object] < 0 ? none : numberOf[ways.from[object]]))),
    slot: unsigned(objectOf.map((object) => ways.slot[object])),
    longestWay: depth.reduce((longest, steps) => Math.max(longest, steps), 0),
    roots,
    order: unsigned(numberOf),
    ...entries({ first, references, size, depth, roots }),
  };
}

interface Edges {
  readonly first: Uint32Array;
  readonly references: Int32Array;
  readonly size: Uint32Array;
  readonly depth: Uint32Array;
  readonly roots: Uint32Array;
}

/** Finds the subtrees that can be replaced: small, and entered from few places that are not far. */
function entries({
  first,
  references,
  size,
  depth,
  roots,
}: Edges): Pick<SharedGraph, 'tops' | 'firstEntry' | 'entryFrom' | 'entrySlot'> {
  const count = size.length;
  const incoming = new Uint8Array(count);
  const tooMany = mostEntries + 1;
  for (const root of roots) incoming[root] = tooMany; // entered from outside the heap
  forEachEntry(first, references, size, (target, source) => {
    incoming[target] = depth[source] > mostSteps ? tooMany : Math.min(tooMany, incoming[target] + 1);
  });
  const isTop = (object: number) => size[object] <= mostObjects && incoming[object] > 0 && incoming[object] < tooMany;
  const firstEntry = emptyUnsigned(count + 1);
  let tops = 0;
  for (let object = 0; object < count; object++) {
    firstEntry[object + 1] = firstEntry[object] + (isTop(object) ? incoming[object] : 0);
    if (isTop(object)) tops++;
  }
  const entryFrom = emptyUnsigned(firstEntry[count]);
  const entrySlot = emptyUnsigned(firstEntry[count]);
  const next = firstEntry.slice();
  forEachEntry(first, references, size, (target, source, slot) => {
    if (!isTop(target)) return;
    entryFrom[next[target]] = source;
    entrySlot[next[target]++] = slot;
  });
  const found = emptyUnsigned(tops);
  for (let object = 0, at = 0; object < count; object++) if (isTop(object)) found[at++] = object;
  return { tops: found, firstEntry, entryFrom, entrySlot };
}

/** Every edge that leads into an object's subtree from outside of it. By nature it leads to the subtree's top. */
function forEachEntry(
  first: Uint32Array,
  references: Int32Array,
  size: Uint32Array,
  call: (target: number, source: number, slot: number) => void,
): void {
  for (let source = 0; source < size.length; source++) {
    for (let at = first[source]; at < first[source + 1]; at++) {
      const target = references[at];
      if (target === none) continue;
      if (source < target || source >= target + size[target]) call(target, source, at - first[source]);
    }
  }
}

function emptyUnsigned(length: number): Uint32Array {
  return new Uint32Array(new SharedArrayBuffer(4 * length));
}

function emptySigned(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * length));
}

function unsigned(values: ArrayLike<number>): Uint32Array {
  const column = emptyUnsigned(values.length);
  column.set(values);
  return column;
}

function signed(values: ArrayLike<number>): Int32Array {
  const column = emptySigned(values.length);
  column.set(values);
  return column;
}

function bytes(values: ArrayLike<number>): Uint8Array {
  const column = new Uint8Array(new SharedArrayBuffer(values.length));
  column.set(values);
  return column;
}
