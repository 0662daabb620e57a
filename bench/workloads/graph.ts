/**
 * Graph: as javac, on the heap of any program. `--graph` names the file, which `continuum graph import` makes of a heap
 * dump of a JVM, of Android or of V8; without it, it is javac's.
 */
import { openGraph, prepareGraph } from './javac.js';
import type { Workload } from './workload.js';

export const graph: Workload = {
  warmUpSeconds: 5,
  prepare: prepareGraph,
  open: openGraph,
};
