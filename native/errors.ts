/** How the native layer fails. The addon answers -errno; here that becomes an error that says what to do. */
import { getSystemErrorName } from 'node:util';

/** A system call that answered an errno; `code` is its name (`'ENOMEM'`), `errno` the positive number. */
export class SystemCallError extends Error {
  override readonly name: string = 'SystemCallError';
  readonly call: string;
  readonly code: string;
  readonly errno: number;

  constructor(call: string, errno: number, what: string, advice?: string) {
    const code = errorCode(errno);
    super(`${call} answered ${code} for ${what}.${advice ? ` ${advice}` : ''}`);
    this.call = call;
    this.code = code;
    this.errno = errno;
  }
}

/** Use of a Memfd, Mapping or Userfaultfd that was closed, here or by another thread, or an id that names none. */
export class ClosedError extends Error {
  override readonly name = 'ClosedError';
  readonly code = 'EBADF';

  constructor(what: string) {
    super(`This ${what} is closed (or was never opened in this process).`);
  }
}

/** No userfaultfd to be had: `reasons` has a line for each way that was tried. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
  readonly reasons: readonly string[];

  constructor(message: string, reasons: readonly string[]) {
    super([message, ...reasons.map((reason) => `  ${reason}`)].join('\n'));
    this.reasons = reasons;
  }
}

export interface FailedRange {
  /** Absolute address of the first byte that was asked for. */
  readonly address: number;
  /** The same place as an offset in its mapping. */
  readonly offset: number;
  readonly length: number;
  /** Bytes, from `offset` on, that succeeded before the failure. */
  readonly done: number;
}

/** A userfaultfd ioctl that failed, with the range and how far it came. */
export class UserfaultfdError extends SystemCallError implements FailedRange {
  override readonly name: string = 'UserfaultfdError';
  readonly address: number;
  readonly offset: number;
  readonly length: number;
  readonly done: number;

  constructor(call: string, errno: number, range: FailedRange) {
    const { address, offset, length, done } = range;
    const place = `${length} bytes at offset ${offset} (0x${address.toString(16)})`;
    super(call, errno, done > 0 ? `${place}, after ${done} bytes` : place, adviceFor(call, errorCode(errno)));
    this.address = address;
    this.offset = offset;
    this.length = length;
    this.done = done;
  }
}

export function errorCode(errno: number): string {
  return getSystemErrorName(-errno);
}

const FOR_ALL: Readonly<Record<string, string>> = {
  EAGAIN: 'A message of this userfaultfd (a remap, removal or fork) is unread and stops it: read it, then try again.',
  EINVAL: 'Offset and length must be multiples of the page size, the mode one that this call and this memory know.',
  ENOENT:
    'The range is not all registered with this userfaultfd as one piece: mprotect or a partial registration split it, or a new mapping replaced it. Go by the pieces, or register it again.',
  ENOMEM: 'There is no memory: the memfd, its cgroup or the machine is full.',
  ENOTTY: 'The running kernel does not have this call.',
  ENOSPC: 'There is no free huge page, or more messages are outstanding than the kernel keeps.',
  ERANGE: 'The range is not inside the mapping.',
  ESRCH: 'The memory belongs to a process that is gone.',
};

const BY_CALL: Readonly<Record<string, string>> = {
  'UFFDIO_CONTINUE EEXIST':
    'The page is mapped already, which is success; call wake() on it, as this answer leaves waiting threads asleep.',
  'UFFDIO_CONTINUE EFAULT': 'The page is a hole of the memfd: write it through the other mapping first.',
  'UFFDIO_CONTINUE EINVAL':
    'CONTINUE is for shared memory (a memfd) within the file, and for whole pages: private memory takes COPY or MOVE.',
  'UFFDIO_COPY EEXIST':
    'The page is there already, mapped or (shared memory) in the memfd; call wake() on it, as this answer leaves waiting threads asleep. What is in the memfd already is mapped by CONTINUE.',
  'UFFDIO_COPY EFAULT': 'The source is not readable memory, or the destination is beyond the end of the memfd.',
  'UFFDIO_ZEROPAGE EEXIST':
    'The page is there already; call wake() on it, as this answer leaves waiting threads asleep.',
  'UFFDIO_ZEROPAGE EFAULT': 'The range is beyond the end of the memfd.',
  'UFFDIO_ZEROPAGE EINVAL': 'Huge pages (hugetlb) have no ZEROPAGE; other memory needs whole pages.',
  'UFFDIO_POISON EEXIST': 'The page is mapped already: only a page that is not can be poisoned.',
  'UFFDIO_MOVE EEXIST':
    'The destination page is mapped already; call wake() on it, as this answer leaves waiting threads asleep.',
  'UFFDIO_MOVE ENOENT':
    'The source page is a hole (pass ALLOW_SRC_HOLES to skip such pages), or the range is not registered as one piece.',
  'UFFDIO_MOVE EBUSY': 'The source page is shared with a forked child, or pinned: only a page of our own can be moved.',
  'UFFDIO_MOVE EINVAL':
    'MOVE takes whole pages of private anonymous memory on both sides, and a destination registered with this userfaultfd.',
  'UFFDIO_REGISTER EBUSY': 'The range is registered with another userfaultfd: unregister it there first.',
  'UFFDIO_REGISTER EPERM': 'The shared mapping is read-only, or opened from a file that is.',
  'UFFDIO_REGISTER EINVAL':
    'The kernel takes no such mode for this memory: MINOR needs a memfd, writeProtect on one a kernel that offers WP_HUGETLBFS_SHMEM.',
  'UFFDIO_REGISTER ENOMEM': 'The range is not mapped, or splitting it passes vm.max_map_count.',
  'UFFDIO_WRITEPROTECT ENOENT': 'The range is not registered for write protection as one piece.',
};

function adviceFor(call: string, code: string): string | undefined {
  return BY_CALL[`${call} ${code}`] ?? FOR_ALL[code];
}

/** Throws unless `value` is an integer >= 0, a multiple of `unit` and at most `limit`. */
export function checkInteger(name: string, value: unknown, limit: number, unit = 1): asserts value is number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, not ${typeof value}.`);
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${name} must be an integer >= 0, not ${value}.`);
  if (value > limit) throw new RangeError(`${name} is ${value}, and may be ${limit} at most.`);
  if (value % unit !== 0) throw new RangeError(`${name} is ${value}, and must be a multiple of ${unit}.`);
}

/** Throws unless offset and length are whole pages of something that is `bytes` long. */
export function checkRange(offset: unknown, length: unknown, bytes: number, pageSize: number): void {
  checkInteger('offset', offset, bytes, pageSize);
  checkInteger('length', length, bytes - offset, pageSize);
}
