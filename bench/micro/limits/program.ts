/** The bare program, run as a child that is always brought to an end. See native/limits/README.md. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Complaint, oneLine } from '../../errors.js';
import { packageRoot } from '../../package.js';
import { NotHere } from '../comparison.js';

/** A line that it prints: one figure over its samples, or why there is none. */
export type LimitsLine =
  | {
      readonly name: string;
      readonly unit: string;
      /** Pages a call, where that matters. */
      readonly run?: number;
      readonly count: number;
      readonly p50: number;
      readonly p99: number;
      readonly min: number;
      readonly max: number;
    }
  | { readonly name: string; readonly unit: string; readonly skipped: string };

/** Where the thread that faults and the one that serves it run. */
export type Placement = 'apart' | 'together' | 'free';

const program = join(packageRoot, 'native', 'build', 'Release', 'limits');
const deadlineMs = 60_000;

/** What it printed. Throws Complaint when it is not built, fails, or takes more than a minute. */
export function runLimits(args: readonly string[]): string {
  if (!existsSync(program)) {
    throw new Complaint('NOT_BUILT', `${program} is missing`, 'npm run build:native makes it');
  }
  const done = spawnSync(program, args, { encoding: 'utf8', timeout: deadlineMs, killSignal: 'SIGKILL' });
  if (done.status === 0) return done.stdout;
  const how = done.signal === null ? `exit code ${done.status}` : `signal ${done.signal}`;
  throw new Complaint('LIMITS_FAILED', oneLine(`limits ${args.join(' ')} ended with ${how}: ${done.stderr}`));
}

/** The names of all it can measure, such as `fault.signal.continue`. */
export function limitsNames(): readonly string[] {
  return runLimits(['--list']).trim().split('\n');
}

export interface LimitsSizes {
  readonly pages: number;
  readonly rounds: number;
  readonly run?: number;
  readonly pin: Placement;
}

/** One figure of the bare program. Throws NotHere where the kernel lacks what it needs. */
export function measureLimit(name: string, sizes: LimitsSizes): { readonly p50: number; readonly p99: number } {
  const { pages, rounds, run = 1, pin } = sizes;
  const options = ['--pages', pages, '--rounds', rounds, '--runs', run, '--pin', pin];
  const line = JSON.parse(runLimits([...options.map(String), name])) as LimitsLine;
  if ('skipped' in line) throw new NotHere(`this kernel answers: ${line.skipped}`);
  return line;
}

/** Puts two threads of this process where the bare program puts its own. */
export function pinThreads(faulting: number, server: number, pin: Placement): void {
  runLimits(['--pin', pin, '--pin-threads', `${faulting},${server}`]);
}
