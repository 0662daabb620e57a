import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeGraph, encodeGraph } from '../../../bench/graph/format.js';
import { type GraphClass, type HeapGraph, nullReference } from '../../../bench/graph/graph.js';
import { absent, IdTable } from '../../../bench/graph/id-table.js';
import { traceReachable } from '../../../bench/graph/reachable.js';
import { unzigzag, VarintReader, VarintWriter, zigzag } from '../../../bench/graph/varint.js';
import { plain } from './graph-files.js';

/** The same cases every time. */
const runs = { seed: 20, numRuns: 200 };

test('varints: every number up to 2^32-1, at the edges of each length', () => {
  const edges = [7, 14, 21, 28].flatMap((bits) => [2 ** bits - 1, 2 ** bits]);
  const values = [0, 1, ...edges, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
  const writer = new VarintWriter();
  for (const value of values) writer.varint(value);
  writer.text('java.lang.Object[] ü');
  const reader = new VarintReader(writer.bytes, (what) => new Error(what));
  assert.equal(
    values.map(() => reader.varint()),
    values,
  );
  assert.is(reader.text(), 'java.lang.Object[] ü');
  assert.is(reader.remaining, 0);
});

test('zigzag is its own way back', () => {
  for (const value of [0, -1, 1, -64, 64, 2 ** 31 - 1, -(2 ** 31)]) assert.is(unzigzag(zigzag(value)), value);
  assert.equal([0, -1, 1, -2, 2].map(zigzag), [0, 1, 2, 3, 4]);
});

test('ids: found with their rank, all others absent', () => {
  const id = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 2 ** 47 }), fc.constant(2 ** 53 - 1));
  fc.assert(
    fc.property(fc.array(id, { maxLength: 60 }), fc.array(id), (ids, others) => {
      const table = new IdTable(Float64Array.from(ids));
      const sorted = [...new Set(ids)].sort((a, b) => a - b);
      assert.equal([...table.ids], sorted);
      sorted.forEach((each, rank) => {
        assert.is(table.rankOf(each), rank);
      });
      for (const other of [...others, 0])
        assert.is(table.rankOf(other), sorted.indexOf(other) === -1 ? absent : sorted.indexOf(other));
    }),
    runs,
  );
});

const classes: GraphClass[] = [
  { name: 'Leaf', kind: 'instance', fieldBytes: 3, referenceOffsets: Uint32Array.of() },
  { name: 'Node', kind: 'instance', fieldBytes: 15, referenceOffsets: Uint32Array.of(0, 7, 11) },
  { name: 'Object[]', kind: 'object-array', fieldBytes: 0, referenceOffsets: Uint32Array.of() },
  { name: 'char[]', kind: 'primitive-array', fieldBytes: 0, referenceOffsets: Uint32Array.of() },
  { name: 'Class', kind: 'class', fieldBytes: 0, referenceOffsets: Uint32Array.of() },
];

/** Objects as class, length of an array, and where their references go; then a graph with roots for all of them. */
const graphs = fc
  .array(
    fc.record({
      class: fc.nat({ max: classes.length - 1 }),
      length: fc.nat({ max: 40 }),
      targets: fc.array(fc.nat({ max: 99 }), { minLength: 1, maxLength: 40 }),
    }),
    { maxLength: 80 },
  )
  .map((objects): HeapGraph => {
    const firstReference = new Uint32Array(objects.length + 1);
    const references: number[] = [];
    const payloadBytes = objects.map(({ class: index, length, targets }, object) => {
      const { kind, fieldBytes, referenceOffsets } = classes[index];
      const fields = kind === 'instance' ? referenceOffsets.length : 0;
      const count = kind === 'object-array' || kind === 'class' ? length : fields;
      for (let slot = 0; slot < count; slot++) {
        const target = targets[slot % targets.length];
        references.push(target < objects.length ? target : nullReference);
      }
      firstReference[object + 1] = references.length;
      return kind === 'instance' ? fieldBytes - 4 * fields : kind === 'object-array' ? 0 : length;
    });
    const flat = Uint32Array.from(references);
    return {
      objectCount: objects.length,
      classes,
      classOf: Uint32Array.from(objects, (object) => object.class),
      firstReference,
      payloadBytes: Uint32Array.from(payloadBytes),
      references: flat,
      roots: Uint32Array.from(rootsOf(firstReference, flat)),
    };
  });

/** Few roots that reach everything. */
function rootsOf(firstReference: Uint32Array, references: Uint32Array): number[] {
  const roots: number[] = [];
  for (let object = 0; object < firstReference.length - 1; object++) {
    const { renumbered } = traceReachable(firstReference, references, Uint32Array.from(roots));
    if (renumbered[object] === nullReference) roots.push(object);
  }
  return roots;
}

test('any graph survives being a file', async () => {
  await fc.assert(
    fc.asyncProperty(graphs, async (graph) => {
      const read = decodeGraph(await encodeGraph(graph, 'any', 1), 'any');
      assert.equal(plain(read), plain(graph));
    }),
    runs,
  );
});

test('tracing keeps what a slow search finds, in its order', () => {
  fc.assert(
    fc.property(graphs, fc.array(fc.nat({ max: 79 })), ({ objectCount, firstReference, references }, picked) => {
      const roots = picked.filter((root) => root < objectCount);
      const found = new Set(roots);
      // A set that grows while it is walked: breadth first, without a stack.
      for (const object of found) {
        for (const target of references.subarray(firstReference[object], firstReference[object + 1])) {
          if (target !== nullReference) found.add(target);
        }
      }
      const { count, renumbered } = traceReachable(firstReference, references, Uint32Array.from(roots));
      const kept = [...found].sort((a, b) => a - b);
      assert.is(count, kept.length);
      assert.equal(
        kept.map((object) => renumbered[object]),
        kept.map((_, index) => index),
      );
    }),
    runs,
  );
});

test.run();
