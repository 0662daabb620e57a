import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Heap, headerGranules, headerReferences, Mutator, RegionState, testBit } from '../../heap/index.js';
import { copyOfHeap, type ModelMemory } from '../model/index.js';
import { markLive } from '../model/mark.js';
import { chooseSeed, Random } from '../support/random.js';
import { BOUNDARY_GRANULES, type FillOptions, fillHeap, smallHeap } from '../support/random-heap.js';

const CYCLE = 1;
const FULL: FillOptions = { granules: 320_000, keep: 0.5, sizes: BOUNDARY_GRANULES, humongous: true };
const WORDS_PER_PAGE = 1024;
const seed = chooseSeed();
console.log(`CONTINUUM_SEED=${seed}`);

function mark({ kernels, meta }: Heap): void {
  kernels.beginMarking(CYCLE, 0);
  kernels.shade(meta.globals, meta.globals.length);
  trace({ kernels });
}

function trace({ kernels }: Pick<Heap, 'kernels'>): void {
  while (kernels.mark(5000) || kernels.hasWork());
  kernels.handOver();
}

/** Every object, with the word of its first slot. */
function* objects({ meta, layout }: Heap, words: Int32Array) {
  for (let region = 1; region < layout.regions; region++) {
    const first = region * layout.granulesPerRegion;
    if (meta.regionState[region] === RegionState.HUMONGOUS) {
      yield { at: first, references: meta.regionReferences[region]!, word: 2 * first + 2 };
    } else if (meta.regionState[region] === RegionState.KEPT) {
      for (let at = first; at < meta.regionTop[region]!; at += headerGranules(words[2 * at]!)) {
        yield { at, references: headerReferences(words[2 * at]!), word: 2 * at + 2 };
      }
    }
  }
}

function live(model: ModelMemory, roots: number[]): Uint32Array {
  markLive(model, roots, CYCLE);
  return model.live.slice();
}

for (const granules of [320_000, 40_000]) {
  test(`what was stored into marked objects is found on the pages it was stored to, and nowhere else: ${granules} granules`, () => {
    const random = new Random(seed + granules);
    const heap = smallHeap();
    fillHeap(heap, random, { ...FULL, granules });
    const { kernels, meta, workspace, layout } = heap;
    mark(heap);
    const before = meta.live.slice();
    const all = [...objects(heap, workspace)];
    const dead = all.filter(({ at }) => !testBit(meta.live, at));
    const pages = new Set<number>();
    const stored: number[] = [];
    for (const { at, references, word } of all) {
      // Into the table in any case: it is alive, whatever else is.
      if (references === 0 || (at !== meta.globals[0] && !random.chance(0.2))) continue;
      const slot = word + random.below(references);
      const value = random.pick(dead).at;
      workspace[slot] = value;
      pages.add(Math.floor(slot / WORDS_PER_PAGE));
      if (testBit(before, at)) stored.push(value);
    }
    assert.ok(dead.length > 0 && stored.length > 0, 'nothing to find');
    const others = Array.from({ length: layout.pages }, (_, page) => page).filter((page) => !pages.has(page));
    for (const page of others) assert.is(kernels.rescan(page, 1), 0, `page ${page} was not stored to`);
    assert.not(kernels.hasWork());
    let found = 0;
    for (const page of pages) found += kernels.rescan(page, 1);
    assert.ok(found > 0);
    trace(heap);
    const wanted = live(copyOfHeap(heap), stored);
    for (let i = 0; i < wanted.length; i++)
      assert.is(meta.live[i], (wanted[i]! | before[i]!) >>> 0, `live bits, word ${i}`);
    assert.is(kernels.rescan(0, layout.pages), 0, 'all found before, and as one run');
    heap.close();
  });
}

test('objects born in the cycle are scanned though nobody marks them; dead old ones are not', () => {
  const random = new Random(seed + 1);
  const heap = smallHeap();
  fillHeap(heap, random, FULL);
  const { kernels, meta, workspace, layout } = heap;
  meta.globals.fill(0);
  mark(heap);
  assert.is(kernels.rescan(0, layout.pages), 0, 'everything is dead');
  // A late one: the first were filled when there was little to refer to.
  const kept = [...Array(layout.regions).keys()].filter((i) => meta.regionState[i] === RegionState.KEPT);
  const born = random.pick(kept.slice(kept.length >> 1));
  meta.regionBorn[born] = CYCLE;
  const model = copyOfHeap(heap);
  const roots: number[] = [];
  for (const { at, references, word } of objects(heap, workspace)) {
    if (Math.floor(at / layout.granulesPerRegion) !== born) continue;
    roots.push(...workspace.subarray(word, word + references));
  }
  const wanted = live(model, roots);
  assert.ok(
    wanted.some((word) => word !== 0),
    'the region refers to nothing outside',
  );
  kernels.rescan(0, layout.pages);
  trace(heap);
  assert.equal(meta.live, wanted);
  heap.close();
});

test('of an object that spans pages, only the slots on the page are scanned', () => {
  const heap = smallHeap();
  const mutator = Mutator.attach(heap);
  const children = [1, 2, 3].map((tag) => mutator.allocate(0, 0, tag));
  const count = 3 * WORDS_PER_PAGE;
  const array = mutator.allocate(count, 0);
  mutator.setGlobal(0, array);
  mutator.detach();
  mark(heap);
  const word = 2 * array + 2;
  const page = Math.floor(word / WORDS_PER_PAGE);
  const boundary = (page + 1) * WORDS_PER_PAGE - word;
  const { kernels, meta, workspace } = heap;
  workspace[word + boundary - 1] = children[0]!;
  workspace[word + boundary] = children[1]!;
  workspace[word + count - 1] = children[2]!;
  const marked = () => {
    trace(heap);
    return children.map((child) => testBit(meta.live, child));
  };
  assert.is(kernels.rescan(page, 1), 1);
  assert.equal(marked(), [true, false, false]);
  assert.is(kernels.rescan(page + 1, 1), 1);
  assert.equal(marked(), [true, true, false]);
  assert.is(kernels.rescan(page, 4), 1);
  assert.equal(marked(), [true, true, true]);
  heap.close();
});

test('pages outside the heap are refused, and what is no reference is said', () => {
  const heap = smallHeap();
  const { kernels, layout } = heap;
  for (const [page, count] of [
    [layout.pages, 0],
    [0, layout.pages + 1],
    [layout.pages - 1, 2],
    [-1, 1],
    [0.5, 1],
  ] as const) {
    assert.throws(() => kernels.rescan(page, count), RangeError);
  }
  const mutator = Mutator.attach(heap);
  mutator.setGlobal(0, mutator.allocate(1, 0));
  const object = mutator.global(0);
  mutator.detach();
  mark(heap);
  heap.workspace[2 * object + 2] = layout.granules;
  kernels.rescan(0, layout.pages);
  assert.throws(() => trace(heap), /no reference into this heap/);
  heap.close();
});

test.run();
