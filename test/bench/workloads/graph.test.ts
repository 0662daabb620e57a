// deadline: 120s
/** Workload graph: any graph file, rebuilt in the heap and worked on. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type HeapGraph, writeGraph } from '../../../bench/graph/index.js';
import { bytesOfGraph } from '../../../bench/graph/live-bytes.js';
import { measure } from '../../../bench/invocation/run.js';
import type { InvocationConfig } from '../../../bench/schema/index.js';
import { MiB } from '../../../bench/sizes.js';
import { exitAfterwards } from '../../support/exit.js';
import { Scratch } from '../graph/graph-files.js';
import { someGraph } from './some-graph.js';

exitAfterwards(test);

const scratch = new Scratch();
const config: InvocationConfig = {
  ...{ workload: 'graph', scale: 1, resolution: 'continue', delivery: 'handler', flip: 'bank' },
  ...{ heapBytes: 16 * MiB, mutators: 1, gcWorkers: 1, seconds: 1, seed: 1, operations: 200_000, quick: true },
};

async function run(graph: HeapGraph, change: Partial<InvocationConfig> = {}) {
  const file = scratch.path(`some-${graph.objectCount}.heapgraph`);
  const classes = [{ name: 'Thing', kind: 'class', fieldBytes: 0, referenceOffsets: new Uint32Array() }] as const;
  await writeGraph(file, { ...graph, classes });
  return { file, measured: await measure({ ...config, graph: file, ...change }, () => {}) };
}

test('the graph that is named is what the heap holds, all of it, after replacing it piece by piece', async () => {
  const graph = someGraph({ objects: 20_000, seed: 5 });
  const { file, measured } = await run(graph);
  assert.ok(measured.digest.ok, JSON.stringify(measured.error));
  assert.is(measured.digest.objects, graph.objectCount + 1);
  assert.is(measured.digest.bytes, bytesOfGraph(file));
});

test('two mutators have the part nearest to the roots each', async () => {
  const graph = someGraph({ objects: 20_000, seed: 6 });
  const { file, measured } = await run(graph, { mutators: 2 });
  assert.ok(measured.digest.ok, JSON.stringify(measured.error));
  const share = measured.digest.bytes / bytesOfGraph(file);
  assert.ok(share > 0.9 && share < 1.1, `${share} of its bytes`);
});

test('a small graph is repeated: eight copies, among two mutators', async () => {
  const graph = someGraph({ objects: 500, seed: 7 });
  const { file, measured } = await run(graph, { scale: 8, mutators: 2, operations: 20_000 });
  assert.ok(measured.digest.ok, JSON.stringify(measured.error));
  assert.is(measured.digest.objects, 8 * (graph.objectCount + 1));
  assert.is(measured.digest.bytes, 8 * bytesOfGraph(file));
});

test('a file that is none, and a graph of which nothing can be replaced, are said in a line', async () => {
  const lines: string[] = [];
  const failure = async (wanted: Promise<unknown>) => {
    await wanted.catch((error: { reason: { code: string; message: string; hint: string } }) => {
      lines.push(`${error.reason.code}: ${error.reason.message}; ${error.reason.hint}`);
    });
  };
  await failure(measure({ ...config, graph: scratch.path('none') }, () => {}));
  const roots = someGraph({ objects: 50, seed: 1, nulls: 1 });
  await failure(run({ ...roots, roots: Uint32Array.from({ length: 50 }, (_, i) => i) }));
  assert.is(lines.length, 2);
  assert.match(lines[0], /^UNREADABLE: .*none: .*; name a graph file$/);
  assert.match(lines[1], /^UNSUPPORTED: .*none of 50 objects can be replaced.*; use another graph$/);
});

test.run();
