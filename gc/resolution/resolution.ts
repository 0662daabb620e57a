/**
 * A resolution is a way to publish: how a page that is right becomes visible in the view.
 *
 * Nothing else differs between resolutions. A new one is a file here and a line in index.ts.
 */
import type { Heap, SpaceKind } from '../../heap/index.js';

/** One thread's hold of a resolution, for one flip. */
export interface Resolution {
  readonly name: string;
  /** Whether a page that is MAPPED may be published again without harm. */
  readonly repeatable: boolean;
  /**
   * Whether pages that no object needs are published too, so that published ranges grow together: where a range that
   * stays behind costs the kernel a mapping of its own.
   */
  readonly wholeRegions?: boolean;
  /**
   * Builds target page `page`, which the caller has claimed, and says where it stands: 0 for its own place in the
   * workspace, else `slot`, which is the caller's until the page is published.
   */
  build(page: number, slot: number): number;
  /** Whether pages that stand in slots `a` and `b`, one behind the other, can be published with one call. */
  follows(a: number, b: number): boolean;
  /**
   * Publishes `count` pages from `first` in the view mutators use, all standing in consecutive slots from `slot` on, or
   * in the workspace where slot is 0. Returns bytes published (more than 0), or -errno.
   */
  publish(first: number, count: number, slot: number): number;
  /**
   * Maps pages as they stand in the workspace into the view that the coming flip brings, before that flip. Answers as
   * publish does; absent where there is no such view, or pages cannot be in it and in the present one.
   */
  publishAhead?(first: number, count: number): number;
  /** Makes who waits in the kernel for a page that somebody else published try again. */
  wake(page: number): void;
  /** The workspace's memory of an evacuated region is needed no more: everything in it has been published elsewhere. */
  spent?(region: number): void;
  /** All pages of a kept region have been published. */
  settled?(region: number): void;
}

export interface ResolutionKind {
  readonly name: string;
  readonly summary: string;
  /** The memory it needs. */
  readonly space: SpaceKind;
  /** Flips it can work with, the default first. */
  readonly flips: readonly string[];
  /** Deliveries it can work with, the default first. */
  readonly deliveries: readonly string[];
  /** Whether mutators run beside it. If not, a whole cycle is one pause. */
  readonly concurrent: boolean;
  /** Pages published by one call at most, unless the user says otherwise. */
  readonly batch: number;
  /** Whether it works on pages of 2 MiB; not, unless said. */
  readonly hugePages?: boolean;
  /** One a thread and flip. */
  bind(heap: Heap): Resolution;
}

/** What most resolutions do: build where the page belongs. */
export const inPlace = (heap: Heap) => ({
  build(page: number): number {
    heap.kernels.buildAt(page, page);
    return 0;
  },
  follows: (a: number, b: number): boolean => a === 0 && b === 0,
});
