/** Checks programs against the model for one way and setting, and says how to have a failure again. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { nameOf, type Way } from '../support/ways.js';
import type { Kept, Program } from './program.js';
import { programs } from './programs.js';
import { Rig } from './rig.js';
import type { Setting } from './settings.js';

export interface Figures {
  programs: number;
  operations: number;
  outOfMemory: number;
  cycles: number;
  evacuated: number;
  byFault: number;
}

/** How often a program is played while a failing one is made smaller: what goes wrong may do so only now and then. */
const TRIES = 4;
export const REPLAYS = 20;
/** Longest that a program may take, and that the search for a smaller one may. */
const DEADLINE_MS = 180_000;
const SHRINK_MS = 120_000;

export interface CheckOptions {
  readonly seed: number;
  readonly runs: number;
  /** Operations of a program, at most. */
  readonly length?: number;
  /** Where a failing program was found; played alone. */
  readonly path?: string;
  /** No new program is begun after so many ms. */
  readonly budgetMs: number;
}

/** Plays `runs` programs at random. Throws what a failing one shows, with the smallest that was found. */
export async function checkPrograms(way: Way, setting: Setting, options: CheckOptions): Promise<Figures> {
  const bench = new Bench(way, setting);
  const until = performance.now() + options.budgetMs;
  let failedAt = 0;
  try {
    const property = fc.asyncProperty(programs(options.length), async (program) => {
      const now = performance.now();
      const late = failedAt === 0 ? bench.figures.programs > 0 && now > until : now > failedAt + SHRINK_MS;
      if (late) return;
      try {
        await bench.play(program, options.path !== undefined ? REPLAYS : failedAt === 0 ? 1 : TRIES);
      } catch (error) {
        failedAt ||= now;
        throw error;
      }
    });
    const { seed, runs, path } = options;
    const single = path !== undefined && { path, numRuns: 1, endOnFailure: true };
    const found = await fc.check(property, { seed, numRuns: runs, ...single });
    if (found.failed) throw new Error(describe(way, setting, options, found));
  } finally {
    await bench.close();
  }
  return bench.figures;
}

/** Plays one program so often. */
export async function checkProgram(way: Way, setting: Setting, program: Program, times: number): Promise<Figures> {
  const bench = new Bench(way, setting);
  try {
    await bench.play(program, times);
  } finally {
    await bench.close();
  }
  return bench.figures;
}

/** A rig, and another in its place once a program has failed on it. */
export class Bench {
  readonly figures: Figures = { programs: 0, operations: 0, outOfMemory: 0, cycles: 0, evacuated: 0, byFault: 0 };
  private rig: Rig | null = null;

  constructor(
    private readonly way: Way,
    private readonly setting: Setting,
  ) {}

  async play(program: Program, times: number): Promise<void> {
    for (let time = 0; time < times; time++) {
      this.rig ??= await Rig.open(this.way, this.setting);
      try {
        const { operations, outOfMemory } = await this.guarded(program, this.rig);
        this.figures.programs++;
        this.figures.operations += operations;
        this.figures.outOfMemory += outOfMemory;
      } catch (error) {
        await this.close();
        throw error;
      }
    }
  }

  async close(): Promise<void> {
    const { rig, figures } = this;
    if (rig === null) return;
    this.rig = null;
    figures.cycles += rig.collector.records.length;
    for (const { evacuatedBytes, pages } of rig.collector.records) {
      figures.evacuated += evacuatedBytes;
      figures.byFault += pages.publishedByFault;
    }
    await rig.close();
  }

  /** Plays it, with a copy on disk: a program may end the process, or never end. */
  private async guarded(program: Program, rig: Rig): Promise<{ operations: number; outOfMemory: number }> {
    const folder = join(tmpdir(), 'continuum-property');
    const file = join(folder, `${process.pid}.json`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, keep(this.way, this.setting, program, 'it ended the process, or never ended'));
    const deadline = setTimeout(() => {
      console.error(`${nameOf(this.way)}, ${this.setting.name}: no end in ${DEADLINE_MS / 1000} s; see ${file}`);
      process.exit(1);
    }, DEADLINE_MS);
    try {
      return await rig.play(program);
    } finally {
      clearTimeout(deadline);
      rmSync(file, { force: true });
    }
  }
}

function keep(way: Way, setting: Setting, program: Program, about: string): string {
  return JSON.stringify({ about, way: nameOf(way), setting: setting.name, program } satisfies Kept);
}

function describe(way: Way, setting: Setting, options: CheckOptions, found: fc.RunDetails<[Program]>): string {
  const { seed, counterexample, counterexamplePath, numShrinks, errorInstance, numRuns } = found;
  const error = errorInstance instanceof Error ? (errorInstance.stack ?? errorInstance.message) : String(errorInstance);
  const program = counterexample?.[0];
  const length = options.length === undefined ? '' : ` CONTINUUM_LENGTH=${options.length}`;
  const lines = (program?.operations ?? []).map(([by, step]) => `  ${by} ${JSON.stringify(step)}`);
  return [
    `program ${numRuns} failed, ${numShrinks} times made smaller: ${error}`,
    `${program?.players} players, ${program?.turns ? 'taking turns' : 'together'}:`,
    ...lines,
    'to have it again:',
    `  CONTINUUM_ONLY='${nameOf(way)}, ${setting.name}' CONTINUUM_SEED=${seed}${length} CONTINUUM_PATH=${counterexamplePath} \\`,
    '    node dist/test/run.js test/property/programs',
    'to keep it, as a file of test/property/kept:',
    program === undefined ? '' : keep(way, setting, program, 'what it showed'),
  ].join('\n');
}
