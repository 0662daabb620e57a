// deadline: 600s
/** Heap snapshots of V8 at random: read when they are right, and a graph or an error when they are spoilt. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Scratch } from '../bench/graph/graph-files.js';
import { damages, spoil } from './fuzz.js';
import { importedOrRefused } from './imports.js';
import { runs } from './runs.js';

const scratch = new Scratch();

const nodeTypes = ['hidden', 'array', 'string', 'object', 'native', 'synthetic'];
const edgeTypes = ['context', 'property', 'shortcut', 'weak'];
const fields = ['type', 'name', 'id', 'self_size', 'edge_count'];

const nodes = fc.array(
  fc.record({
    type: fc.nat({ max: nodeTypes.length - 1 }),
    name: fc.string({ maxLength: 12, unit: 'binary' }),
    size: fc.nat({ max: 5000 }),
    edges: fc.array(fc.tuple(fc.nat({ max: edgeTypes.length - 1 }), fc.nat()), { maxLength: 6 }),
  }),
  { maxLength: 30, size: 'max' },
);
type Nodes = typeof nodes extends fc.Arbitrary<infer T> ? T : never;

function snapshotOf(nodes: Nodes, space: string | undefined): Uint8Array {
  const edges = nodes.flatMap(({ edges }) => edges);
  const text = JSON.stringify(
    {
      snapshot: {
        meta: {
          ...{ node_fields: fields, node_types: [nodeTypes, 'string'] },
          ...{ edge_fields: ['type', 'name_or_index', 'to_node'], edge_types: [edgeTypes, 'node'] },
        },
        ...{ node_count: nodes.length, edge_count: edges.length },
      },
      nodes: nodes.flatMap(({ type, size, edges }, node) => [type, node, 2 * node + 1, size, edges.length]),
      edges: edges.flatMap(([type, to]) => [type, 0, (to % nodes.length) * fields.length]),
      locations: [],
      strings: nodes.map(({ name }) => name),
    },
    undefined,
    space,
  );
  return new TextEncoder().encode(text);
}

const importOrRefuse = (bytes: Uint8Array) => importedOrRefused(scratch.write('any.heapsnapshot', bytes));

test('any snapshot that is right becomes a graph', async () => {
  await fc.assert(
    fc.asyncProperty(nodes, fc.constantFrom(undefined, ' ', '\n'), async (nodes, space) => {
      assert.is(await importOrRefuse(snapshotOf(nodes, space)), 'read');
    }),
    runs(200),
  );
});

test('a spoilt one is a graph or an error: never a crash, never an array that the file cannot fill', async () => {
  const seen = { read: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(nodes, damages, async (nodes, by) => {
      seen[await importOrRefuse(spoil(snapshotOf(nodes, undefined), by))]++;
    }),
    runs(600),
  );
  assert.ok(seen.read > 0 && seen.refused > 0, JSON.stringify(seen));
});

test.run();
