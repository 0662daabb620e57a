/** `continuum bench` and `continuum start`: a sweep from its first check to its last sentence. */
import { relative } from 'node:path';
import { expand, type Sweep } from '../configurations/configurations.js';
import { describeConfig } from '../configurations/describe.js';
import { complaintLine, exitCodes, oneLine } from '../errors.js';
import { neighboursIn, stopsIn, warningsOfAll } from '../machine/warnings.js';
import { type Options, readOptions, type TypedOptions } from '../options/options.js';
import { findRuntimes, planPeers } from '../peers/plan.js';
import { headline } from '../report/headline.js';
import { panelsOf } from '../report/panels.js';
import { renderReport } from '../report/report.js';
import { tableWidth } from '../report/table.js';
import { differingGraphs, failureOf } from '../results/checks.js';
import { withoutRepeated } from '../results/lost.js';
import { sweepFileOf } from '../results/sweep-file.js';
import { type Environment, type InvocationConfig, isPeerConfig, type ResultLine } from '../schema/index.js';
import { formatDuration } from '../sizes.js';
import { styleFor, wrap } from '../style.js';
import { Interruption } from '../sweep/interruption.js';
import { Progress } from '../sweep/progress.js';
import { runSweep, type SweepOutcome } from '../sweep/sweep.js';
import { newWork, resumedWork, type SweepPlan, type Work } from '../sweep/work.js';
import { type WorkloadName, workloadTraits } from '../workloads/table.js';
import { reportAtEnd } from './report.js';

/** What a command needs of the world; tests bring their own. */
export interface Surroundings {
  /** Path of the compiled invocation script. */
  readonly script: string;
  /** Where it runs, read afresh at each call. */
  readonly environment: () => Promise<() => Environment>;
  /** Rejects with a Complaint when this kernel or this user cannot run one of the configurations. */
  readonly preflight: (configs: readonly InvocationConfig[]) => Promise<void>;
}

/** Looked at only once the options are known to be right: it needs the addon. */
export type World = () => Promise<Surroundings>;

/** Workloads `continuum start` runs, each at its own scale. */
const startWorkloads: readonly WorkloadName[] = ['javac', 'churn'];

/**
 * `start` is to be over in five minutes on two cores, busy ones too, and to tell a tenth apart: as many processes as an
 * interval takes and more, short, and measured in turns (../sweep/README.md says what was tried).
 */
export const startDefaults = { seconds: '4', invocations: '8', turns: '500ms' } as const;

/** `continuum bench`. Answers the exit code. */
export async function benchCommand(typed: TypedOptions, world: World): Promise<number> {
  const options = readOptions(typed);
  const work = resumed(options, typed) ?? newWork(await withPeers(expand(options), options), options);
  return run(work, options, await world());
}

/** `start` begins nothing that would not be over by then, ms: the report takes some of its five minutes too. */
const startBudgetMs = 285_000;

/** `continuum start`: javac and churn, `continue` against `copy`. Answers the exit code. */
export async function startCommand(typed: TypedOptions, world: World): Promise<number> {
  const { seconds, invocations, turns } = startDefaults;
  const usual = typed.quick ? {} : { seconds: [seconds], invocations: [invocations] };
  const options = readOptions({ ...usual, turns: [turns], ...typed });
  const work = resumed(options, typed) ?? (await startWork(options));
  // Who says how many are to be run wants them all.
  const asked = typed.invocations !== undefined || typed.resume !== undefined;
  return run(work, options, await world(), asked ? undefined : startBudgetMs);
}

function resumed({ resume }: Options, typed: TypedOptions): Work | undefined {
  return resume === undefined ? undefined : resumedWork(resume, typed);
}

async function startWork(options: Options): Promise<Work> {
  const parts = startWorkloads.map((workload) => {
    const { startScale, quickScale } = workloadTraits(workload);
    return expand({ ...options, workload: [workload], scale: [options.quick ? quickScale : startScale] });
  });
  const configs = parts.flatMap((part) => part.configs);
  const sweep = { configs, leftOut: [...new Set(parts.flatMap((part) => part.leftOut))] };
  return newWork(await withPeers(sweep, options), options);
}

/** Peers have what our own configurations have, and are shuffled among them. */
async function withPeers({ configs, leftOut }: Sweep, { peer = [] }: Options): Promise<SweepPlan> {
  const peers = planPeers(peer, configs, await findRuntimes(peer));
  return { configs: [...configs, ...peers.configs], leftOut: [...leftOut, ...peers.leftOut] };
}

async function run(work: Work, options: Options, surroundings: Surroundings, budgetMs?: number): Promise<number> {
  const { points } = work;
  const configs = [...new Set(points.map(({ config }) => config))];
  await surroundings.preflight(configs.filter((config): config is InvocationConfig => !isPeerConfig(config)));
  const read = await surroundings.environment();
  const warnings = work.misfits(read());
  const environment = () => ({ ...read(), ...(warnings.length > 0 && { warnings: [...warnings] }) });
  const progress = new Progress();
  for (const note of work.notes) progress.note(note);
  for (const warning of warningsOfAll(environment(), configs)) progress.note(`warning: ${warning}`);
  if (options.dryRun) {
    const { dryRunJson, renderDryRun } = await import('../sweep/dry-run.js');
    process.stdout.write(`${options.json ? dryRunJson(points) : renderDryRun(points)}\n`);
    return exitCodes.ok;
  }
  const { writer, before, close } = work.open(environment());
  const interruption = new Interruption();
  let outcome: SweepOutcome;
  try {
    outcome = await runSweep({
      points,
      script: surroundings.script,
      writer,
      progress,
      environment,
      budgetMs,
      signal: interruption.signal,
      onLine: (line) => {
        if (options.json) process.stdout.write(`${JSON.stringify(line)}\n`);
      },
    });
  } finally {
    interruption.release();
    close();
  }
  for (const disturbance of [stopsIn(outcome.lines), neighboursIn(outcome.lines)]) {
    if (disturbance) progress.note(`warning: ${disturbance}`);
  }
  const file = relative(process.cwd(), writer.file);
  if (outcome.leftOut) {
    const what = `${outcome.leftOut} of ${points.length} invocations were not run, to be done in time`;
    progress.note(`${what}; go on with continuum bench --resume ${sweepFileOf(file)}`);
  }
  const lines = withoutRepeated([...before, ...outcome.lines]);
  if (!options.json && lines.length > 0) {
    printReport(lines, file, progress.elapsedMs);
    if (!outcome.interrupted) reportAtEnd(writer.file);
  }
  return conclude({ ...outcome, lines }, file);
}

function printReport(lines: readonly ResultLine[], file: string, elapsedMs: number): void {
  for (const part of renderReport(lines, styleFor(process.stdout))) process.stdout.write(`\n${part}\n`);
  const panels = panelsOf(lines);
  if (panels.length > 1) {
    // What was asked, answered last: it stands where the reader's eye is.
    const answers = panels.map((panel) =>
      wrap(`${panel.columns[0].config.workload}: ${headline(panel)}`, tableWidth, '  '),
    );
    process.stdout.write(`\n${answers.join('\n')}\n`);
  }
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
    const goOn = lines.length ? `; go on with continuum bench --resume ${sweepFileOf(file)}` : '';
    const kept = lines.length ? `${count} kept in ${file}` : 'nothing was measured yet';
    process.stderr.write(`${complaintLine(`interrupted; ${kept}${goOn}`)}\n`);
    return exitCodes.interrupted;
  }
  return failed ? exitCodes.failed : exitCodes.ok;
}
