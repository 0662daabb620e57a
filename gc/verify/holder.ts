/**
 * Who holds a number that is no reference: for the message of a collection that has met one. The marking knows the number
 * alone, because references travel through it without their holders; so the holder is looked for once it is too late.
 */
import { Control, type Heap, MutatorState, Own, ownBase, RegionState, testBit } from '../../heap/index.js';
import { HeapGraph } from './graph.js';

/** Longest time that the search takes, ms: nobody is to wait for a message. */
const LONGEST_MS = 250;

/** The error of a marking, and who holds what it is about, if that can be found. */
export function withHolder(heap: Heap, error: Error): Error {
  try {
    const value = heap.kernels.badReference();
    if (value === 0 || Atomics.load(heap.control, Control.COMPACTING) !== 0) return error;
    const holder = rootThatHolds(heap, value) ?? slotThatHolds(heap, value);
    if (holder === null) return error;
    return new RangeError(`${error.message}; ${holder} holds ${value}`, { cause: error });
  } catch {
    return error; // of a heap that was closed, say: what went wrong first is what matters
  }
}

function rootThatHolds({ control, layout, meta }: Heap, value: number): string | null {
  const global = meta.globals.findIndex((root) => root >>> 0 === value);
  if (global >= 0) return `global ${global}`;
  for (let mutator = 0; mutator < layout.mutators; mutator++) {
    if (Atomics.load(control, ownBase(mutator) + Own.STATE) === MutatorState.ABSENT) continue;
    const roots = meta.stack(mutator).subarray(0, control[ownBase(mutator) + Own.DEPTH]);
    const root = roots.findIndex((reference) => reference >>> 0 === value);
    if (root >= 0) return `root slot ${root} of mutator ${mutator}`;
  }
  return null;
}

/** Of objects that the marking found, or that were made meanwhile: others may stand where nobody can look. */
function slotThatHolds(heap: Heap, value: number): string | null {
  const { control, layout, meta } = heap;
  const graph = new HeapGraph(heap);
  const cycle = Atomics.load(control, Control.CYCLE);
  const until = performance.now() + LONGEST_MS;
  for (let region = 1; region < layout.regions && performance.now() < until; region++) {
    const state = Atomics.load(meta.regionState, region);
    if (state !== RegionState.OPEN && state !== RegionState.KEPT && state !== RegionState.HUMONGOUS) continue;
    const all = Atomics.load(meta.regionBorn, region) === cycle;
    const top = Atomics.load(meta.regionTop, region);
    for (let object = region * layout.granulesPerRegion; object < top; object++) {
      if (!testBit(meta.starts, object) || !(all || testBit(meta.live, object))) continue;
      // A header may have been written over: no slot lies above the top.
      const room = state === RegionState.HUMONGOUS ? graph.granules(object) : top - object;
      const references = Math.min(graph.references(object), 2 * (room - 1));
      for (let slot = 0; slot < references; slot++) {
        if (graph.reference(object, slot) >>> 0 !== value) continue;
        const what = `object ${object} (tag ${graph.tag(object)}, ${references} references, in region ${region}`;
        return `slot ${slot} of ${what}${allocatorOf(heap, region)})`;
      }
      if (state === RegionState.HUMONGOUS) break;
    }
  }
  return null;
}

function allocatorOf({ control, layout }: Heap, region: number): string {
  for (let mutator = 0; mutator < layout.mutators; mutator++) {
    if (control[ownBase(mutator) + Own.REGION] === region) return `, where mutator ${mutator} allocates`;
  }
  return '';
}
