/**
 * UFFDIO_MOVE (Linux 6.8): the page itself changes its address. Kept pages are updated in the workspace and moved, so
 * that nothing is copied; target pages are built in pages of evacuated regions that are spent, which saves the
 * allocation of a new page (the use the kernel's commit adef440691ba was made for), and in a new one where there is
 * none yet.
 */
import type { Heap } from '../../heap/index.js';
import type { Resolution, ResolutionKind } from './resolution.js';

const EBUSY = 16;
const EEXIST = 17;
const ENOENT = 2;
/** Spent regions that a thread keeps to build in; what comes on top goes back to the kernel at once. */
const MOST_SPENT = 2;

export const moveResolution: ResolutionKind = {
  name: 'move',
  summary: 'private memory; publishing moves the ready page itself, without a copy (UFFDIO_MOVE)',
  space: 'movable',
  flips: ['remap'],
  deliveries: ['handler', 'signal'],
  concurrent: true,
  batch: 256,
  bind(heap: Heap): Resolution {
    const { pageBytes, regionBytes, pagesPerRegion } = heap.layout;
    const { views, workspace } = heap.space;
    const { slotPages } = heap.meta;
    const watch = heap.space.watch!;
    const view = views[0]!;
    const places = new Places(pagesPerRegion);
    const words = new Int32Array(workspace.buffer);
    /** A fork shares every page with the child, and only a page that is ours alone can be moved: write to it. */
    const unshare = (offset: number, count: number) => {
      for (let page = 0; page < count; page++) Atomics.or(words, (offset + page * pageBytes) / 4, 0);
    };
    return {
      name: 'move',
      repeatable: false, // nothing is left in the workspace
      build(page, slot) {
        const place = places.take();
        heap.kernels.buildAt(page, place < 0 ? page : place);
        if (place < 0) return 0;
        slotPages[slot] = place; // before the page is READY
        return slot;
      },
      follows: (a, b) => (a === 0 ? b === 0 : b === a + 1 && slotPages[b] === slotPages[a]! + 1),
      publish(first, count, slot) {
        const offset = first * pageBytes;
        const from = slot === 0 ? offset : slotPages[slot]! * pageBytes;
        const result = watch.at(offset).tryMove(view, offset, workspace, from, count * pageBytes);
        if (result === -EBUSY) unshare(from, count); // and again: whoever calls bounds how often
        // Nothing at the source: somebody has moved it where we were to.
        return result === -ENOENT ? -EEXIST : result;
      },
      wake: (page) => watch.wake(view, page * pageBytes, pageBytes),
      spent(region) {
        if (!places.offer(region)) workspace.advise(region * regionBytes, regionBytes, 'dontneed');
      },
    };
  },
};

/** Pages of spent regions, handed out one after the other, so that what is built in them can be moved in one call. */
class Places {
  private readonly regions: number[] = [];
  private next = 0;
  private end = 0;

  constructor(private readonly pagesPerRegion: number) {}

  offer(region: number): boolean {
    if (this.regions.length >= MOST_SPENT) return false;
    this.regions.push(region);
    return true;
  }

  /** A page of the workspace; -1 where none is spent. */
  take(): number {
    if (this.next === this.end) {
      const region = this.regions.shift();
      if (region === undefined) return -1;
      this.next = region * this.pagesPerRegion;
      this.end = this.next + this.pagesPerRegion;
    }
    return this.next++;
  }
}
