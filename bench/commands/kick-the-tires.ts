/**
 * `continuum kick-the-tires`: does it work here at all? For who has just unpacked it and has five minutes: a probe, a
 * verified collection by every way there is, and a report. Each step says what it does and what is to be expected.
 */
import { relative } from 'node:path';
import { expand } from '../configurations/configurations.js';
import { wayText } from '../configurations/describe.js';
import { Complaint, complaintLine, exitCodes } from '../errors.js';
import { namesOf, resolutions } from '../options/choices.js';
import { readOptions, type TypedOptions } from '../options/options.js';
import { renderReport } from '../report/report.js';
import { tableWidth } from '../report/table.js';
import { failureOf } from '../results/checks.js';
import { ResultsWriter, readResults } from '../results/results.js';
import { faultsTaken, type InvocationConfig, isResult, type ResultLine } from '../schema/index.js';
import { formatCount, formatDuration } from '../sizes.js';
import { type Style, styleFor, wrap } from '../style.js';
import { Interruption } from '../sweep/interruption.js';
import { Progress } from '../sweep/progress.js';
import { runSweep, type SweepOutcome } from '../sweep/sweep.js';
import type { Surroundings, World } from './bench.js';
import { writeReport } from './report.js';

/** Small enough that each run is some seconds, long enough that each collects several times on a busy machine too. */
const small: TypedOptions = {
  ...{ workload: ['churn'], scale: ['1/64'], heap: ['32MiB'], seconds: ['3'], gcWorkers: ['1'], quick: true },
  ...{ resolution: ['all'], delivery: ['all'], flip: ['all'] },
};
/** When a run is taken to hang: all ways together stay under five minutes even so. */
const deadlineMs = 20_000;

interface Step {
  readonly name: string;
  readonly does: string;
  readonly expected: string;
}

/** What each step is, in the words that are printed. */
export const tiresSteps = {
  probe: {
    name: 'probe',
    does: 'asks the kernel for a userfaultfd, and tries on it what each resolution needs.',
    expected:
      'a userfaultfd can be opened, and at least one of continue, copy and move runs here. move needs Linux 6.8. What ' +
      'cannot run is named with the reason, and left out of step 2.',
  },
  collections: {
    name: 'verified collections',
    does:
      'runs churn, small, by every legal pair of resolution, delivery and flip, a process each: a mutator replaces and ' +
      'follows objects while the heap is compacted under it. Then every object is compared with what it must be, and ' +
      'the heap is walked from its roots.',
    expected:
      'a line with PASS for each pair: at least one collection, page faults taken by the mutator (none with stw, which ' +
      'stops it instead), and objects compared. A few seconds each.',
  },
  report: {
    name: 'report',
    does: 'reads the result lines back from their file, and draws up a comparison of the pairs.',
    expected:
      'a table with a row for each pair, and the name of an HTML file that any browser opens, without a network. Runs of ' +
      'a few seconds on a small heap: the figures show that it works, and not which is faster.',
  },
} as const satisfies Record<string, Step>;

/** Answers the exit code: 0 when every step passed. */
export async function kickTheTires(typed: TypedOptions, world: World): Promise<number> {
  const options = readOptions({ ...small, ...typed });
  const surroundings = await world();
  const began = performance.now();
  const failed: string[] = [];
  const steps = new Steps(styleFor(process.stdout));
  const tryStep = async <T>(name: keyof typeof tiresSteps, act: () => Promise<T>): Promise<T | undefined> => {
    steps.begin(name);
    try {
      const value = await act();
      steps.end(true);
      return value;
    } catch (error) {
      if (error instanceof Complaint && error.exitCode === exitCodes.interrupted) throw error;
      failed.push(tiresSteps[name].name);
      steps.end(false, error);
      return undefined;
    }
  };

  const writer = ResultsWriter.open(options.out);
  try {
    const configs = await tryStep('probe', () => probe(expand(options).configs, surroundings, steps));
    if (configs !== undefined) {
      await tryStep('collections', () => collect(configs, surroundings, writer, steps));
      await tryStep('report', async () => report(writer.file, steps));
    }
  } finally {
    writer.close();
  }
  const took = formatDuration(performance.now() - began);
  steps.close(failed.length === 0 ? `all steps PASS, ${took}` : `FAIL: ${failed.join(', ')}; ${took}`);
  return failed.length === 0 ? exitCodes.ok : exitCodes.failed;
}

/** Step 1. Answers the configurations that can run here. */
async function probe(
  configs: readonly InvocationConfig[],
  surroundings: Surroundings,
  steps: Steps,
): Promise<InvocationConfig[]> {
  const { kernel, openedBy } = (await surroundings.environment())();
  steps.say(`Linux ${kernel}, userfaultfd opened by ${openedBy ?? 'nothing'}`);
  const able: InvocationConfig[] = [];
  for (const config of configs) {
    try {
      await surroundings.preflight([config]);
      able.push(config);
    } catch (error) {
      if (!(error instanceof Complaint)) throw error;
      steps.say(`left out: ${wayText(config)}: ${error.message}${error.hint ? `; ${error.hint}` : ''}`);
    }
  }
  const names = namesOf(resolutions).filter((name) => able.some(({ resolution }) => resolution === name));
  steps.say(`can run here: ${names.join(', ') || 'nothing'}`);
  if (names.some((name) => resolutions[name].watched)) return able;
  throw new Complaint('NO_USERFAULTFD', 'no resolution that needs userfaultfd can run here', 'see continuum probe');
}

/** Step 2. @throws Complaint when a pair failed, or somebody interrupted */
async function collect(
  configs: readonly InvocationConfig[],
  surroundings: Surroundings,
  writer: ResultsWriter,
  steps: Steps,
): Promise<void> {
  const interruption = new Interruption();
  let outcome: SweepOutcome;
  try {
    outcome = await runSweep({
      points: configs.map((config) => ({ config, invocation: 0 })),
      ...{ script: surroundings.script, writer },
      progress: new ProgressAlone(),
      environment: await surroundings.environment(),
      signal: interruption.signal,
      deadline: () => deadlineMs,
      onLine: (line) => steps.verdict(failureOf(line) === undefined, describe(line)),
    });
  } finally {
    interruption.release();
  }
  if (outcome.interrupted) {
    const kept =
      outcome.lines.length > 0 ? `what was measured is in ${nameOf(writer.file)}` : 'nothing was measured yet';
    throw new Complaint('INTERRUPTED', 'interrupted', kept, exitCodes.interrupted);
  }
  const wrong = outcome.lines.filter((line) => failureOf(line) !== undefined);
  if (wrong.length === 0) return;
  const ways = wrong.map(({ config }) => wayText(config)).join(', ');
  throw new Complaint('FAILED', `${wrong.length} of ${configs.length} failed: ${ways}`, 'their errors are above');
}

function describe(line: ResultLine): string {
  const way = wayText(line.config).padEnd(23);
  const failure = failureOf(line);
  if (failure) return `${way} ${failure.code}: ${failure.message}${failure.hint ? `; ${failure.hint}` : ''}`;
  if (!isResult(line)) return way;
  const { collections, digest, faults } = line;
  const count = `${collections.length} collection${collections.length === 1 ? '' : 's'}`;
  return `${way} ${count}, ${formatCount(faultsTaken(faults))} faults, ${formatCount(digest.checked)} objects compared`;
}

/** Step 3: the overview of all pairs, from the file, and the same as a page. */
function report(file: string, steps: Steps): void {
  const [overview] = renderReport(readResults(file), steps.style);
  steps.quote(overview);
  steps.say(`result lines: ${nameOf(file)}`);
  steps.say(`report: ${writeReport([file])}`);
}

function nameOf(file: string): string {
  return relative(process.cwd(), file);
}

/** What is under way, and nothing else: what has ended has its line on standard output. */
class ProgressAlone extends Progress {
  override end(): void {
    this.clear();
  }
}

const indent = '     ';

/** What is printed. */
class Steps {
  private readonly names = Object.keys(tiresSteps);

  constructor(readonly style: Style) {}

  begin(step: keyof typeof tiresSteps): void {
    const { name, does, expected } = tiresSteps[step];
    this.print(`\n${this.style.bold(`${this.names.indexOf(step) + 1}/${this.names.length}  ${name}`)}`);
    this.say(`It ${does}`);
    this.say(`Expected: ${expected}\n`);
  }

  say(text: string): void {
    this.print(wrap(`${indent}${text}`, tableWidth, indent));
  }

  quote(text: string): void {
    this.print(`${text.replace(/^(?=.)/gm, indent)}\n`);
  }

  verdict(passed: boolean, text: string): void {
    this.print(`${indent}${this.mark(passed)}  ${text}`);
  }

  end(passed: boolean, error?: unknown): void {
    if (error !== undefined) this.say(complaintLine(error));
    this.print(`${indent}${this.mark(passed)}`);
  }

  close(text: string): void {
    this.print(`\n${this.style.bold(`kick the tires: ${text}`)}`);
  }

  private mark(passed: boolean): string {
    return passed ? this.style.good('PASS') : this.style.bad('FAIL');
  }

  private print(text: string): void {
    process.stdout.write(`${text}\n`);
  }
}
