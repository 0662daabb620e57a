/**
 * Faults that come as signals: SIGBUS from a userfaultfd with the feature SIGBUS, SIGSEGV from mprotect. The thread
 * that faults resolves its page itself, in C++ (native/src/pages), without JavaScript, locks or allocation.
 */
import { ClosedError, SystemCallError } from './errors.js';
import type { Kernels } from './kernels.js';
import { addon } from './loader.js';
import type { Mapping } from './memory.js';
import type { Userfaultfd } from './userfaultfd.js';

/** Every function answers a result >= 0 or -errno. */
interface SignalBinding {
  readonly pageEncoding: Readonly<Record<string, number>>;
  signalsWatch(
    kernels: number,
    publication: number,
    views: Float64Array,
    userfaultfds: Float64Array,
    stripeBytes: number,
    resolves: number,
  ): number;
  signalsUnwatch(kernels: number): number;
  signalsAdopt(kernels: number, mutator: number): number;
  signalsWakePage(kernels: number, page: number): number;
}

const native = addon as SignalBinding;
const EBADF = 9;
const ENOMEM = 12;

/** How a page is published, in the addon's order. */
const PUBLICATIONS = ['continue', 'copy', 'move', 'protect'] as const;
export type Publication = (typeof PUBLICATIONS)[number];

/** Names and values of the page words and of the fault counts, as C++ has them. */
export const pageEncoding = native.pageEncoding;

export interface SignalOptions {
  readonly publication: Publication;
  readonly views: readonly Mapping[];
  /** Empty for `protect`. */
  readonly userfaultfds: readonly Userfaultfd[];
  /** Bytes of a view that each of several userfaultfds watches. */
  readonly stripeBytes: number;
  /** False: a fault there is a mistake, and ends the process with a message that says what was touched. */
  readonly resolves: boolean;
}

/** One heap's faults, in the process's signal handlers. The kernels' id names it in every thread. */
export class Signals {
  private constructor(private readonly kernels: number) {}

  /**
   * Installs the handlers where that has not been done; they stay, and pass on what is not about a heap. Throws
   * ClosedError if a mapping or a userfaultfd is closed.
   */
  static watch(kernels: Kernels, options: SignalOptions): Signals {
    const { publication, views, userfaultfds, stripeBytes, resolves } = options;
    const result = native.signalsWatch(
      kernels.id,
      PUBLICATIONS.indexOf(publication),
      Float64Array.from(views, ({ id }) => id),
      Float64Array.from(userfaultfds, ({ id }) => id),
      stripeBytes,
      resolves ? 1 : 0,
    );
    if (result === -EBADF) throw new ClosedError('mapping or userfaultfd');
    if (result < 0) throw new SystemCallError('sigaction', -result, `a heap whose pages come by ${publication}`);
    return new Signals(kernels.id);
  }

  static attach(kernels: Kernels): Signals {
    return new Signals(kernels.id);
  }

  /** The calling thread's faults are counted as this mutator's, and the signals are not blocked in it. */
  adopt(mutator: number): void {
    const result = native.signalsAdopt(this.kernels, mutator);
    if (result === -ENOMEM) throw new SystemCallError('mmap', ENOMEM, 'a larger signal stack for the thread');
    if (result < 0) throw new ClosedError('heap');
  }

  /** Wakes the threads that sleep in their handler until somebody else has published `page`. */
  wake(page: number): void {
    native.signalsWakePage(this.kernels, page);
  }

  /** No handler knows the heap after this. No thread may fault on it any more. */
  close(): void {
    native.signalsUnwatch(this.kernels);
  }
}
