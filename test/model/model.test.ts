import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { digestGraph } from '../../gc/index.js';
import { OutOfMemoryError, RegionState } from '../../heap/index.js';
import { chooseSeed, Random } from '../support/random.js';
import { clearRange, countBits, nextBit, setRange } from './bits.js';
import { collectModel, ModelHeap, ModelMutator, modelShape } from './index.js';

const seed = chooseSeed();
console.log(`CONTINUUM_SEED=${seed}`);

/** Small regions: 1024 granules, 512 at most for an object that is not humongous. */
function smallModel(regions = 64): { model: ModelHeap; mutator: ModelMutator } {
  const model = ModelHeap.create(modelShape(regions, 1024, 512), 2);
  const mutator = new ModelMutator(model, 0);
  mutator.enter(16);
  return { model, mutator };
}

test('bits, against counting one by one', () => {
  const random = new Random(seed);
  for (let round = 0; round < 500; round++) {
    const bits = new Uint32Array(8);
    const plain = new Array<boolean>(256).fill(false);
    for (let i = 0; i < 6; i++) {
      const from = random.below(256);
      const to = random.between(from, 256);
      const set = random.chance(0.6);
      (set ? setRange : clearRange)(bits, from, to);
      plain.fill(set, from, to);
    }
    const from = random.below(256);
    const to = random.between(from, Math.min(256, from + 64));
    assert.is(countBits(bits, from, to), plain.slice(from, to).filter(Boolean).length, `count [${from}, ${to})`);
    const found = plain.indexOf(true, from);
    assert.is(nextBit(bits, from, to), found < 0 || found >= to ? to : found, `next in [${from}, ${to})`);
  }
});

test('a mutator that joins has no roots, whoever ended in its place without leaving', () => {
  const { model, mutator } = smallModel();
  mutator.setRoot(3, mutator.allocate(0, 8));
  const next = new ModelMutator(model, 0);
  assert.is(next.enter(16), 0);
  assert.is(next.root(3), 0);
  assert.is(digestGraph(model).objects, 0);
});

test('a collection keeps the graph and closes the gaps, as often as it is done', () => {
  for (let round = 0; round < 30; round++) {
    const { model, mutator } = smallModel();
    const random = new Random(seed + round);
    for (let step = 0; step < 400; step++) {
      const granules = random.chance(0.05) ? random.between(513, 3000) : random.spread(1, 512);
      if (model.freeRegions < 5) break;
      const words = 2 * granules - 2;
      const references = random.below(Math.min(words, 20) + 1);
      const object = mutator.allocate(references, 4 * (words - references), step);
      if (words > references) mutator.setPayload(object, words - references - 1, random.next() | 0);
      for (let slot = 0; slot < references; slot++) mutator.store(object, slot, mutator.root(random.below(16)));
      if (random.chance(0.4)) mutator.setRoot(random.below(16), object);
    }
    const before = digestGraph(model);
    const granules = collectModel(model);
    assert.equal(digestGraph(model), before);
    assert.is(8 * granules, before.bytes, 'what is live is what can be reached');
    const free = model.freeRegions;
    assert.is(collectModel(model), granules);
    assert.equal(digestGraph(model), before);
    assert.ok(model.freeRegions >= free, 'a second one takes no more room');
  }
});

test('what is dead makes room again, humongous runs too', () => {
  const { model, mutator } = smallModel(16);
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < 10; i++) mutator.setRoot(i, mutator.allocate(2, 8 * 600, i));
    assert.throws(
      () => {
        for (;;) mutator.allocate(0, 800);
      },
      (error: unknown) => error instanceof OutOfMemoryError,
    );
    for (let i = 0; i < 10; i++) mutator.setRoot(i, 0);
    collectModel(model);
    assert.is(model.freeRegions, 15);
  }
  assert.is(model.memory.regionState[0], RegionState.NULL);
  assert.ok(model.memory.starts.every((word) => word === 0));
});

test('the digest depends on shape, tags, payload and edges, and not on where objects stand', () => {
  const build = (change: string) => {
    const { model, mutator } = smallModel();
    for (let i = change === 'garbage' ? 50 : 0; i > 0; i--) mutator.allocate(1, 40, 9);
    const [a, b] = [mutator.allocate(2, 8, 1), mutator.allocate(1, 8, change === 'tag' ? 3 : 2)];
    mutator.store(a, change === 'edge' ? 0 : 1, b);
    mutator.store(b, 0, a);
    mutator.setPayload(b, 1, change === 'payload' ? 8 : 7);
    mutator.setRoot(change === 'root' ? 4 : 3, a);
    if (change === 'size') mutator.store(b, 0, mutator.allocate(2, 16, 1));
    return digestGraph(model).digest;
  };
  assert.is(build('garbage'), build(''));
  const digests = ['', 'tag', 'edge', 'payload', 'root', 'size'].map(build);
  assert.is(new Set(digests).size, digests.length, String(digests));
});

test.run();
