/** A sweep: its points one after the other, each in its own process, each line kept at once. */

import { describeConfig } from '../configurations/describe.js';
import { watchNeighbours } from '../machine/neighbours.js';
import { watchStops } from '../machine/stops.js';
import { withWarnings } from '../machine/warnings.js';
import { type PeerOutcome, runPeer } from '../peers/run.js';
import { failureOf } from '../results/checks.js';
import type { Point } from '../results/points.js';
import type { ResultsWriter } from '../results/results.js';
import {
  type Environment,
  isPeerConfig,
  isPeerLine,
  isResult,
  type PeerConfig,
  type PeerLine,
  type Result,
  type ResultLine,
  type SweepConfig,
  schemaVersion,
} from '../schema/index.js';
import type { ProgressMessage } from '../schema/protocol.js';
import { formatCount, formatDuration } from '../sizes.js';
import { workloadTraits } from '../workloads/table.js';
import { type ChildOutcome, runInvocation } from './child.js';
import type { Progress } from './progress.js';
import { dropUnnamed, traceFileFor } from './trace-beside.js';

export interface SweepOptions {
  /** What is run, in this order. */
  readonly points: readonly Point[];
  /** Path of the compiled invocation script. */
  readonly script: string;
  readonly writer: Pick<ResultsWriter, 'append'> & Partial<Pick<ResultsWriter, 'file' | 'putBeside'>>;
  readonly progress: Progress;
  /** Asked before each invocation, so that each line has the load it started under. */
  readonly environment: () => Environment;
  /** Ends the sweep: the running process is killed, what has been written stays. */
  readonly signal?: AbortSignal;
  /** Deadline of an invocation, ms; `deadlineMs` without it. */
  readonly deadline?: (config: SweepConfig) => number;
  /** Runs a peer; `runPeer` without it. */
  readonly peer?: typeof runPeer;
  /** Called with each line once it is on the disk. */
  readonly onLine?: (line: ResultLine) => void;
}

export interface SweepOutcome {
  readonly lines: readonly ResultLine[];
  readonly interrupted: boolean;
}

/**
 * When an invocation is taken to hang, ms. Generous: a slow machine is not a hang, and set-up and the check at the
 * end take their time at full scale.
 */
export function deadlineMs(config: SweepConfig): number {
  const { quick, seconds, workload } = config;
  const operations = isPeerConfig(config) ? undefined : config.operations;
  // A warm-up of a quarter of the operations comes on top of them.
  const workMs =
    operations === undefined ? 10_000 * seconds : (1250 * operations) / workloadTraits(workload).leastPerSecond;
  return (quick ? 90_000 : 230_000) + workMs;
}

/**
 * Runs all points.
 * @throws Complaint when a line cannot be written; the lines before it are kept.
 */
export async function runSweep(options: SweepOptions): Promise<SweepOutcome> {
  const lines: ResultLine[] = [];
  for (const point of options.points) {
    options.progress.begin(lines.length, options.points.length, describeConfig(point.config));
    const line = await invoke(options, point);
    if (!line) {
      options.progress.clear();
      return { lines, interrupted: true };
    }
    options.writer.append(line);
    lines.push(line);
    options.progress.end(inAFewWords(line));
    options.onLine?.(line);
  }
  return { lines, interrupted: options.signal?.aborted ?? false };
}

async function invoke(options: SweepOptions, { config, invocation }: Point): Promise<ResultLine | undefined> {
  const startedAt = new Date().toISOString();
  const before = options.environment();
  const beside = watchNeighbours();
  const stops = watchStops();
  const watch = {
    deadlineMs: (options.deadline ?? deadlineMs)(config),
    ...(options.signal && { signal: options.signal }),
    onProgress: ({ phase, fraction, text }: Omit<ProgressMessage, 'type'>) =>
      options.progress.update(phase, fraction, text),
  };
  const header = () => {
    const environment = withWarnings({ ...before, ...beside(), ...stops.end() }, config);
    return { schema: schemaVersion, invocation, startedAt, environment } as const;
  };
  if (isPeerConfig(config)) {
    const outcome = await (options.peer ?? runPeer)(config, watch);
    return peerLineOf(outcome, { ...header(), config });
  }
  const traceFile = traceFileFor(config, options.writer.file);
  const outcome = await runInvocation(config, {
    ...watch,
    ...{ traceFile, script: options.script, onPid: (pid: number) => stops.follow(pid) },
  });
  dropUnnamed(traceFile, outcome);
  return lineOf(outcome, { ...header(), config }, options);
}

type Header = Pick<Result, 'schema' | 'invocation' | 'startedAt' | 'config' | 'environment'>;
type PeerHeader = Omit<Header, 'config'> & { readonly config: PeerConfig };

function peerLineOf(outcome: PeerOutcome, header: PeerHeader): PeerLine | undefined {
  if (outcome.kind === 'aborted') return undefined;
  if (outcome.kind === 'failed') return { ...header, error: outcome.error };
  return { ...header, ...outcome.measurement, ...(outcome.error && { error: outcome.error }) };
}

/** The line of an outcome: what the parent knows is written by the parent, so that a dead child's line has it too. */
function lineOf(
  outcome: ChildOutcome,
  header: Header,
  { writer }: Pick<SweepOptions, 'writer'>,
): ResultLine | undefined {
  if (outcome.kind === 'aborted') return undefined;
  if (outcome.kind === 'failed') return { ...header, error: outcome.error };
  const { measurement, texts, error } = outcome;
  const files = texts && { ...measurement.files, ...writer.putBeside?.(texts) };
  const line: ResultLine = { ...header, ...measurement, ...header, ...(files && { files }), ...(error && { error }) };
  const wrong = failureOf(line);
  return wrong ? { ...line, error: wrong } : line;
}

function inAFewWords(line: ResultLine): string {
  if (line.error) return `FAILED ${line.error.code}: ${line.error.message}`;
  if (isPeerLine(line)) {
    return 'operations' in line ? `${formatCount(line.operations.perSecond)} op/s, ${line.pausesUs.count} pauses` : '';
  }
  if (!isResult(line)) return '';
  const { operations, collections, warmUp, environment } = line;
  const still = environment.stoppedMs === undefined ? '' : `, STOOD STILL for ${formatDuration(environment.stoppedMs)}`;
  const leftOut = warmUp && warmUp.ms > 0 ? `, ${formatDuration(warmUp.ms)} of warm-up left out` : '';
  return `${formatCount(operations.perSecond)} op/s, ${collections.length} collections, digest ok${leftOut}${still}`;
}
