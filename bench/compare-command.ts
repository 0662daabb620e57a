/** `continuum compare A B`: what changed from one run to another. */
import { compareRuns } from './compare/index.js';
import { readRun } from './compare/read.js';
import { renderComparison } from './compare/text.js';
import { whyNothingPairs } from './compare/unpaired.js';
import { Complaint, exitCodes } from './errors.js';
import { styleFor } from './style.js';

/**
 * Prints the comparison; slower is no failure. Answers the exit code.
 * @throws Complaint when a run cannot be read, or no configuration is in both.
 */
export function compareCommand(pathA: string, pathB: string, json: boolean): number {
  const [a, b] = [readRun(pathA), readRun(pathB)];
  const comparison = compareRuns(a, b);
  if (comparison.configurations.length === 0) {
    const message = `no configuration is in both ${pathA} and ${pathB}: ${whyNothingPairs(a, b)}`;
    throw new Complaint('NOTHING_TO_COMPARE', message, 'run both with the same options');
  }
  if (json) process.stdout.write(`${JSON.stringify(comparison)}\n`);
  else {
    const names = { a: pathA, b: pathB };
    process.stdout.write(`${renderComparison(comparison, names, styleFor(process.stdout)).join('\n\n')}\n`);
  }
  return exitCodes.ok;
}
