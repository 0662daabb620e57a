/** A run as it is named at the command line: a results file, or a folder of them. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Complaint, codeOf, messageOf } from '../errors.js';
import { readResults } from '../results/results.js';
import type { ResultLine } from '../schema/index.js';

const suffix = '.jsonl';

/**
 * All result lines of a file, or of the `.jsonl` files of a folder, in the order of their names.
 * @throws Complaint where there is none, or a line is not one.
 */
export function readRun(path: string): ResultLine[] {
  const lines = resultFiles(path).flatMap((file) => readResults(file));
  if (lines.length === 0) {
    throw new Complaint('NO_RESULTS', `there is no result line in ${path}`, 'name a results file, or a folder of them');
  }
  return lines;
}

/**
 * The file, or the `.jsonl` files of the folder, by name.
 * @throws Complaint where it cannot be read.
 */
export function resultFiles(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path).filter((name) => name.endsWith(suffix));
    return names.sort().map((name) => join(path, name));
  } catch (error) {
    const hint = 'name a results file, or a folder of them';
    throw new Complaint(codeOf(error, 'UNREADABLE'), `cannot read ${path}: ${messageOf(error)}`, hint);
  }
}
