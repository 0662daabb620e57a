/** `continuum report`: result files to one HTML file. */
import { randomBytes } from 'node:crypto';
import { readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { Complaint, codeOf, complaintLine, messageOf } from './errors.js';
import type { Source } from './html/content.js';
import { replaySection } from './html/replay/section.js';
import { reportPage } from './html/report.js';
import { readResults } from './results.js';

const extension = '.jsonl';

/**
 * Writes the report of result files, or of all in a folder, to `out`, or beside the first of them. Answers its path.
 * @throws Complaint when something cannot be read or written, or there is no result line.
 */
export function writeReport(paths: readonly string[], out?: string): string {
  const files = [...new Set(paths.flatMap(resultFiles).map((file) => resolve(file)))];
  const sources = files.map((file): Source => ({ file, lines: readResults(relativeToHere(file)) }));
  if (sources.every(({ lines }) => lines.length === 0)) {
    throw new Complaint('NO_RESULTS', `there is no result line in ${paths.join(', ')}`, 'run continuum bench first');
  }
  const file = resolve(out ?? besideFirst(paths[0]));
  writeWhole(file, reportPage(sources, { folder: dirname(file), replay: replaySection }));
  return relativeToHere(file);
}

/** `continuum report`. Prints the path of what was written; answers the exit code. */
export function reportCommand(paths: readonly string[], out?: string): number {
  process.stdout.write(`report: ${writeReport(paths, out)}\n`);
  return 0;
}

/** The report at the end of a sweep: one that cannot be written takes nothing from the results. */
export function reportAtEnd(file: string): void {
  try {
    process.stdout.write(`report: ${writeReport([file])}\n`);
  } catch (error) {
    process.stderr.write(`${complaintLine(error).replace('continuum:', 'continuum: no report:')}\n`);
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw new Complaint(codeOf(error, 'UNREADABLE'), `cannot read ${path}: ${messageOf(error)}`, 'name a results file');
  }
}

function resultFiles(path: string): string[] {
  if (!isFolder(path)) return [path];
  const names = readdirSync(path).filter((name) => name.endsWith(extension));
  if (names.length === 0) {
    throw new Complaint('NO_RESULTS', `there is no ${extension} file in ${path}`, 'name a folder with results');
  }
  return names.sort().map((name) => join(path, name));
}

function besideFirst(path: string): string {
  if (isFolder(path)) return join(path, 'report.html');
  return `${path.endsWith(extension) ? path.slice(0, -extension.length) : path}.html`;
}

/** The file whole or not at all: whoever has the old one open in a browser never loads half of the new one. */
function writeWhole(file: string, text: string): void {
  const temporary = `${file}.${randomBytes(3).toString('hex')}`;
  try {
    writeFileSync(temporary, text, { flag: 'wx' });
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    const what = `cannot write ${relativeToHere(file)}: ${messageOf(error)}`;
    throw new Complaint(codeOf(error, 'UNWRITABLE'), what, 'name another file with -o');
  }
}

function relativeToHere(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith('..') ? file : path;
}
