/**
 * A sweep: its points one after the other, each in its own process, each line kept at once. Those that are measured in
 * turns stand side by side.
 */

import { describeConfig } from '../configurations/describe.js';
import { watchNeighbours } from '../machine/neighbours.js';
import { watchStops } from '../machine/stops.js';
import { withWarnings } from '../machine/warnings.js';
import { type PeerOutcome, runPeer } from '../peers/run.js';
import { failureOf } from '../results/checks.js';
import { inGroups, type Point } from '../results/points.js';
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
import type { Awaited, ProgressMessage } from '../schema/protocol.js';
import { formatCount, formatDuration } from '../sizes.js';
import { workloadTraits } from '../workloads/table.js';
import { Budget } from './budget.js';
import { type ChildOutcome, runInvocation } from './child.js';
import type { Progress } from './progress.js';
import { dropUnnamed, traceFileFor } from './trace-beside.js';
import { Turns } from './turns.js';

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
  /** Nothing begins that would not be over by then if it takes as long as the longest so far, ms since the sweep began. */
  readonly budgetMs?: number | undefined;
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
  /** Points that were not run for want of time. */
  readonly leftOut?: number;
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
  const budget = new Budget(options.budgetMs);
  for (const points of inGroups(options.points)) {
    if (!budget.hasTime()) {
      return { lines, interrupted: false, leftOut: options.points.length - lines.length };
    }
    const titles = points.map(({ config }) => describeConfig(config));
    options.progress.begin(lines.length, options.points.length, ...titles);
    const found = await invokeAll(options, points);
    for (const [i, line] of found.entries()) {
      if (!line) continue;
      options.writer.append(line);
      lines.push(line);
      options.progress.end(inAFewWords(line), i);
      options.onLine?.(line);
    }
    if (found.includes(undefined)) {
      options.progress.clear();
      return { lines, interrupted: true };
    }
  }
  return { lines, interrupted: options.signal?.aborted ?? false };
}

/** Their lines, in order; undefined for what was aborted. None is made before all have ended: neighbours are not each other's. */
async function invokeAll(options: SweepOptions, points: readonly Point[]): Promise<(ResultLine | undefined)[]> {
  const turns = new Turns(points.length);
  const beside = watchNeighbours();
  const ended = await Promise.all(
    points.map(async (point, member) => {
      const finish = await invoke(options, point, turns, member);
      turns.ended(member);
      return finish;
    }),
  );
  const neighbours = beside();
  return ended.map((finish) => finish(neighbours));
}

/** Answers how its line is made, once it is known who else used the processors. */
type Finish = (beside: Pick<Environment, 'beside'>) => ResultLine | undefined;

async function invoke(
  options: SweepOptions,
  { config, invocation }: Point,
  turns: Turns,
  member: number,
): Promise<Finish> {
  const startedAt = new Date().toISOString();
  const before = options.environment();
  const stops = watchStops();
  const watch = {
    deadlineMs: (options.deadline ?? deadlineMs)(config),
    ...(options.signal && { signal: options.signal }),
    onProgress: ({ phase, fraction, text }: Omit<ProgressMessage, 'type'>) =>
      options.progress.update(phase, fraction, text),
    onWaiting: (awaited: Awaited, go: () => void) => turns.waiting(member, awaited, go),
  };
  const header = (beside: Pick<Environment, 'beside'>) => {
    const environment = withWarnings({ ...before, ...beside, ...stops.end() }, config);
    return { schema: schemaVersion, invocation, startedAt, environment } as const;
  };
  if (isPeerConfig(config)) {
    const outcome = await (options.peer ?? runPeer)(config, watch);
    return (beside) => peerLineOf(outcome, { ...header(beside), config });
  }
  const traceFile = traceFileFor(config, options.writer.file);
  const outcome = await runInvocation(config, {
    ...watch,
    ...{ traceFile, script: options.script, onPid: (pid: number) => stops.follow(pid) },
  });
  dropUnnamed(traceFile, outcome);
  return (beside) => lineOf(outcome, { ...header(beside), config }, options);
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
