/**
 * mprotect: the view has no permissions at the flip, and publishing gives them back, as in The Compressor (Kermany &
 * Petrank 2006). The page table entry comes later, with the kernel's own minor fault.
 *
 * Every edge between a range with permissions and one without costs the kernel a mapping, of which a process may have
 * vm.max_map_count. So ranges are made to grow together: pages that nobody needs are published with the rest.
 */
import { type Heap, Patience } from '../../heap/index.js';
import { inPlace, type Resolution, type ResolutionKind } from './resolution.js';

const EAGAIN = 11;
const ENOMEM = 12;
/** How long a thread waits for ranges to grow together where the process has no mapping left, ms. */
const PATIENCE_MS = 10_000;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

export const protectResolution: ResolutionKind = {
  name: 'protect',
  summary: 'one memfd mapped twice; publishing gives permissions back (mprotect)',
  space: 'guarded',
  flips: ['bank', 'remap'],
  deliveries: ['signal'],
  concurrent: true,
  batch: 256,
  bind(heap: Heap): Resolution {
    const { pageBytes } = heap.layout;
    const view = heap.space.views[heap.bank]!;
    const coming = heap.space.coming(heap.bank);
    let patience: Patience | null = null;
    return {
      ...inPlace(heap),
      name: 'protect',
      repeatable: true, // it shows the same memory
      wholeRegions: true,
      publish(first, count) {
        const result = view.tryProtect(first * pageBytes, count * pageBytes, 'readwrite');
        if (result === 0) {
          patience = null;
          return count * pageBytes;
        }
        if (result !== -ENOMEM) return result;
        // All mappings are used up by pages that mutators published here and there: others make them grow together.
        patience ??= new Patience(PATIENCE_MS);
        if (patience.isOver) return result;
        Atomics.wait(sleeper, 0, 0, 1);
        return -EAGAIN;
      },
      ...(coming !== null && {
        publishAhead: (first: number, count: number) => {
          const length = count * pageBytes;
          const result = coming.tryProtect(first * pageBytes, length, 'readwrite');
          return result === 0 ? length : result;
        },
      }),
      wake() {},
    };
  },
};
