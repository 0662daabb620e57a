import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Forwarder } from '../../gc/forwarder.js';
import { RESOLUTIONS } from '../../gc/index.js';
import { Pages } from '../../gc/protocol.js';
import { COLLECTOR_OWNER, recoverHere } from '../../gc/workers/recover.js';
import {
  Control,
  encodeState,
  FlipWord,
  type Heap,
  MAX_SLOTS,
  Mutator,
  PageState,
  slotOf,
  WANTED,
} from '../../heap/index.js';
import { smallHeap } from '../support/random-heap.js';

const PAGE = 40;
const EEXIST = 17;
const GENERATION = 7;
const LOST = 3;
const HEIR = 5;

test('a page is taken over from the thread that was lost, and from nobody else', () => {
  const heap = smallHeap();
  const lost = new Pages(heap, GENERATION, LOST);
  const heir = new Pages(heap, GENERATION, HEIR);
  assert.not(heir.takeOver(PAGE, LOST), 'nobody has claimed it');
  assert.ok(lost.claim(PAGE));
  assert.is(slotOf(heap.meta.pageState[PAGE]!), LOST);
  assert.not(heir.takeOver(PAGE, LOST + 1), 'another thread is lost, this one works');
  assert.not(heir.claim(PAGE));
  assert.ok(heir.takeOver(PAGE, LOST));
  assert.is(heir.state(PAGE), PageState.CLAIMED);
  assert.is(slotOf(heap.meta.pageState[PAGE]!), HEIR);
  assert.not(heir.takeOver(PAGE, LOST), 'once');
  assert.ok(new Pages(heap, GENERATION, COLLECTOR_OWNER).takeOver(PAGE, HEIR), 'the heir may be lost as well');
  heap.close();
});

test('who waits for a page is not forgotten when it is taken over', () => {
  const heap = smallHeap();
  const lost = new Pages(heap, GENERATION, LOST);
  const heir = new Pages(heap, GENERATION, HEIR);
  lost.claim(PAGE);
  assert.ok(lost.want(PAGE));
  assert.ok(heir.takeOver(PAGE, LOST));
  assert.is(heap.meta.pageState[PAGE]! & WANTED, WANTED);
  assert.ok(heir.ready(PAGE, 0));
  heap.close();
});

test('READY and MAPPED pages, and those of another flip, are nobody’s to take over', () => {
  const heap = smallHeap();
  const heir = new Pages(heap, GENERATION, HEIR);
  for (const word of [
    encodeState(GENERATION, PageState.READY, LOST),
    encodeState(GENERATION, PageState.MAPPED),
    encodeState(GENERATION - 1, PageState.CLAIMED, LOST),
    encodeState(GENERATION, PageState.CLAIMED, MAX_SLOTS), // a thread in its signal handler: it will come to its end
  ]) {
    heap.meta.pageState[PAGE] = word;
    assert.not(heir.takeOver(PAGE, LOST));
    assert.is(heap.meta.pageState[PAGE], word);
  }
  heap.close();
});

test('owners fit into the word, the last of them too', () => {
  const heap = smallHeap();
  for (const owner of [0, 1, COLLECTOR_OWNER]) {
    heap.meta.pageState[PAGE] = 0;
    const pages = new Pages(heap, 0xffff, owner);
    assert.ok(pages.claim(PAGE));
    assert.is(pages.state(PAGE), PageState.CLAIMED);
    assert.is(slotOf(heap.meta.pageState[PAGE]!), owner);
  }
  assert.ok(COLLECTOR_OWNER < MAX_SLOTS, 'signal handlers have a number of their own');
  heap.close();
});

/** A heap in the middle of a compaction with one object on one kept page, which `lost` has claimed. */
function claimedByLost(): { heap: Heap; page: number; lost: Forwarder } {
  const heap = smallHeap();
  const mutator = Mutator.attach(heap);
  mutator.setGlobal(0, mutator.allocate(0, 8, 5));
  const page = Math.floor(mutator.global(0) / heap.layout.granulesPerPage);
  mutator.detach();
  heap.meta.regionBorn.fill(1); // live by decree in cycle 1
  heap.space.views[0]!.renew();
  heap.space.arm(0);
  for (const [word, value] of [
    [Control.GENERATION, GENERATION],
    [Control.CYCLE, 1],
    [Control.COMPACTING, 1],
  ] as const) {
    Atomics.store(heap.control, word, value);
  }
  Atomics.store(heap.meta.flip, FlipWord.GENERATION, GENERATION);
  const resolution = RESOLUTIONS.continue!;
  const lost = new Forwarder({ heap, resolution, generation: GENERATION, cycle: 1, owner: LOST });
  lost.pages.claim(page);
  return { heap, page, lost };
}

test('the collector finishes what a lost thread had claimed, and leaves the others their pages', () => {
  const { heap, page, lost } = claimedByLost();
  recoverHere(heap, 'continue', LOST + 1, 1);
  assert.is(lost.pages.state(page), PageState.CLAIMED, 'its owner is not the one that was lost');
  recoverHere(heap, 'continue', LOST, 1);
  assert.is(lost.pages.state(page), PageState.MAPPED);
  heap.close();
});

test('READY pages are published, whoever made them', () => {
  const { heap, page, lost } = claimedByLost();
  lost.pages.ready(page, 0);
  recoverHere(heap, 'continue', LOST + 1, 1);
  assert.is(lost.pages.state(page), PageState.MAPPED);
  const { pageBytes } = heap.layout;
  const again = heap.space.watch!.at(0).tryContinue(heap.space.views[heap.bank]!, page * pageBytes, pageBytes);
  assert.is(again, -EEXIST, 'the view has it');
  heap.close();
});

test('what is left is finished also while the compaction is ending', () => {
  const { heap, page, lost } = claimedByLost();
  Atomics.store(heap.control, Control.COMPACTING, 0);
  recoverHere(heap, 'continue', LOST, 1);
  assert.is(lost.pages.state(page), PageState.MAPPED);
  heap.close();
});

test.run();
