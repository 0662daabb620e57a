/**
 * The kernel barrier's work on pages: protects those of the view that mutators use, finds the written ones, and greys
 * what the objects on them hold. See barrier/kernel.ts for why that is enough.
 */
import { Control, type Heap, RegionState } from '../../heap/index.js';
import { Pagemap } from '../../native/index.js';
import type { Sabotage } from '../sabotage.js';

export type DirtyWork = 'protect' | 'rescan' | 'unprotect';

/** Regions that a worker takes at once. */
const STRIPE = 16;

export class DirtyPages {
  private readonly pagemap = Pagemap.open();

  /** Throws UnavailableError where the kernel does not tell which pages were written. */
  constructor(private readonly heap: Heap) {}

  /** Takes stripes of regions until none is left: one worker's share. Returns how many written pages it found. */
  run(work: DirtyWork, sabotage?: Sabotage): number {
    const { control, layout } = this.heap;
    let pages = 0;
    for (;;) {
      const first = Atomics.add(control, Control.CURSOR, STRIPE);
      if (first >= layout.regions) return pages;
      const end = Math.min(layout.regions, first + STRIPE);
      if (work === 'rescan') pages += this.rescan(first, end, true, sabotage);
      else this.protect(first, end, work === 'protect');
    }
  }

  /** Every mutator held and their tops published: all that is left. Protects nothing, for nothing is missed after it. */
  rescanAll(sabotage?: Sabotage): number {
    return this.rescan(0, this.heap.layout.regions, false, sabotage);
  }

  private protect(first: number, end: number, on: boolean): void {
    const { pagemap, heap } = this;
    const { pageBytes } = heap.layout;
    const view = heap.space.views[heap.bank]!;
    this.runs(first, end, true, (page, count) => {
      const [offset, length] = [page * pageBytes, count * pageBytes];
      if (on) pagemap.protect(view, offset, length);
      else heap.space.watch!.at(offset).writeProtect(view, offset, length, false); // private: one descriptor for all
    });
  }

  private rescan(first: number, end: number, running: boolean, sabotage: Sabotage = {}): number {
    const { pagemap, heap } = this;
    const { pageBytes } = heap.layout;
    const view = heap.space.views[heap.bank]!;
    const found = (offset: number, length: number) => {
      if (sabotage.dropWritten === undefined) heap.kernels.rescan(offset / pageBytes, length / pageBytes);
      else this.rescanSome(offset / pageBytes, length / pageBytes, sabotage.dropWritten);
    };
    let bytes = 0;
    this.runs(first, end, running, (page, count) => {
      bytes += pagemap.written(view, page * pageBytes, count * pageBytes, running, found);
    });
    return bytes / pageBytes;
  }

  private rescanSome(first: number, count: number, dropped: 'old' | 'new'): void {
    const { control, kernels, layout, meta } = this.heap;
    for (let page = first; page < first + count; page++) {
      const born = meta.regionBorn[Math.floor(page / layout.pagesPerRegion)] === Atomics.load(control, Control.CYCLE);
      if (born !== (dropped === 'new')) kernels.rescan(page, 1);
    }
  }

  /**
   * Runs of pages with objects on them in regions [first, end). Of a region that a running mutator allocates in, only
   * pages wholly below its top: their objects all have start bits. The state is read before the top, which its owner
   * writes first: a region seen closed is seen with its last top.
   */
  private runs(first: number, end: number, running: boolean, act: (page: number, count: number) => void): void {
    const { layout, meta } = this.heap;
    const { pagesPerRegion, granulesPerPage } = layout;
    let from = 0;
    let to = 0;
    for (let region = first; region < end; region++) {
      const state = Atomics.load(meta.regionState, region);
      if (state === RegionState.FREE || state === RegionState.NULL) continue;
      const top = Atomics.load(meta.regionTop, region) / granulesPerPage;
      const last = running && state === RegionState.OPEN ? Math.floor(top) : Math.ceil(top);
      const start = region * pagesPerRegion;
      if (last <= start) continue;
      if (start !== to) {
        if (to > from) act(from, to - from);
        from = start;
      }
      to = last;
    }
    if (to > from) act(from, to - from);
  }
}
