/** A peer's process: started, listened to, watched, its memory sampled, and always brought to an end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { oneLine } from '../errors.js';
import type { InvocationError } from '../schema/index.js';
import { formatDuration, KiB } from '../sizes.js';
import { type PeerReport, readPeerLine } from './messages.js';

export interface Command {
  readonly file: string;
  readonly arguments: readonly string[];
  /** Where it runs: what it leaves behind, as after a crash, is left there. */
  readonly folder: string;
}

export interface Watch {
  /** When the watchdog kills it, ms after its start. */
  readonly deadlineMs: number;
  /** Kills it and answers `aborted`. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { phase: string; fraction: number }) => void;
}

export type ProcessOutcome =
  | { readonly kind: 'measured'; readonly report: PeerReport; readonly peakPssBytes: number }
  | { readonly kind: 'failed'; readonly error: InvocationError }
  | { readonly kind: 'aborted' };

const sampleMs = 1000;
const keptLines = 40;
/** Phases in which memory counts, as it does with ours: after set-up, until the check. */
const counted: ReadonlySet<string> = new Set(['warmup', 'measure']);
/** Options that a user has set for other programs would change what is measured. */
const foreign = ['JAVA_TOOL_OPTIONS', '_JAVA_OPTIONS', 'JDK_JAVA_OPTIONS', 'NODE_OPTIONS', 'CLASSPATH'];

/** Runs it to its end, whatever that is. Never rejects, and leaves no process behind. */
export async function runProcess(command: Command, watch: Watch): Promise<ProcessOutcome> {
  if (watch.signal?.aborted) return { kind: 'aborted' };
  return new Watched(command, watch).ended;
}

class Watched {
  readonly ended: Promise<ProcessOutcome>;
  readonly #child: ChildProcess;
  readonly #watch: Watch;
  readonly #lines: string[] = [];
  readonly #timers: NodeJS.Timeout[] = [];
  #settle: (outcome: ProcessOutcome) => void = () => {};
  #phase = 'start';
  #report: PeerReport | undefined;
  #error: InvocationError | undefined;
  #aborted = false;
  #peakPssBytes = 0;

  constructor({ file, arguments: args, folder }: Command, watch: Watch) {
    this.#watch = watch;
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
    const env = { ...process.env };
    for (const name of foreign) delete env[name];
    // It ends when its standard input does: however this process ends, the peer's does not stay.
    this.#child = spawn(file, args, { cwd: folder, env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#listen();
  }

  #listen(): void {
    const child = this.#child;
    child.stdin?.on('error', () => {}); // it ended first
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (row) => this.#take(row));
    }
    child.on('error', (error) => {
      this.#error ??= { code: 'CHILD_NOT_STARTED', message: `the peer could not be started: ${error.message}` };
      if (child.pid === undefined) this.#end(null, null);
    });
    child.on('close', (code, signal) => this.#end(code, signal));
    this.#timers.push(
      setTimeout(() => this.#tooLong(), this.#watch.deadlineMs),
      setInterval(() => this.#sample(), sampleMs),
    );
    this.#watch.signal?.addEventListener('abort', this.#abort, { once: true });
    process.once('exit', this.#kill);
  }

  #take(row: string): void {
    const message = readPeerLine(row);
    if (message === undefined) {
      this.#lines.push(row);
      if (this.#lines.length > keptLines) this.#lines.splice(keptLines / 2, 1);
    } else if ('problem' in message && !('type' in message)) {
      this.#error ??= { code: 'BAD_MESSAGE', message: `the peer printed what is not a message: ${message.problem}` };
      this.#kill();
    } else if (message.type === 'progress') {
      const before = this.#phase;
      this.#phase = message.phase;
      if (before !== message.phase && (counted.has(before) || counted.has(message.phase))) this.#sample(true);
      this.#watch.onProgress?.(message);
    } else if (message.type === 'error') {
      this.#error ??= describe(message.message);
    } else {
      const { type: _, ...report } = message;
      this.#report = report;
    }
  }

  /** Pss, because resident size counts a page once a mapping, and ZGC of JDK 17 has three. */
  #sample(always = false): void {
    const { pid } = this.#child;
    if (pid === undefined || !(always || counted.has(this.#phase))) return;
    this.#peakPssBytes = Math.max(this.#peakPssBytes, readPss(pid));
  }

  readonly #abort = (): void => {
    this.#aborted = true;
    this.#kill();
  };

  readonly #kill = (): void => {
    this.#child.kill('SIGKILL');
  };

  #tooLong(): void {
    this.#error ??= {
      code: 'DEADLINE',
      message: `killed by the watchdog after ${formatDuration(this.#watch.deadlineMs)}, in phase ${this.#phase}`,
      hint: 'it hung, or the machine is too slow for this scale and heap',
    };
    this.#kill();
  }

  #end(code: number | null, signal: NodeJS.Signals | null): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#watch.signal?.removeEventListener('abort', this.#abort);
    process.removeListener('exit', this.#kill);
    this.#settle(this.#outcome(code, signal));
  }

  #outcome(code: number | null, signal: NodeJS.Signals | null): ProcessOutcome {
    if (this.#aborted) return { kind: 'aborted' };
    const error = this.#error ?? this.#death(code, signal);
    if (error !== undefined) return { kind: 'failed', error };
    if (this.#report) return { kind: 'measured', report: this.#report, peakPssBytes: this.#peakPssBytes };
    return { kind: 'failed', error: { code: 'NO_RESULT', message: 'the peer ended without a result' } };
  }

  #death(code: number | null, signal: NodeJS.Signals | null): InvocationError | undefined {
    if (code === 0) return undefined;
    const said = this.#lines.find((row) => outOfMemory.test(row)) ?? this.#lastWords();
    if (outOfMemory.test(said)) return describe(said);
    const where = `in phase ${this.#phase}${said === '' ? '' : `: ${oneLine(said).slice(0, 200)}`}`;
    if (signal === 'SIGKILL') {
      const hint = 'somebody ended it, or the kernel did, for memory: see dmesg';
      return { code: 'KILLED', message: `the peer was killed by ${signal} ${where}`, hint };
    }
    if (signal) return { code: 'CHILD_DIED', message: `the peer died of ${signal} ${where}` };
    return { code: 'CHILD_FAILED', message: `the peer exited with code ${code} ${where}` };
  }

  /** The line most likely to say why: the first that is an error's, else the last. */
  #lastWords(): string {
    const rows = this.#lines.filter((row) => row.trim() !== '');
    return rows.find((row) => /\berror\b|FATAL|Exception/i.test(row)) ?? rows.at(-1) ?? '';
  }
}

const outOfMemory = /OutOfMemoryError|heap out of memory/;

function describe(message: string): InvocationError {
  if (!outOfMemory.test(message)) return { code: 'PEER_FAILED', message: oneLine(message) };
  const hint = 'a result: this collector needs more heap for this workload';
  return { code: 'OUT_OF_MEMORY', message: oneLine(message).slice(0, 200), hint };
}

/** Bytes; 0 when the process is gone. */
function readPss(pid: number): number {
  try {
    const kib = /^Pss: +(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
    return Number(kib ?? 0) * KiB;
  } catch {
    return 0;
  }
}
