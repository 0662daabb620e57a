/** One invocation as a process of its own: started, listened to, watched, and always brought to an end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { limitBehind } from '../../native/limits.js';
import { oneLine } from '../errors.js';
import type { InvocationConfig, InvocationError, Measurement } from '../schema/index.js';
import { type Awaited, type FileTexts, type ProgressMessage, readMessage } from '../schema/protocol.js';
import { formatDuration } from '../sizes.js';

/** How an invocation ended. A measurement may come with an error: the process measured, and then did not end well. */
export type ChildOutcome =
  | {
      readonly kind: 'measured';
      readonly measurement: Measurement;
      /** Contents of files that go with it. */
      readonly texts?: FileTexts;
      readonly error?: InvocationError;
    }
  | { readonly kind: 'failed'; readonly error: InvocationError }
  | { readonly kind: 'aborted' };

export interface ChildOptions {
  /** Path of the compiled invocation script; it gets the configuration as one JSON argument. */
  readonly script: string;
  /** When the watchdog kills it, ms after its start. */
  readonly deadlineMs: number;
  /** File for its trace, if it is to write one: the second argument. */
  readonly traceFile?: string | undefined;
  /** How long it may take to exit after its last word, ms. */
  readonly exitGraceMs?: number;
  /** Kills it and answers `aborted`. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (message: ProgressMessage) => void;
  /** It waits for its turn, or for the end of all turns: `go` lets it. Its deadline stands still meanwhile. */
  readonly onWaiting?: (awaited: Awaited, go: () => void) => void;
  /** Called with its number once it has begun. */
  readonly onPid?: (pid: number) => void;
}

/** How long a process that has said its last word may take to exit, ms. */
const defaultExitGraceMs = 10_000;
const keptOutput = 4096;

/** Runs one invocation to its end, whatever that is. Never rejects, and leaves no process behind. */
export async function runInvocation(config: InvocationConfig, options: ChildOptions): Promise<ChildOutcome> {
  if (options.signal?.aborted) return { kind: 'aborted' };
  return new Invocation(config, options).ended;
}

class Invocation {
  readonly ended: Promise<ChildOutcome>;
  readonly #child: ChildProcess;
  readonly #options: ChildOptions;
  readonly #graceMs: number;
  readonly #timers: NodeJS.Timeout[] = [];
  #deadline: NodeJS.Timeout | undefined;
  #settle: (outcome: ChildOutcome) => void = () => {};
  #phase = 'start';
  #output = '';
  #measurement: Measurement | undefined;
  #texts: FileTexts | undefined;
  #error: InvocationError | undefined;
  #aborted = false;

  constructor(config: InvocationConfig, options: ChildOptions) {
    this.#options = options;
    this.#graceMs = options.exitGraceMs ?? defaultExitGraceMs;
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
    const { script, traceFile } = options;
    this.#child = spawn(process.execPath, [script, JSON.stringify(config), ...(traceFile ? [traceFile] : [])], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // What a workload needed to prepare itself goes back to the kernel, and does not count as the heap's memory.
      env: { MALLOC_MMAP_THRESHOLD_: '131072', ...process.env },
    });
    this.#listen();
    if (this.#child.pid !== undefined) options.onPid?.(this.#child.pid);
  }

  #listen(): void {
    const child = this.#child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.#keep(text));
    }
    child.on('message', (value) => this.#take(value));
    child.on('error', (error) => {
      this.#error ??= { code: 'CHILD_NOT_STARTED', message: `the process could not be started: ${error.message}` };
      if (child.pid === undefined) this.#end(null, null);
    });
    // 'close' comes after the last message; a grandchild that holds the pipes must not keep us from seeing the end.
    child.on('close', (code, signal) => this.#end(code, signal));
    child.on('exit', (code, signal) => this.#after(2000, () => this.#end(code, signal)));
    this.#watch();
    this.#options.signal?.addEventListener('abort', this.#abort, { once: true });
    process.once('exit', this.#kill);
  }

  /** Anew after each wait: what others take is not its own time. */
  #watch(): void {
    this.#deadline = setTimeout(() => this.#tooLong(), this.#options.deadlineMs);
  }

  #wait(awaited: Awaited): void {
    clearTimeout(this.#deadline);
    const go = () => {
      if (!this.#child.connected) return;
      this.#watch();
      this.#child.send({ type: 'go' }, () => {}); // it may be gone meanwhile: its end is seen elsewhere
    };
    if (this.#options.onWaiting) this.#options.onWaiting(awaited, go);
    else go();
  }

  #after(ms: number, action: () => void): void {
    this.#timers.push(setTimeout(action, ms));
  }

  readonly #abort = (): void => {
    this.#aborted = true;
    this.#kill();
  };

  #tooLong(): void {
    const after = formatDuration(this.#options.deadlineMs);
    this.#error ??= {
      code: 'DEADLINE',
      message: `killed by the watchdog after ${after}, in phase ${this.#phase}`,
      hint: 'it hung, or the machine is too slow for this scale',
    };
    this.#kill();
  }

  /** By pid, and with a signal that a thread blocked on a page fault cannot put off. */
  readonly #kill = (): void => {
    this.#child.kill('SIGKILL');
  };

  #take(value: unknown): void {
    const read = readMessage(value);
    if ('problem' in read) {
      this.#error ??= { code: 'BAD_MESSAGE', message: `the invocation sent what is not a message: ${read.problem}` };
      this.#after(this.#graceMs, () => this.#kill());
      return;
    }
    const { message } = read;
    if (message.type === 'progress') {
      this.#phase = message.phase;
      this.#options.onProgress?.(message);
      return;
    }
    if (message.type === 'waiting') {
      this.#wait(message.awaited);
      return;
    }
    if (message.type === 'result') {
      this.#measurement = message.result;
      this.#texts = message.texts;
    } else {
      this.#error ??= message.error;
    }
    this.#phase = 'exit';
    this.#after(this.#graceMs, () => {
      this.#error ??= {
        code: 'EXIT_HUNG',
        message: `the process did not exit within ${formatDuration(this.#graceMs)}`,
      };
      this.#kill();
    });
  }

  #keep(text: string): void {
    if (process.env.CONTINUUM_DEBUG === '1') process.stderr.write(text);
    this.#output = (this.#output + text).slice(-keptOutput);
  }

  #end(code: number | null, signal: NodeJS.Signals | null): void {
    for (const timer of [...this.#timers, this.#deadline]) clearTimeout(timer);
    this.#options.signal?.removeEventListener('abort', this.#abort);
    process.removeListener('exit', this.#kill);
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    this.#settle(this.#outcome(code, signal));
  }

  #outcome(code: number | null, signal: NodeJS.Signals | null): ChildOutcome {
    if (this.#aborted) return { kind: 'aborted' };
    const error = withLimit(this.#error ?? this.#measurement?.error ?? this.#death(code, signal));
    const [measurement, texts] = [this.#measurement, this.#texts];
    if (measurement) return { kind: 'measured', measurement, ...(texts && { texts }), ...(error && { error }) };
    return { kind: 'failed', error: error ?? { code: 'NO_RESULT', message: 'the process ended without a result' } };
  }

  #death(code: number | null, signal: NodeJS.Signals | null): InvocationError | undefined {
    const where = `in phase ${this.#phase}${this.#lastWords()}`;
    const killed = killedBy(code, signal);
    if (killed) {
      const hint = 'somebody ended it, or the kernel did, for memory: see dmesg; continuum bench --resume repeats it';
      return { code: 'KILLED', message: `the process was killed by ${killed} ${where}`, hint };
    }
    if (signal) return { code: 'CHILD_DIED', message: `the process died of ${signal} ${where}` };
    if (code) return { code: 'CHILD_FAILED', message: `the process exited with code ${code} ${where}` };
    return undefined;
  }

  /** The one line of its output most likely to say why: the first that is an error's, else the last. */
  #lastWords(): string {
    const lines = this.#output.split('\n').filter((line) => line.trim() !== '');
    const words = lines.find((line) => /^(\w*Error\b|FATAL|.*[Aa]ssertion .*failed)/.test(line)) ?? lines.at(-1);
    return words ? `: ${oneLine(words).slice(0, 200)}` : '';
  }
}

/** An error that one of the system's limits explains says which, and what to change. */
function withLimit(error: InvocationError | undefined): InvocationError | undefined {
  if (error === undefined || error.hint !== undefined) return error;
  const hint = limitBehind(`${error.code} ${error.message}`);
  return hint === undefined || error.message.includes('ulimit') ? error : { ...error, hint };
}

/** Signals that come from outside. An invocation answers some of them with 128 + their number. */
const fromOutside = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const;

function killedBy(code: number | null, signal: NodeJS.Signals | null): string | undefined {
  return fromOutside.find((name) => name === signal || 128 + constants.signals[name] === code);
}
