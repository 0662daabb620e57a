import { setImmediate } from 'node:timers/promises';
import { DumpClasses } from './dump-classes.js';
import { type DumpedObjects, ObjectCollector, type ObjectGroup } from './dump-objects.js';
import { ReferenceCollector } from './dump-references.js';
import { GraphError } from './error.js';
import { type GraphClass, type HeapGraph, nullReference } from './graph.js';
import { HprofReader, type Item, item } from './hprof.js';
import { primitiveTypes } from './hprof-tags.js';
import { traceReachable } from './reachable.js';

/** How far an import is. The dump is read twice, so the total is twice its size. */
export interface ImportProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** What an import left out, and why. */
export interface ImportReport {
  /** Version of the dump, `JAVA PROFILE 1.0.2` for example. */
  readonly format: string;
  readonly dumpBytes: number;
  /** Objects of the dump, those left out included. */
  readonly dumpObjects: number;
  /** Objects that no root leads to: left out. */
  readonly unreachableObjects: number;
  /** Objects dumped again under an id that was there already: left out. */
  readonly duplicateObjects: number;
  /** References and roots that name an object the dump does not have: taken as null. */
  readonly danglingReferences: number;
}

export interface ImportOptions {
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined;
  /** Memory to read the dump through, in bytes. */
  readonly chunkBytes?: number | undefined;
}

/** Between two of these the event loop gets a turn and progress is told. */
const stepBytes = 4 << 20;

/**
 * Reads an HPROF heap dump of a JVM or of Android as a graph of the objects that its roots reach.
 *
 * @throws GraphError whatever is wrong with the file
 */
export async function importHprof(path: string, onProgress?: (progress: ImportProgress) => void): Promise<HeapGraph> {
  return (await importWithReport(path, { onProgress })).graph;
}

/** `importHprof`, telling what was left out. */
export async function importWithReport(
  path: string,
  options: ImportOptions = {},
): Promise<{ graph: HeapGraph; report: ImportReport }> {
  try {
    return await importInTwoPasses(path, options);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const hint = 'give a smaller dump, or more memory';
    throw new GraphError('UNSUPPORTED', 'a heap too large for this process', { path }, hint, { cause: error });
  }
}

async function importInTwoPasses(path: string, options: ImportOptions) {
  const first = new HprofReader(path, options.chunkBytes);
  const classes = new DumpClasses(first.idBytes);
  const collector = new ObjectCollector(first, classes);
  await pass(first, 0, options, (found) => collector.take(found));
  const objects = collector.finish();

  const second = new HprofReader(path, options.chunkBytes);
  const links = new ReferenceCollector(second, classes, objects);
  await pass(second, first.size, options, (found) => links.take(found));
  if (!links.complete()) throw second.corrupt('the file changed while it was read');

  const graph = keepReachable(objects, links.references, classes);
  const report: ImportReport = {
    format: first.version,
    dumpBytes: first.size,
    dumpObjects: objects.table.count,
    unreachableObjects: objects.table.count - graph.objectCount,
    duplicateObjects: objects.duplicates,
    danglingReferences: links.dangling + objects.danglingRoots,
  };
  return { graph, report };
}

async function pass(
  reader: HprofReader,
  before: number,
  options: ImportOptions,
  take: (found: Item) => void,
): Promise<void> {
  try {
    let tellAt = 0;
    for (let found = reader.next(); found !== item.end; found = reader.next()) {
      take(found);
      if (reader.offset < tellAt) continue;
      tellAt = reader.offset + stepBytes;
      options.onProgress?.({ doneBytes: before + reader.offset, totalBytes: 2 * reader.size });
      await setImmediate();
    }
    options.onProgress?.({ doneBytes: before + reader.size, totalBytes: 2 * reader.size });
  } finally {
    reader.close();
  }
}

/** The dump's objects without the unreachable ones, as a graph. */
function keepReachable(objects: DumpedObjects, references: Uint32Array, classes: DumpClasses): HeapGraph {
  const { count, renumbered } = traceReachable(objects.firstReference, references, objects.roots);
  const classOf = new Uint32Array(count);
  const firstReference = new Uint32Array(count + 1);
  const payloadBytes = new Uint32Array(count);
  const classTable = new ClassTable(objects.groups, classes);
  let slots = 0;
  for (let rank = 0; rank < renumbered.length; rank++) {
    const object = renumbered[rank];
    if (object >= count) continue;
    classOf[object] = classTable.indexOf(objects.groupOf[rank]);
    payloadBytes[object] = objects.payloadBytes[rank];
    const end = objects.firstReference[rank + 1];
    for (let slot = objects.firstReference[rank]; slot < end; slot++) {
      const target = references[slot];
      references[slots++] = target === nullReference ? nullReference : renumbered[target];
    }
    firstReference[object + 1] = slots;
  }
  const roots = objects.roots.map((rank) => renumbered[rank]);
  return {
    objectCount: count,
    classes: classTable.classes,
    classOf,
    firstReference,
    payloadBytes,
    references: references.slice(0, slots),
    roots,
  };
}

/** Numbers the groups of objects that are kept, in the order in which they are first asked for. */
class ClassTable {
  readonly classes: GraphClass[] = [];
  private readonly indexes: Int32Array;

  constructor(
    private readonly groups: readonly ObjectGroup[],
    private readonly dumped: DumpClasses,
  ) {
    this.indexes = new Int32Array(groups.length).fill(-1);
  }

  indexOf(group: number): number {
    if (this.indexes[group] < 0) this.indexes[group] = this.classes.push(this.describe(this.groups[group])) - 1;
    return this.indexes[group];
  }

  private describe({ kind, key }: ObjectGroup): GraphClass {
    const varying = { kind, fieldBytes: 0, referenceOffsets: new Uint32Array(0) };
    switch (kind) {
      case 'class':
        return { ...varying, name: 'java.lang.Class' };
      case 'primitive-array':
        return { ...varying, name: `${primitiveTypes.get(key)?.name ?? key}[]` };
      case 'object-array':
        return { ...varying, name: this.dumped.nameOf(key) };
      case 'instance': {
        const layout = this.dumped.layoutOf(key);
        if (typeof layout === 'string') throw new Error(layout);
        return {
          name: this.dumped.nameOf(key),
          kind,
          fieldBytes: layout.fieldBytes,
          referenceOffsets: layout.referenceOffsets,
        };
      }
    }
  }
}
