/** A sweep: every configuration's invocations, interleaved, each in its own process, each line kept at once. */
import { failureOf } from './checks.js';
import { type ChildOutcome, runInvocation } from './child.js';
import { describeConfig } from './configurations.js';
import type { Progress } from './progress.js';
import type { ResultsWriter } from './results.js';
import {
  type Environment,
  type InvocationConfig,
  isResult,
  type Result,
  type ResultLine,
  schemaVersion,
} from './schema.js';
import { formatCount } from './sizes.js';
import { dropUnnamed, traceFileFor } from './trace/beside.js';

export interface SweepOptions {
  readonly configs: readonly InvocationConfig[];
  readonly invocations: number;
  /** Path of the compiled invocation script. */
  readonly script: string;
  readonly writer: Pick<ResultsWriter, 'append'> & Partial<Pick<ResultsWriter, 'file' | 'putBeside'>>;
  readonly progress: Progress;
  /** Asked before each invocation, so that each line has the load it started under. */
  readonly environment: () => Environment;
  /** Ends the sweep: the running process is killed, what has been written stays. */
  readonly signal?: AbortSignal;
  /** Deadline of an invocation, ms; `deadlineMs` without it. */
  readonly deadline?: (config: InvocationConfig) => number;
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
export function deadlineMs(config: InvocationConfig): number {
  return config.quick ? 90_000 + 10_000 * config.seconds : 180_000 + 10_000 * (config.seconds + 5);
}

/**
 * Runs all invocations, A B A B: what drifts on the machine then hits every configuration alike.
 * @throws Complaint when a line cannot be written; the lines before it are kept.
 */
export async function runSweep(options: SweepOptions): Promise<SweepOutcome> {
  const lines: ResultLine[] = [];
  const total = options.configs.length * options.invocations;
  for (let invocation = 0; invocation < options.invocations; invocation++) {
    for (const config of options.configs) {
      options.progress.begin(lines.length, total, describeConfig(config));
      const line = await invoke(options, config, invocation);
      if (!line) {
        options.progress.clear();
        return { lines, interrupted: true };
      }
      options.writer.append(line);
      lines.push(line);
      options.progress.end(inAFewWords(line));
      options.onLine?.(line);
    }
  }
  return { lines, interrupted: options.signal?.aborted ?? false };
}

async function invoke(
  options: SweepOptions,
  config: InvocationConfig,
  invocation: number,
): Promise<ResultLine | undefined> {
  const startedAt = new Date().toISOString();
  const environment = options.environment();
  const traceFile = traceFileFor(config, options.writer.file);
  const outcome = await runInvocation(config, {
    traceFile,
    script: options.script,
    deadlineMs: (options.deadline ?? deadlineMs)(config),
    ...(options.signal && { signal: options.signal }),
    onProgress: ({ phase, fraction, text }) => options.progress.update(phase, fraction, text),
  });
  dropUnnamed(traceFile, outcome);
  return lineOf(outcome, { schema: schemaVersion, invocation, startedAt, config, environment }, options);
}

type Header = Pick<Result, 'schema' | 'invocation' | 'startedAt' | 'config' | 'environment'>;

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
  if (!isResult(line)) return '';
  const { operations, collections } = line;
  return `${formatCount(operations.perSecond)} op/s, ${collections.length} collections, digest ok`;
}
