/**
 * System calls that fail on purpose, in the test build of the addon (`node native/build.mjs --inject`, loaded where
 * CONTINUUM_INJECT is set). A rule says which call is refused, when and how; which answers are lawful is in
 * native/src/inject/inject.cc, and an unlawful one is refused here.
 */
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { addon } from '../../native/loader.js';
import type { Way } from './ways.js';

interface InjectBinding {
  readonly injectCallNames?: readonly string[];
  injectArm(rules: Float64Array, seed: number): number;
  injectIsLawful(call: number, errno: number): number;
  injectCalls(rule: number): number;
  injectFired(rule: number): number;
  injectSignal(thread: number, signal: number): number;
  injectCatch(signal: number): number;
  injectFork(ms: number): number;
  injectReap(child: number): number;
  injectPeek(way: number, address: number, pages: number, pageBytes: number): number;
  injectAlternateStack(bytes: number): number;
  injectReporter(): number;
  injectOverflow(): number;
}

export type Errno = 'EAGAIN' | 'EBUSY' | 'EEXIST' | 'EINTR' | 'ENOENT' | 'ENOMEM' | 'ENOSPC' | 'ETIMEDOUT';

/** The call that publishes pages in this way. */
export function publishes({ resolution }: Pick<Way, 'resolution'>): CallName {
  return resolution === 'protect' ? 'mprotect' : (resolution as CallName);
}

/** As native/src/inject/inject.cc has them. */
export type CallName =
  | ('continue' | 'copy' | 'move' | 'zeropage' | 'poison' | 'wake' | 'writeprotect' | 'register' | 'unregister')
  | ('mprotect' | 'madvise' | 'fallocate' | 'read' | 'poll' | 'futex' | 'mmap' | 'mremap' | 'scan');

export interface Rule {
  readonly call: CallName;
  /** None: the call is made, late perhaps. */
  readonly error?: Errno;
  /** The first call that it is about, from 1 (which is what is meant unless said), and how many; one unless said. */
  readonly at?: number;
  readonly times?: number;
  /** Of each of these calls; 1 unless said. */
  readonly chance?: number;
  /** With EAGAIN: so many pages are done before it. */
  readonly pages?: number;
  /** Only calls that a signal handler makes, or only others. */
  readonly where?: 'handler' | 'elsewhere';
  /** The call is made so much later; its thread goes on so much later. */
  readonly beforeUs?: number;
  readonly afterUs?: number;
}

/** Whether this process has the test build. */
export const injects = (addon as InjectBinding).injectCallNames !== undefined;
/** Their names, in the addon's order. */
export const callNames = ((addon as InjectBinding).injectCallNames ?? []) as readonly CallName[];
/** Whether there is one. */
export const canInject = existsSync(
  fileURLToPath(new URL('../../../native/build/Release/continuum_inject.node', import.meta.url)),
);

const WHERES = [undefined, 'handler', 'elsewhere'];
const native = addon as InjectBinding;

function numberOf(call: CallName): number {
  const number = native.injectCallNames!.indexOf(call);
  if (number < 0) throw new RangeError(`no call ${call}`);
  return number;
}

/** These rules and no others from here on, in every thread. Throws RangeError for one that is not lawful. */
export function arm(rules: readonly Rule[], seed = 0): void {
  const numbers = rules.flatMap((rule) => [
    numberOf(rule.call),
    rule.error === undefined ? 0 : constants.errno[rule.error],
    WHERES.indexOf(rule.where),
    rule.pages ?? 0,
    rule.beforeUs ?? 0,
    rule.afterUs ?? 0,
    rule.at ?? 1,
    rule.times ?? 1,
    rule.chance ?? 1,
  ]);
  if (native.injectArm(Float64Array.from(numbers), seed) < 0) {
    throw new RangeError(`not lawful: ${JSON.stringify(rules)}`);
  }
}

export function disarm(): void {
  native.injectArm(new Float64Array(0), 0);
}

export function isLawful(call: CallName, error: Errno): boolean {
  return native.injectIsLawful(numberOf(call), constants.errno[error]) === 1;
}

/** Calls that rule number `rule` was about, and those that it hit. */
export function seenBy(rule: number): { calls: number; fired: number } {
  return { calls: native.injectCalls(rule), fired: native.injectFired(rule) };
}

/** Sends a signal to one thread, by the kernel's number. False: there is none. */
export function signalThread(thread: number, signal: NodeJS.Signals): boolean {
  return native.injectSignal(thread, constants.signals[signal]) === 0;
}

/** The process survives this signal, and calls that it interrupts answer EINTR. */
export function catchSignal(signal: NodeJS.Signals): void {
  if (native.injectCatch(constants.signals[signal]) < 0) throw new Error(`${signal} cannot be caught`);
}

/** fork(2), which shares every page with a child that sleeps so long and ends. Its number. */
export function forkFor(ms: number): number {
  const child = native.injectFork(ms);
  if (child < 0) throw new Error(`fork: errno ${-child}`);
  return child;
}

/** Whether that child has ended, and well. Throws if it did not end well. */
export function hasEnded(child: number): boolean {
  const answer = native.injectReap(child);
  if (answer < 0) throw new Error(`child ${child}: errno ${-answer}`);
  return answer === 1;
}

/** How other processes read memory: a debugger or a profiler by the first, a core dump or a debugger through the second. */
export const READERS = ['process_vm_readv', '/proc/PID/mem'] as const;

/** Reads a byte of each page as another process does. The pages that were not refused. */
export function peek(reader: (typeof READERS)[number], address: number, bytes: number, pageBytes: number): number {
  const got = native.injectPeek(READERS.indexOf(reader), address, bytes / pageBytes, pageBytes);
  if (got < 0) throw new Error(`${reader}: errno ${-got}`);
  return got;
}

/** An alternate signal stack for this thread, with so many bytes to use and a page below it that nobody may touch. */
export function useAlternateStack(bytes: number): void {
  if (native.injectAlternateStack(bytes) < 0) throw new Error(`no alternate stack of ${bytes} bytes`);
}

/** What a crash reporter does: a handler of SIGSEGV that runs on the thread's alternate stack, says so and ends it all. */
export function installReporter(): void {
  if (native.injectReporter() < 0) throw new Error('SIGSEGV cannot be handled');
}

/** Runs over the end of this thread's stack. */
export function overflowStack(): void {
  native.injectOverflow();
}
