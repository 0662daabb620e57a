/**
 * UFFDIO_COPY: the kernel allocates a page and copies the ready one into it. Kept pages are updated where they stand
 * in the workspace; target pages are built in a small staging buffer that stays in the cache (as ART does), because
 * building them in the workspace would allocate every page twice. What has been copied goes back to the kernel while
 * the compaction runs, a region at a time.
 */
import type { Heap } from '../../heap/index.js';
import type { Resolution, ResolutionKind } from './resolution.js';

export const copyResolution: ResolutionKind = {
  name: 'copy',
  summary: 'private memory; publishing copies the ready page into a new one (UFFDIO_COPY)',
  space: 'private',
  flips: ['remap'],
  deliveries: ['handler', 'signal'],
  concurrent: true,
  batch: 64, // what is staged stays in the second-level cache; 256 is no faster
  bind(heap: Heap): Resolution {
    const { pageBytes, regionBytes } = heap.layout;
    const { views, workspace, staging } = heap.space;
    const watch = heap.space.watch!;
    const view = views[0]!;
    const release = (region: number) => workspace.advise(region * regionBytes, regionBytes, 'dontneed');
    return {
      name: 'copy',
      repeatable: false, // what stands in the workspace is older than what mutators wrote
      build(page, slot) {
        heap.kernels.build(page, slot - 1);
        return slot;
      },
      follows: (a, b) => (a === 0 ? b === 0 : b === a + 1),
      publish(first, count, slot) {
        const offset = first * pageBytes;
        const [from, at] = slot === 0 ? [workspace, offset] : [staging!, (slot - 1) * pageBytes];
        return watch.at(offset).tryCopy(view, offset, from, at, count * pageBytes);
      },
      wake: (page) => watch.wake(view, page * pageBytes, pageBytes),
      spent: release,
      settled: release,
    };
  },
};
