/** What a graph takes in the heap, for whoever has to choose a heap for it. */
import { readGraph } from './file.js';
import { referenceCount, sizeInHeap } from './graph.js';
import { shippedGraphPath } from './shipped.js';

const known = new Map<string, number>();

/**
 * Bytes of all objects of a graph file, and of the array that holds its roots; of the shipped one unless said. A file is
 * read once.
 *
 * @throws GraphError there is none, it is no graph file, or it is damaged
 */
export function bytesOfGraph(path: string = shippedGraphPath()): number {
  const before = known.get(path);
  if (before !== undefined) return before;
  const graph = readGraph(path);
  let bytes = sizeInHeap(graph.roots.length, 0);
  for (let object = 0; object < graph.objectCount; object++) {
    bytes += sizeInHeap(referenceCount(graph, object), graph.payloadBytes[object]);
  }
  known.set(path, bytes);
  return bytes;
}
