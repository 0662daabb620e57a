/** UFFDIO_CONTINUE: the page is in the page cache already, made right through the workspace. Maps, copies nothing. */
import type { Heap } from '../../heap/index.js';
import type { Resolution, ResolutionKind } from './resolution.js';

export const continueResolution: ResolutionKind = {
  name: 'continue',
  summary: 'one memfd mapped twice; publishing maps the page that stands there (UFFDIO_CONTINUE)',
  space: 'twin',
  flips: ['bank', 'remap'],
  batch: 256, // 230 ns a page; 16: 320, 64: 255
  hugePages: true,
  bind(heap: Heap): Resolution {
    const { pageBytes } = heap.layout;
    const { watch, views } = heap.space;
    const view = views[heap.bank]!;
    return {
      name: 'continue',
      repeatable: true, // it shows the same memory
      publish: (first, count) => watch.at(first * pageBytes).tryContinue(view, first * pageBytes, count * pageBytes),
    };
  },
};
