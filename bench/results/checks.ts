/** What makes a run worthless however fast it was: these failures decide the exit code. */
import { type ResolutionTraits, resolutions } from '../options/choices.js';
import {
  faultsTaken,
  type InvocationConfig,
  type InvocationError,
  isResult,
  type Result,
  type ResultLine,
} from '../schema/index.js';

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
  return faultedWrongly(config, faultsTaken(faults), collections.length);
}

/** Mutators that never meet a page that is not ready must not fault; all others must, where anything moves at all. */
export function faultedWrongly(
  config: InvocationConfig,
  faults: number,
  collections: number,
): InvocationError | undefined {
  const traits: ResolutionTraits = resolutions[config.resolution];
  const ran = `${collections} collection${collections === 1 ? '' : 's'}`;
  if (!traits.faults && faults > 0) {
    return {
      code: 'FAULTED',
      message: `mutators faulted ${faults} times during ${ran} by ${config.resolution}, which has no page that is not ready`,
      hint: `a collector bug: run it again with --seed ${config.seed} and report it`,
    };
  }
  if (!traits.faults || config.evacuate === 'none' || faults > 0) return undefined;
  const none = collections === 0;
  if (config.rate !== undefined && !none) return undefined; // it may have waited for a request all the while
  return {
    code: 'NEVER_FAULTED',
    message: none ? 'no collection ran' : `no mutator faulted during ${ran}`,
    hint: none ? 'use more --seconds or a smaller --heap' : 'mutators did not run while pages were compacted',
  };
}

/**
 * Where the same work did not end in the same graph, a sentence each: runs of so many operations that differ only in
 * what the collector does. One of the graphs is wrong, and no check of its own has found it.
 */
export function differingGraphs(lines: readonly ResultLine[]): string[] {
  const hashes = new Map<string, Map<string, Result>>();
  for (const line of lines) {
    if (!isResult(line) || line.digest.hash === undefined) continue;
    const { workload, scale, mutators, seed, operations, quick, graph, references } = line.config;
    const work = JSON.stringify([workload, scale, mutators, seed, operations, quick, graph, references]);
    const found = hashes.get(work) ?? new Map<string, Result>();
    hashes.set(work, found);
    if (!found.has(line.digest.hash)) found.set(line.digest.hash, line);
  }
  return [...hashes.values()]
    .filter((found) => found.size > 1)
    .map((found) => {
      const [[a, first], [b, other]] = found;
      const where = ({ config, invocation }: Result) => `${config.resolution}, invocation ${invocation + 1}`;
      return (
        `${first.config.workload}: the same work ended in different graphs: ` +
        `${a} by ${where(first)}, ${b} by ${where(other)}`
      );
    });
}
