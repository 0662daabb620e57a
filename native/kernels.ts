/**
 * The loops that run over every word, in C++: mark, plan, build a page, update a page.
 *
 * Typed access to native/src/kernels. Each function checks its arguments and throws a RangeError; none blocks, and
 * the long one (mark) takes a budget, so that nothing runs uninterruptibly long. Any thread may call any of them for
 * a heap it was given the id of; which calls may overlap is the collector's business and written there.
 */
import { addon } from './loader.js';
import type { Mapping } from './memory.js';

interface KernelBinding {
  kernelsCreate(config: Readonly<Record<string, number>>): number;
  kernelsClose(id: number): void;
  kernelsExists(id: number): boolean;
  kernelsStates(): Readonly<Record<string, number>>;
  kernelsSeal(id: number, text: string, control: Int32Array): void;
  kernelsSealed(id: number, control: Int32Array): string;
  kernelsOccupy(
    id: number,
    mutator: number,
    control: Int32Array,
    word: number,
    absent: number,
    attaching: number,
  ): boolean;
  kernelsInherit(id: number, mutator: number, control: Int32Array, word: number, absent: number): boolean;
  kernelsBeginMarking(id: number, cycle: number, chunks: number): void;
  kernelsMark(id: number, budget: number): boolean;
  kernelsMarked(id: number): number;
  kernelsHandOver(id: number): void;
  kernelsHasWork(id: number): boolean;
  kernelsPeakChunks(id: number): number;
  kernelsShade(id: number, references: Int32Array, count: number): number;
  kernelsTold(id: number): number;
  kernelsRescan(id: number, page: number, count: number): number;
  kernelsBeginPlan(id: number): void;
  kernelsCountLive(id: number, region: number): number;
  kernelsPlace(
    id: number,
    region: number,
    block: number,
    target: number,
    limit: number,
    out: Int32Array,
    outLength: number,
  ): void;
  kernelsBuild(id: number, page: number, slot: number): number;
  kernelsBuildAt(id: number, page: number, place: number): number;
  kernelsUpdate(id: number, page: number, cycle: number): number;
  kernelsRecordAs(id: number, lane: number): void;
  kernelsIsPageLive(id: number, page: number, cycle: number): boolean;
  kernelsFindRight(
    id: number,
    first: number,
    count: number,
    cycle: number,
    patience: number,
    out: Int32Array,
    outLength: number,
  ): number;
  kernelsNoteAhead(
    id: number,
    first: number,
    count: number,
    generation: number,
    out: Int32Array,
    outLength: number,
  ): number;
  kernelsForward(id: number, slots: Int32Array, count: number): void;
  kernelsForwardLogged(id: number, words: Int32Array, count: number): void;
  kernelsIndex(id: number, from: number, to: number): void;
  kernelsIndexWhatStands(id: number, from: number, to: number): number;
  kernelsClearStarts(id: number, region: number): void;
  kernelsReadThrough(id: number, workspace: number): void;
}

const native = addon as KernelBinding;

/** The shape of the heap and the byte offsets of its columns in the metadata mapping. */
export interface KernelLayout {
  readonly granules: number;
  readonly granulesPerPage: number;
  readonly granulesPerRegion: number;
  readonly live: number;
  readonly starts: number;
  readonly destination: number;
  readonly origin: number;
  readonly pageState: number;
  readonly flip: number;
  readonly faultCounts: number;
  readonly slotPages: number;
  readonly mutators: number;
  readonly region: Readonly<Record<string, number>>;
}

export interface KernelMemory {
  readonly metadata: Mapping;
  readonly workspace: Mapping;
  /** Where mutators' objects are read outside a compaction: the workspace again for shared memory. */
  readonly view: Mapping;
  /** Pages built here before they are copied into a view; null where the workspace is the place. */
  readonly staging: Mapping | null;
  /** Whether publishing a page takes it away from the workspace. */
  readonly moves: boolean;
  /** Where signal handlers record what they do (heap/trace.ts). */
  readonly trace?: Mapping | null;
}

export class Kernels {
  private readonly placed = new Int32Array(2);

  private constructor(readonly id: number) {}

  /** Throws TypeError if the layout does not fit the mappings. */
  static create(layout: KernelLayout, memory: KernelMemory): Kernels {
    const { granules, granulesPerPage, granulesPerRegion, live, starts, destination, origin, region } = layout;
    const { pageState, flip, faultCounts, slotPages, mutators } = layout;
    const id = native.kernelsCreate({
      granules,
      granulesPerPage,
      granulesPerRegion,
      live,
      starts,
      destination,
      origin,
      ...{ pageState, flip, faultCounts, slotPages, mutators },
      ...region,
      metadata: memory.metadata.id,
      workspace: memory.workspace.id,
      view: memory.view.id,
      ...(memory.staging === null ? {} : { staging: memory.staging.id }),
      ...(memory.moves ? { moves: 1 } : {}),
      ...(memory.trace ? { trace: memory.trace.id } : {}),
    });
    return new Kernels(id);
  }

  /** The kernels of a heap made in another thread. Throws RangeError if it is not there. */
  static attach(id: number): Kernels {
    native.kernelsExists(id);
    return new Kernels(id);
  }

  /**
   * Keeps what a handle to the heap says, and which words of shared memory go with it, so that a handle that was changed
   * on its way is known. Once in a heap's life.
   */
  seal(text: string, control: Int32Array): void {
    native.kernelsSeal(this.id, text, control);
  }

  /** The text that the heap was sealed with. Throws RangeError if it was not, or with other control words. */
  sealed(control: Int32Array): string {
    return native.kernelsSealed(this.id, control);
  }

  /** Names and values of the region states as C++ has them. */
  static states(): Readonly<Record<string, number>> {
    return native.kernelsStates();
  }

  /**
   * Takes place `mutator` for the calling thread, if `word` of the control words says `absent`; it says `attaching` then.
   * In one step: a thread may be ended between any two of JavaScript.
   */
  occupy(mutator: number, control: Int32Array, word: number, absent: number, attaching: number): boolean {
    return native.kernelsOccupy(this.id, mutator, control, word, absent, attaching);
  }

  /**
   * Takes over place `mutator`, which is not `absent`, if the thread that took it has ended: from then on the calling
   * thread answers for it. True for one thread only; false as long as the thread lives. See threads/thread_life.h.
   */
  inherit(mutator: number, control: Int32Array, word: number, absent: number): boolean {
    return native.kernelsInherit(this.id, mutator, control, word, absent);
  }

  /** Clears the live bits and empties the grey pool. `chunks` bounds the pool (0: all the room there is). */
  beginMarking(cycle: number, chunks = 0): void {
    native.kernelsBeginMarking(this.id, cycle, chunks);
  }

  /** Traces about `budget` objects. False: this thread found nothing more to do. */
  mark(budget: number): boolean {
    return native.kernelsMark(this.id, budget);
  }

  /** Objects this thread has scanned since it was last asked. */
  takeMarked(): number {
    return native.kernelsMarked(this.id);
  }

  /** Gives this thread's unfinished marking back to the pool. */
  handOver(): void {
    native.kernelsHandOver(this.id);
  }

  /** Whether the pool holds work for somebody. */
  hasWork(): boolean {
    return native.kernelsHasWork(this.id);
  }

  /** Most chunks of 1022 references that marking has held at once. */
  peakChunks(): number {
    return native.kernelsPeakChunks(this.id);
  }

  /** Greys the first `count` references; returns how many were unmarked. */
  shade(references: Int32Array, count: number): number {
    return native.kernelsShade(this.id, references, count);
  }

  /** The number that this marking met and that is no reference to an object; 0 where it has met none. */
  badReference(): number {
    return native.kernelsTold(this.id);
  }

  /**
   * Greys what the slots on `count` pages from `page` on refer to, of objects that are marked or were born in this
   * cycle; returns how many references were unmarked. Objects below their region's top must have start bits.
   */
  rescan(page: number, count: number): number {
    return native.kernelsRescan(this.id, page, count);
  }

  /** Takes the destination table back from marking: everything stays in place so far. */
  beginPlan(): void {
    native.kernelsBeginPlan(this.id);
  }

  /** Live granules of a region, by its bitmap; written to the region table as well. */
  countLive(region: number): number {
    return native.kernelsCountLive(this.id, region);
  }

  /**
   * Says where the live granules of `region` go, from block `block` on: to granule `target` and up, short of `limit`.
   * Returns the next target granule and the first block not placed; the caller goes on elsewhere until block is
   * the number of blocks in a region.
   */
  place(region: number, block: number, target: number, limit: number): { target: number; block: number } {
    native.kernelsPlace(this.id, region, block, target, limit, this.placed, 2);
    return { target: this.placed[0]!, block: this.placed[1]! };
  }

  /** Builds target page `page` in the workspace, or in staging slot `slot` where there is staging. Granules copied. */
  build(page: number, slot: number): number {
    return native.kernelsBuild(this.id, page, slot);
  }

  /** Builds target page `page` in the workspace at page `place`: its own, or one of an evacuated region. */
  buildAt(page: number, place: number): number {
    return native.kernelsBuildAt(this.id, page, place);
  }

  /** Forwards the references of the live objects on kept page `page`, in the workspace. Slots changed. */
  update(page: number, cycle: number): number {
    return native.kernelsUpdate(this.id, page, cycle);
  }

  /** What this thread builds and updates is recorded in `lane` of the heap's recorder from now on, if it has that lane. */
  recordAs(lane: number): void {
    native.kernelsRecordAs(this.id, lane);
  }

  /** Whether a live object reaches onto a kept page. */
  isPageLive(page: number, cycle: number): boolean {
    return native.kernelsIsPageLive(this.id, page, cycle);
  }

  /**
   * Kept pages of [first, first + count), all of one region, that a live object reaches and that refer to nothing that
   * is evacuated. Writes them as runs, first page and number of pages, to `out`, a run of none last: it must have room
   * for count / 2 + 2. Gives up after `patience` stale pages in a row (0: never). Returns how many live pages it looked
   * at. Mutators may run: see heap/ahead.ts for what the answer is worth.
   */
  findRight(first: number, count: number, cycle: number, patience: number, out: Int32Array): number {
    return native.kernelsFindRight(this.id, first, count, cycle, patience, out, out.length);
  }

  /**
   * Says of pages [first, first + count) that they are MAPPED in `generation`, the coming one. Those whose words speak of
   * that generation already are left alone and written to `out`; returns how many.
   */
  noteAhead(first: number, count: number, generation: number, out: Int32Array): number {
    return native.kernelsNoteAhead(this.id, first, count, generation, out, out.length);
  }

  /** Forwards the first `count` root slots in place. */
  forward(slots: Int32Array, count: number): void {
    native.kernelsForward(this.id, slots, count);
  }

  /** Forwards the slots at the first `count` 32-bit words of the heap (unsigned), where they stand in the workspace. */
  forwardLogged(words: Int32Array, count: number): void {
    native.kernelsForwardLogged(this.id, words, count);
  }

  /** Gives start bits to the objects that stand gap-free in [from, to). Throws RangeError if they do not add up. */
  indexObjects(from: number, to: number): void {
    native.kernelsIndex(this.id, from, to);
  }

  /** Gives start bits to the objects that stand gap-free from `from` on, as far as they do; returns where they end. */
  indexWhatStands(from: number, to: number): number {
    return native.kernelsIndexWhatStands(this.id, from, to);
  }

  clearStarts(region: number): void {
    native.kernelsClearStarts(this.id, region);
  }

  /** Where kernels read objects from now on. Only with every mutator stopped and no kernel running. */
  readThrough(side: 'workspace' | 'view'): void {
    native.kernelsReadThrough(this.id, side === 'workspace' ? 1 : 0);
  }

  close(): void {
    native.kernelsClose(this.id);
  }
}
