import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { importWithReport } from '../../../bench/graph/import.js';
import type { ImportOptions } from '../../../bench/graph/import-options.js';
import { readGraph, shippedGraphPath, writeGraph } from '../../../bench/graph/index.js';
import { unreached } from '../../../bench/graph/reachable.js';
import { drawSample } from '../../../bench/graph/sample.js';
import { HprofWriter } from '../../support/hprof-writer.js';
import { plain, Scratch, throwsGraphError } from './graph-files.js';

const scratch = new Scratch();

/** So many trees below one root: a chain of `depth` objects, of which each has two leaves. */
function forest(trees: number, depth: number): string {
  const writer = new HprofWriter('1.0.2', 4);
  const idOf = (tree: number, place: number) => 0x1000 + 8 * (tree * 3 * depth + place);
  writer.segment(() => {
    writer.root(0xff, 8);
    writer.objectArray(
      8,
      1,
      Array.from({ length: trees }, (_, tree) => idOf(tree, 0)),
    );
    for (let tree = 0; tree < trees; tree++) {
      for (let level = 0; level < depth; level++) {
        const [self, left, right, next] = [3 * level, 3 * level + 1, 3 * level + 2, 3 * level + 3];
        const below = level + 1 < depth ? [idOf(tree, next)] : [];
        writer.objectArray(idOf(tree, self), 1, [idOf(tree, left), idOf(tree, right), ...below, 8]);
        for (const leaf of [left, right]) writer.objectArray(idOf(tree, leaf), 2, []);
      }
    }
    writer.objectArray(0xff_0000, 2, []);
  });
  writer.end();
  return scratch.write('forest.hprof', writer.bytes);
}

const path = forest(200, 10);
const draw = (size: number, seed = 1, options: ImportOptions = {}) =>
  importWithReport(path, { ...options, sample: { size, seed } });

test('a sample has as many objects as were asked for, of all that can be reached', async () => {
  const all = 200 * 30 + 1;
  for (const [size, expected] of [
    [1, all],
    [0.25, Math.round(all / 4)],
    [1e-9, 1],
    [700, 700],
    [1e6, all],
  ]) {
    const { graph, report } = await draw(size);
    assert.is(graph.objectCount, expected);
    assert.is(report.unsampledObjects, all - expected);
    assert.is(report.unreachableObjects, 1);
  }
});

test('it is subtrees, each whole, and the ways to them', async () => {
  const { graph, report } = await draw(0.25);
  const { references } = plain(graph);
  const whole = references.slice(1).filter((targets) => targets.length === 4 && targets.every((at) => at !== null));
  // 1,500 objects of trees of 30: a third of them have references, and of those most have all that they had.
  assert.ok(whole.length > 300, `${whole.length} of ${references.length} are whole`);
  assert.is(report.cutReferences, references.flat().filter((target) => target === null).length);
  await writeGraph(scratch.path('sample.heapgraph'), graph);
});

test('the same seed draws the same, another one another', async () => {
  const first = plain((await draw(0.25, 7)).graph);
  assert.equal(plain((await draw(0.25, 7)).graph), first);
  assert.not.equal(plain((await draw(0.25, 8)).graph).references, first.references);
});

test('a list without branches is taken from its beginning', () => {
  const length = 1000;
  const first = Uint32Array.from({ length: length + 1 }, (_, i) => Math.min(i, length - 1));
  const next = Uint32Array.from({ length: length - 1 }, (_, i) => i + 1);
  const { count, renumbered, reachable } = drawSample(first, next, Uint32Array.of(0), { size: 0.1, seed: 1 });
  assert.is(count, 100);
  assert.is(reachable, length);
  assert.equal(
    [...renumbered].map((number) => number !== unreached),
    Array.from({ length }, (_, i) => i < 100),
  );
});

test('a real heap: an eighth of it is like the whole', () => {
  const graph = readGraph(shippedGraphPath());
  const { count, renumbered } = drawSample(graph.firstReference, graph.references, graph.roots, {
    size: 1 / 8,
    seed: 1,
  });
  assert.is(count, Math.round(graph.objectCount / 8));
  // What is taken is from all over the heap, not from its beginning.
  const kept = Array.from({ length: 10 }, () => 0);
  renumbered.forEach((number, object) => {
    if (number !== unreached) kept[Math.floor((object / graph.objectCount) * 10)]++;
  });
  assert.ok(Math.min(...kept) > count / 100, kept.join(' '));
});

test('too many objects are refused before they are read, with the part that fits', async () => {
  const seen: string[] = [];
  const refused = await throwsGraphError(
    () => importWithReport(path, { mostObjects: 1000, onProgress: ({ phase }) => seen.push(phase) }),
    'UNSUPPORTED',
    /about [\d,]+ objects, when a graph holds 1000 objects at most/,
  );
  assert.not.ok(seen.includes('read'));
  const share = Number(/--sample ([\d.]+)$/.exec(refused.hint)?.[1]);
  const { graph } = await draw(share, 1, { mostObjects: 1000 });
  assert.ok(graph.objectCount <= 1000 && graph.objectCount > 700, `${graph.objectCount} objects`);
});

test('a dump that is large by its arrays alone is read', async () => {
  const { graph } = await importWithReport(path, { mostObjects: 6002 });
  assert.is(graph.objectCount, 6001);
});

test.run();
