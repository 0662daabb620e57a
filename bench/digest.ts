/** The check at the end of a run, as a result line has it: the workload's own, and the collector's verifier. */
import type { Heap } from '../heap/index.js';
import type { InvocationError, Measurement } from './schema.js';
import type { Check } from './workloads/index.js';

type Digest = Measurement['digest'];

/** Sums up what the mutators found. Every mutator is parked and no cycle runs: the heap may be looked at. */
export function digestOf(_heap: Heap, checks: readonly Check[]): { digest: Digest; error?: InvocationError } {
  const sum = (of: (check: Check) => number) => checks.reduce((total, check) => total + of(check), 0);
  const problem = checks.find((check) => check.problem !== undefined)?.problem;
  const digest = {
    ok: problem === undefined,
    objects: sum(({ objects }) => objects),
    bytes: sum(({ bytes }) => bytes),
    checked: sum(({ checked }) => checked),
  };
  return problem === undefined ? { digest } : { digest, error: wrong(problem) };
}

function wrong(problem: string): InvocationError {
  return {
    code: 'DIGEST',
    message: `the heap is not what it must be: ${problem}`,
    hint: 'a bug of the collector or the workload: run it again with the same --seed, and report it',
  };
}
