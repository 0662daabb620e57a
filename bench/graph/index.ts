/** Heap graphs: made from heap dumps, kept in small files, read by the workloads that replay them. */
import { readGraphOf, writeGraph } from './file.js';
import type { HeapGraph } from './graph.js';
import { importInput, importWithReport } from './import.js';
import type { ImportOptions } from './import-options.js';
import { describeGraph, formatDescription, type GraphDescription } from './info.js';
import { openInput } from './input.js';
import type { ImportReport } from './report.js';

export { GraphError, type GraphErrorCode } from './error.js';
export { readGraph, type WriteOptions, writeGraph } from './file.js';
export * from './graph.js';
export { importHprof } from './import.js';
export type { ImportOptions, ImportProgress } from './import-options.js';
export { type ClassShare, describeGraph, formatDescription, type GraphDescription } from './info.js';
export type { ImportReport } from './report.js';
export type { Sample } from './sample.js';
export { shippedGraphPath } from './shipped.js';

export interface GraphImportOptions extends ImportOptions {
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
  { quality, ...options }: GraphImportOptions = {},
): Promise<GraphImportResult> {
  const { graph, report } = await importWithReport(input, options);
  const fileBytes = await writeGraph(output, graph, { quality });
  return { fileBytes, report, description: describeGraph(graph) };
}

/**
 * What is in a graph file, or would be in that of a dump, to be printed: text for people, or JSON (`GraphDescription`).
 *
 * @throws GraphError with one line for the person at the terminal
 */
export async function graphInfo(file: string, { json = false }: { readonly json?: boolean } = {}): Promise<string> {
  const description = describeGraph(await graphIn(file));
  return json ? `${JSON.stringify(description, undefined, 2)}\n` : formatDescription(description);
}

async function graphIn(file: string): Promise<HeapGraph> {
  const input = await openInput(file);
  try {
    return input.content === 'graph' ? readGraphOf(input) : (await importInput(input, {})).graph;
  } finally {
    input.close();
  }
}
