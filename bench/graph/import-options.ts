/** What an import can be told, what it tells meanwhile, and what it answers. */
import type { HeapGraph } from './graph.js';
import type { ImportReport } from './report.js';
import type { Sample } from './sample.js';

/** How far an import is. A phase is over when all its bytes are done; a pipe does not say how many there are. */
export interface ImportProgress {
  /** `unpack`: what is compressed or comes through a pipe; `count`: whether there are too many objects. */
  readonly phase: 'unpack' | 'count' | 'read';
  readonly doneBytes: number;
  readonly totalBytes: number | undefined;
}

export interface ImportOptions {
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined;
  /** Memory to read the dump through, in bytes. */
  readonly chunkBytes?: number | undefined;
  /** Which dump of a file that holds several, from 1; the first unless said. */
  readonly dump?: number | undefined;
  /** Takes a part of what can be reached. */
  readonly sample?: Sample | undefined;
  /** Objects that are refused when there are more, unless a sample is taken; tests make it small. */
  readonly mostObjects?: number | undefined;
}

export interface Imported {
  readonly graph: HeapGraph;
  readonly report: ImportReport;
}
