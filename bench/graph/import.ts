import { GraphError } from './error.js';
import type { HeapGraph } from './graph.js';
import { importHprofDump } from './import-hprof.js';
import type { Imported, ImportOptions, ImportProgress } from './import-options.js';
import { importV8Snapshot } from './import-v8.js';
import { type Input, openInput } from './input.js';

/**
 * Reads a heap dump, HPROF of a JVM or of Android or a snapshot of V8, as a graph of the objects that its roots reach.
 *
 * @param path a file, compressed or not, or a pipe; `-` is standard input
 * @throws GraphError whatever is wrong with the file
 */
export async function importHprof(path: string, onProgress?: (progress: ImportProgress) => void): Promise<HeapGraph> {
  return (await importWithReport(path, { onProgress })).graph;
}

/** `importHprof`, telling what was left out. */
export async function importWithReport(path: string, options: ImportOptions = {}): Promise<Imported> {
  const input = await openInput(path, (doneBytes, totalBytes) =>
    options.onProgress?.({ phase: 'unpack', doneBytes, totalBytes }),
  );
  try {
    return await importInput(input, options);
  } finally {
    input.close();
  }
}

/** The graph of a dump that is open; the caller closes it. */
export async function importInput(input: Input, options: ImportOptions): Promise<Imported> {
  try {
    switch (input.content) {
      case 'hprof':
        return await importHprofDump(input, options);
      case 'v8-snapshot':
        return await importV8Snapshot(input, options);
      case 'graph':
        throw new GraphError(
          'UNSUPPORTED',
          'a graph file already',
          { path: input.name },
          'use it as it is: --graph FILE',
        );
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const hint = 'import it on a machine with more memory';
    throw new GraphError('UNSUPPORTED', 'a heap too large for this process', { path: input.name }, hint, {
      cause: error,
    });
  }
}
