import { columnsOf, ObjectsByClass } from './columns.js';
import { classKinds, type GraphClass, type HeapGraph, ownSizes, referenceBytes } from './graph.js';
import { limits } from './limits.js';
import { traceReachable } from './reachable.js';
import { readColumn } from './reference-column.js';
import { VarintReader } from './varint.js';

/** What the header of a graph file says of its contents. */
export interface ContentCounts {
  readonly objects: number;
  readonly references: number;
  readonly roots: number;
  readonly classes: number;
}

/**
 * The graph that `encodeContents` made `contents` of. Everything is checked: what comes out is a graph whatever goes in.
 *
 * @param counts within `limits`
 * @param fail makes the error to throw, from what is wrong and the byte of the contents
 */
export function decodeContents(
  contents: Uint8Array,
  counts: ContentCounts,
  fail: (what: string, offset: number) => Error,
): HeapGraph {
  const reader = new VarintReader(contents, fail);
  // Each of them takes a byte at least: no column is allocated that the contents cannot fill.
  for (const [name, count] of Object.entries(counts)) {
    if (count > contents.length) throw reader.error(`${count} ${name} in ${contents.length} bytes`);
  }
  const classes = Array.from({ length: counts.classes }, () => readClass(reader));
  const classOf = new Uint32Array(counts.objects);
  for (let object = 0; object < counts.objects; object++) classOf[object] = reader.below(counts.classes, 'class');
  const byClass = new ObjectsByClass(classOf, counts.classes);
  const { firstReference, payloadBytes } = readSizes(reader, classes, byClass, counts);
  const roots = readRoots(reader, counts);
  const references = new Uint32Array(counts.references);
  classes.forEach((graphClass, index) => {
    for (const column of columnsOf(graphClass, byClass.of(index), firstReference)) {
      readColumn(reader, references, counts.objects, column);
    }
  });
  if (reader.remaining > 0) throw reader.error(`${reader.remaining} bytes too many`);
  const { count } = traceReachable(firstReference, references, roots);
  if (count < counts.objects) throw reader.error(`${counts.objects - count} objects that no root leads to`);
  return { objectCount: counts.objects, classes, classOf, firstReference, payloadBytes, references, roots };
}

function readClass(reader: VarintReader): GraphClass {
  const name = reader.text();
  const kind = classKinds[reader.below(classKinds.length, 'kind of class')];
  const fieldBytes = reader.varint();
  const referenceOffsets = new Uint32Array(reader.below(reader.remaining + 1, 'number of reference fields'));
  if (kind !== 'instance' && (fieldBytes > 0 || referenceOffsets.length > 0)) {
    throw reader.error('fields of what is no instance');
  }
  let before = 0;
  for (let field = 0; field < referenceOffsets.length; field++) {
    const step = reader.varint();
    if (field > 0 && step < referenceBytes) throw reader.error('reference fields that overlap');
    before += step;
    if (before + referenceBytes > fieldBytes) throw reader.error('a reference field outside its object');
    referenceOffsets[field] = before;
  }
  return { name, kind, fieldBytes, referenceOffsets };
}

function readSizes(
  reader: VarintReader,
  classes: readonly GraphClass[],
  byClass: ObjectsByClass,
  counts: ContentCounts,
) {
  const payloadBytes = new Uint32Array(counts.objects);
  const firstReference = new Uint32Array(counts.objects + 1);
  classes.forEach(({ kind, fieldBytes, referenceOffsets }, index) => {
    for (const object of byClass.of(index)) {
      let references = referenceOffsets.length;
      let payload = fieldBytes - referenceBytes * references;
      if (ownSizes[kind].references) references = reader.below(limits.references + 1, 'length');
      if (ownSizes[kind].payload) payload = reader.varint();
      firstReference[object + 1] = references;
      payloadBytes[object] = payload;
    }
  });
  let total = 0;
  for (let object = 0; object < counts.objects; object++) {
    total += firstReference[object + 1];
    if (total > counts.references) break;
    firstReference[object + 1] = total;
  }
  if (total !== counts.references) throw reader.error(`objects with other than ${counts.references} references`);
  return { firstReference, payloadBytes };
}

function readRoots(reader: VarintReader, counts: ContentCounts): Uint32Array {
  const roots = new Uint32Array(counts.roots);
  let before = 0;
  for (let i = 0; i < counts.roots; i++) {
    const step = reader.below(counts.objects - before, 'root');
    if (i > 0 && step === 0) throw reader.error('a root twice');
    before += step;
    roots[i] = before;
  }
  return roots;
}
