/** Runs a script in a process of its own, which may well die: for tests of how it does. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Ended {
  readonly code: number | null;
  /** SIGKILL where it had to be ended at its deadline. */
  readonly signal: string | null;
  readonly output: string;
}

export interface ChildOptions {
  readonly deadlineMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with all that it has said so far, whenever it says something. */
  readonly onOutput?: (output: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** `script`: the URL of a compiled file. Core dumps are off: most of these processes end by a signal. */
export function runScript(script: URL, args: readonly string[], options: ChildOptions = {}): Promise<Ended> {
  const { deadlineMs = 30_000, env = {}, onOutput } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(
      '/bin/sh',
      ['-c', 'ulimit -c 0; exec "$0" "$@"', process.execPath, fileURLToPath(script), ...args],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } },
    );
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        onOutput?.(output, (signal) => child.kill(signal));
      });
    }
    const deadline = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(deadline);
      resolve({ code, signal, output });
    });
  });
}
