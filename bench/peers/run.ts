/** One invocation of a peer, from its command line to what a result line says of it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failureFrom } from '../invocation/failures.js';
import type { InvocationError, PeerConfig, PeerResult } from '../schema/index.js';
import { percentile, sum } from '../statistics/sample.js';
import { classesFor } from './classes.js';
import type { Candidate } from './collectors.js';
import { type GcLog, gcLogName, parseGcLog } from './gc-log.js';
import type { PeerReport } from './messages.js';
import { findRuntimes } from './plan.js';
import { type Command, type ProcessOutcome, runProcess, type Watch } from './process.js';

/** What a peer's line has beyond its header. */
export type PeerMeasurement = Omit<
  PeerResult,
  'schema' | 'invocation' | 'startedAt' | 'config' | 'environment' | 'error'
>;

export type PeerOutcome =
  | { readonly kind: 'measured'; readonly measurement: PeerMeasurement; readonly error?: InvocationError }
  | { readonly kind: 'failed'; readonly error: InvocationError }
  | { readonly kind: 'aborted' };

/** Runs a peer's invocation to its end, whatever that is. Never rejects, and leaves nothing behind. */
export async function runPeer(config: PeerConfig, watch: Watch): Promise<PeerOutcome> {
  let folder: string | undefined;
  const remove = () => folder && rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    folder = mkdtempSync(join(tmpdir(), 'continuum-peer-'));
    const outcome = await runProcess(await commandOf(config, folder), watch);
    return config.peer === 'v8' ? told(outcome, config, ownLog) : told(outcome, config, logIn(folder));
  } catch (error) {
    return { kind: 'failed', error: failureFrom(error) };
  } finally {
    remove();
    process.removeListener('exit', remove);
  }
}

async function commandOf(config: PeerConfig, folder: string): Promise<Command> {
  // Only here, because workloads need the addon: help and mistyped options work without it.
  const { javaCommand, v8Command } = await import('./command.js');
  if (config.peer === 'v8') return v8Command(config, folder);
  const candidate = await candidateFor(config);
  return javaCommand(config, candidate, await classesFor(candidate.java), folder);
}

const found = new Map<string, Promise<readonly Candidate[]>>();

/** Looked for again here, and only once: a sweep may be taken up on a machine that has changed. */
async function candidateFor({ peer, runtime, mode }: PeerConfig): Promise<Candidate> {
  const looking = found.get(peer) ?? findRuntimes([peer]).then(({ candidates }) => candidates);
  found.set(peer, looking);
  const one = (await looking).find((candidate) => candidate.java.runtime === runtime && candidate.mode === mode);
  if (one) return one;
  throw Object.assign(new Error(`${runtime} with ${mode ? `${mode} ` : ''}${peer} is not on this machine any more`), {
    code: 'NO_RUNTIME',
    hint: 'install it again, or set JAVA_HOME to it',
  });
}

type ReadLog = (report: PeerReport) => GcLog;

const logIn =
  (folder: string): ReadLog =>
  ({ periodNs }) =>
    parseGcLog(readFileSync(join(folder, gcLogName), 'utf8'), periodNs);

const ownLog: ReadLog = ({ pausesUs = [], fullMs = [] }) => ({ pausesUs, fullMs, stallsMs: [] });

function told(outcome: ProcessOutcome, config: PeerConfig, readLog: ReadLog): PeerOutcome {
  if (outcome.kind !== 'measured') return outcome;
  const { report, peakPssBytes } = outcome;
  const measurement = measurementOf(report, readLog(report), config, peakPssBytes);
  if (report.problem === undefined) return { kind: 'measured', measurement };
  const message = `the heap is not what it must be: ${report.problem}`;
  const hint = `run it again with --seed ${config.seed}, and report it`;
  return { kind: 'measured', measurement, error: { code: 'DIGEST', message, hint } };
}

function measurementOf(report: PeerReport, log: GcLog, config: PeerConfig, peakPssBytes: number): PeerMeasurement {
  const { operations, batchUs, cpuMs, checked, liveBytes } = report;
  const { pausesUs, stallsMs, fullMs } = log;
  const whole = config.workload === 'fullgc' && fullMs.length > 0;
  return {
    ...{ operations, batchUs, peakPssBytes, checked },
    cpuMs: { total: cpuMs },
    pausesUs: spread(pausesUs),
    stalls: { count: stallsMs.length, totalMs: sum(stallsMs), maxMs: Math.max(0, ...stallsMs) },
    ...(whole && { compactionMBps: (fullMs.length * liveBytes) / 1e6 / (sum(fullMs) / 1000) }),
  };
}

function spread(us: readonly number[]): PeerMeasurement['pausesUs'] {
  if (us.length === 0) return { count: 0, p50: 0, p99: 0, max: 0 };
  return { count: us.length, p50: percentile(us, 0.5), p99: percentile(us, 0.99), max: percentile(us, 1) };
}
