/** Heap graphs: made from HPROF dumps, kept in small files, read by the workloads that replay them. */
import { readGraph, writeGraph } from './file.js';
import { type ImportProgress, type ImportReport, importWithReport } from './import.js';
import { describeGraph, formatDescription, type GraphDescription } from './info.js';

export { GraphError, type GraphErrorCode } from './error.js';
export { readGraph, type WriteOptions, writeGraph } from './file.js';
export * from './graph.js';
export { type ImportProgress, type ImportReport, importHprof } from './import.js';
export { type ClassShare, describeGraph, formatDescription, type GraphDescription } from './info.js';
export { shippedGraphPath } from './shipped.js';

export interface GraphImportOptions {
  /** Told every few MiB of the dump. */
  readonly progress?: ((progress: ImportProgress) => void) | undefined;
  /** Brotli's quality, 0 … 11; 9 by default. */
  readonly quality?: number | undefined;
}

/** What an import made. */
export interface GraphImportResult {
  /** Bytes of the graph file. */
  readonly fileBytes: number;
  readonly report: ImportReport;
  readonly description: GraphDescription;
}

/**
 * Makes a graph file of a heap dump; `output` appears whole or not at all.
 *
 * @throws GraphError with one line for the person at the terminal
 */
export async function graphImport(
  input: string,
  output: string,
  { progress, quality }: GraphImportOptions = {},
): Promise<GraphImportResult> {
  const { graph, report } = await importWithReport(input, { onProgress: progress });
  const fileBytes = await writeGraph(output, graph, { quality });
  return { fileBytes, report, description: describeGraph(graph) };
}

/**
 * What is in a graph file, to be printed: text for people, or JSON (`GraphDescription`).
 *
 * @throws GraphError with one line for the person at the terminal
 */
export async function graphInfo(file: string, { json = false }: { readonly json?: boolean } = {}): Promise<string> {
  const description = describeGraph(readGraph(file));
  return json ? `${JSON.stringify(description, undefined, 2)}\n` : formatDescription(description);
}
