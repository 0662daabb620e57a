/** What makes a run worthless however fast it was: these failures decide the exit code. */
import { type ResolutionTraits, resolutions } from './choices.js';
import { type InvocationError, isResult, type Result, type ResultLine } from './schema.js';

/** Why a line does not count, or undefined when it does. */
export function failureOf(line: ResultLine): InvocationError | undefined {
  if (line.error) return line.error;
  return isResult(line) ? wrongWith(line) : undefined;
}

function wrongWith(result: Result): InvocationError | undefined {
  const { digest, faults, config, collections } = result;
  if (!digest.ok) {
    return {
      code: 'DIGEST',
      message: `the digest of the graph is wrong after ${collections.length} collections`,
      hint: `a collector bug: run it again with --seed ${config.seed} and report it`,
    };
  }
  const traits: ResolutionTraits = resolutions[config.resolution];
  if (traits.faults && faults.missing + faults.minor === 0) {
    const none = collections.length === 0;
    return {
      code: 'NEVER_FAULTED',
      message: none ? 'no collection ran' : `no mutator faulted during ${collections.length} collections`,
      hint: none ? 'use more --seconds or a smaller --heap' : 'mutators did not run while pages were compacted',
    };
  }
  return undefined;
}
