/**
 * The page protocol: who may make a page right, and who publishes it.
 *
 *     RAW ──claim──▶ CLAIMED ──built──▶ READY ──published──▶ MAPPED
 *                       │ a fault sets WANTED: whoever built it publishes it at once
 *
 * Exactly one thread wins the claim, and it alone writes the page, unless it is lost: then another takes the claim
 * over. A READY page may be published by anybody, twice if it so happens: the kernel answers EEXIST to the second,
 * which is success. The word (heap/page-state.ts) is the authority, never what a fault says about itself. All changes
 * are compare-and-swap, sequentially consistent: READY orders the builder's plain stores before the ioctl of whoever
 * publishes, and between a fault that looks and a builder that finishes, either the fault sees READY or the builder
 * sees WANTED.
 */
import {
  Control,
  encodeState,
  GENERATION_SHIFT,
  type Heap,
  PageState,
  type PageStateValue,
  slotOf,
  stateOf,
  WANTED,
} from '../heap/index.js';

export class Pages {
  private readonly words: Int32Array;
  private readonly control: Int32Array;

  constructor(
    heap: Heap,
    /** The flip these pages belong to. */
    readonly generation: number,
    /** Number of the thread that claims through this, unlike any other's: 0…MAX_SLOTS - 1. */
    readonly owner: number,
  ) {
    this.words = heap.meta.pageState;
    this.control = heap.control;
  }

  state(page: number): PageStateValue {
    return this.meaning(Atomics.load(this.words, page));
  }

  /**
   * What a word says about the present flip. One that speaks of the coming flip (heap/ahead.ts) was MAPPED before, as
   * every kept page is until then. AHEAD is read after the word, so that no word is older than it.
   */
  private meaning(word: number): PageStateValue {
    const generation = word >>> GENERATION_SHIFT;
    if (
      generation !== this.generation &&
      generation !== 0 &&
      generation === Atomics.load(this.control, Control.AHEAD)
    ) {
      return PageState.MAPPED;
    }
    return stateOf(word, this.generation);
  }

  /** Staging slot of a READY page; 0 if it stands in the workspace. */
  slot(page: number): number {
    return slotOf(Atomics.load(this.words, page));
  }

  /** RAW → CLAIMED. True: the page is the caller's to make right. */
  claim(page: number): boolean {
    const word = Atomics.load(this.words, page);
    if (this.meaning(word) !== PageState.RAW) return false;
    const claimed = encodeState(this.generation, PageState.CLAIMED, this.owner);
    return Atomics.compareExchange(this.words, page, word, claimed) === word;
  }

  /** CLAIMED by `lost`, which will never touch it again → CLAIMED. True: the page is the caller's to make right. */
  takeOver(page: number, lost: number): boolean {
    for (;;) {
      const word = Atomics.load(this.words, page);
      if (stateOf(word, this.generation) !== PageState.CLAIMED || slotOf(word) !== lost) return false;
      const claimed = encodeState(this.generation, PageState.CLAIMED, this.owner) | (word & WANTED);
      if (Atomics.compareExchange(this.words, page, word, claimed) === word) return true;
    }
  }

  /** CLAIMED → READY, by the claimer. True: somebody waits for it, publish it now. */
  ready(page: number, slot: number): boolean {
    const next = encodeState(this.generation, PageState.READY, slot);
    const was = Atomics.exchange(this.words, page, next);
    return (was & WANTED) !== 0;
  }

  /** Notes that a mutator waits for a CLAIMED page. False: it is not CLAIMED any more, look again. */
  want(page: number): boolean {
    const word = Atomics.load(this.words, page);
    if (stateOf(word, this.generation) !== PageState.CLAIMED) return false;
    return Atomics.compareExchange(this.words, page, word, word | WANTED) === word;
  }

  /** READY → MAPPED, by whoever published it. */
  mapped(page: number): void {
    Atomics.store(this.words, page, encodeState(this.generation, PageState.MAPPED));
  }
}
