/** What the heap's own operations cost: allocate, load, store, and the kernels a page. */
import type { Suite } from './harness.js';

/** Suites over heap/ and the kernels; each opens a small heap of its own. */
export const heapSuites: readonly Suite[] = [];
