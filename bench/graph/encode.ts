import { columnsOf, ObjectsByClass } from './columns.js';
import {
  classKinds,
  type GraphClass,
  type HeapGraph,
  nullReference,
  ownSizes,
  referenceBytes,
  referenceCount,
} from './graph.js';
import { traceReachable } from './reachable.js';
import { writeColumn } from './reference-column.js';
import { VarintWriter } from './varint.js';

/**
 * The contents of a graph file, not yet compressed: columns of numbers, each as regular as can be had. README.md says
 * what is where.
 *
 * @throws TypeError a graph that is none: its columns contradict each other
 */
export function encodeContents(graph: HeapGraph): Uint8Array {
  checkColumns(graph);
  const writer = new VarintWriter();
  for (const graphClass of graph.classes) writeClass(writer, graphClass);
  for (const index of graph.classOf) writer.varint(index);
  const byClass = new ObjectsByClass(graph.classOf, graph.classes.length);
  graph.classes.forEach(({ kind }, index) => {
    for (const object of byClass.of(index)) {
      // What the class does not say already.
      if (ownSizes[kind].references) writer.varint(referenceCount(graph, object));
      if (ownSizes[kind].payload) writer.varint(graph.payloadBytes[object]);
    }
  });
  let before = 0;
  for (const root of graph.roots) {
    writer.varint(root - before);
    before = root;
  }
  graph.classes.forEach((graphClass, index) => {
    for (const column of columnsOf(graphClass, byClass.of(index), graph.firstReference)) {
      writeColumn(writer, graph.references, column);
    }
  });
  return writer.bytes;
}

function writeClass(writer: VarintWriter, graphClass: GraphClass): void {
  writer.text(graphClass.name);
  writer.varint(classKinds.indexOf(graphClass.kind));
  writer.varint(graphClass.fieldBytes);
  writer.varint(graphClass.referenceOffsets.length);
  let before = 0;
  for (const offset of graphClass.referenceOffsets) {
    writer.varint(offset - before);
    before = offset;
  }
}

/** A graph made by hand can be wrong; found here it does not become a file that nobody can read. */
function checkColumns(graph: HeapGraph): void {
  const { objectCount, classes, classOf, firstReference, payloadBytes, references, roots } = graph;
  const must = (holds: boolean, what: string): void => {
    if (!holds) throw new TypeError(`not a heap graph: ${what}`);
  };
  must(classOf.length === objectCount && payloadBytes.length === objectCount, 'a column is not one entry an object');
  must(firstReference.length === objectCount + 1 && firstReference[0] === 0, 'firstReference does not begin at 0');
  must(firstReference[objectCount] === references.length, 'firstReference does not end with the references');
  for (const target of references) must(target < objectCount || target === nullReference, 'a reference to no object');
  for (let i = 0; i < roots.length; i++) {
    must(roots[i] < objectCount && (i === 0 || roots[i] > roots[i - 1]), 'roots are not ascending objects');
  }
  for (let object = 0; object < objectCount; object++) {
    const graphClass = classes[classOf[object]];
    must(graphClass !== undefined, 'an object of no class');
    const count = referenceCount(graph, object);
    must(count >= 0, 'firstReference descends');
    const { kind, fieldBytes, referenceOffsets } = graphClass;
    if (kind === 'object-array') must(payloadBytes[object] === 0, 'an object array with payload');
    if (kind === 'primitive-array') must(count === 0, 'a primitive array with references');
    if (kind === 'instance') {
      must(count === referenceOffsets.length, 'an instance without the references of its class');
      must(
        payloadBytes[object] === fieldBytes - referenceBytes * count,
        'an instance without the payload of its class',
      );
    }
  }
  must(traceReachable(firstReference, references, roots).count === objectCount, 'an object that no root leads to');
}
