import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type HeapGraph, nullReference } from '../../../bench/graph/index.js';
import { type DominatorTree, dominatorTree } from '../../../bench/workloads/javac/dominators.js';
import { someGraph } from './some-graph.js';

/** What can be reached without going through `without`. */
function reachable({ firstReference, references, roots }: HeapGraph, without: number): Set<number> {
  const seen = new Set<number>();
  for (const stack = [...roots]; stack.length > 0; ) {
    const object = stack.pop() as number;
    if (object === without || seen.has(object)) continue;
    seen.add(object);
    for (const target of references.subarray(firstReference[object], firstReference[object + 1])) {
      if (target !== nullReference) stack.push(target);
    }
  }
  return seen;
}

/** By the definition: an object dominates whatever cannot be reached without it. */
function dominated(graph: HeapGraph, object: number): number[] {
  const others = reachable(graph, object);
  return Array.from({ length: graph.objectCount }, (_, other) => other).filter((other) => !others.has(other));
}

function compare(graph: HeapGraph, tree: DominatorTree, about: string): void {
  for (let object = 0; object < graph.objectCount; object++) {
    const number = tree.numberOf[object];
    assert.is(tree.objectOf[number], object, `${about}: the numbers of object ${object}`);
    const interval = Array.from({ length: tree.size[number] }, (_, i) => tree.objectOf[number + i]);
    assert.equal(
      interval.sort((a, b) => a - b),
      dominated(graph, object),
      `${about}: what object ${object} dominates`,
    );
    const above = tree.dominator[number];
    assert.ok(above < number, `${about}: a dominator has a smaller number`);
    if (above >= 0) assert.ok(number < above + tree.size[above], `${about}: it is inside its dominator's interval`);
  }
}

test('a chain, a diamond and a cycle', () => {
  // 0 → 1 → 2 → 3, 1 → 3: only 1 dominates 3. 3 → 1 is a way back.
  const graph: HeapGraph = {
    objectCount: 4,
    classes: [],
    classOf: new Uint32Array(4),
    firstReference: Uint32Array.of(0, 1, 3, 4, 5),
    payloadBytes: new Uint32Array(4),
    references: Uint32Array.of(1, 2, 3, 3, 1),
    roots: Uint32Array.of(0),
  };
  const tree = dominatorTree(graph);
  assert.equal([...tree.size].sort(), [1, 1, 3, 4]);
  compare(graph, tree, 'diamond');
});

test('a root that others refer to is dominated by nothing', () => {
  const graph: HeapGraph = {
    objectCount: 2,
    classes: [],
    classOf: new Uint32Array(2),
    firstReference: Uint32Array.of(0, 1, 1),
    payloadBytes: new Uint32Array(2),
    references: Uint32Array.of(1),
    roots: Uint32Array.of(0, 1),
  };
  assert.equal([...dominatorTree(graph).dominator], [-1, -1]);
});

test('random graphs, against the definition', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const graph = someGraph({ objects: 40, seed, far: (seed % 5) / 10 });
    compare(graph, dominatorTree(graph), `seed ${seed}`);
  }
});

test('a list of 200,000 objects does not overflow a stack', () => {
  const objects = 200_000;
  const graph: HeapGraph = {
    objectCount: objects,
    classes: [],
    classOf: new Uint32Array(objects),
    firstReference: Uint32Array.from({ length: objects + 1 }, (_, i) => Math.min(i, objects - 1)),
    payloadBytes: new Uint32Array(objects),
    references: Uint32Array.from({ length: objects - 1 }, (_, i) => i + 1),
    roots: Uint32Array.of(0),
  };
  const tree = dominatorTree(graph);
  assert.is(tree.size[0], objects);
  assert.is(tree.dominator[objects - 1], objects - 2);
});

test.run();
