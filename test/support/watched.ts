/** A process that is watched: one that has not ended in time is killed, and the test fails with what it was doing. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import { canInject } from './inject.js';

/** Nothing may take longer. */
export const WATCHDOG_MS = 240_000;

export interface Watched {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

export interface WatchOptions {
  /** With the test build of the addon; unless said. */
  readonly injects?: boolean;
  /** A shell command that ends in `exec "$@"`, to run it with. */
  readonly shell?: string;
  /** Called with all that it has said so far, whenever it says something. */
  readonly onOutput?: (output: string, child: ChildProcess) => void;
}

/** Runs a compiled script with one argument, as JSON. Fails if it hangs. */
export function runWatched(script: URL, task: object, options: WatchOptions = {}): Promise<Watched> {
  const { injects = true, shell = 'ulimit -c 0; exec "$@"', onOutput } = options;
  const env = { ...process.env };
  if (injects) env.CONTINUUM_INJECT = '1';
  else delete env.CONTINUUM_INJECT;
  return new Promise((resolve, reject) => {
    const command = [process.execPath, '--enable-source-maps', fileURLToPath(script), JSON.stringify(task)];
    const child = spawn('/bin/sh', ['-c', shell, 'sh', ...command], { stdio: ['ignore', 'pipe', 'pipe'], env });
    let output = '';
    let hung: string | undefined;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        onOutput?.(output, child);
      });
    }
    const watchdog = setTimeout(() => {
      hung = child.pid === undefined ? '' : threadsOf(child.pid);
      child.kill('SIGKILL');
    }, WATCHDOG_MS);
    child.on('error', reject);
    child.on('exit', () => setTimeout(() => child.stdout.destroy(), 2000).unref()); // who inherited it may live on
    child.on('close', (code, signal) => {
      clearTimeout(watchdog);
      if (hung === undefined) resolve({ code, signal, output });
      else {
        const what = `${JSON.stringify(task)} had not ended after ${WATCHDOG_MS / 1000} s`;
        reject(new Error(`${what}. Its threads:\n${hung}\nIt had said:\n${output}`));
      }
    });
  });
}

/** What each thread of a process is in: its name, its state, its system call and where it sleeps in the kernel. */
export function threadsOf(pid: number): string {
  const read = (path: string) => {
    try {
      return readFileSync(path, 'utf8').trim();
    } catch {
      return '?';
    }
  };
  try {
    return readdirSync(`/proc/${pid}/task`)
      .map((thread) => {
        const at = `/proc/${pid}/task/${thread}`;
        const state = /^State:\s*(.*)$/m.exec(read(`${at}/status`))?.[1];
        return `  ${thread} ${read(`${at}/comm`)}: ${state}, in ${read(`${at}/wchan`)}, call ${read(`${at}/syscall`)}`;
      })
      .join('\n');
  } catch {
    return '  it is gone';
  }
}

/** `test`, or where there is no test build a way to skip with a line; in CI its absence fails. */
export function injectable(test: Test): (name: string, body: () => Promise<void> | void) => void {
  if (canInject) return test;
  if (process.env.CI) {
    test('the test build of the addon is there', () => {
      assert.unreachable('build it: node native/build.mjs --inject');
    });
  } else console.log('skipped: the test build of the addon is not there (node native/build.mjs --inject)');
  return (name) => test.skip(name, () => {});
}

/** What a script says of how it ended: see injected-stress-program.ts. */
export interface End {
  readonly verified: boolean;
  /** Of the error, where it did not end well. */
  readonly error: string;
  /** By rule: calls that it was about, and those that it hit. */
  readonly calls: readonly number[];
  readonly fired: readonly number[];
  readonly meddled: number;
}

const MISTAKES = /MirrorMismatch|VerifyError|Assertion|the hammer read what nobody wrote|graph .* is not the model's/;
const REFUSAL = /\b(E[A-Z]{2,}|errno \d+)\b/;

/**
 * It ended with a verified heap, or with one clear error: an Error that names what the kernel answered, or a line of
 * ours and a deadly signal. Never with a heap that is wrong.
 */
export function endOf({ code, signal, output }: Watched): End {
  const said = /^end: (.*)$/m.exec(output)?.[1];
  const ended = `it ended with ${signal ?? code}:\n${output}`;
  assert.not.match(output, MISTAKES, ended);
  if (said !== undefined) {
    assert.is(signal, null, ended);
    assert.is(code, 0, ended);
    const end = JSON.parse(said) as End;
    if (!end.verified) assert.match(end.error, REFUSAL, `the error does not say what was refused: ${end.error}`);
    return end;
  }
  assert.ok(signal !== null && ['SIGABRT', 'SIGBUS', 'SIGSEGV'].includes(signal), ended);
  const line = /^continuum: .*$/m.exec(output)?.[0];
  assert.ok(line !== undefined && REFUSAL.test(line), `no clear error; ${ended}`);
  return { verified: false, error: line, calls: [], fired: [], meddled: 0 };
}
