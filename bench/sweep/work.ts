/** What a command has to run: the points of a new sweep, or those that one on disk still lacks. */
import { existsSync, rmSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { describeConfig } from '../configurations/describe.js';
import { Complaint, usage } from '../errors.js';
import { type OptionName, type Options, specOf, type TypedOptions } from '../options/options.js';
import { claim } from '../results/claim.js';
import { isLost } from '../results/lost.js';
import { inRounds, type Point, pointKey } from '../results/points.js';
import { ResultsWriter, readResults, readWholeLines, unwritable } from '../results/results.js';
import {
  type Place,
  placeOf,
  readSweep,
  resultsToResume,
  type StoredSweep,
  sweepFileOf,
  writeSweep,
} from '../results/sweep-file.js';
import type { Environment, ResultLine, SweepConfig } from '../schema/index.js';

export interface Work {
  /** What is to be run, in this order. */
  readonly points: readonly Point[];
  /** What the reader is told before anything runs. */
  readonly notes: readonly string[];
  /** Why the lines of this environment may not go with those that are there. */
  readonly misfits: (environment: Environment) => readonly string[];
  /** @throws Complaint when results cannot be written. */
  readonly open: (environment: Environment) => OpenWork;
}

export interface OpenWork {
  readonly writer: ResultsWriter;
  /** Result lines that were there before. */
  readonly before: readonly ResultLine[];
  /** Leaves nothing behind where nothing was measured. */
  readonly close: () => void;
}

/** What a sweep is made of: configurations, ours and peers', and those that cannot run, each with why. */
export interface SweepPlan {
  readonly configs: readonly SweepConfig[];
  readonly leftOut: readonly string[];
}

/** A new sweep. Its order follows from the seed. */
export function newWork({ configs, leftOut }: SweepPlan, { invocations, seed, out }: Options): Work {
  const points = inRounds(configs, invocations, seed);
  return {
    points,
    notes: leftOut.map((reason) => `left out: ${reason}`),
    misfits: () => [],
    open: (environment) => {
      const writer = ResultsWriter.open(out);
      const startedAt = new Date().toISOString();
      const stored = { startedAt, seed, place: placeOf(environment), leftOut: [...leftOut], points };
      return openNew(writer, stored);
    },
  };
}

function openNew(writer: ResultsWriter, stored: StoredSweep): OpenWork {
  const file = sweepFileOf(writer.file);
  let release = () => {};
  const close = atExitToo(() => {
    release();
    if (!existsSync(writer.file)) rmSync(file, { force: true });
    writer.close();
  });
  try {
    release = claim(writer.file);
    writeSweep(file, stored);
  } catch (error) {
    close();
    throw unwritable(writer.folder, error);
  }
  return { writer, before: [], close };
}

/** Does it once: when it is asked to, or when the process ends without that, because nobody reads it any more. */
function atExitToo(close: () => void): () => void {
  const once = () => {
    process.removeListener('exit', once);
    close();
  };
  process.once('exit', once);
  return once;
}

/** Options that go with `--resume`: the others are the sweep's own. */
const besideResume: readonly string[] = ['resume', 'json', 'dryRun'] satisfies OptionName[];

/**
 * What is missing of a sweep on disk.
 * @throws Complaint when there is none, when it is not clear which one is meant, or when other options were given.
 */
export function resumedWork(path: string, typed: TypedOptions): Work {
  const other = (Object.keys(typed) as OptionName[]).find((name) => !besideResume.includes(name));
  if (other) {
    throw usage(`--resume and --${specOf(other).flag} do not go together`, 'leave it out: the sweep has its own');
  }
  return workOf(chosen(path, resultsToResume(path).map(look)));
}

/** A sweep on disk, and how far it has come. */
interface Progressed {
  readonly results: string;
  readonly sweep: StoredSweep;
  readonly missing: readonly Point[];
  /** Lines of points that are run again. */
  readonly lost: readonly ResultLine[];
}

function look(results: string): Progressed {
  const sweep = readSweep(sweepFileOf(results));
  const lines = existsSync(results) ? readWholeLines(results) : [];
  const there = new Set(lines.filter((line) => !isLost(line)).map(pointKey));
  const missing = sweep.points.filter((point) => !there.has(pointKey(point)));
  return { results, sweep, missing, lost: lines.filter((line) => isLost(line) && !there.has(pointKey(line))) };
}

/** The one that is unfinished; the last one where none is. */
function chosen(path: string, sweeps: readonly Progressed[]): Progressed {
  const unfinished = sweeps.filter(({ missing }) => missing.length > 0);
  if (unfinished.length < 2) return unfinished[0] ?? sweeps[sweeps.length - 1];
  const names = unfinished.map(({ results }) => relative(process.cwd(), sweepFileOf(results)));
  throw new Complaint(
    'SEVERAL_SWEEPS',
    `${unfinished.length} sweeps in ${path} are unfinished: ${names.join(', ')}`,
    `name one of them: --resume ${names[names.length - 1]}`,
  );
}

function workOf({ results, sweep, missing, lost }: Progressed): Work {
  const all = sweep.points.length;
  const again = lost.map(
    ({ config, invocation, error }) =>
      `run again: ${describeConfig(config)}, invocation ${invocation + 1}, which ended by ${error?.code}`,
  );
  return {
    points: missing,
    notes: [`${all - missing.length} of ${all} invocations are there`, ...again],
    misfits: (environment) => misfits(sweep.place, placeOf(environment)),
    open: () => openAgain(results),
  };
}

function openAgain(results: string): OpenWork {
  const release = claimed(results); // first: a line that another process is writing is not whole either
  try {
    const { writer, torn } = ResultsWriter.resume(results);
    if (torn) process.stderr.write(`the last line of ${results} was not whole and has been taken away\n`);
    const before = existsSync(results) ? readResults(results) : [];
    const close = atExitToo(() => {
      release();
      writer.close();
    });
    return { writer, before, close };
  } catch (error) {
    release();
    throw error;
  }
}

function claimed(results: string): () => void {
  try {
    return claim(results);
  } catch (error) {
    throw error instanceof Complaint ? error : unwritable(dirname(results), error);
  }
}

function misfits(then: Place, now: Place): string[] {
  const fields = Object.keys(now) as (keyof Place)[];
  return fields
    .filter((field) => then[field] !== now[field])
    .map(
      (field) => `the sweep began with ${field} ${then[field]}, and this is ${now[field]}: its lines may not compare`,
    );
}
