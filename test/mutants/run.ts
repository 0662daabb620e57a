/**
 * How good are the tests? Each patch in this folder breaks one line of the project; the tests must notice every one.
 *
 *     node dist/test/mutants/run.js [--jobs N] [--no-baseline] [--listed] [--json] [part of a name …]
 *
 * A patch begins with what it breaks and which test files see it soonest. They run first, and all of heap/ and gc/ after
 * them if they noticed nothing. The work is done in copies of the project in the temporary folder.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';

interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly what: string;
  readonly tests: readonly string[];
  readonly isNative: boolean;
}

interface Verdict {
  readonly mutant: string;
  readonly what: string;
  /** The part of the tests that failed, or why it could not be tried; null: nobody noticed. */
  readonly caughtBy: string | null;
  readonly broken: boolean;
  readonly seconds: number;
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const patches = join(root, 'test', 'mutants');
const PARTS = ['bench', 'gc', 'heap', 'native', 'test', 'index.ts', 'package.json', 'tsconfig.json', 'README.md'];
/** A test file that runs for so long hangs, which is noticed too. */
const LONGEST_MS = 240_000;
/** Enough cycles for a mutant to show itself in a stress test. */
const CYCLES = '40';
const ALL = ['heap/', 'gc/', 'native/'];

const children = new Set<ChildProcess>();
const copies: string[] = [];

function readMutants(filters: readonly string[]): Mutant[] {
  return readdirSync(patches)
    .filter((file) => file.endsWith('.patch'))
    .map((file) => file.slice(0, -'.patch'.length))
    .filter((name) => filters.length === 0 || filters.some((part) => name.includes(part)))
    .sort()
    .map((name) => {
      const [what = '', tests = '', header = ''] = readFileSync(join(patches, `${name}.patch`), 'utf8').split('\n');
      const file = header.slice('--- '.length);
      if (!what.startsWith('# ') || !tests.startsWith('# seen by: ') || !existsSync(join(root, file))) {
        throw new Error(`${name}.patch must begin with "# what it breaks", "# seen by: tests", "--- file"`);
      }
      return {
        ...{ name, file, what: what.slice(2), isNative: file.startsWith('native/src/') },
        tests: tests.slice('# seen by: '.length).split(' '),
      };
    });
}

/** A copy of the project that one job breaks and mends. */
class Copy {
  readonly folder: string;

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'continuum-mutants-'));
    copies.push(this.folder);
    for (const part of PARTS) cpSync(join(root, part), join(this.folder, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'));
  }

  async build(isNative: boolean): Promise<void> {
    if (isNative && (await this.run('node', ['native/build.mjs'])) !== 0) throw new Error('it does not compile');
    // What a mutant leaves unused is an error to the compiler, which writes its output all the same.
    await this.run(join('node_modules', '.bin', 'tsc'), ['-p', '.']);
  }

  async apply(mutant: Mutant): Promise<void> {
    const patch = join(patches, `${mutant.name}.patch`);
    if ((await this.run('git', ['apply', '-p0', patch])) !== 0)
      throw new Error('the patch does not apply: the code has changed');
    await this.build(mutant.isNative);
  }

  /** The mutant's file as it was, whatever has become of it. */
  async restore({ file, isNative }: Mutant): Promise<void> {
    cpSync(join(root, file), join(this.folder, file));
    await this.build(isNative);
  }

  /** The first of `parts` whose tests fail, or null. */
  async test(parts: readonly string[]): Promise<string | null> {
    for (const part of parts) {
      const options = part === ALL[0] ? ['--jobs', '2'] : [];
      if ((await this.run('node', ['dist/test/run.js', ...options, part])) !== 0) return part;
    }
    return null;
  }

  private run(command: string, args: readonly string[]): Promise<number> {
    return new Promise((resolve) => {
      const env = { ...process.env, CONTINUUM_CYCLES: CYCLES, GIT_CEILING_DIRECTORIES: dirname(this.folder) };
      const child = spawn(command, args, { cwd: this.folder, env, stdio: 'ignore', detached: true });
      children.add(child);
      const limit = setTimeout(() => end(child), args.includes(ALL[1]!) ? 20 * LONGEST_MS : LONGEST_MS);
      child.once('error', () => resolve(1));
      child.once('exit', (code) => {
        clearTimeout(limit);
        children.delete(child);
        resolve(code ?? 1);
      });
    });
  }
}

function end(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL'); // with all that it has started
  } catch {
    // it has ended
  }
}

async function judge(copy: Copy, mutant: Mutant, others: readonly string[]): Promise<Verdict> {
  const began = performance.now();
  const verdict = (caughtBy: string | null, broken = false): Verdict => {
    const seconds = Math.round((performance.now() - began) / 100) / 10;
    return { mutant: mutant.name, what: mutant.what, caughtBy, broken, seconds };
  };
  try {
    await copy.apply(mutant);
  } catch (error) {
    await copy.restore(mutant);
    return verdict((error as Error).message, true);
  }
  try {
    return verdict((await copy.test(mutant.tests)) ?? (await copy.test(others)));
  } finally {
    await copy.restore(mutant);
  }
}

async function main(): Promise<number> {
  const program = new Command('mutants')
    .description('Breaks the collector one line at a time, and counts what the tests notice.')
    .argument('[names...]', 'only mutants with one of these in their names')
    .option('--jobs <n>', 'copies to work in at the same time', wholeNumber, Math.max(1, availableParallelism() >> 1))
    .option('--no-baseline', 'believe that the tests pass as it is')
    .option('--listed', 'only the tests that a patch lists: what they do not notice is left')
    .option('--json', 'verdicts as JSON lines')
    .parse();
  const { jobs, json, baseline, listed } = program.opts<{
    jobs: number;
    json?: boolean;
    baseline: boolean;
    listed?: boolean;
  }>();
  const mutants = readMutants(program.args);
  if (mutants.length === 0) throw new Error(`no mutant is called ${program.args.join(' or ')}`);
  const say = (text: string) => (json ? console.error(text) : console.log(text));

  say(
    `${mutants.length} mutants${baseline ? '; first the tests that are to notice them, on the project as it is' : ''}`,
  );
  const fleet = Array.from({ length: Math.min(jobs, mutants.length) }, () => new Copy());
  await fleet[0]!.build(true);
  // Whatever fails without a mutant says nothing about one.
  const failed = baseline ? await fleet[0]!.test([...new Set(mutants.flatMap(({ tests }) => tests))]) : null;
  if (failed !== null) throw new Error(`the tests in ${failed} fail as it is: mend that first`);
  for (const copy of fleet.slice(1)) await copy.build(true);

  const queue = [...mutants];
  const verdicts: Verdict[] = [];
  await Promise.all(
    fleet.map(async (copy) => {
      for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
        const verdict = await judge(copy, mutant, listed ? [] : ALL);
        verdicts.push(verdict);
        const { caughtBy, broken, seconds, what } = verdict;
        const how = caughtBy === null ? 'NOT NOTICED' : broken ? `NOT TRIED, ${caughtBy}` : `seen by ${caughtBy}`;
        if (json) console.log(JSON.stringify(verdict));
        say(`${verdicts.length}/${mutants.length} ${mutant.name}: ${how} (${seconds} s) — ${what}`);
      }
    }),
  );
  const left = verdicts.filter(({ caughtBy, broken }) => caughtBy === null || broken);
  say(`${verdicts.length - left.length} of ${verdicts.length} mutants were noticed`);
  for (const { mutant } of left) say(`  left: ${mutant}`);
  return left.length === 0 ? 0 : 1;
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('a whole number from 1');
  return number;
}

process.on('exit', () => {
  for (const child of children) end(child);
  for (const folder of copies) rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`mutants: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
