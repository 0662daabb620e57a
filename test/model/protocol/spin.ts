/** Runs SPIN on a model of this folder: translates it, compiles the checker and lets it search to the end. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the models stand; compiled tests run from dist. */
export const MODELS = fileURLToPath(new URL('../../../../test/model/protocol', import.meta.url));

/** Bounds, as the model's macros name them; true: defined. */
export type Bounds = Readonly<Record<string, number | true>>;

/** One text of one file of the model, and what is put in its place. */
export interface Patch {
  readonly file: string;
  readonly find: string;
  readonly put: string;
}

export interface Search {
  readonly model: string;
  readonly bounds: Bounds;
  readonly patches?: readonly Patch[];
  /** Looks for anything that could go on for ever, instead of states that are wrong. */
  readonly cycles?: boolean;
  /** How gcc compiles the checker; unless said for a search of some seconds. */
  readonly optimise?: '-O0' | '-O1';
}

/** What SPIN found: `none`, an assertion's text, an end state in which somebody waits, or a way to go on for ever. */
export interface Found {
  readonly violation: 'none' | 'assertion' | 'deadlock' | 'cycle';
  readonly text: string;
  readonly states: number;
  readonly depth: number;
  readonly seconds: number;
  readonly trail: string;
}

const MEMORY_MIB = 1800;
const LONGEST_MS = 150_000;

export function hasSpin(): boolean {
  return spawnSync('spin', ['-V']).status === 0 && spawnSync('gcc', ['--version']).status === 0;
}

export function search({ model, bounds, patches = [], cycles = false, optimise = '-O1' }: Search): Found {
  const folder = mkdtempSync(join(tmpdir(), 'continuum-spin-'));
  try {
    for (const file of readdirSync(MODELS)) if (file.endsWith('.pml')) cpSync(join(MODELS, file), join(folder, file));
    for (const patch of patches) apply(folder, patch);
    const macros = Object.entries(bounds).map(([name, value]) => (value === true ? `-D${name}` : `-D${name}=${value}`));
    run(folder, 'spin', ['-a', ...macros, model]);
    const kind = cycles ? '-DNP' : '-DSAFETY';
    run(folder, 'gcc', ['-w', optimise, kind, '-DCOLLAPSE', `-DMEMLIM=${MEMORY_MIB}`, '-o', 'pan', 'pan.c']);
    const began = performance.now();
    // -m: depth at most, -w: hash table of 2^w entries, -n: say nothing of what was not reached
    const output = run(folder, './pan', ['-n', '-m200000', '-w22', ...(cycles ? ['-l'] : [])]);
    const found = read(output, (performance.now() - began) / 1000);
    if (found.violation === 'none') return found;
    return { ...found, trail: run(folder, 'spin', ['-t', '-p', ...macros, model]) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function apply(folder: string, { file, find, put }: Patch): void {
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  const pieces = text.split(find);
  if (pieces.length !== 2) throw new Error(`${file} has ${pieces.length - 1} places with ${JSON.stringify(find)}`);
  writeFileSync(path, pieces.join(put));
}

function run(cwd: string, command: string, args: readonly string[]): string {
  const { status, signal, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    timeout: LONGEST_MS,
    killSignal: 'SIGKILL',
    maxBuffer: 1 << 28,
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ended with ${signal ?? status}:\n${stdout.slice(-4000)}${stderr}`);
  return stdout;
}

/** Throws where the search did not come to its end. */
function read(output: string, seconds: number): Found {
  const number = (pattern: RegExp) => Number(pattern.exec(output)?.[1] ?? Number.NaN);
  const text = /^pan:\d+: (.*)$/m.exec(output)?.[1] ?? '';
  const errors = number(/errors: (\d+)/);
  if (Number.isNaN(errors)) throw new Error(`the search was given up:\n${output.slice(-4000)}`);
  if (errors === 0 && /max search depth too small|out of memory|Search not completed/.test(output)) {
    throw new Error(`the search is not complete:\n${output.slice(-4000)}`);
  }
  return {
    violation: errors === 0 ? 'none' : kindOf(text),
    text,
    states: number(/^\s*([\d.e+]+) states, stored/m),
    depth: number(/depth reached (\d+)/),
    seconds,
    trail: '',
  };
}

function kindOf(text: string): Found['violation'] {
  if (text.startsWith('assertion violated')) return 'assertion';
  if (text.startsWith('invalid end state')) return 'deadlock';
  if (text.startsWith('non-progress cycle')) return 'cycle';
  throw new Error(`SPIN says ${text}`);
}
