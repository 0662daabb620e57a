import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  encodeHeader,
  headerGranules,
  headerReferences,
  MAX_HEADER_FIELD,
  Mutator,
  RegionState,
  sizeInGranules,
} from '../../heap/index.js';
import { Random } from '../support/random.js';
import { smallHeap } from '../support/random-heap.js';

test('a header keeps size and references, up to the largest it can say', () => {
  for (const granules of [1, 2, 4096, 4097, MAX_HEADER_FIELD]) {
    for (const references of [0, 1, 2, 32767, 32768, MAX_HEADER_FIELD]) {
      const header = encodeHeader(granules, references);
      assert.is(header, header | 0, 'it is a 32-bit word');
      assert.is(headerGranules(header), granules);
      assert.is(headerReferences(header), references);
      assert.is.not(header, 0, 'only a humongous object has an empty header');
    }
  }
});

test('sizes: a granule for the header, references and payload share the rest', () => {
  const cases = [
    [0, 0, 1],
    [0, 1, 2],
    [0, 8, 2],
    [0, 9, 3],
    [1, 0, 2],
    [1, 4, 2],
    [1, 5, 3],
    [2, 0, 2],
    [3, 0, 3],
    [65_535, 0, 32_769],
    [65_536, 0, 32_769],
    [0, 524_272, 65_535],
    [0, 524_273, 65_536],
  ] as const;
  for (const [references, payload, granules] of cases) assert.is(sizeInGranules(references, payload), granules);
});

test('whatever its size, a new object has null references, zero payload, and its tag', () => {
  const heap = smallHeap();
  const mutator = Mutator.attach(heap);
  const random = new Random(1);
  mutator.enter(1);
  for (let i = 0; i < 3000; i++) {
    const references = random.pick([0, 1, 2, 3, random.below(300)]);
    const payloadBytes = random.pick([0, 1, 3, 4, 5, 7, 8, 9, random.below(3000)]);
    const object = mutator.allocate(references, payloadBytes, ~i);
    assert.is(mutator.references(object), references);
    assert.is(mutator.tag(object), ~i);
    const words = Math.ceil(payloadBytes / 4);
    for (let slot = 0; slot < references; slot++) assert.is(mutator.load(object, slot), 0);
    for (let word = 0; word < words; word++) assert.is(mutator.payload(object, word), 0);
    // Dirty it, and see whether the next one is clean all the same.
    for (let slot = 0; slot < references; slot++) mutator.store(object, slot, object);
    for (let word = 0; word < words; word++) mutator.setPayload(object, word, -1);
  }
  mutator.detach();
  heap.close();
});

test('the fast path and the slow one agree on where an object is humongous', () => {
  const heap = smallHeap();
  const { granulesPerRegion } = heap.layout;
  const half = granulesPerRegion / 2;
  const mutator = Mutator.attach(heap);
  const place = (granules: number) => {
    const object = mutator.allocate(0, 8 * granules - 8, 7);
    return heap.meta.regionState[Math.floor(object / granulesPerRegion)];
  };
  assert.is(place(half), RegionState.OPEN);
  assert.is(place(half + 1), RegionState.HUMONGOUS);
  assert.is(place(granulesPerRegion), RegionState.HUMONGOUS);
  const wide = mutator.allocate(3 * granulesPerRegion, 5, 9);
  const region = Math.floor(wide / granulesPerRegion);
  assert.is(wide % granulesPerRegion, 0, 'it begins where a region does');
  assert.is(mutator.references(wide), 3 * granulesPerRegion);
  assert.is(mutator.tag(wide), 9);
  assert.equal(
    [0, 1, 2].map((i) => heap.meta.regionState[region + i]),
    [RegionState.HUMONGOUS, RegionState.HUMONGOUS_TAIL, RegionState.FREE],
  );
  assert.is(heap.meta.regionSize[region], sizeInGranules(3 * granulesPerRegion, 5));
  mutator.detach();
  heap.close();
});

test('more references than a header can count are humongous in a region that would hold them', () => {
  const heap = smallHeap();
  const mutator = Mutator.attach(heap);
  const object = mutator.allocate(MAX_HEADER_FIELD + 1, 0);
  assert.is(mutator.references(object), MAX_HEADER_FIELD + 1);
  mutator.store(object, MAX_HEADER_FIELD, object);
  assert.is(mutator.load(object, MAX_HEADER_FIELD), object);
  mutator.detach();
  heap.close();
});

test('sizes that no object has are refused before anything happens', () => {
  const heap = smallHeap();
  const mutator = Mutator.attach(heap);
  mutator.allocate(0, 0);
  const free = heap.regions.free;
  const bad = [-1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 53, -(2 ** 31)];
  for (const size of bad) {
    assert.throws(() => mutator.allocate(size, 0), RangeError, `${size} references`);
    assert.throws(() => mutator.allocate(0, size), RangeError, `${size} bytes`);
  }
  for (const size of [2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 40]) {
    assert.throws(() => mutator.allocate(size, 0), /out of memory.*larger than the heap/, `${size} references`);
    assert.throws(() => mutator.allocate(0, size), /out of memory.*larger than the heap/, `${size} bytes`);
  }
  assert.is(heap.regions.free, free);
  assert.is(mutator.references(mutator.allocate(2, 0)), 2);
  mutator.detach();
  heap.close();
});

test.run();
