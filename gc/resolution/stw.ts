/** Stop the world: everything is done in one pause, where the mutators will look for it. The classic baseline. */
import type { Heap } from '../../heap/index.js';
import { inPlace, type Resolution, type ResolutionKind } from './resolution.js';

export const stwResolution: ResolutionKind = {
  name: 'stw',
  summary: 'one mapping; a collection is one pause, and nothing has to be published',
  space: 'single',
  flips: ['none'],
  deliveries: ['none'],
  concurrent: false,
  batch: 256,
  bind(heap: Heap): Resolution {
    const { pageBytes } = heap.layout;
    return {
      ...inPlace(heap),
      name: 'stw',
      repeatable: true,
      publish: (_first, count) => count * pageBytes,
      wake() {},
    };
  },
};
