/**
 * The userfaultfds that watch a heap's views: one, or several that share the address range in equal stripes of whole
 * regions, because the kernel keeps the waiters of one descriptor in one list under one lock.
 */
import { type FeatureName, type Mapping, Pagemap, type RegisterModes, Userfaultfd } from '../../native/index.js';
import type { Layout } from '../layout.js';
import type { BarrierKind } from './space.js';

/**
 * What a barrier asks of the userfaultfds, for private memory and for shared. Throws UnavailableError where the kernel
 * lacks the other half of it.
 */
export function barrierFeatures(barrier: BarrierKind): readonly FeatureName[] {
  if (barrier === 'software') return [];
  Pagemap.open();
  return ['PAGEFAULT_FLAG_WP', 'WP_HUGETLBFS_SHMEM', 'WP_UNPOPULATED', 'WP_ASYNC'];
}

export interface WatchOptions {
  readonly features: readonly FeatureName[];
  /** Descriptors, 1 or more. */
  readonly count: number;
}

/** Plain data, so that it can be sent to a worker. */
export interface WatchHandle {
  readonly ids: readonly number[];
  readonly stripeBytes: number;
}

export class Watch {
  private open = true;

  private constructor(
    readonly descriptors: readonly Userfaultfd[],
    readonly stripeBytes: number,
  ) {}

  /** Throws UnavailableError where the kernel refuses, or lacks one of `features`. */
  static open(layout: Layout, { features, count }: WatchOptions): Watch {
    const descriptors = Array.from({ length: count }, () => Userfaultfd.open({ features, optional: ['THREAD_ID'] }));
    return new Watch(descriptors, Math.ceil(layout.regions / count) * layout.regionBytes);
  }

  static attach({ ids, stripeBytes }: WatchHandle): Watch {
    return new Watch(
      ids.map((id) => Userfaultfd.attach(id)),
      stripeBytes,
    );
  }

  get handle(): WatchHandle {
    return { ids: this.descriptors.map(({ id }) => id), stripeBytes: this.stripeBytes };
  }

  /** The descriptor that watches `offset`. Stripes are whole regions, so a range inside a region has one. */
  at(offset: number): Userfaultfd {
    return this.descriptors.length === 1
      ? this.descriptors[0]!
      : this.descriptors[Math.floor(offset / this.stripeBytes)]!;
  }

  arm(view: Mapping, modes: RegisterModes): void {
    for (const [i, descriptor] of this.descriptors.entries()) {
      const offset = i * this.stripeBytes;
      const length = Math.min(this.stripeBytes, view.bytes - offset);
      if (length > 0) descriptor.register(view, offset, length, modes);
    }
  }

  wake(view: Mapping, offset: number, length: number): void {
    this.at(offset).wake(view, offset, length);
  }

  /** Lets go of every thread that waits, for good. */
  close(): void {
    if (this.open) for (const descriptor of this.descriptors) descriptor.close();
    this.open = false;
  }
}
