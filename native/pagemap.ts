/**
 * Which pages were written: the kernel's page map of this process, ioctl PAGEMAP_SCAN (Linux 6.7).
 *
 * Memory registered for write protection with a userfaultfd that has WP_ASYNC notes by itself that a protected page is
 * written: the fault ends the protection and nobody is told. A scan finds such pages, and protects them again in the
 * same step. Documentation/admin-guide/mm/pagemap.rst.
 */
import { ClosedError, checkRange, errorCode, SystemCallError, UnavailableError } from './errors.js';
import { addon } from './loader.js';
import type { Mapping } from './memory.js';

/** Every function answers a result >= 0 or -errno. */
interface PagemapBinding {
  pagemapAvailable(): number;
  pagemapWritten(mapping: number, offset: number, length: number, protect: number, into: Float64Array): number;
}

const native = addon as PagemapBinding;

/** Ranges that one call reports at most; the kernel's own bound. */
const RANGES = 512;
const EBADF = 9;

const REASONS: Readonly<Record<string, string>> = {
  ENOTTY: 'PAGEMAP_SCAN is unknown to it: it came with Linux 6.7',
  ENOENT: '/proc is not mounted here: mount it',
  EACCES: 'this process may not look at its own pages: it is not dumpable, see prctl(2), PR_SET_DUMPABLE',
};
const ADVICE: Readonly<Record<string, string>> = {
  EPERM: 'The range is not all registered for writeProtect with a userfaultfd that has WP_ASYNC.',
  ENOTTY: 'The running kernel does not have this call.',
};

/** Offsets are within the mapping; they and lengths are bytes, whole pages. Any number of these may be had. */
export class Pagemap {
  private readonly found = new Float64Array(1 + 2 * RANGES);
  private readonly nothing = new Float64Array(1);

  private constructor() {}

  /** Throws UnavailableError where the kernel does not answer such questions. */
  static open(): Pagemap {
    const result = native.pagemapAvailable();
    if (result < 0) {
      const code = errorCode(-result);
      throw new UnavailableError('The running kernel does not tell which pages were written.', [
        `/proc/self/pagemap: ${code}, ${REASONS[code] ?? 'see proc(5)'}`,
      ]);
    }
    return new Pagemap();
  }

  /** Write-protects every page of the range, mapped or not, and reports nothing. */
  protect(mapping: Mapping, offset: number, length: number): void {
    checkRange(offset, length, mapping.bytes, mapping.pageSize);
    for (let done = 0; done < length; ) {
      this.scan(mapping, offset + done, length - done, true, this.nothing);
      done += this.nothing[0]!;
    }
  }

  /**
   * Calls `found` for each range, in order, that was written since it was protected or never was protected; with
   * `protect` it is protected again. Whatever was stored before a page was protected is visible when `found` hears of
   * it; whatever is stored later shows in the next scan. Returns the bytes reported.
   */
  written(
    mapping: Mapping,
    offset: number,
    length: number,
    protect: boolean,
    found: (offset: number, length: number) => void,
  ): number {
    checkRange(offset, length, mapping.bytes, mapping.pageSize);
    let bytes = 0;
    for (let done = 0; done < length; ) {
      const ranges = this.scan(mapping, offset + done, length - done, protect, this.found);
      done += this.found[0]!;
      for (let i = 0; i < ranges; i++) {
        bytes += this.found[2 + 2 * i]!;
        found(this.found[1 + 2 * i]!, this.found[2 + 2 * i]!);
      }
    }
    return bytes;
  }

  private scan(mapping: Mapping, offset: number, length: number, protect: boolean, into: Float64Array): number {
    const result = native.pagemapWritten(mapping.id, offset, length, protect ? 1 : 0, into);
    if (result >= 0) return result;
    if (result === -EBADF) throw new ClosedError('mapping');
    throw new SystemCallError(
      'PAGEMAP_SCAN',
      -result,
      `${length} bytes at offset ${offset}`,
      ADVICE[errorCode(-result)],
    );
  }
}
