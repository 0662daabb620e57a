/** A process that performs rounds, from outside: told what to do, watched, and always brought to an end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { REQUEST, WRITTEN } from './dump-files.js';
import type { Holdings } from './leaks.js';
import type { Report, Task } from './messages.js';
import type { Outcome } from './outcome.js';
import type { RoundSettings } from './settings.js';
import { Watchdog } from './watchdog.js';

export type Ended =
  | { readonly kind: 'done'; readonly outcome: Outcome; readonly holdings: Holdings; readonly leaks: readonly string[] }
  | { readonly kind: 'failed'; readonly why: string; readonly output: string };

export interface PerformerOptions {
  /** Without progress for so long it hangs. */
  readonly watchdogMs: number;
  /** A round that goes on for so long will not end. */
  readonly roundMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly onProgress?: (mark: string) => void;
}

const SCRIPT = fileURLToPath(new URL('./process.js', import.meta.url));
const ROUND_MS = 300_000;
/** How long the state of a process that hangs may take to be written. */
const DUMP_MS = 30_000;
const EXIT_MS = 20_000;
const KEPT_OUTPUT = 2 ** 18;
const LAST_WORDS = 2000;
const LOOK_MS = 200;

export class Performer {
  private readonly child: ChildProcess;
  private readonly closed: Promise<string>;
  private output = '';
  private onReport: (report: Report) => void = () => {};

  constructor(private readonly options: PerformerOptions) {
    // Core dumps are off: some rounds end by a signal, and the state is written otherwise.
    this.child = spawn('/bin/sh', ['-c', 'ulimit -c 0; exec "$0" "$@"', process.execPath, '--expose-gc', SCRIPT], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, ...options.env },
    });
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output = (this.output + text).slice(-KEPT_OUTPUT);
      });
    }
    this.child.on('message', (report: Report) => this.onReport(report));
    this.closed = new Promise((resolve) => {
      this.child.on('error', (error) => resolve(`it could not be started: ${error.message}`));
      const end = (code: number | null, signal: string | null) =>
        resolve(signal === null ? `exit code ${code}` : `signal ${signal}`);
      this.child.on('close', end);
      this.child.on('exit', (code, signal) => void setTimeout(() => end(code, signal), 2000)); // who holds its pipes?
    });
    process.once('exit', this.kill);
  }

  /** Performs a round. After one that failed the process is gone. */
  run(settings: RoundSettings, folder: string): Promise<Ended> {
    const { watchdogMs, roundMs = ROUND_MS, onProgress } = this.options;
    return new Promise((resolve) => {
      let why: string | undefined;
      const watchdog = new Watchdog(watchdogMs, roundMs, async (silence) => {
        this.onReport = () => {};
        why = silence;
        await this.askForState(folder);
        this.kill();
      });
      const settle = (ended: Ended) => {
        watchdog.stop();
        this.onReport = () => {};
        resolve(ended);
      };
      this.onReport = (report) => {
        if (report.type === 'progress') {
          watchdog.see(report.mark);
          onProgress?.(report.mark);
        } else if (report.type === 'done') settle({ ...report, kind: 'done' });
        else why = report.why;
      };
      this.closed.then((how) => {
        const words = this.output.trimEnd().slice(-LAST_WORDS);
        const ended = `the process ended by ${how}; its last words:\n${words}`;
        settle({ kind: 'failed', why: why ?? ended, output: this.output });
      });
      this.child.send({ round: settings, folder } satisfies Task, () => {}); // gone already: see `closed`
    });
  }

  /** Lets it end, and says what is wrong with how it did; '' if nothing is. */
  async end(): Promise<string> {
    this.child.send({} satisfies Task, () => {});
    const late = setTimeout(this.kill, EXIT_MS);
    const how = await this.closed;
    clearTimeout(late);
    process.off('exit', this.kill);
    if (how === 'exit code 0') return '';
    return `a process whose rounds had gone well did not end well: ${how}\n${this.output}`;
  }

  /** A thread that is blocked in a fault cannot put this off. */
  readonly kill = (): void => {
    this.child.kill('SIGKILL');
  };

  private async askForState(folder: string): Promise<void> {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, REQUEST), '');
    for (const until = performance.now() + DUMP_MS; performance.now() < until; ) {
      if (existsSync(join(folder, WRITTEN)) || this.child.exitCode !== null) return;
      await new Promise((soon) => setTimeout(soon, LOOK_MS));
    }
  }
}
