import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { wrongWith } from '../../../bench/workloads/javac/check.js';
import { LiveGraph } from '../../../bench/workloads/javac/live-graph.js';
import { shareGraph } from '../../../bench/workloads/javac/shared-graph.js';
import { createHeap } from '../../../gc/index.js';
import { digestGraph, HeapGraph, settle } from '../../../gc/verify/index.js';
import { defaultShape, type Heap, Mutator } from '../../../heap/index.js';
import { someGraph } from './some-graph.js';

interface Context {
  heap: Heap;
  mutator: Mutator;
  live: LiveGraph;
}

/** A graph in a heap that nobody collects. */
function open(seed: number): Context {
  const heap = createHeap(defaultShape(32 << 20, 1), 'continue', 'bank');
  const mutator = Mutator.attach(heap);
  const live = new LiveGraph(mutator, shareGraph(someGraph({ objects: 3000, seed: 11 })), seed);
  live.load(() => {});
  return { heap, mutator, live };
}

/** Another copy, with an index, beside the first. */
function indexed(mutator: Mutator): LiveGraph {
  const live = new LiveGraph(mutator, shareGraph(someGraph({ objects: 500, seed: 12 })), 2, true);
  live.load(() => {});
  return live;
}

function close({ heap, mutator }: Context): void {
  mutator.detach();
  heap.close();
}

function digest({ heap, mutator }: Context): string {
  return mutator.parked(() => {
    settle(heap);
    return digestGraph(new HeapGraph(heap)).digest;
  });
}

function work(live: LiveGraph, operations: number): void {
  for (let i = 0; i < operations; i++) {
    live.visit();
    live.replace();
  }
}

const live = suite<Context>('live graph');
live.before.each((context) => {
  Object.assign(context, open(1));
});
live.after.each(close);

live('is the graph when it has been loaded', ({ mutator, live }) => {
  assert.is(wrongWith(mutator, live), undefined);
});

live('is found through its index, whatever is replaced', ({ mutator }) => {
  const live = indexed(mutator);
  for (let i = 0; i < 3000; i++) {
    live.touch();
    if (i % 3 === 0) live.replace();
  }
  assert.is(live.wrong, 0);
  assert.is(wrongWith(mutator, live), undefined);
  const index = mutator.root(live.index!);
  mutator.store(index, 7, mutator.load(index, 8));
  assert.match(wrongWith(mutator, live) ?? '', 'the index leads to another object 7');
  for (let i = 0; i < 20_000 && live.wrong === 0; i++) live.touch();
  assert.ok(live.wrong > 0, 'a wrong object behind the index was not noticed');
});

live('is the graph after replacements, and they got everywhere', ({ mutator, live }) => {
  work(live, 5000);
  assert.is(wrongWith(mutator, live), undefined);
  const replaced = live.versions.filter((version) => version > 0).length;
  assert.ok(replaced > live.graph.tops.length / 2, `${replaced} of ${live.graph.count} were replaced`);
});

live('is the same for the same seed, and another for another', (context) => {
  const [same, other] = [open(1), open(2)];
  for (const each of [context, same, other]) work(each.live, 500);
  assert.is(digest(same), digest(context));
  assert.is.not(digest(other), digest(context));
  close(same);
  close(other);
});

live('finds an object of another version', ({ mutator, live }) => {
  live.versions[live.graph.roots[0]]++;
  assert.match(String(wrongWith(mutator, live)), 'version 1');
});

live('finds an edge that leads to another object', ({ mutator: m, live }) => {
  m.store(m.root(live.roots), 0, m.load(m.root(live.roots), 1));
  assert.ok(wrongWith(m, live));
});

live('finds an edge that was cut', ({ mutator: m, live }) => {
  m.store(m.root(live.roots), 0, 0);
  assert.match(String(wrongWith(m, live)), 'slot 0');
});

live('finds an edge that leads to an old copy of the right object', ({ mutator: m, live }) => {
  const { count, first, references } = live.graph;
  const old = m.enter(count);
  const edge = references.findIndex((target, at) => target >= 0 && references.indexOf(target) < at);
  const target = references[edge];
  const copy = m.allocate(first[target + 1] - first[target], live.graph.payloadBytes[target], live.tagOf(target, 0));
  m.setRoot(old, copy);
  const holder = first.findIndex((begin, object) => begin <= edge && edge < first[object + 1]);
  m.store(live.find(holder), edge - first[holder], m.root(old));
  assert.match(String(wrongWith(m, live)), `leads to another object ${target}`);
});

live('finds payload that was overwritten', ({ mutator: m, live }) => {
  const large = live.graph.payloadBytes.findIndex((bytes) => bytes > 2000);
  m.setPayload(live.find(large), 128, 1);
  assert.is(wrongWith(m, live), `object ${large}: payload word 128`);
});

live.run();
