/** `continuum bench` and `continuum start`: a sweep from its first check to its last sentence. */
import { relative } from 'node:path';
import { differingGraphs, failureOf } from './checks.js';
import { describeConfig, expand, type Sweep } from './configurations.js';
import { complaintLine, exitCodes, oneLine } from './errors.js';
import { type Options, readOptions, type TypedOptions } from './options.js';
import { Progress } from './progress.js';
import { renderReport } from './report.js';
import { ResultsWriter } from './results.js';
import type { Environment, InvocationConfig, ResultLine } from './schema.js';
import { formatDuration } from './sizes.js';
import { styleFor } from './style.js';
import { runSweep, type SweepOutcome } from './sweep.js';
import { type WorkloadName, workloadTraits } from './workload-table.js';

/** What a command needs of the world; tests bring their own. */
export interface Surroundings {
  /** Path of the compiled invocation script. */
  readonly script: string;
  /** Where it runs, read afresh at each call. */
  readonly environment: () => Promise<() => Environment>;
  /** Rejects with a Complaint when this kernel or this user cannot run one of the configurations. */
  readonly preflight: (configs: readonly InvocationConfig[]) => Promise<void>;
}

/** Workloads `continuum start` runs, each at its own scale. */
const startWorkloads: readonly WorkloadName[] = ['javac', 'churn'];

/** `start` is to be over in minutes on two cores: shorter runs than `bench`, the same number of them. */
export const startSeconds = '8';

/** `continuum bench`. Answers the exit code. */
export async function benchCommand(typed: TypedOptions, surroundings: Surroundings): Promise<number> {
  const options = readOptions(typed);
  return bench(expand(options), options, surroundings);
}

/** `continuum start`: javac and churn, `continue` against `copy`. Answers the exit code. */
export async function startCommand(typed: TypedOptions, surroundings: Surroundings): Promise<number> {
  const seconds = typed.quick ? {} : { seconds: [startSeconds] };
  const options = readOptions({ ...seconds, ...typed });
  const parts = startWorkloads.map((workload) => {
    const { startScale, quickScale } = workloadTraits(workload);
    return expand({ ...options, workload: [workload], scale: [options.quick ? quickScale : startScale] });
  });
  const configs = parts.flatMap((part) => part.configs);
  return bench({ configs, leftOut: [...new Set(parts.flatMap((part) => part.leftOut))] }, options, surroundings);
}

async function bench(sweep: Sweep, options: Options, surroundings: Surroundings): Promise<number> {
  await surroundings.preflight(sweep.configs);
  const environment = await surroundings.environment();
  const writer = ResultsWriter.open(options.out);
  const progress = new Progress();
  const interruption = new Interruption();
  for (const reason of sweep.leftOut) progress.note(`left out: ${reason}`);
  let outcome: SweepOutcome;
  try {
    outcome = await runSweep({
      configs: sweep.configs,
      invocations: options.invocations,
      script: surroundings.script,
      writer,
      progress,
      environment,
      signal: interruption.signal,
      onLine: (line) => {
        if (options.json) process.stdout.write(`${JSON.stringify(line)}\n`);
      },
    });
  } finally {
    interruption.release();
    writer.close();
  }
  const file = relative(process.cwd(), writer.file);
  if (!options.json) printReport(outcome.lines, file, progress.elapsedMs);
  return conclude(outcome, file);
}

function printReport(lines: readonly ResultLine[], file: string, elapsedMs: number): void {
  if (lines.length === 0) return;
  for (const part of renderReport(lines, styleFor(process.stdout))) process.stdout.write(`\n${part}\n`);
  process.stdout.write(`\n${lines.length} result lines in ${file}, ${formatDuration(elapsedMs)} in all\n`);
}

/** The closing lines on standard error, and the exit code. */
function conclude({ lines, interrupted }: SweepOutcome, file: string): number {
  let failed = false;
  for (const line of lines) {
    const failure = failureOf(line);
    if (!failure) continue;
    failed = true;
    const hint = failure.hint ? `; ${failure.hint}` : '';
    const where = `${describeConfig(line.config)}, invocation ${line.invocation + 1}`;
    process.stderr.write(`${oneLine(`continuum: ${where}: ${failure.message}${hint}`)}\n`);
  }
  for (const difference of differingGraphs(lines)) {
    failed = true;
    process.stderr.write(`${complaintLine(`${difference}; a bug of the collector or the workload: report it`)}\n`);
  }
  if (interrupted) {
    const count = lines.length === 1 ? '1 result line is' : `${lines.length} result lines are`;
    const kept = lines.length ? `${count} kept in ${file}` : 'nothing was measured yet';
    process.stderr.write(`${complaintLine(`interrupted; ${kept}`)}\n`);
    return exitCodes.interrupted;
  }
  return failed ? exitCodes.failed : exitCodes.ok;
}

const interrupts = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Ctrl-C: the first one ends the sweep in good order, a second one ends everything at once. */
class Interruption {
  readonly #controller = new AbortController();

  constructor() {
    for (const name of interrupts) process.on(name, this.#stop);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  release(): void {
    for (const name of interrupts) process.removeListener(name, this.#stop);
  }

  readonly #stop = (): void => {
    if (this.#controller.signal.aborted) process.exit(exitCodes.interrupted);
    this.#controller.abort();
  };
}
