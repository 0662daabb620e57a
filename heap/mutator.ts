/**
 * A thread that uses the heap. Its API is what a workload reads naturally in:
 *
 *     const m = Mutator.attach(handle);
 *     const f = m.enter(2);                       // two slots on the shadow stack
 *     m.setRoot(f, m.allocate(1, 8));             // an object with 1 reference and 8 bytes of payload
 *     m.setRoot(f + 1, m.allocate(1, 8));         // the first may have moved: read it again from its root
 *     m.store(m.root(f), 0, m.root(f + 1));
 *     m.leave(f);
 *
 * The one rule: a Reference in a local variable is good until the next safepoint, which is any allocate(), safepoint(),
 * or parked(). What must outlive one goes into a root slot. A thread that waits for anything else must do so inside
 * parked(), or the collector waits for it.
 */
import { NULL, type Reference } from './address.js';
import { checkAlive, checkCollector } from './alive.js';
import { AttachedThread } from './attached-thread.js';
import { Barrier, Control, Own } from './control.js';
import { HeapError, OutOfMemoryError } from './errors.js';
import { Heap, type HeapHandle } from './heap.js';
import { STACK_SLOTS } from './layout.js';
import { encodeHeader, HEADER_WORDS, headerReferences, MAX_HEADER_FIELD, sizeInGranules } from './object.js';
import { addPin, dropPin } from './pins.js';
import { STORES_IN_ORDER } from './processor.js';
import { RegionState } from './region.js';
import { ALLOCATION, reserveStack } from './stack-reserve.js';
import { aheadOfCycle, awaitPace, Stall } from './stall.js';
import { openHumongous } from './tlab.js';

/** Payload bytes above which allocate() takes the slow path; keeps its arithmetic inside 32 bits. */
const MAX_FAST_PAYLOAD = 1 << 20;

export class Mutator extends AttachedThread {
  private readonly maxGranules: number;

  private constructor(heap: Heap, index: number) {
    super(heap, index);
    this.maxGranules = Math.min(MAX_HEADER_FIELD, heap.layout.granulesPerRegion / 2);
  }

  /**
   * Joins the heap from this thread, beside a collection that may be under way.
   * Throws HeapError 'too-many-mutators' if all places are taken.
   */
  static attach(from: HeapHandle | Heap): Mutator {
    const heap = from instanceof Heap ? from : Heap.attach(from);
    return AttachedThread.join(heap, (index) => new Mutator(heap, index));
  }

  // ---- objects -----------------------------------------------------------------------------------------------

  /**
   * A new object: `references` slots, all null, and `payloadBytes` of zeros. A safepoint.
   * Throws OutOfMemoryError once the collector has done what it can, RangeError for sizes that are no whole numbers.
   */
  allocate(references: number, payloadBytes: number, tag = 0): Reference {
    const granules = (references + ((payloadBytes + 3) >> 2) + 3) >> 1;
    const object = this.top;
    const end = object + granules;
    if (
      end > this.limit ||
      granules > this.maxGranules ||
      // Whole numbers, not less than 0: what else there is does not stay what it was.
      !(references >>> 0 === references && references <= MAX_HEADER_FIELD) ||
      !(payloadBytes >>> 0 === payloadBytes && payloadBytes <= MAX_FAST_PAYLOAD) ||
      this.control[this.poll] !== 0
    ) {
      return this.allocateSlowly(references, payloadBytes, tag);
    }
    this.top = end;
    const word = (object << 1) >>> 0;
    this.words[word] = granules | (references << 16);
    this.words[word + 1] = tag;
    return object;
  }

  /** The reference in `slot` of `object`. */
  load(object: Reference, slot: number): Reference {
    return this.words[((object << 1) >>> 0) + HEADER_WORDS + slot];
  }

  /** Stores `value` into `slot` of `object`, through the write barrier. */
  store(object: Reference, slot: number, value: Reference): void {
    const word = ((object << 1) >>> 0) + HEADER_WORDS + slot;
    if (this.barrier !== Barrier.OFF) this.beforeStore(word, value);
    this.words[word] = value;
  }

  /**
   * The same where plain stores may be seen out of order; see processor.ts. A slot is how an object comes to other
   * threads, so this is a release: who reads the reference there, a mutator or a marker, sees the object's header and the
   * birth of its region, which were stored before. The reader needs a plain load and no more: where it looks next depends
   * on what it has read, and no processor makes the second of two such loads first.
   */
  private storeRelease(object: Reference, slot: number, value: Reference): void {
    const word = ((object << 1) >>> 0) + HEADER_WORDS + slot;
    if (this.barrier !== Barrier.OFF) this.beforeStore(word, value);
    Atomics.store(this.words, word, value);
  }

  static {
    // Once, and not by a test in each store: that took half a nanosecond of five.
    if (!STORES_IN_ORDER) Mutator.prototype.store = Mutator.prototype.storeRelease;
  }

  /** Number of reference slots of `object`. */
  references(object: Reference): number {
    const header = this.words[(object << 1) >>> 0];
    return header !== 0 ? headerReferences(header) : this.heap.meta.regionReferences[this.regionOf(object)];
  }

  /** 32-bit word `index` of the payload of `object`. */
  payload(object: Reference, index: number): number {
    return this.words[((object << 1) >>> 0) + HEADER_WORDS + this.references(object) + index];
  }

  setPayload(object: Reference, index: number, value: number): void {
    this.words[((object << 1) >>> 0) + HEADER_WORDS + this.references(object) + index] = value;
  }

  /** The 32 bits that are the user's. */
  tag(object: Reference): number {
    return this.words[((object << 1) >>> 0) + 1];
  }

  setTag(object: Reference, tag: number): void {
    this.words[((object << 1) >>> 0) + 1] = tag;
  }

  // ---- roots -------------------------------------------------------------------------------------------------

  /** A frame of `slots` null root slots; returns the index of its first. Throws RangeError for what is no number of them. */
  enter(slots: number): number {
    const frame = this.depth;
    if (slots >>> 0 !== slots) throw new RangeError(`a frame of ${String(slots)} slots: a whole number, 0 or more`);
    if (frame + slots > STACK_SLOTS) {
      throw new HeapError(
        'stack-overflow',
        `the shadow stack holds ${STACK_SLOTS} slots; ${frame + slots} are asked for`,
      );
    }
    for (let i = frame; i < frame + slots; i++) this.stack[i] = NULL;
    this.depth = frame + slots;
    return frame;
  }

  /** Leaves `frame` and all above it. Throws RangeError for one that was not entered, or was left. */
  leave(frame: number): void {
    if (frame >>> 0 !== frame || frame > this.depth) {
      throw new RangeError(`frame ${String(frame)} was not entered: the shadow stack has ${this.depth} slots in use`);
    }
    this.depth = frame;
  }

  root(slot: number): Reference {
    return this.stack[slot];
  }

  setRoot(slot: number, value: Reference): void {
    this.stack[slot] = value;
  }

  /** Root slot `index` that all mutators share. */
  global(index: number): Reference {
    return Atomics.load(this.globals, index);
  }

  setGlobal(index: number, value: Reference): void {
    if (this.barrier !== Barrier.OFF && this.barrier !== Barrier.AHEAD) this.logStore(this.globals[index], value);
    Atomics.store(this.globals, index, value);
  }

  /**
   * Keeps the region of the object in root slot `slot` from being evacuated, until unpin. May wait for a cycle that
   * has chosen the region already. Returns the reference, which stays good until unpin as long as the object is reached
   * from a root as well: a pin keeps in place, and not alive.
   */
  pin(slot: number): Reference {
    for (;;) {
      const object = this.root(slot);
      const region = this.regionOf(object);
      addPin(this.heap.meta, this.pins, region);
      // The plan writes the state and then reads the pins; we the other way round: one of the two sees the other.
      if (Atomics.load(this.heap.meta.regionState, region) !== RegionState.EVACUATED) return object;
      dropPin(this.heap.meta, this.pins, region);
      const done = Atomics.load(this.control, Control.COLLECTIONS);
      checkCollector(this.control);
      this.parked(() => Atomics.wait(this.control, Control.COLLECTIONS, done, 100));
    }
  }

  /** Takes back a pin of this mutator, which loses those that are left as it leaves. Throws RangeError if it has none there. */
  unpin(object: Reference): void {
    if (!dropPin(this.heap.meta, this.pins, this.regionOf(object))) {
      throw new RangeError(`this mutator has pinned nothing in the region of ${String(object)}`);
    }
  }

  // ---- the slow paths ----------------------------------------------------------------------------------------

  private regionOf(object: Reference): number {
    return Math.floor(object / this.heap.layout.granulesPerRegion);
  }

  private beforeStore(word: number, value: Reference): void {
    if (this.barrier === Barrier.AHEAD) this.ahead.store(word, value);
    else this.logStore(this.words[word], value);
  }

  private logStore(old: Reference, value: Reference): void {
    this.log.add(old);
    if (this.barrier === Barrier.BOTH) this.log.add(value);
  }

  private allocateSlowly(references: number, payloadBytes: number, tag: number): Reference {
    if (
      !Number.isSafeInteger(references) ||
      !Number.isSafeInteger(payloadBytes) ||
      references < 0 ||
      payloadBytes < 0
    ) {
      throw new RangeError(
        `an object of ${String(references)} references and ${String(payloadBytes)} bytes: both must be whole numbers, 0 or more`,
      );
    }
    const granules = sizeInGranules(references, payloadBytes);
    const humongous = granules > this.maxGranules || references > MAX_HEADER_FIELD;
    const granulesOfHeap = (this.heap.layout.regions - 1) * this.heap.layout.granulesPerRegion;
    if (granules > granulesOfHeap) throw this.outOfMemory(granules, 'larger than the heap');
    // Before anything is taken: where a call throws, at the end of the stack, no object is to stand half made, and no
    // region is to be taken that nobody has. Half a microsecond, once a chunk.
    reserveStack(ALLOCATION);
    const header = humongous ? 0 : encodeHeader(granules, references);
    const stall = new Stall(this.control, this.index, this.heap.trace);
    try {
      for (;;) {
        this.safepoint();
        const object = humongous ? this.tryHumongous(granules, references) : this.tryRefill(granules);
        if (object !== 0) {
          const word = (object << 1) >>> 0;
          this.words[word] = header;
          this.words[word + 1] = tag;
          return object;
        }
        if (stall.isHopeless) throw this.outOfMemory(granules, 'nothing was freed in three collections');
        this.requestIfIdle();
        this.parked(() => stall.wait());
      }
    } catch (error) {
      Atomics.store(this.control, Control.AUDIT, 1); // it may have taken what nobody knows of
      checkAlive(this.control); // on a heap that was given up, memory cannot be had either: say the cause
      throw error;
    } finally {
      stall.end();
    }
  }

  private tryHumongous(granules: number, references: number): Reference {
    this.askWhenLow();
    const born = this.control[this.own + Own.BORN]!;
    const object = openHumongous(this.heap, granules, references, born, this.bank, this.generation);
    if (object !== 0) this.countOpened(Math.ceil(granules / this.heap.layout.granulesPerRegion));
    return object;
  }

  private tryRefill(granules: number): Reference {
    const { tlab, control } = this;
    if (aheadOfCycle(control)) this.parked(() => awaitPace(control, this.index, this.heap.trace));
    tlab.top = this.top;
    try {
      if (!tlab.extend(granules, this.bank, this.generation) && !this.openRegion(granules)) return 0;
      const object = tlab.top;
      tlab.top = object + granules;
      return object;
    } finally {
      // However it ends, refused by the kernel or at the end of the stack: of a region that was closed nothing is ours.
      this.top = tlab.top;
      this.limit = tlab.limit;
    }
  }

  private openRegion(granules: number): boolean {
    const { tlab, control } = this;
    const region = this.heap.regions.take(RegionState.OPEN, Atomics.load(control, Control.RESERVE));
    if (region < 0) {
      this.askWhenLow();
      return false;
    }
    tlab.close();
    tlab.open(region, control[this.own + Own.BORN]!, this.bank);
    this.countOpened(1);
    this.askWhenLow();
    return tlab.extend(granules, this.bank, this.generation);
  }

  private countOpened(regions: number): void {
    Atomics.add(this.control, Control.OPENED, regions);
  }

  private askWhenLow(): void {
    const { control } = this;
    if (Atomics.load(control, Control.FREE) < Atomics.load(control, Control.TRIGGER)) this.requestIfIdle();
  }

  private outOfMemory(granules: number, why: string): OutOfMemoryError {
    const free = this.heap.regions.free;
    return new OutOfMemoryError(granules * 8, this.heap.layout.bytes, `${why}; ${free} regions free`);
  }
}
