import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HeapGraph, verifyHeap } from '../../gc/index.js';
import { Mutator, MutatorState, Own, ownBase } from '../../heap/index.js';
import { smallHeap } from '../support/random-heap.js';

test('the words that a mutator left behind are not those of one that is about to join in its place', () => {
  const heap = smallHeap();
  const { control, meta, regions } = heap;
  const mutator = Mutator.attach(heap);
  const frame = mutator.enter(1);
  mutator.setRoot(frame, mutator.allocate(0, 8));
  mutator.safepoint();
  mutator.parked(() => undefined); // its words are published
  const base = ownBase(mutator.index);
  const region = control[base + Own.REGION]!;
  mutator.detach();
  meta.starts.fill(0);
  regions.release(region); // a cycle has come by
  const top = meta.regionTop[region];
  const words = control.slice(base + Own.REGION, base + Own.DEPTH);
  control[base + Own.STATE] = MutatorState.ATTACHING;

  verifyHeap(heap);
  assert.is(meta.regionTop[region], top);
  assert.equal(control.slice(base + Own.REGION, base + Own.DEPTH), words);
  assert.is([...new HeapGraph(heap).roots()].filter((root) => root !== 0).length, 0);
  control[base + Own.STATE] = MutatorState.ABSENT;
  heap.close();
});

test.run();
