/**
 * The userfaultfds that watch a heap's views: one, or several that share the address range in equal stripes of whole
 * regions, because the kernel keeps the waiters of one descriptor in one list under one lock.
 */
import { type FeatureName, type Mapping, Pagemap, type RegisterModes, Userfaultfd } from '../../native/index.js';
import type { Layout } from '../layout.js';
import { openAll } from '../opened.js';
import { mapRun } from './map-run.js';
import type { SpaceOptions } from './options.js';

/**
 * What a barrier asks of the userfaultfds, for private memory and for shared. Throws UnavailableError where the kernel
 * lacks the other half of it.
 */
export function barrierFeatures(barrier: SpaceOptions['barrier']): readonly FeatureName[] {
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
    // For faults of user code only: what the kernel or another process reads is refused where nothing is mapped. Nobody
    // could serve it right. A page of the coming view would be published as it is before the flip, and a debugger that
    // has stopped the fault servers would wait for them.
    const options = { features, optional: ['THREAD_ID'], userModeOnly: true } as const;
    return openAll((own) => {
      const descriptors = Array.from({ length: count }, () => own(Userfaultfd.open(options)));
      return new Watch(descriptors, Math.ceil(layout.regions / count) * layout.regionBytes);
    });
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

  /**
   * From here on nothing of the view is mapped, and nothing will be that is not published. In this order: registration
   * excludes faults that are under way (it takes the process's mappings for writing) and leaves alone what they have
   * mapped; what is dropped after it does not come back.
   */
  arm(view: Mapping, modes: RegisterModes): void {
    this.stripes(view, (descriptor, offset, length) => descriptor.register(view, offset, length, modes));
    this.empty(view);
  }

  /** Drops what is mapped of a view, which stays armed. Of one without any pages this takes the same time at any size. */
  empty(view: Mapping): void {
    view.advise(0, view.bytes, 'dontneed');
  }

  /**
   * The opposite. A view that is to be moved is disarmed first: of an armed one the kernel moves every page table entry
   * by itself (5 µs for 2 MiB), of another whole page tables.
   */
  disarm(view: Mapping): void {
    this.stripes(view, (descriptor, offset, length) => descriptor.unregister(view, offset, length));
  }

  /** [offset, offset + length) cut where one descriptor's part ends. */
  cut(offset: number, length: number, act: (offset: number, length: number) => void): void {
    for (let at = offset; at < offset + length; ) {
      const end = Math.min(offset + length, (Math.floor(at / this.stripeBytes) + 1) * this.stripeBytes);
      act(at, end - at);
      at = end;
    }
  }

  /** Whoever touches these pages gets SIGBUS. They are not mapped; whole pages of one region. */
  poison(view: Mapping, offset: number, length: number): void {
    const { pageSize } = view;
    mapRun({
      pages: length / pageSize,
      pageBytes: pageSize,
      attempt: (done) => this.at(offset).tryPoison(view, offset + done * pageSize, length - done * pageSize),
      exists: () => {},
    });
  }

  /** Everybody who waits for a page of the view faults again. */
  wakeAll(view: Mapping): void {
    this.stripes(view, (descriptor, offset, length) => descriptor.wake(view, offset, length));
  }

  wake(view: Mapping, offset: number, length: number): void {
    this.at(offset).wake(view, offset, length);
  }

  private stripes(view: Mapping, act: (descriptor: Userfaultfd, offset: number, length: number) => void): void {
    this.cut(0, view.bytes, (offset, length) => act(this.at(offset), offset, length));
  }

  /** Lets go of every thread that waits, for good. */
  close(): void {
    if (this.open) for (const descriptor of this.descriptors) descriptor.close();
    this.open = false;
  }
}
