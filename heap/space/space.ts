/**
 * What a heap's memory is: a workspace, one or more views, and how a stretch of a view is given to a mutator.
 *
 * Views are armed (registered with userfaultfd) for as long as they live, not only while a compaction runs: mapping
 * a TLAB with one bulk ioctl costs 0.2 µs a page, the kernel's own first-touch fault 0.9, a stray access to a page that
 * nobody was given is caught for ever instead of only sometimes, and whoever reads the process's memory from outside
 * (a debugger, a profiler, a core dump) maps no page of it. What such readers see is argued in README.md.
 */
import type { Mapping } from '../../native/index.js';
import type { BarrierKind } from './options.js';
import type { Watch, WatchHandle } from './watch.js';

/**
 * `twin`: shared memory mapped more than once, watched by userfaultfd. `guarded`: the same, made inaccessible by
 * mprotect. `private`: anonymous memory whose pages are copied into the view; `movable`: moved into it. `single`: one
 * mapping for everybody.
 */
export type SpaceKind = 'twin' | 'guarded' | 'private' | 'movable' | 'single';

export interface SpaceHandle {
  readonly workspace: number;
  readonly views: readonly number[];
  /** Where a view goes at a `remap` flip until it is dropped; 0 where no flip needs it. */
  readonly aside: number;
  readonly staging: number;
  readonly watch: WatchHandle | null;
  readonly barrier: BarrierKind;
}

export interface Space {
  readonly kind: SpaceKind;
  /** Whether workspace and views show the same memory; else a page is in one or the other. */
  readonly shared: boolean;
  readonly handle: SpaceHandle;
  /** W: the collector's mapping, never armed. */
  readonly workspace: Mapping;
  /** V: what mutators use; two of them for flips by `bank`. */
  readonly views: readonly Mapping[];
  readonly aside: Mapping | null;
  /** The userfaultfds that views are registered with; null where mprotect guards them, or nothing does. */
  readonly watch: Watch | null;
  /** Where target pages are built before they are copied into the view; null where they are built in the workspace. */
  readonly staging: Mapping | null;
  /** Whether evacuated regions are to be poisoned until they are used again. */
  readonly poisons: boolean;
  /** Puts a view that has just been mapped under watch. Afterwards nothing of it is mapped, whoever touched it before. */
  arm(bank: number): void;
  /** Drops all pages of a view that mutators have left. It stays armed. */
  empty(bank: number): void;
  /** The view that the flip to come will put under the mutators of view `bank`; null where there is none before it. */
  coming(bank: number): Mapping | null;
  /** Takes whole pages that were mapped into the coming view out of it again: a touch will fault. */
  withdraw(bank: number, offset: number, length: number): void;
  /**
   * Gives [offset, offset + length) of view `bank` to a mutator: present and zero. Pages that begin there are mapped
   * whole; a page that began before is mapped already.
   */
  provide(bank: number, offset: number, length: number): void;
  /** Gives the memory of a free range back to the kernel. Whole pages that no view will touch before `provide`. */
  release(offset: number, length: number): void;
  /** Bytes of memory that back the heap now. */
  residentBytes(): number;
  /** Lets go of every thread that waits for a fault, for good. Views show whatever is there after that. */
  disarm(): void;
  close(): void;
}
