import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type HeapGraph, nullReference, referenceCount, sizeInHeap } from '../../../bench/graph/index.js';
import { portion, shortestWays } from '../../../bench/workloads/javac/portion.js';
import { someGraph } from './some-graph.js';

function bytesOf(graph: HeapGraph): number {
  let bytes = 0;
  for (let object = 0; object < graph.objectCount; object++) {
    bytes += sizeInHeap(referenceCount(graph, object), graph.payloadBytes[object]);
  }
  return bytes;
}

test('ways lead to every object along its edges, shortest first', () => {
  const graph = someGraph({ objects: 500, seed: 3 });
  const { from, slot, depth, order } = shortestWays(graph);
  assert.is(order.length, 500);
  for (let object = 0; object < 500; object++) {
    if (from[object] < 0) {
      assert.is(graph.roots[slot[object]], object);
      assert.is(depth[object], 0);
    } else {
      assert.is(graph.references[graph.firstReference[from[object]] + slot[object]], object);
      assert.is(depth[object], depth[from[object]] + 1);
    }
  }
  const depths = [...order].map((object) => depth[object]);
  assert.equal(
    depths,
    [...depths].sort((a, b) => a - b),
  );
});

test('a portion has its share of the bytes, and all of it can be reached', () => {
  const graph = someGraph({ objects: 2000, seed: 4 });
  for (const share of [0.1, 0.5, 0.9]) {
    const part = portion(graph, share);
    const largest = 8 + 4 * 4 + 3000;
    assert.ok(Math.abs(bytesOf(part) - share * bytesOf(graph)) <= largest, `${share}: ${bytesOf(part)} bytes`);
    assert.is(shortestWays(part).order.length, part.objectCount);
    assert.is(part.references.length, part.firstReference[part.objectCount]);
    assert.ok(part.references.every((target) => target === nullReference || target < part.objectCount));
  }
});

test('all of a graph is the graph itself, and the least portion has one object', () => {
  const graph = someGraph({ objects: 50, seed: 5 });
  assert.is(portion(graph, 1), graph);
  assert.is(portion(graph, 0).objectCount, 1);
});

test.run();
