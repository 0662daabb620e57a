import { type GraphClass, type HeapGraph, nullReference } from './graph.js';
import { type Reachable, traceReachable, unreached } from './reachable.js';
import { drawSample, type Sample } from './sample.js';

/** A dump's objects in the order of their addresses, the unreachable ones still among them. */
export interface RawGraph {
  /** Per object: index of its group; `describe` says what class of the graph that is. */
  readonly groupOf: Uint32Array;
  readonly groupCount: number;
  describe(group: number): GraphClass;
  /** Per object and one more: where its references begin. */
  readonly firstReference: Uint32Array;
  /** Index of the target, or `nullReference`. Taken over: `keepReachable` makes the graph's own of it. */
  readonly references: Uint32Array;
  readonly payloadBytes: Uint32Array;
  /** Distinct objects, ascending. */
  readonly roots: Uint32Array;
}

export interface KeptGraph {
  readonly graph: HeapGraph;
  /** Objects that the roots lead to. */
  readonly reachable: number;
  /** References of the sample to objects that are not part of it: null. */
  readonly cutReferences: number;
}

/** What the roots lead to, as a graph; only a sample of it where one is asked for. */
export function keepReachable(raw: RawGraph, sample: Sample | undefined): KeptGraph {
  const { references } = raw;
  const kept: Reachable & { readonly reachable?: number } =
    sample === undefined
      ? traceReachable(raw.firstReference, references, raw.roots)
      : drawSample(raw.firstReference, references, raw.roots, sample);
  const { count, renumbered } = kept;
  const classOf = new Uint32Array(count);
  const firstReference = new Uint32Array(count + 1);
  const payloadBytes = new Uint32Array(count);
  const classTable = new ClassTable(raw);
  let slots = 0;
  let cutReferences = 0;
  for (let before = 0; before < renumbered.length; before++) {
    const object = renumbered[before];
    if (object === unreached) continue;
    classOf[object] = classTable.indexOf(raw.groupOf[before]);
    payloadBytes[object] = raw.payloadBytes[before];
    const end = raw.firstReference[before + 1];
    for (let slot = raw.firstReference[before]; slot < end; slot++) {
      const target = references[slot];
      const isCut = target !== nullReference && renumbered[target] === unreached;
      if (isCut) cutReferences++;
      // Kept objects move forwards only, so this overwrites what has been read.
      references[slots++] = target === nullReference || isCut ? nullReference : renumbered[target];
    }
    firstReference[object + 1] = slots;
  }
  const graph = {
    objectCount: count,
    classes: classTable.classes,
    classOf,
    firstReference,
    payloadBytes,
    references: references.slice(0, slots),
    roots: raw.roots.map((root) => renumbered[root]).filter((root) => root !== unreached),
  };
  return { graph, reachable: kept.reachable ?? count, cutReferences };
}

/** Numbers the groups of objects that are kept, in the order in which they are first asked for. */
class ClassTable {
  readonly classes: GraphClass[] = [];
  private readonly indexes: Int32Array;

  constructor(private readonly raw: RawGraph) {
    this.indexes = new Int32Array(raw.groupCount).fill(-1);
  }

  indexOf(group: number): number {
    if (this.indexes[group] < 0) this.indexes[group] = this.classes.push(this.raw.describe(group)) - 1;
    return this.indexes[group];
  }
}
