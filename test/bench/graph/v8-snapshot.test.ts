import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { importWithReport } from '../../../bench/graph/import.js';
import { describeGraph, graphInfo, importHprof, readGraph, writeGraph } from '../../../bench/graph/index.js';
import { plain, Scratch, throwsGraphError } from './graph-files.js';

const scratch = new Scratch();

const nodeTypes = ['hidden', 'array', 'string', 'object', 'code', 'closure', 'synthetic', 'native'];
const edgeTypes = ['context', 'element', 'property', 'internal', 'hidden', 'shortcut', 'weak'];

interface NodeToWrite {
  readonly type: string;
  readonly name?: string;
  readonly size?: number;
  readonly edges?: readonly (readonly [type: string, to: number])[];
}

/** A snapshot as V8 writes it; `fields` are those of a node, in their order. */
function snapshot(
  nodes: readonly NodeToWrite[],
  fields: readonly string[] = ['type', 'name', 'id', 'self_size', 'edge_count', 'trace_node_id', 'detachedness'],
) {
  const strings = [...new Set(['<dummy>', ...nodes.map(({ name = '' }) => name)])];
  const edges = nodes.flatMap(({ edges = [] }) => edges);
  const row = ({ type, name = '', size = 0, edges = [] }: NodeToWrite, index: number): number[] => {
    const known: Record<string, number> = {
      ...{ type: nodeTypes.indexOf(type), name: strings.indexOf(name), id: 2 * index + 1 },
      ...{ self_size: size, edge_count: edges.length },
    };
    return fields.map((field) => known[field] ?? 0);
  };
  return {
    snapshot: {
      meta: {
        node_fields: fields,
        node_types: [nodeTypes, 'string', 'number'],
        edge_fields: ['type', 'name_or_index', 'to_node'],
        edge_types: [edgeTypes, 'string_or_number', 'node'],
      },
      node_count: nodes.length,
      edge_count: edges.length,
    },
    nodes: nodes.flatMap(row),
    edges: edges.flatMap(([type, to]) => [edgeTypes.indexOf(type), 0, to * fields.length]),
    trace_tree: [[1, '"]}', { deep: [[]] }], null, -1.5e3, true],
    strings,
  };
}

function write(value: unknown): string {
  const path = scratch.path('case.heapsnapshot');
  writeFileSync(path, JSON.stringify(value));
  return path;
}

const known: readonly NodeToWrite[] = [
  {
    type: 'synthetic',
    edges: [
      ['element', 1],
      ['shortcut', 3],
      ['weak', 5],
    ],
  },
  { type: 'synthetic', name: '(GC roots)', edges: [['element', 2]] },
  {
    ...{ type: 'object', name: 'Node\u001b[31m\n"q"', size: 40 },
    edges: [
      ['property', 3],
      ['hidden', 4],
      ['weak', 5],
      ['shortcut', 5],
    ],
  },
  { type: 'closure', name: 'f', size: 64, edges: [['context', 2]] },
  { type: 'string', name: 'x'.repeat(5000), size: 5016 },
  { type: 'array', size: 24, edges: [['internal', 2]] },
];

function assertKnown(graph: Parameters<typeof plain>[0]): void {
  const { classes, classOf, payloadBytes, references, roots } = plain(graph);
  assert.equal(
    classOf.map((index) => classes[index].name),
    ['Node\u001b[31m\n"q"', '(closure)', '(string)'],
  );
  assert.ok(classes.every(({ kind }) => kind === 'varying'));
  assert.equal(references, [[1, 2], [0], []]);
  assert.equal(payloadBytes, [40 - 16, 64 - 8, 5016]);
  assert.equal(roots, [0, 1]);
}

test('nodes and edges become objects and references; weak edges keep nothing', async () => {
  const { graph, report } = await importWithReport(write(snapshot(known)));
  assertKnown(graph);
  assert.is(report.dumpObjects, 4);
  assert.is(report.unreachableObjects, 1);
  assert.match(report.format, /V8/);
});

test('the same in any order of fields and keys, with space, through small chunks', async () => {
  const other = snapshot(known, ['self_size', 'new', 'edge_count', 'name', 'type']);
  const { snapshot: head, nodes, edges, strings, trace_tree } = other;
  const path = scratch.path('spaced.heapsnapshot');
  writeFileSync(
    path,
    `\ufeff ${JSON.stringify({ snapshot: head, strings, trace_tree, nodes, edges }, undefined, 1)}\n`,
  );
  for (const chunkBytes of [16, 61, 1 << 20]) assertKnown((await importWithReport(path, { chunkBytes })).graph);
});

test('words of 4 bytes where pointers are compressed', async () => {
  const nodes: NodeToWrite[] = [
    { type: 'synthetic', edges: [['element', 1]] },
    { type: 'object', name: 'A', size: 28, edges: [['property', 1]] },
  ];
  const graph = await importHprof(write(snapshot(nodes)));
  assert.equal(plain(graph).payloadBytes, [24]);
});

test('a long name is cut between characters and escapes', async () => {
  for (let shift = 0; shift < 12; shift++) {
    const name = `${'x'.repeat(shift)}${'é"\\\u0001'.repeat(400)}`;
    const nodes: NodeToWrite[] = [
      { type: 'synthetic', edges: [['element', 1]] },
      { type: 'native', name, size: 8 },
    ];
    const [{ name: cut }] = (await importHprof(write(snapshot(nodes)))).classes;
    assert.ok(cut.length > 300 && cut.length < 1002 && cut.endsWith('…'), cut);
    assert.ok(name.startsWith(cut.slice(0, -1)), cut);
  }
});

test('a graph of it can be written, read and told of, with nothing raw', async () => {
  const input = write(snapshot(known));
  const output = scratch.path('v8.heapgraph');
  await writeGraph(output, await importHprof(input));
  assertKnown(readGraph(output));
  const text = await graphInfo(output);
  assert.match(text, / Node\\x1b\[31m\\n"q"$/m);
  assert.is(await graphInfo(input), text);
});

test('a snapshot without nodes is a graph without objects', async () => {
  const meta = { node_fields: ['type', 'name', 'id', 'self_size', 'edge_count'] };
  const empty = { snapshot: { meta, node_count: 0, edge_count: 0 }, nodes: [], edges: [], strings: [] };
  assert.is((await importHprof(write(empty))).objectCount, 0);
});

test('what is wrong is one line', async () => {
  const good = snapshot(known);
  const head = good.snapshot;
  const cases: [RegExp, unknown][] = [
    [/for which the file is too small/, { ...good, snapshot: { ...head, node_count: 2 ** 24 } }],
    [/33,554,433 objects, when a graph holds/, { ...good, snapshot: { ...head, node_count: 2 ** 25 + 1 } }],
    [/6 nodes instead of 7/, { ...good, snapshot: { ...head, node_count: 7 } }],
    [/more nodes than the 5/, { ...good, snapshot: { ...head, node_count: 5 } }],
    [/head whose node_count/, { ...good, snapshot: { ...head, node_count: -1 } }],
    [/without the field edge_count/, snapshot(known, ['type', 'name', 'self_size'])],
    [/middle of a node \(1\)/, { ...good, edges: good.edges.map((value, at) => (at % 3 === 2 ? 1 : value)) }],
    [/99 is no type of edge/, { ...good, edges: good.edges.map((value, at) => (at === 0 ? 99 : value)) }],
    [/is no node/, { ...good, edges: good.edges.map((value, at) => (at === 2 ? 7 * 99 : value)) }],
    [/other edges than the nodes say/, { ...good, nodes: good.nodes.map((value, at) => (at === 4 ? 9 : value)) }],
    [/JSON with 0x6e /, { ...good, nodes: null }],
    [/without its nodes/, { snapshot: head }],
  ];
  for (const [pattern, value] of cases) {
    const code = pattern.source.startsWith('33') ? 'UNSUPPORTED' : 'CORRUPT';
    await throwsGraphError(() => importHprof(write(value)), code, pattern);
  }
});

test('cut anywhere it is an error', async () => {
  const text = JSON.stringify(snapshot(known));
  for (let length = 20; length < text.length; length += 97) {
    const path = scratch.path('cut.heapsnapshot');
    writeFileSync(path, text.slice(0, length));
    await throwsGraphError(() => importHprof(path), 'TRUNCATED', /ends in the middle/);
  }
});

test('a snapshot of this Node agrees with JSON.parse', async () => {
  const path = scratch.path('real.heapsnapshot');
  const code = `class Mine {}; globalThis.mine = Array.from({ length: 300 }, () => new Mine());
    require('node:v8').writeHeapSnapshot(${JSON.stringify(path)})`;
  await ended(spawn(process.execPath, ['-e', code], { stdio: 'ignore', timeout: 120_000 }));
  const { graph, report } = await importWithReport(path);
  const counted = count(path);
  const { objects, topClasses } = describeGraph(graph);
  assert.equal({ objects, references: graph.references.length, dumpObjects: report.dumpObjects }, counted);
  assert.ok(topClasses.length > 0);
  const mine = graph.classes.findIndex(({ name }) => name === 'Mine');
  assert.is([...graph.classOf].filter((index) => index === mine).length, 300);
});

/** The same by another way: the whole file as JSON, and a search through maps of edges. */
function count(path: string) {
  const { snapshot: head, nodes, edges } = JSON.parse(readFileSync(path, 'utf8'));
  const fields: string[] = head.meta.node_fields;
  const stride = fields.length;
  const types: string[] = head.meta.node_types[0];
  const kinds: string[] = head.meta.edge_types[0];
  const targets = new Map<number, number[]>();
  const isRoot = (at: number) => types[nodes[at + fields.indexOf('type')]] === 'synthetic';
  let edge = 0;
  const roots: number[] = [];
  for (let at = 0; at < nodes.length; at += stride) {
    const own: number[] = [];
    for (let left = nodes[at + fields.indexOf('edge_count')]; left > 0; left--, edge += 3) {
      const kind = kinds[edges[edge]];
      if (kind === 'weak' || (kind === 'shortcut' && !isRoot(at)) || isRoot(edges[edge + 2])) continue;
      own.push(edges[edge + 2]);
    }
    if (isRoot(at)) roots.push(...own);
    else targets.set(at, own);
  }
  const seen = new Set(roots);
  let references = 0;
  for (const at of seen) {
    for (const to of targets.get(at) ?? []) {
      references++;
      seen.add(to);
    }
  }
  return { objects: seen.size, references, dumpObjects: targets.size };
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => (code === 0 ? resolve() : reject(new Error(`ended by ${signal ?? code}`))));
  });
}

test.run();
