import { ranksOf } from './dump-objects.js';
import { refuseMoreThan, refuseWithoutMemory } from './early-limits.js';
import { damaged, GraphError } from './error.js';
import { type GraphClass, nullReference } from './graph.js';
import type { Imported, ImportOptions } from './import-options.js';
import type { Input } from './input.js';
import { keepReachable, type RawGraph } from './raw-graph.js';
import { nothingOdd } from './report.js';
import { readV8Snapshot, type V8Snapshot } from './v8-snapshot.js';

/** What stands for roots and groups of them in a snapshot: no objects. */
const rootType = 'synthetic';
/** Nodes that are called by what they are; all others by their type. */
const namedTypes: ReadonlySet<string> = new Set(['object', 'native']);
/** Types whose objects are all in V8's heap, in whole words. */
const heapTypes: ReadonlySet<string> = new Set(['object', 'array', 'closure']);

/** The graph of a snapshot of V8's heap. */
export async function importV8Snapshot(input: Input, options: ImportOptions): Promise<Imported> {
  if ((options.dump ?? 1) !== 1) {
    throw new GraphError('UNSUPPORTED', 'a snapshot of V8 is one dump', { path: input.name }, 'leave --dump out');
  }
  const snapshot = readV8Snapshot(input, {
    chunkBytes: options.chunkBytes,
    isNamed: (type) => namedTypes.has(type),
    onCounts: (nodes, edges) => {
      refuseMoreThan(input.name, 'objects', nodes, options);
      refuseMoreThan(input.name, 'references', edges, options);
      refuseWithoutMemory(input.name, nodes);
    },
    onProgress: (doneBytes, totalBytes) => options.onProgress?.({ phase: 'read', doneBytes, totalBytes }),
  });
  options.onProgress?.({ phase: 'read', doneBytes: input.size, totalBytes: input.size });
  const raw = objectsOf(snapshot, input);
  const dumpObjects = raw.groupOf.length;
  const { graph, reachable, cutReferences } = keepReachable(raw, options.sample);
  return {
    graph,
    report: {
      format: 'a V8 heap snapshot',
      dumpBytes: input.size,
      dumpObjects,
      unreachableObjects: dumpObjects - reachable,
      ...nothingOdd,
      unsampledObjects: reachable - graph.objectCount,
      cutReferences,
    },
  };
}

/** A snapshot's nodes as objects, in the order of the file: it says no addresses. */
function objectsOf(snapshot: V8Snapshot, input: Input): RawGraph {
  const { nodeCount, type, name, selfBytes, edgeCount, edgeType, target } = snapshot;
  const isRoot = snapshot.nodeTypes.map((word) => word === rootType);
  const isWeak = snapshot.edgeTypes.map((word) => word === 'weak');
  // A second way to what is there anyway; from a root it marks what a program can name.
  const isShortcut = snapshot.edgeTypes.map((word) => word === 'shortcut');
  const keeps = (node: number, edge: number) =>
    !isWeak[edgeType[edge]] && (!isShortcut[edgeType[edge]] || isRoot[type[node]]);

  const objectOf = new Uint32Array(nodeCount).fill(nullReference);
  let objectCount = 0;
  for (let node = 0; node < nodeCount; node++) if (!isRoot[type[node]]) objectOf[node] = objectCount++;
  const groups = new Groups(snapshot);
  const groupOf = new Uint32Array(objectCount);
  const payloadBytes = new Uint32Array(objectCount);
  const firstReference = new Uint32Array(objectCount + 1);
  const references = new Uint32Array(target.length);
  const rootMarks = new Uint8Array(objectCount);
  const wordBytes = wordBytesOf(snapshot);
  let edge = 0;
  let slots = 0;
  for (let node = 0; node < nodeCount; node++) {
    const end = edge + edgeCount[node];
    if (end > target.length) break;
    const object = objectOf[node];
    const before = slots;
    for (; edge < end; edge++) {
      const to = objectOf[target[edge]];
      if (to === nullReference || !keeps(node, edge)) continue;
      if (object === nullReference) rootMarks[to] = 1;
      else references[slots++] = to;
    }
    if (object === nullReference) continue;
    groupOf[object] = groups.indexOf(type[node], name[node]);
    payloadBytes[object] = Math.max(0, selfBytes[node] - wordBytes * (slots - before));
    firstReference[object + 1] = slots;
  }
  if (edge !== target.length || edgeCount.reduce((sum, edges) => sum + edges, 0) !== edge) {
    throw new GraphError('CORRUPT', 'other edges than the nodes say', { path: input.name }, damaged);
  }
  return {
    ...{ groupOf, groupCount: groups.count, describe: (group: number) => groups.describe(group) },
    ...{ firstReference, references: references.subarray(0, slots), payloadBytes, roots: ranksOf(rootMarks) },
  };
}

/** Bytes of a reference: 8, or 4 with pointer compression, where sizes are whole words of 4. */
function wordBytesOf({ nodeCount, nodeTypes, type, selfBytes }: V8Snapshot): number {
  const isInHeap = nodeTypes.map((word) => heapTypes.has(word));
  for (let node = 0; node < nodeCount; node++) if (isInHeap[type[node]] && selfBytes[node] % 8 === 4) return 4;
  return 8;
}

/** The classes of nodes: constructors and natives by their names, all else by its type. */
class Groups {
  private readonly indexes = new Map<number, number>();
  private readonly firsts: { readonly type: number; readonly name: number }[] = [];
  private readonly isNamed: readonly boolean[];

  constructor(private readonly snapshot: V8Snapshot) {
    this.isNamed = snapshot.nodeTypes.map((word) => namedTypes.has(word));
  }

  get count(): number {
    return this.firsts.length;
  }

  indexOf(type: number, name: number): number {
    const key = this.isNamed[type] ? type * 2 ** 32 + name : -1 - type;
    let index = this.indexes.get(key);
    if (index === undefined) {
      index = this.firsts.push({ type, name }) - 1;
      this.indexes.set(key, index);
    }
    return index;
  }

  describe(group: number): GraphClass {
    const { type, name } = this.firsts[group];
    const word = this.snapshot.nodeTypes[type];
    const called = this.isNamed[type] ? this.snapshot.strings.get(name) : undefined;
    return { name: called ?? `(${word})`, kind: 'varying', fieldBytes: 0, referenceOffsets: new Uint32Array(0) };
  }
}
