/** A part of a heap: whole subtrees, drawn by a seed. */
import { below, nextRandom, seedState } from '../random.js';
import { nullReference } from './graph.js';
import { type Reachable, unreached } from './reachable.js';

export interface Sample {
  /** Up to 1: a share of the objects that can be reached; above: how many of them. */
  readonly size: number;
  readonly seed: number;
}

/** A subtree is at most so small a part of the sample, so that there are many, of all over the heap. */
const leastSubtrees = 64;

/** How much of an object is kept. */
const nothing = 0;
const itself = 1;
const subtree = 2;

const noParent = 0xffff_ffff;

/**
 * Draws subtrees of the tree of shortest ways from the roots, each whole and with the way that leads to it, until the
 * next one does not fit; then fills up with the objects that are nearest to the roots. The same graph, size and seed
 * give the same objects.
 */
export function drawSample(
  firstReference: Uint32Array,
  references: Uint32Array,
  roots: Uint32Array,
  { size, seed }: Sample,
): Reachable & { readonly reachable: number } {
  const { order, parent } = shortestWays(firstReference, references, roots);
  const target = Math.max(1, Math.min(order.length, Math.round(size <= 1 ? size * order.length : size)));
  const tops = shuffled(topsOf(order, parent, Math.ceil(target / leastSubtrees)), seed);
  const kept = new Uint8Array(firstReference.length - 1);
  let count = 0;
  for (const { top, objects } of tops) {
    let way = 0;
    for (let at = parent[top]; at !== noParent && kept[at] === nothing && count + way < target; at = parent[at]) way++;
    if (count + way + objects > target) break;
    for (let at = parent[top]; at !== noParent && kept[at] === nothing; at = parent[at]) kept[at] = itself;
    kept[top] = subtree;
    count += way + objects;
  }
  for (const object of order) {
    if (kept[object] !== nothing) continue;
    if (parent[object] !== noParent && kept[parent[object]] === subtree) kept[object] = subtree;
  }
  for (const object of order) {
    if (count >= target) break;
    // An object comes after its parent, which has been taken if this one is reached.
    if (kept[object] !== nothing) continue;
    kept[object] = itself;
    count++;
  }
  const renumbered = new Uint32Array(kept.length).fill(unreached);
  let number = 0;
  for (let object = 0; object < kept.length; object++) if (kept[object] !== nothing) renumbered[object] = number++;
  return { count: number, renumbered, reachable: order.length };
}

/** What can be reached, nearest first, and the object before each on a shortest way to it. */
function shortestWays(firstReference: Uint32Array, references: Uint32Array, roots: Uint32Array) {
  const objectCount = firstReference.length - 1;
  const parent = new Uint32Array(objectCount);
  const order = new Uint32Array(objectCount);
  const seen = new Uint8Array(objectCount);
  let count = 0;
  for (const root of roots) {
    if (seen[root] === 1) continue;
    seen[root] = 1;
    parent[root] = noParent;
    order[count++] = root;
  }
  for (let next = 0; next < count; next++) {
    const object = order[next];
    for (let slot = firstReference[object]; slot < firstReference[object + 1]; slot++) {
      const target = references[slot];
      if (target === nullReference || seen[target] === 1) continue;
      seen[target] = 1;
      parent[target] = object;
      order[count++] = target;
    }
  }
  return { order: order.subarray(0, count), parent };
}

interface Subtree {
  readonly top: number;
  readonly objects: number;
}

/** The largest subtrees of at most `most` objects, nearest first. */
function topsOf(order: Uint32Array, parent: Uint32Array, most: number): { tops: Uint32Array; objects: Uint32Array } {
  const objects = new Uint32Array(parent.length);
  for (let i = order.length - 1; i >= 0; i--) {
    const object = order[i];
    objects[object]++;
    if (parent[object] !== noParent) objects[parent[object]] += objects[object];
  }
  const isTop = (object: number) =>
    objects[object] <= most && (parent[object] === noParent || objects[parent[object]] > most);
  return { tops: order.filter(isTop), objects };
}

/** The subtrees in an order that follows from the seed. */
function* shuffled(
  { tops, objects }: { readonly tops: Uint32Array; readonly objects: Uint32Array },
  seed: number,
): Generator<Subtree> {
  let state = seedState(seed);
  for (let left = tops.length; left > 0; left--) {
    state = nextRandom(state);
    const at = below(state, left);
    const top = tops[at];
    tops[at] = tops[left - 1];
    yield { top, objects: objects[top] };
  }
}
