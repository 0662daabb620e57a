/**
 * UFFDIO_COPY: the kernel allocates a page and copies the ready one into it. Kept pages are updated where they stand
 * in the workspace; target pages are built in a small staging buffer that stays in the cache (as ART does), because
 * building them in the workspace would allocate every page twice.
 */
import type { Heap } from '../../heap/index.js';
import type { Resolution, ResolutionKind } from './resolution.js';

export const copyResolution: ResolutionKind = {
  name: 'copy',
  summary: 'private memory; publishing copies the ready page into a new one (UFFDIO_COPY)',
  space: 'private',
  flips: ['remap'],
  batch: 64, // what is staged stays in the second-level cache; 256 is no faster
  bind(heap: Heap): Resolution {
    const { pageBytes } = heap.layout;
    const { watch, views, workspace, staging } = heap.space;
    const view = views[0]!;
    return {
      name: 'copy',
      repeatable: false, // what stands in the workspace is older than what mutators wrote
      publish(first, count, slot) {
        const [from, offset] = slot === 0 ? [workspace, first] : [staging!, slot - 1];
        return watch
          .at(first * pageBytes)
          .tryCopy(view, first * pageBytes, from, offset * pageBytes, count * pageBytes);
      },
    };
  },
};
