/** `continuum compare A B`: what changed from one run to another. */
import { resolve } from 'node:path';
import { compareRuns } from '../compare/index.js';
import { readRun } from '../compare/read.js';
import { renderComparison } from '../compare/text.js';
import { whyNothingPairs } from '../compare/unpaired.js';
import { Complaint, exitCodes } from '../errors.js';
import { comparisonPage } from '../html/comparison-page.js';
import { writePage } from '../html/write-page.js';
import { styleFor } from '../style.js';
import { sourcesOf } from './report.js';

export interface CompareOptions {
  readonly json?: boolean;
  /** The HTML file to write beside what is printed. */
  readonly html?: string;
}

/**
 * Prints the comparison, and writes it as HTML where that is asked for; slower is no failure. Answers the exit code.
 * @throws Complaint when a run cannot be read, no configuration is in both, or the HTML file cannot be written.
 */
export function compareCommand(pathA: string, pathB: string, { json, html }: CompareOptions): number {
  const [a, b] = [readRun(pathA), readRun(pathB)];
  const names = { a: pathA, b: pathB };
  const comparison = compareRuns(a, b);
  if (comparison.configurations.length === 0) {
    const message = `no configuration is in both ${pathA} and ${pathB}: ${whyNothingPairs(a, b)}`;
    throw new Complaint('NOTHING_TO_COMPARE', message, 'run both with the same options');
  }
  const page = html === undefined ? undefined : resolve(html);
  const written =
    page && writePage(page, comparisonPage(comparison, { ...names, sources: sourcesOf([pathA, pathB]) }, page));
  if (json) process.stdout.write(`${JSON.stringify(comparison)}\n`);
  else {
    const parts = renderComparison(comparison, names, styleFor(process.stdout));
    process.stdout.write(`${parts.join('\n\n')}\n${written ? `\nreport: ${written}\n` : ''}`);
  }
  return exitCodes.ok;
}
