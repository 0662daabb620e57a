/**
 * A resolution is a way to publish: how a page that is right in the workspace becomes visible in the view.
 *
 * Nothing else differs between resolutions. A new one is a file here and a line in index.ts.
 */
import type { Heap, SpaceKind } from '../../heap/index.js';

export interface Resolution {
  readonly name: string;
  /** Whether a page that is MAPPED may be published again without harm. */
  readonly repeatable: boolean;
  /**
   * Publishes `count` pages from `first` in the view mutators use, all made ready from consecutive staging slots
   * from `slot` on, or in the workspace where slot is 0. Returns bytes published (more than 0), or -errno.
   */
  publish(first: number, count: number, slot: number): number;
  /**
   * Maps pages as they stand in the workspace into the view that the coming flip brings, before that flip. Answers as
   * publish does; absent where there is no such view, or pages cannot be in it and in the present one.
   */
  publishAhead?(first: number, count: number): number;
}

export interface ResolutionKind {
  readonly name: string;
  readonly summary: string;
  /** The memory it needs. */
  readonly space: SpaceKind;
  /** Flips it can work with, the default first. */
  readonly flips: readonly string[];
  /** Pages published by one call at most, unless the user says otherwise. */
  readonly batch: number;
  /** One a thread and flip. */
  bind(heap: Heap): Resolution;
}
