/**
 * Pages that are mapped ahead of a flip: kept pages without a stale reference go into the coming view while mutators
 * still use the present one, so that after the flip nobody faults on them.
 *
 * A page that was found right stays right only as long as no mutator stores a reference to an evacuated object into it.
 * So from before the first page is looked at until the flip pause, a store of such a reference first sees to its page
 * (the barrier mode AHEAD; it plays the part of a card table, with the page's word as the card). The word of the coming
 * generation says where a page stands:
 *
 *     an older word ──worker, after it has mapped it──▶ MAPPED      nobody will fault on it after the flip
 *     an older word ──store──▶ RAW                                  it will not be mapped ahead
 *     MAPPED ──store with a full log, which unmapped it──▶ RAW      taken back
 *
 * Unmapping takes the process's lock of mappings, behind which a thread may wait for long. So a mutator first logs the
 * slot instead, for the flip pause to forward, and the page stays; only when its log is full does it take pages back.
 * The log bounds what the pause has to do.
 *
 * RAW of the coming generation is final until the flip, so a page costs its mutators one swap and at most one unmapping
 * however often they store into it. All changes are compare-and-swap, sequentially consistent. A worker maps first and
 * changes the word then, so either it finds the word changed and unmaps the page itself, or the store finds MAPPED and
 * does, before it changes the word: nobody maps a page again that is MAPPED in the coming generation. A worker that is
 * about to unmap is no further than its task, and the flip waits for that.
 *
 * Why that is enough: the regions to evacuate are fixed before the mode goes on, and it goes on in a handshake before
 * the first look. What a slot held at its mutator's handshake, or something stored there later, is what the look sees:
 * the handshake and the worker's task order it. Whatever stale reference is stored later takes the page back, or is
 * forwarded in the pause, whether the look saw it or not. Stores of other references make no page stale. Pages of
 * regions born in this cycle are not looked at, so that initialising stores cost nothing.
 */
import type { BarrierLog } from './barrier.js';
import { Control } from './control.js';
import type { Heap } from './heap.js';
import { encodeState, PageState, stateOf } from './page-state.js';
import { RegionState } from './region.js';

/** Slots that one mutator logs at most: some cache misses each in the flip pause. */
const LOGGED_SLOTS = 128;

export class PagesAhead {
  private readonly control: Int32Array;
  private readonly words: Int32Array;
  private readonly regionState: Int32Array;
  private readonly regionBorn: Int32Array;
  private readonly regionShift: number;
  private readonly wordsPerPage: number;
  private readonly wordsPerRegion: number;
  private readonly taken: Int32Array;

  constructor(
    private readonly heap: Heap,
    /** A mutator's own, which marking does not use while the mode is on; none: pages are taken back at once. */
    private readonly log: BarrierLog | null = null,
  ) {
    const { meta, layout } = heap;
    this.control = heap.control;
    this.words = meta.pageState;
    this.regionState = meta.regionState;
    this.regionBorn = meta.regionBorn;
    this.regionShift = Math.log2(layout.granulesPerRegion);
    this.wordsPerPage = layout.pageBytes / 4;
    this.wordsPerRegion = layout.regionBytes / 4;
    this.taken = new Int32Array(layout.pagesPerRegion);
  }

  /** A mutator is about to store reference `value` into 32-bit word `word` of the heap. */
  store(word: number, value: number): void {
    if (this.regionState[value >>> this.regionShift] !== RegionState.EVACUATED) return;
    // Both are final while the mode is on: a plain look is enough to see that there is nothing to do.
    if (this.regionBorn[Math.floor(word / this.wordsPerRegion)] === this.control[Control.CYCLE]) return;
    const page = Math.floor(word / this.wordsPerPage);
    const generation = this.control[Control.AHEAD];
    if (this.words[page] === encodeState(generation, PageState.RAW)) return;
    if (this.log !== null && stateOf(this.words[page], generation) === PageState.MAPPED) {
      // Seen MAPPED it is mapped, and stays so unless somebody takes it back; then the log does no harm.
      if (this.log.addSlot(word, LOGGED_SLOTS)) return;
    }
    this.takeBack(page, generation);
  }

  /** A mutator leaves: what it has logged is settled without it. */
  leave(log: BarrierLog): void {
    const generation = this.control[Control.AHEAD];
    log.takeSlots((word) => this.takeBack(Math.floor(word / this.wordsPerPage), generation));
  }

  /**
   * The worker that mapped pages [first, first + count) says so. Returns how many are mapped ahead: where a store came
   * before it, the page is unmapped again.
   */
  mapped(first: number, count: number, generation: number): number {
    const taken = this.heap.kernels.noteAhead(first, count, generation, this.taken);
    for (let i = 0; i < taken; i++) this.unmap(this.taken[i]!);
    return count - taken;
  }

  /** Unmapped first, then said so: where a thread ends between the two, or the stack does, RAW would be a lie. */
  private takeBack(page: number, generation: number): void {
    const { words, control } = this;
    const raw = encodeState(generation, PageState.RAW);
    for (let word = Atomics.load(words, page); word !== raw; word = Atomics.load(words, page)) {
      const mapped = stateOf(word, generation) === PageState.MAPPED;
      if (mapped) this.unmap(page);
      if (Atomics.compareExchange(words, page, word, raw) !== word) continue;
      if (mapped) Atomics.add(control, Control.TAKEN_BACK, 1);
      return;
    }
  }

  private unmap(page: number): void {
    const { space, bank, layout } = this.heap;
    space.withdraw(bank, page * layout.pageBytes, layout.pageBytes);
  }
}
