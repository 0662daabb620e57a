/**
 * What a heap's memory is: a workspace, one or more views, and how a stretch of a view is given to a mutator.
 *
 * Views are armed (registered with userfaultfd) for as long as they live, not only while a compaction runs: mapping
 * a TLAB with one bulk ioctl costs 0.2 µs a page, the kernel's own first-touch fault 0.9, and a stray access to a
 * page that nobody was given is caught for ever instead of only sometimes.
 */
import type { Mapping, Userfaultfd } from '../../native/index.js';

export type SpaceKind = 'twin' | 'private';

export interface SpaceHandle {
  readonly workspace: number;
  readonly views: readonly number[];
  /** Where a view goes at a `remap` flip until it is dropped; 0 where no flip needs it. */
  readonly aside: number;
  readonly staging: number;
  readonly userfaultfd: number;
}

export interface Space {
  readonly kind: SpaceKind;
  readonly handle: SpaceHandle;
  /** W: the collector's mapping, never armed. */
  readonly workspace: Mapping;
  /** V: what mutators use; two of them for flips by `bank`. */
  readonly views: readonly Mapping[];
  readonly aside: Mapping | null;
  readonly userfaultfd: Userfaultfd;
  /** Where target pages are built before they are copied into the view; null where they are built in the workspace. */
  readonly staging: Mapping | null;
  /** Registers a whole view, which must be unpopulated or hold nothing stale. */
  arm(bank: number): void;
  /** Gives [offset, offset + length) of view `bank` to a mutator: present and zero. Whole pages. */
  provide(bank: number, offset: number, length: number): void;
  /** Gives the memory of a free range back to the kernel. Whole pages that no view will touch before `provide`. */
  release(offset: number, length: number): void;
  /** Bytes of memory that back the heap now. */
  residentBytes(): number;
  /** Lets go of every thread that waits for a fault, for good. Views show whatever is there after that. */
  disarm(): void;
  close(): void;
}
