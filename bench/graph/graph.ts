/** In `HeapGraph.references`: a reference that is null. */
export const nullReference = 0xffff_ffff;

/** Sizes in the benchmark's heap: an 8-byte header, then 4-byte references, then raw payload, in granules of 8. */
export const headerBytes = 8;
export const referenceBytes = 4;
export const granuleBytes = 8;

/** `varying`: objects each with references and payload of their own, as of V8, or of a class that a dump lacks. */
export type ClassKind = 'instance' | 'object-array' | 'primitive-array' | 'class' | 'varying';
/** In the order of their numbers in a graph file. */
export const classKinds: readonly ClassKind[] = ['instance', 'object-array', 'primitive-array', 'class', 'varying'];

/** What the objects of a class have each for itself, rather than from their class. */
export const ownSizes: Readonly<Record<ClassKind, { readonly references: boolean; readonly payload: boolean }>> = {
  instance: { references: false, payload: false },
  'object-array': { references: true, payload: false },
  'primitive-array': { references: false, payload: true },
  class: { references: true, payload: true },
  varying: { references: true, payload: true },
};

/** What objects of one class have in common. */
export interface GraphClass {
  /** As in Java source: `java.lang.String`, `byte[]`. Not unique: class loaders may load a name twice. */
  readonly name: string;
  readonly kind: ClassKind;
  /** Bytes of an instance's fields with 4-byte references, without header or padding; 0 where objects differ. */
  readonly fieldBytes: number;
  /** Which of those bytes hold references: offsets in the dump's order of fields, ascending. */
  readonly referenceOffsets: Uint32Array;
}

/**
 * A heap as a graph, in typed arrays only: objects `0 … objectCount-1`, in the order of their addresses in the dumped
 * runtime. Every object can be reached from `roots`.
 */
export interface HeapGraph {
  readonly objectCount: number;
  /** The class table, in the order in which objects first use it. */
  readonly classes: readonly GraphClass[];
  /** Per object: index in `classes`. */
  readonly classOf: Uint32Array;
  /** Per object and one more: where its references begin. `firstReference[i+1] - firstReference[i]` is their number. */
  readonly firstReference: Uint32Array;
  /** Per object: bytes that are neither header nor references. */
  readonly payloadBytes: Uint32Array;
  /** All references, object after object: index of the target, or `nullReference`. */
  readonly references: Uint32Array;
  /** Distinct objects that are kept by something outside the heap, ascending. */
  readonly roots: Uint32Array;
}

/** References of object `object`, null ones included. */
export function referenceCount(graph: HeapGraph, object: number): number {
  return graph.firstReference[object + 1] - graph.firstReference[object];
}

/** Bytes of an object in the benchmark's heap. */
export function sizeInHeap(references: number, payloadBytes: number): number {
  return Math.ceil((headerBytes + references * referenceBytes + payloadBytes) / granuleBytes) * granuleBytes;
}
