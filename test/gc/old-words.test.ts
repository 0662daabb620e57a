/** Generations come again: no page word may speak of one from last time, and no pause may wipe the table for that. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { forgetOldWords } from '../../gc/workers/old-words.js';
import {
  Control,
  encodeState,
  forgetsOldWords,
  GENERATION_SHIFT,
  MAX_GENERATION,
  nextGeneration,
  PageState,
} from '../../heap/index.js';
import { chooseSeed, Random } from '../support/random.js';
import { smallHeap } from '../support/random-heap.js';

const seed = chooseSeed();
console.log(`CONTINUUM_SEED=${seed}`);
const LAST = [1, 2, 0x7ffe, 0x7fff, 0x8000, MAX_GENERATION - 1, MAX_GENERATION];

for (const now of LAST.filter(forgetsOldWords)) {
  test(`after flip ${now} words of all others are forgotten, and its own stay as they are`, () => {
    const heap = smallHeap();
    const { pageState } = heap.meta;
    const states = Object.values(PageState);
    const words = Array.from(pageState, (_, page) =>
      encodeState(LAST[page % LAST.length]!, states[page % states.length]!, page & 7),
    );
    pageState.set(words);
    heap.meta.regionWalked.fill(1);
    Atomics.store(heap.control, Control.GENERATION, now);
    const old = words.filter((word) => word >>> GENERATION_SHIFT !== now).length;
    assert.is(forgetOldWords(heap), old);
    assert.equal(
      [...pageState],
      words.map((word) => (word >>> GENERATION_SHIFT === now ? word : 0)),
    );
    assert.ok(heap.meta.regionWalked.every((word) => word === 0));
    assert.is(forgetOldWords(heap), 0);
    heap.close();
  });
}

test('a word that is written meanwhile is left alone', () => {
  const heap = smallHeap();
  const { pageState } = heap.meta;
  pageState.fill(encodeState(5, PageState.MAPPED));
  Atomics.store(heap.control, Control.GENERATION, MAX_GENERATION);
  const given = encodeState(MAX_GENERATION, PageState.MAPPED);
  const { compareExchange } = Atomics;
  Atomics.compareExchange = ((array: Int32Array, index: number, was: number, next: number) => {
    if (array === pageState && index === 77) Atomics.store(array, index, given); // a mutator is given the page
    return compareExchange(array, index, was, next);
  }) as typeof Atomics.compareExchange;
  try {
    assert.is(forgetOldWords(heap), pageState.length - 1);
  } finally {
    Atomics.compareExchange = compareExchange;
  }
  assert.is(pageState[77], given);
  heap.close();
});

test('three times round: at no flip does a word speak of the generation that comes', () => {
  const heap = smallHeap();
  const random = new Random(seed);
  const { control, meta } = heap;
  const { pageState } = meta;
  let generation = 1;
  let rounds = 0;
  const spoken = new Map<number, Set<number>>(); // by generation, pages that were written in it
  while (rounds < 3) {
    Atomics.store(control, Control.GENERATION, generation);
    // Any page, and in some generations one that nobody touches otherwise: a page that lies idle for a whole round.
    const idle = LAST.indexOf(generation);
    for (const page of [LAST.length + random.below(pageState.length - LAST.length), ...(idle < 0 ? [] : [idle])]) {
      pageState[page] = encodeState(generation, PageState.MAPPED);
      (spoken.get(generation) ?? spoken.set(generation, new Set()).get(generation)!).add(page);
    }
    forgetOldWords(heap);
    generation = nextGeneration(generation);
    for (const page of spoken.get(generation) ?? []) {
      assert.is.not(pageState[page]! >>> GENERATION_SHIFT, generation, `page ${page}, before flip ${generation}`);
    }
    spoken.delete(generation);
    if (generation === 1) rounds++;
  }
  heap.close();
});

test.run();
