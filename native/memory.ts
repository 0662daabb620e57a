/** Memory with two faces: a memfd is what the heap is made of, a mapping is a place where it can be seen. */
import { markAsUntransferable } from 'node:worker_threads';
import { ClosedError, checkInteger, checkRange, errorCode, SystemCallError } from './errors.js';
import { limitBehind } from './limits.js';
import { addon } from './loader.js';

/** Every function answers a result >= 0 or -errno. */
interface MemoryBinding {
  memfdCreate(bytes: number, name: string, hugePages: number): number;
  memfdBytes(id: number): number;
  memfdPageSize(id: number): number;
  memfdPunch(id: number, offset: number, length: number): number;
  memfdPopulate(id: number, offset: number, length: number): number;
  memfdResidentBytes(id: number): number;
  memfdClose(id: number): number;
  mappingShared(memfd: number, traits: number): number;
  mappingAnonymous(bytes: number, traits: number): number;
  mappingAddress(id: number): number;
  mappingBytes(id: number): number;
  mappingPageSize(id: number): number;
  mappingKind(id: number): number;
  mappingAdvise(id: number, offset: number, length: number, advice: number): number;
  mappingProtect(id: number, offset: number, length: number, access: number): number;
  mappingMoveTo(id: number, target: number): number;
  mappingRenew(id: number): number;
  mappingClose(id: number): number;
  mappingBuffer(id: number): ArrayBuffer | undefined;
}

const native = addon as MemoryBinding;

const EBADF = 9;
const MOST_BYTES = 2 ** 46;
const ADVICE = [
  'dontneed',
  'remove',
  'hugepage',
  'nohugepage',
  'populate-read',
  'populate-write',
  'collapse',
  'free',
] as const;
const ACCESS = ['none', 'read', 'readwrite'] as const;
const KINDS = ['shared', 'anonymous'] as const;

/** The advice of madvise(2), by its name there. */
export type Advice = (typeof ADVICE)[number];
export type Access = (typeof ACCESS)[number];
export type MappingKind = (typeof KINDS)[number];

const ADVICE_FOR: Readonly<Record<string, string>> = {
  ENOMEM:
    'The machine has not that much memory or address space, too few huge pages are reserved (vm.nr_hugepages), or the process has too many mappings (vm.max_map_count).',
  ENOSPC: 'The memory file system or its cgroup is full.',
  EINVAL: 'The kernel has no such operation for this kind of memory.',
  EAGAIN: 'The kernel had not the means just now: try again.',
  EFAULT: 'The range is in several pieces (mprotect, advice or a partial registration split it), or a hole in it.',
};

function answer(result: number, what: string, call: string, about: string): number {
  if (result >= 0) return result;
  if (result === -EBADF) throw new ClosedError(what);
  const code = errorCode(-result);
  throw new SystemCallError(call, -result, about, sentence(limitBehind(code)) ?? ADVICE_FOR[code]);
}

const sentence = (text: string | undefined) => text && `${text[0]!.toUpperCase()}${text.slice(1)}`;

function failedWith(result: number, code: string): boolean {
  return result < 0 && errorCode(-result) === code;
}

function choose<T extends string>(name: string, choices: readonly T[], choice: T): number {
  const index = choices.indexOf(choice);
  if (index < 0) throw new TypeError(`${name} must be one of ${choices.join(', ')}, not ${String(choice)}.`);
  return index;
}

// One object an id in each thread. Those that another thread has closed go when the next one comes.
const memfds = new Map<number, Memfd>();
const mappings = new Map<number, Mapping>();

function enter<T extends { readonly id: number }>(open: Map<number, T>, thing: T, isOpen: (id: number) => boolean) {
  for (const id of open.keys()) if (!isOpen(id)) open.delete(id);
  open.set(thing.id, thing);
}

export interface MemfdOptions {
  /** Shown in /proc/self/maps; default `continuum`. */
  readonly name?: string;
  /** Made of 2 MiB pages reserved beforehand (hugetlb): then every offset and length is a multiple of 2 MiB. */
  readonly hugePages?: boolean;
}

/**
 * Memory that has a descriptor, so that it can be mapped more than once: memfd_create(2), sealed against shrinking.
 *
 * It belongs to the process: every thread that attaches to its id shares it, and close() closes it for all of them.
 * Mappings of it outlive it. Every method throws ClosedError after that, RangeError for offsets and lengths outside
 * or off page boundaries, and SystemCallError for what the kernel refuses.
 */
export class Memfd {
  readonly id: number;
  /** Length in bytes, holes included. */
  readonly bytes: number;
  /** The unit of offsets and lengths, in bytes. */
  readonly pageSize: number;

  private constructor(id: number) {
    this.bytes = answer(native.memfdBytes(id), 'memfd', 'fstat', `id ${id}`);
    this.pageSize = answer(native.memfdPageSize(id), 'memfd', 'fstat', `id ${id}`);
    this.id = id;
    enter(memfds, this, (other) => native.memfdBytes(other) >= 0);
  }

  /** `bytes`: a multiple of the page size. All holes: a page is allocated when it is first written. */
  static create(bytes: number, options: MemfdOptions = {}): Memfd {
    checkInteger('bytes', bytes, MOST_BYTES);
    const { name = 'continuum', hugePages = false } = options;
    if (typeof name !== 'string' || Buffer.byteLength(name) > 200) {
      throw new TypeError('name must be a string of 200 bytes at most.');
    }
    if (bytes === 0) throw new RangeError('bytes must be more than 0.');
    const id = native.memfdCreate(bytes, name, hugePages ? 1 : 0);
    if (failedWith(id, 'EINVAL')) throw new RangeError(`bytes is ${bytes}, and must be a multiple of the page size.`);
    return new Memfd(answer(id, 'memfd', 'memfd_create', `${bytes} bytes${hugePages ? ' of huge pages' : ''}`));
  }

  /** The memfd another thread of this process made, by its id. */
  static attach(id: number): Memfd {
    return memfds.get(id) ?? new Memfd(id);
  }

  /** Gives pages back; they read as zero, in every mapping. fallocate(2), FALLOC_FL_PUNCH_HOLE. */
  punch(offset: number, length: number): void {
    checkRange(offset, length, this.bytes, this.pageSize);
    answer(native.memfdPunch(this.id, offset, length), 'memfd', 'fallocate', `${length} bytes at ${offset}`);
  }

  /** Allocates the pages that are holes and maps nothing. fallocate(2). */
  populate(offset: number, length: number): void {
    checkRange(offset, length, this.bytes, this.pageSize);
    answer(native.memfdPopulate(this.id, offset, length), 'memfd', 'fallocate', `${length} bytes at ${offset}`);
  }

  /** Bytes of memory that are allocated: what is neither a hole nor swapped out. */
  residentBytes(): number {
    return answer(native.memfdResidentBytes(this.id), 'memfd', 'fstat', 'its size');
  }

  close(): void {
    memfds.delete(this.id);
    answer(native.memfdClose(this.id), 'memfd', 'close', 'it');
  }
}

export interface MappingOptions {
  /** MADV_NOHUGEPAGE: pages stay 4 KiB. Default true for anonymous memory, false for shared (as the system has it). */
  readonly noHugePages?: boolean;
  /**
   * A child made by fork(2) has the mapping as well. Default false (MADV_DONTFORK): it could write to shared memory, and
   * what it shares of private memory UFFDIO_MOVE cannot move.
   */
  readonly inherited?: boolean;
  /** In core dumps. Default true; false (MADV_DONTDUMP) where the dump would touch what is watched, or allocate holes. */
  readonly dumped?: boolean;
}

/** As native/src/memory/mapping.h has them. */
const Trait = { NO_HUGE_PAGES: 1, INHERITED: 2, NOT_DUMPED: 4 } as const;

function traitsOf({ noHugePages, inherited = false, dumped = true }: MappingOptions, unsaid: boolean): number {
  return (
    ((noHugePages ?? unsaid) ? Trait.NO_HUGE_PAGES : 0) |
    (inherited ? Trait.INHERITED : 0) |
    (dumped ? 0 : Trait.NOT_DUMPED)
  );
}

/**
 * A range of addresses with memory in it: all of a memfd (shared), or private memory (anonymous).
 *
 * The id, and with it the mapping, is the process's: see Memfd. Addresses are aligned to 2 MiB, or to 1 GiB from 1 GiB
 * on, so that moveTo() moves whole page tables.
 *
 * An ArrayBuffer over it is memory that faults: never hand an armed one to a system call (EFAULT). It cannot be transferred.
 * Touching a range that protect() or moveTo() made inaccessible ends the process, as in any other language.
 */
export class Mapping {
  readonly id: number;
  readonly address: number;
  readonly bytes: number;
  /** The unit of offsets and lengths, in bytes. */
  readonly pageSize: number;
  #buffer: ArrayBuffer | undefined;
  #closed = false;

  private constructor(id: number) {
    this.address = answer(native.mappingAddress(id), 'mapping', 'mmap', `id ${id}`);
    this.bytes = answer(native.mappingBytes(id), 'mapping', 'mmap', `id ${id}`);
    this.pageSize = answer(native.mappingPageSize(id), 'mapping', 'mmap', `id ${id}`);
    this.id = id;
    enter(mappings, this, (other) => native.mappingBytes(other) >= 0);
  }

  /** Another place where the whole memfd is seen: MAP_SHARED, read and write. */
  static shared(memfd: Memfd, options: MappingOptions = {}): Mapping {
    const id = native.mappingShared(memfd.id, traitsOf(options, false));
    return new Mapping(answer(id, 'memfd', 'mmap', `${memfd.bytes} bytes of a memfd`));
  }

  /** Private zero memory: MAP_PRIVATE, MAP_ANONYMOUS, MAP_NORESERVE. `bytes`: a multiple of the page size. */
  static anonymous(bytes: number, options: MappingOptions = {}): Mapping {
    checkInteger('bytes', bytes, MOST_BYTES);
    if (bytes === 0) throw new RangeError('bytes must be more than 0.');
    const id = native.mappingAnonymous(bytes, traitsOf(options, true));
    if (failedWith(id, 'EINVAL')) throw new RangeError(`bytes is ${bytes}, and must be a multiple of the page size.`);
    return new Mapping(answer(id, 'mapping', 'mmap', `${bytes} bytes`));
  }

  /** The mapping another thread of this process made, by its id; the same object for the same id. */
  static attach(id: number): Mapping {
    return mappings.get(id) ?? new Mapping(id);
  }

  get kind(): MappingKind {
    return KINDS[answer(native.mappingKind(this.id), 'mapping', 'mmap', 'its kind')]!;
  }

  /** All of it, one ArrayBuffer a thread. It keeps the addresses, and after close() zero memory in them. */
  get buffer(): ArrayBuffer {
    if (this.#closed) throw new ClosedError('mapping');
    this.#buffer ??= this.makeBuffer();
    return this.#buffer;
  }

  private makeBuffer(): ArrayBuffer {
    const buffer = native.mappingBuffer(this.id);
    if (buffer === undefined) throw new ClosedError('mapping');
    markAsUntransferable(buffer);
    return buffer;
  }

  /** madvise(2). `dontneed` drops page table entries (and private pages), `remove` the memfd's pages as well. */
  advise(offset: number, length: number, advice: Advice): void {
    const index = choose('advice', ADVICE, advice);
    checkRange(offset, length, this.bytes, this.pageSize);
    const result = native.mappingAdvise(this.id, offset, length, index);
    answer(result, 'mapping', 'madvise', `${advice}, ${length} bytes at ${offset}`);
  }

  /** mprotect(2). Part of a mapping splits it, and an ioctl across the edge answers ENOENT. */
  protect(offset: number, length: number, access: Access): void {
    const index = choose('access', ACCESS, access);
    checkRange(offset, length, this.bytes, this.pageSize);
    const result = native.mappingProtect(this.id, offset, length, index);
    answer(result, 'mapping', 'mprotect', `${access}, ${length} bytes at ${offset}`);
  }

  /** protect() that throws nothing: 0, or -errno (-ENOMEM: the process has too many mappings, vm.max_map_count). */
  tryProtect(offset: number, length: number, access: Access): number {
    return native.mappingProtect(this.id, offset, length, ACCESS.indexOf(access));
  }

  /**
   * Moves the memory and its page tables to the addresses of `target`, which takes over this mapping's kind; what was
   * there is dropped. Here the addresses stay ours and inaccessible until renew(). A registration with userfaultfd
   * does not come along; who waited for a fault is woken. mremap(2), MREMAP_FIXED and MREMAP_DONTUNMAP.
   */
  moveTo(target: Mapping): void {
    if (target.bytes !== this.bytes || target.pageSize !== this.pageSize || target === this) {
      throw new RangeError(`The target must be another mapping of ${this.bytes} bytes, with the same page size.`);
    }
    answer(native.mappingMoveTo(this.id, target.id), 'mapping', 'mremap', `${this.bytes} bytes`);
  }

  /**
   * A fresh, unpopulated mapping of the same kind at the same addresses: a shared one sees the memfd's pages again
   * when they are touched, an anonymous one is zero. No longer registered; who waited for a fault is woken. mmap(2).
   */
  renew(): void {
    answer(native.mappingRenew(this.id), 'mapping', 'mmap', `${this.bytes} bytes`);
  }

  /** Drops the memory, for every thread; ArrayBuffers over it show zero memory of their own from now on. */
  close(): void {
    this.#closed = true;
    mappings.delete(this.id);
    answer(native.mappingClose(this.id), 'mapping', 'mmap', `${this.bytes} bytes`);
  }
}
