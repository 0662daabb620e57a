/**
 * userfaultfd(2): threads that fault on a registered range wait (or get SIGBUS) until one of the calls here has made
 * the page right. What the kernel answers to what is in README.md; the kernel's own word is in
 * Documentation/admin-guide/mm/userfaultfd.rst and ioctl_userfaultfd(2).
 */
import { ClosedError, checkInteger, checkRange, UserfaultfdError } from './errors.js';
import { addon } from './loader.js';
import type { Mapping } from './memory.js';
import {
  type FeatureName,
  featureNames,
  firstOffer,
  type Offer,
  type OpenedBy,
  type OpenOptions,
  openUserfaultfd,
  WAYS,
} from './opening.js';

export type { FeatureName, Offer, OpenedBy, OpenOptions } from './opening.js';

/** Every function answers a result >= 0 or -errno. */
interface UserfaultfdBinding {
  userfaultfdAttach(id: number): number;
  userfaultfdWay(id: number): number;
  userfaultfdFeatures(id: number): number;
  userfaultfdRegister(id: number, mapping: number, offset: number, length: number, modes: number): number;
  userfaultfdUnregister(id: number, mapping: number, offset: number, length: number): number;
  userfaultfdWake(id: number, mapping: number, offset: number, length: number): number;
  userfaultfdContinue(id: number, mapping: number, offset: number, length: number, mode: number): number;
  userfaultfdZeropage(id: number, mapping: number, offset: number, length: number, mode: number): number;
  userfaultfdPoison(id: number, mapping: number, offset: number, length: number, mode: number): number;
  userfaultfdWriteProtect(id: number, mapping: number, offset: number, length: number, mode: number): number;
  userfaultfdCopy(id: number, to: number, at: number, from: number, fromAt: number, length: number, m: number): number;
  userfaultfdMove(id: number, to: number, at: number, from: number, fromAt: number, length: number, m: number): number;
  userfaultfdRead(id: number, into: Float64Array, timeoutMs: number): number;
  userfaultfdWait(id: number, timeoutMs: number): number;
  userfaultfdInterrupt(id: number): number;
  userfaultfdClose(id: number): number;
  userfaultfdCloseAll(): number;
}

const native = addon as UserfaultfdBinding;

/** Mode flag: threads that wait for these pages go on sleeping until wake(). */
export const DONTWAKE = 1;
/** Mode flag of continue() and copy(): the pages come write-protected. */
export const WP = 2;
/** Mode flag of move(): holes in the source are skipped and count as moved. */
export const ALLOW_SRC_HOLES = 2;

/** First number of a message. */
export const EVENT_PAGEFAULT = 0x12;
export const EVENT_FORK = 0x13;
export const EVENT_REMAP = 0x14;
export const EVENT_REMOVE = 0x15;
export const EVENT_UNMAP = 0x16;

/** Second number of a page fault's message. MINOR: the page is in the memfd; neither it nor WP: it is a hole. */
export const FAULT_WRITE = 1;
export const FAULT_WP = 2;
export const FAULT_MINOR = 4;

/** Numbers a message in read()'s array. */
export const MESSAGE_FIELDS = 4;

export interface RegisterModes {
  /** Faults on pages that are not there at all. */
  readonly missing?: boolean;
  /** Faults on pages a memfd has and the page table has not. Alone it lets a hole be filled with zeros, silently. */
  readonly minor?: boolean;
  readonly writeProtect?: boolean;
}

const EBADF = 9;
const EAGAIN = 11;
// One object an id in each thread. Those that another thread has closed go when the next one comes.
const open = new Map<number, Userfaultfd>();

/**
 * One userfaultfd, shared by every thread that attaches to its id; close() closes it for all of them, and so does the
 * process's exit. Offsets are within the mapping; they and lengths are bytes, whole pages.
 *
 * The plain calls go on to the end of the range over partial progress and return its length. They throw
 * UserfaultfdError with how far they came, RangeError or TypeError for arguments, ClosedError. Their `try` forms are
 * one ioctl and throw nothing: bytes done, fewer than `length` perhaps (go on behind them), or -errno of the first
 * page; -ERANGE where the range is not inside the mapping, -EBADF where that or this is closed.
 */
export class Userfaultfd {
  readonly id: number;
  readonly features: ReadonlySet<FeatureName>;
  readonly openedBy: OpenedBy;
  /** Accesses by the kernel (a read(2) into an armed page) answer EFAULT instead of waiting. */
  readonly userModeOnly: boolean;

  private constructor(id: number) {
    if (native.userfaultfdAttach(id) < 0) throw new ClosedError('userfaultfd');
    this.id = id;
    this.openedBy = WAYS[native.userfaultfdWay(id)]!;
    this.features = new Set(featureNames(native.userfaultfdFeatures(id)));
    this.userModeOnly = this.openedBy === 'UFFD_USER_MODE_ONLY';
    for (const other of open.keys()) if (native.userfaultfdWay(other) < 0) open.delete(other);
    open.set(id, this);
  }

  /** UnavailableError says why there is none, or which of the required features the kernel has not. */
  static open(options: OpenOptions = {}): Userfaultfd {
    return new Userfaultfd(openUserfaultfd(options));
  }

  /** The userfaultfd another thread of this process opened, by its id; the same object for the same id. */
  static attach(id: number): Userfaultfd {
    return open.get(id) ?? new Userfaultfd(id);
  }

  /** What the kernel has, and by which way it was asked. Throws UnavailableError. */
  static offered(): Offer {
    return firstOffer();
  }

  /** Closes every userfaultfd of the process: no thread waits for a fault after that. */
  static closeAll(): void {
    native.userfaultfdCloseAll();
  }

  /**
   * Arms the range. Pages that are mapped already stay mapped, and raise nothing until `dontneed`.
   * Returns the ioctls the range takes: bit 2 WAKE, 3 COPY, 4 ZEROPAGE, 5 MOVE, 6 WRITEPROTECT, 7 CONTINUE, 8 POISON.
   */
  register(mapping: Mapping, offset: number, length: number, modes: RegisterModes): number {
    checkPages(mapping, offset, length);
    const bits = (modes.missing ? 1 : 0) | (modes.writeProtect ? 2 : 0) | (modes.minor ? 4 : 0);
    if (bits === 0) throw new RangeError('modes must have at least one of missing, minor and writeProtect.');
    const result = native.userfaultfdRegister(this.id, mapping.id, offset, length, bits);
    if (result < 0) this.#fail('UFFDIO_REGISTER', result, mapping, offset, length);
    return result;
  }

  /** Disarms the range and wakes who waits there. */
  unregister(mapping: Mapping, offset: number, length: number): void {
    checkPages(mapping, offset, length);
    const result = native.userfaultfdUnregister(this.id, mapping.id, offset, length);
    if (result < 0) this.#fail('UFFDIO_UNREGISTER', result, mapping, offset, length);
  }

  /** Makes whoever waits on these pages try again. Needed after EEXIST and DONTWAKE. */
  wake(mapping: Mapping, offset: number, length: number): void {
    checkPages(mapping, offset, length);
    const result = native.userfaultfdWake(this.id, mapping.id, offset, length);
    if (result < 0) this.#fail('UFFDIO_WAKE', result, mapping, offset, length);
  }

  /**
   * Messages, four numbers each: a page fault's event, flags, address and thread (0 without `THREAD_ID`); for other
   * events the event and a, b, c (remap: from, to, length; remove, unmap: start, end; fork: none, the child's
   * descriptor is closed). Waits for the first up to `timeoutMs` (negative: for ever), blocking this thread.
   * Returns how many; 0 on timeout; -1 when interrupted or closed.
   */
  read(into: Float64Array, timeoutMs: number): number {
    const result = native.userfaultfdRead(this.id, into, timeoutMs);
    if (result >= -1) return result;
    if (!(into instanceof Float64Array)) throw new TypeError('into must be a Float64Array.');
    if (into.length < MESSAGE_FIELDS) throw new RangeError(`into must have room for ${MESSAGE_FIELDS} numbers.`);
    if (typeof timeoutMs !== 'number' || Number.isNaN(timeoutMs)) throw new TypeError('timeoutMs must be a number.');
    throw new UserfaultfdError('read', -result, { address: 0, offset: 0, length: into.byteLength, done: 0 });
  }

  /** Waits for a message without taking it. True when there is one; false on timeout, interrupt or close. */
  wait(timeoutMs: number): boolean {
    if (typeof timeoutMs !== 'number' || Number.isNaN(timeoutMs)) throw new TypeError('timeoutMs must be a number.');
    const result = native.userfaultfdWait(this.id, timeoutMs);
    if (result < -1) throw new UserfaultfdError('poll', -result, { address: 0, offset: 0, length: 0, done: 0 });
    return result === 1;
  }

  /** Every thread's read() returns -1, the one it is in or, if it is in none, its next one. */
  interrupt(): void {
    if (native.userfaultfdInterrupt(this.id) < 0) throw new ClosedError('userfaultfd');
  }

  /** Maps pages the memfd has. UFFDIO_CONTINUE; modes DONTWAKE, WP. */
  continue(mapping: Mapping, offset: number, length: number, mode = 0): number {
    checkPages(mapping, offset, length);
    checkInteger('mode', mode, 3);
    for (let done = 0; done < length; ) {
      const result = this.tryContinue(mapping, offset + done, length - done, mode);
      if (result <= 0) this.#fail('UFFDIO_CONTINUE', result, mapping, offset, length, done);
      done += result;
    }
    return length;
  }

  tryContinue(mapping: Mapping, offset: number, length: number, mode = 0): number {
    return native.userfaultfdContinue(this.id, mapping.id, offset, length, mode);
  }

  /** Fills pages that are not there with a copy. UFFDIO_COPY; modes DONTWAKE, WP. */
  copy(to: Mapping, toOffset: number, from: Mapping, fromOffset: number, length: number, mode = 0): number {
    checkPages(to, toOffset, length);
    checkInteger('fromOffset', fromOffset, from.bytes - length);
    checkInteger('mode', mode, 3);
    for (let done = 0; done < length; ) {
      const result = this.tryCopy(to, toOffset + done, from, fromOffset + done, length - done, mode);
      if (result <= 0) this.#fail('UFFDIO_COPY', result, to, toOffset, length, done);
      done += result;
    }
    return length;
  }

  tryCopy(to: Mapping, toOffset: number, from: Mapping, fromOffset: number, length: number, mode = 0): number {
    return native.userfaultfdCopy(this.id, to.id, toOffset, from.id, fromOffset, length, mode);
  }

  /** Fills pages that are not there with zeros. UFFDIO_ZEROPAGE; mode DONTWAKE. */
  zeropage(mapping: Mapping, offset: number, length: number, mode = 0): number {
    checkPages(mapping, offset, length);
    checkInteger('mode', mode, 1);
    for (let done = 0; done < length; ) {
      const result = this.tryZeropage(mapping, offset + done, length - done, mode);
      if (result <= 0) this.#fail('UFFDIO_ZEROPAGE', result, mapping, offset, length, done);
      done += result;
    }
    return length;
  }

  tryZeropage(mapping: Mapping, offset: number, length: number, mode = 0): number {
    return native.userfaultfdZeropage(this.id, mapping.id, offset, length, mode);
  }

  /** Fills private pages that are not there with those of another range, which loses them. UFFDIO_MOVE. */
  move(to: Mapping, toOffset: number, from: Mapping, fromOffset: number, length: number, mode = 0): number {
    checkPages(to, toOffset, length);
    checkInteger('fromOffset', fromOffset, from.bytes - length, from.pageSize);
    checkInteger('mode', mode, 3);
    for (let done = 0; done < length; ) {
      const result = this.tryMove(to, toOffset + done, from, fromOffset + done, length - done, mode);
      if (result <= 0) this.#fail('UFFDIO_MOVE', result, to, toOffset, length, done);
      done += result;
    }
    return length;
  }

  tryMove(to: Mapping, toOffset: number, from: Mapping, fromOffset: number, length: number, mode = 0): number {
    return native.userfaultfdMove(this.id, to.id, toOffset, from.id, fromOffset, length, mode);
  }

  /** Whoever touches these pages gets SIGBUS: for memory known to be lost. UFFDIO_POISON; mode DONTWAKE. */
  poison(mapping: Mapping, offset: number, length: number, mode = 0): number {
    checkPages(mapping, offset, length);
    checkInteger('mode', mode, 1);
    for (let done = 0; done < length; ) {
      const result = this.tryPoison(mapping, offset + done, length - done, mode);
      if (result <= 0) this.#fail('UFFDIO_POISON', result, mapping, offset, length, done);
      done += result;
    }
    return length;
  }

  tryPoison(mapping: Mapping, offset: number, length: number, mode = 0): number {
    return native.userfaultfdPoison(this.id, mapping.id, offset, length, mode);
  }

  /** Write-protects the pages, or ends that and wakes who waits to write (unless DONTWAKE). UFFDIO_WRITEPROTECT. */
  writeProtect(mapping: Mapping, offset: number, length: number, on: boolean, mode = 0): void {
    checkPages(mapping, offset, length);
    checkInteger('mode', mode, 1);
    const bits = (on ? 1 : 0) | (mode === DONTWAKE ? 2 : 0);
    const result = native.userfaultfdWriteProtect(this.id, mapping.id, offset, length, bits);
    if (result < 0) this.#fail('UFFDIO_WRITEPROTECT', result, mapping, offset, length);
  }

  /** For every thread of the process. Who waits for a fault or in read() is woken. */
  close(): void {
    open.delete(this.id);
    if (native.userfaultfdClose(this.id) < 0) throw new ClosedError('userfaultfd');
  }

  #fail(call: string, result: number, mapping: Mapping, offset: number, length: number, done = 0): never {
    if (result === -EBADF) throw new ClosedError(native.userfaultfdFeatures(this.id) < 0 ? 'userfaultfd' : 'mapping');
    const range = { address: mapping.address + offset, offset, length, done };
    throw new UserfaultfdError(call, result === 0 ? EAGAIN : -result, range);
  }
}

function checkPages(mapping: Mapping, offset: number, length: number): void {
  checkRange(offset, length, mapping.bytes, mapping.pageSize);
  if (length === 0) throw new RangeError('length must be more than 0.');
}
