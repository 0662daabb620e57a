import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Path of the graph that comes with the project: javac compiling javax.swing. */
export function shippedGraphPath(): string {
  // Compiled code is in dist/bench/graph/; the graph stays with the sources.
  const places = ['./javac.heapgraph', '../../../bench/graph/javac.heapgraph'];
  const paths = places.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  return paths.find((path) => existsSync(path)) ?? paths[1];
}
