/** How often a property of a file format is tried, and with which seed: CONTINUUM_RUNS, CONTINUUM_SEED, CONTINUUM_PATH. */
import { chooseSeed } from '../support/random.js';

const { CONTINUUM_RUNS, CONTINUUM_PATH } = process.env;
const seed = chooseSeed();
console.log(`CONTINUUM_SEED=${seed}`);

/** Settings for fc.assert: `numRuns` tries, unless the environment says otherwise. What it prints can be had again. */
export function runs(numRuns: number): { seed: number; numRuns: number; path?: string } {
  return {
    seed,
    numRuns: Number(CONTINUUM_RUNS ?? numRuns),
    ...(CONTINUUM_PATH !== undefined && { path: CONTINUUM_PATH }),
  };
}
