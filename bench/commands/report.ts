/** `continuum report`: result files to one HTML file. */
import { statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { resultFiles } from '../compare/read.js';
import { Complaint, complaintLine, exitCodes, usage } from '../errors.js';
import type { Source } from '../html/content.js';
import { replaySection } from '../html/replay/section.js';
import { reportPage } from '../html/report.js';
import { fromHere, writePage } from '../html/write-page.js';
import { readResults } from '../results/results.js';

/**
 * Writes the report of result files, or of all in a folder, to `out`, or beside the first of them, with so many cycles of
 * each trace to play back. Answers its path.
 * @throws Complaint when something cannot be read or written, or there is no result line.
 */
export function writeReport(paths: readonly string[], out?: string, cycles?: number): string {
  const sources = sourcesOf(paths);
  if (sources.every(({ lines }) => lines.length === 0)) {
    throw new Complaint('NO_RESULTS', `there is no result line in ${paths.join(', ')}`, 'run continuum bench first');
  }
  const file = resolve(out ?? besideFirst(paths[0]));
  return writePage(
    file,
    reportPage(sources, { folder: dirname(file), replay: (recordings) => replaySection(recordings, cycles) }),
  );
}

/** Results files, each once, with their lines. */
export function sourcesOf(paths: readonly string[]): Source[] {
  const files = new Set(paths.flatMap(resultFiles).map((file) => resolve(file)));
  return [...files].map((file) => ({ file, lines: readResults(fromHere(file)) }));
}

/** Options of `continuum report`, as typed. */
export interface ReportTyped {
  readonly out?: string;
  readonly cycles?: string;
}

/** `continuum report`. Prints the path of what was written; answers the exit code. */
export function reportCommand(paths: readonly string[], { out, cycles }: ReportTyped = {}): number {
  if (cycles !== undefined && !/^[1-9]\d{0,5}$/.test(cycles)) {
    throw usage(`--cycles '${cycles}' is not a number of cycles`, 'write a whole number from 1');
  }
  process.stdout.write(`report: ${writeReport(paths, out, cycles === undefined ? undefined : Number(cycles))}\n`);
  return exitCodes.ok;
}

/** The report at the end of a sweep: one that cannot be written takes nothing from the results. */
export function reportAtEnd(file: string): void {
  try {
    process.stdout.write(`report: ${writeReport([file])}\n`);
  } catch (error) {
    process.stderr.write(`${complaintLine(error).replace('continuum:', 'continuum: no report:')}\n`);
  }
}

function besideFirst(path: string): string {
  return statSync(path).isDirectory() ? join(path, 'report.html') : `${path.replace(/\.jsonl$/, '')}.html`;
}
