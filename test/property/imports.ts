import * as assert from 'uvu/assert';
import { encodeContents } from '../../bench/graph/encode.js';
import type { HeapGraph } from '../../bench/graph/graph.js';
import { describeGraph, formatDescription, GraphError, importHprof } from '../../bench/graph/index.js';
import { watched } from './fuzz.js';

/** The dumps are of a few KiB, and are read through a chunk of 1 MiB. */
const MOST_BYTES = 4 << 20;

/** Imports a small dump: a graph that can be written and told of, or an error of one line that says what to do. */
export async function importedOrRefused(path: string): Promise<'read' | 'refused'> {
  const { result, largest } = await watched(() => importHprof(path).catch((error: unknown) => error));
  assert.ok(largest <= MOST_BYTES, `an array of ${largest} bytes`);
  if (!(result instanceof Error)) {
    encodeContents(result as HeapGraph);
    formatDescription(describeGraph(result as HeapGraph));
    return 'read';
  }
  if (!(result instanceof GraphError)) throw result;
  assert.not.match(result.message, /[\r\n]/);
  assert.ok(result.hint.length > 0);
  return 'refused';
}
