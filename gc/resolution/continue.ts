/** UFFDIO_CONTINUE: the page is in the page cache already, made right through the workspace. Maps, copies nothing. */
import type { Heap } from '../../heap/index.js';
import type { Mapping } from '../../native/index.js';
import { inPlace, type Resolution, type ResolutionKind } from './resolution.js';

export const continueResolution: ResolutionKind = {
  name: 'continue',
  summary: 'one memfd mapped twice; publishing maps the page that stands there (UFFDIO_CONTINUE)',
  space: 'twin',
  flips: ['bank', 'remap'],
  deliveries: ['handler', 'signal'],
  concurrent: true,
  batch: 256, // 230 ns a page; 16: 320, 64: 255
  hugePages: true,
  bind(heap: Heap): Resolution {
    const { pageBytes } = heap.layout;
    const { views } = heap.space;
    const watch = heap.space.watch!;
    const view = views[heap.bank]!;
    const coming = heap.space.coming(heap.bank);
    const map = (into: Mapping, first: number, count: number) =>
      watch.at(first * pageBytes).tryContinue(into, first * pageBytes, count * pageBytes);
    return {
      ...inPlace(heap),
      name: 'continue',
      repeatable: true, // it shows the same memory
      publish: (first, count) => map(view, first, count),
      ...(coming !== null && { publishAhead: (first: number, count: number) => map(coming, first, count) }),
      wake: (page) => watch.wake(view, page * pageBytes, pageBytes),
    };
  },
};
