/**
 * The test runner: each compiled test file in a process of its own, with a deadline. uvu has no deadlines, and takes a
 * file that never ran its tests for a passing one; both end as failures here.
 *
 *     node dist/test/run.js [--jobs N] [part of a path …]
 *
 * A file's first line may ask for another deadline: `// deadline: 300s`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Outcome {
  readonly file: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Why the file failed as a whole, apart from its failed tests. */
  readonly trouble?: string;
  readonly output: string;
  readonly ms: number;
}

const here = dirname(fileURLToPath(import.meta.url));
const sources = join(here, '..', '..', 'test');
const defaultDeadlineMs = 300_000;
/** How much of a failing file's output is shown: enough for a few failures, not for a log. */
const shownOutput = 20_000;
const shownAgain = 3000;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the colours it is there to remove
const COLOURS = /\u001b\[\d+m/g;
/** Lines of a file that passes that are shown all the same: what was left out, and figures. uvu's dots may come first. */
const TOLD = /^(?:[•✘] ?)*((?:skipped|figures): .*)/gm;
const running = new Set<ChildProcess>();

async function main(args: readonly string[]): Promise<number> {
  const { jobs, filters } = readArguments(args);
  const files = testFiles(filters);
  if (files.length === 0) {
    console.error(`continuum tests: no file matches ${filters.join(' ') || '**/*.test.js'}; is the build up to date?`);
    return 1;
  }
  const queue = [...files];
  const outcomes: Outcome[] = [];
  const work = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const outcome = await runFile(file);
      outcomes.push(outcome);
      report(outcome);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  const total = (of: (outcome: Outcome) => number) => outcomes.reduce((sum, outcome) => sum + of(outcome), 0);
  const failed = total((outcome) => outcome.failed);
  for (const { file, trouble, output } of outcomes.filter((outcome) => outcome.failed > 0)) {
    console.log(`failed: ${file}${trouble ? ` (${trouble})` : ''}`);
    console.log(whatFailed(output)); // again, because a log may be kept from its end only
  }
  console.log(`${total((o) => o.passed)} passed, ${failed} failed, ${total((o) => o.skipped)} skipped`);
  return failed > 0 ? 1 : 0;
}

function readArguments(args: readonly string[]): { jobs: number; filters: string[] } {
  const filters: string[] = [];
  let jobs = 1;
  for (let i = 0; i < args.length; i++) {
    const inline = /^--jobs=(.*)$/.exec(args[i])?.[1];
    if (args[i] === '--jobs' || inline !== undefined) {
      jobs = Number(inline ?? args[++i]);
      if (!Number.isInteger(jobs) || jobs < 1) throw new Error('--jobs takes a whole number from 1');
    } else if (args[i].startsWith('-')) throw new Error(`unknown option '${args[i]}'; there is only --jobs N`);
    else filters.push(args[i]);
  }
  return { jobs, filters };
}

/** Test files whose path contains one of the filters; a source path (`test/bench/sizes.test.ts`) does as well. */
function testFiles(filters: readonly string[]): string[] {
  const wanted = filters.map((filter) => filter.replace(/^(\.\/)?(dist\/)?(test\/)?/, '').replace(/\.ts$/, ''));
  return readdirSync(here, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.js'))
    .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
    .filter((file) => existsSync(sourceOf(file)))
    .sort();
}

/** Where a compiled test came from. One without a source is left over from an older build. */
function sourceOf(file: string): string {
  return join(sources, file.replace(/\.js$/, '.ts'));
}

/** How long a file may take, ms. */
function deadlineOf(file: string): number {
  const [first] = readFileSync(sourceOf(file), 'utf8').split('\n', 1);
  const seconds = /^\/\/ deadline: (\d+)\s*s\b/.exec(first)?.[1];
  return seconds ? Number(seconds) * 1000 : defaultDeadlineMs;
}

async function runFile(file: string): Promise<Outcome> {
  const path = join(here, file);
  const deadlineMs = deadlineOf(file);
  const began = performance.now();
  const { code, signal, late, output } = await runProcess(path, deadlineMs);
  const ms = performance.now() - began;
  const summary = readSummary(output);
  let trouble: string | undefined;
  if (late) trouble = `killed at its deadline of ${deadlineMs / 1000} s`;
  else if (signal) trouble = `died of ${signal}`;
  else if (!summary) trouble = `no summary, exit code ${code}: it forgot test.run(), or stopped early`;
  else if (summary.total + summary.skipped === 0) trouble = 'ran no test';
  else if (code !== 0 && summary.passed === summary.total) trouble = `exit code ${code} although its tests passed`;
  const failedTests = summary ? summary.total - summary.passed : 0;
  return {
    file,
    passed: summary?.passed ?? 0,
    failed: trouble ? Math.max(1, failedTests) : failedTests,
    skipped: summary?.skipped ?? 0,
    ...(trouble && { trouble }),
    output,
    ms,
  };
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly late: boolean;
  readonly output: string;
}

function runProcess(path: string, deadlineMs: number): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--enable-source-maps', path], { stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    let output = '';
    let late = false;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    const deadline = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, deadlineMs);
    const end = (code: number | null, signal: NodeJS.Signals | null) => {
      clearTimeout(deadline);
      running.delete(child);
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ code, signal, late, output });
    };
    child.on('error', (error) => {
      output += `${error.message}\n`;
      end(1, null);
    });
    child.on('close', end);
    // What a test left running may hold the pipes: the file is over when its own process is.
    child.on('exit', (code, signal) => setTimeout(() => end(code, signal), 5000).unref());
  });
}

/** uvu's own closing lines; the last ones, should a test print some too. */
function readSummary(output: string): { total: number; passed: number; skipped: number } | undefined {
  const text = output.replace(COLOURS, '');
  const found = [...text.matchAll(/^ {2}Total: +(\d+)\n {2}Passed: +(\d+)\n {2}Skipped: +(\d+)$/gm)].at(-1);
  return found && { total: Number(found[1]), passed: Number(found[2]), skipped: Number(found[3]) };
}

function report(outcome: Outcome): void {
  const { file, passed, failed, skipped, trouble, ms } = outcome;
  const counts = [`${passed} passed`];
  if (failed) counts.push(`${failed} failed`);
  if (skipped) counts.push(`${skipped} skipped`);
  const why = trouble ? `: ${trouble}` : '';
  console.log(`${failed ? 'FAIL' : 'ok  '} ${file}  ${counts.join(', ')}  ${(ms / 1000).toFixed(1)} s${why}`);
  if (failed) console.log(outcome.output.slice(-shownOutput).trimEnd());
  else for (const [, line] of outcome.output.matchAll(TOLD)) console.log(`     ${line}`);
}

/** What uvu says of the tests that failed: after all that the tests themselves have printed. */
function whatFailed(output: string): string {
  return (/^ {3}FAIL {2}"[\s\S]*/m.exec(output.replace(COLOURS, ''))?.[0] ?? output).slice(0, shownAgain).trimEnd();
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    for (const child of running) child.kill('SIGKILL');
    process.exit(130);
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`continuum tests: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
