/** The file that the mutators' pool runs: one long task a thread, from attaching to the heap to leaving it. */
import type { RecordableHistogram } from 'node:perf_hooks';
import { type HeapHandle, Mutator } from '../../heap/index.js';
import { threadCpuNs } from '../../native/index.js';
import { BatchTimes } from '../latency/closed-loop.js';
import { openLoop, type RequestLatency, requestOperations } from '../latency/open-loop.js';
import type { InvocationError } from '../schema/index.js';
import { type Check, type Scope, type Session, workloadsByName } from '../workloads/index.js';
import type { WorkloadName } from '../workloads/table.js';
import { failureFrom } from './failures.js';
import { Follower, Step, type StepWords } from './steps.js';

export interface MutatorTask extends Scope {
  readonly heap: HeapHandle;
  readonly steps: StepWords;
  readonly workload: WorkloadName;
  readonly seed: number;
  readonly index: number;
  /** Operations in place of a time; the batch that gets there is finished. */
  readonly operations?: { readonly warmUp: number; readonly measure: number } | undefined;
  readonly prepared: unknown;
  /** Operations a second offered to all mutators together; without it each does what it can. */
  readonly rate?: number;
  /** Nanoseconds a batch; all mutators record into the same one. */
  readonly batches: RecordableHistogram;
}

/** What a mutator did in the measured period, and what its check found. */
export interface MutatorReport {
  /** Its number in the heap. */
  readonly mutator: number;
  readonly operations: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly check: Check;
  /** When its batches began, and the last one ended (`BatchTimes`): without a rate, and if there were not too many. */
  readonly batchTimes?: Float64Array | undefined;
  /** With a rate. */
  readonly latency?: RequestLatency;
}

interface Work extends Pick<MutatorReport, 'operations' | 'batchTimes' | 'latency'> {
  /** How long it rested between two turns: no part of the period. */
  readonly restedMs?: number;
}

/** Errors are returned, not thrown: what crosses threads by throwing loses its class and code. */
export type MutatorOutcome = MutatorReport | { readonly error: InvocationError };

export default function run(task: MutatorTask): MutatorOutcome {
  let mutator: Mutator | undefined;
  const follower = new Follower(task.steps, task.index);
  try {
    mutator = follower.inTurn(() => Mutator.attach(task.heap));
    return work(mutator, follower, task);
  } catch (error) {
    return { error: failureFrom(error) };
  } finally {
    if (mutator !== undefined) leave(mutator);
  }
}

function work(mutator: Mutator, follower: Follower, task: MutatorTask): MutatorReport {
  const { workload, operations: share } = task;
  const part = { ...task, progress: (fraction: number) => follower.report(fraction) };
  const session = workloadsByName[workload].open(mutator, part);
  session.setUp();
  follower.arriveAndWaitFor(Step.WARM_UP, mutator);
  if (!follower.isOver(Step.WARM_UP)) drive(session, follower, Step.WARM_UP, share?.warmUp);
  follower.arriveAndWaitFor(Step.MEASURE, mutator);
  const cpuBefore = threadCpuNs();
  const began = performance.now();
  const { restedMs = 0, ...done } =
    task.rate === undefined ? doAll(session, follower, mutator, task) : offer(session, follower, mutator, task);
  const wallMs = performance.now() - began - restedMs;
  const cpuMs = (threadCpuNs() - cpuBefore) / 1e6;
  follower.arriveAndWaitFor(Step.CHECK, mutator);
  const check = session.check();
  follower.arriveAndWaitFor(Step.AFTERWARDS, mutator);
  while (check.problem === undefined && !follower.isOver(Step.AFTERWARDS)) session.batch();
  follower.arriveAndWaitFor(Step.LEAVE, mutator);
  return { mutator: mutator.index, ...done, wallMs, cpuMs, check };
}

/** Whatever has happened: the collector waits for every mutator that has not left, and the main thread with it. */
function leave(mutator: Mutator): void {
  try {
    mutator.detach();
  } catch {
    // the collector gave up before: nobody waits any more
  }
}

/** What is to be done without a rate: as much as can be, turn after turn where it has turns, or as much as was asked for. */
function doAll(
  session: Session,
  follower: Follower,
  mutator: Mutator,
  { batches, operations: share }: MutatorTask,
): Work {
  const times = new BatchTimes();
  let [operations, restedMs] = [0, 0];
  for (;;) {
    operations += drive(session, follower, Step.MEASURE, share?.measure, batches, times);
    const rests = performance.now();
    const goesOn = follower.restBetween(mutator);
    restedMs += performance.now() - rests;
    if (!goesOn) return { operations, batchTimes: times.data, restedMs };
  }
}

/** What falls due at a rate. */
function offer(
  session: Session,
  follower: Follower,
  mutator: Mutator,
  { rate = 0, index, mutators }: Pick<MutatorTask, 'rate' | 'index' | 'mutators'>,
): Work {
  const period = { isOver: () => follower.isOver(Step.MEASURE), sleep: (ms: number) => follower.sleep(ms) };
  const firstMs = (1000 * requestOperations * index) / rate;
  const { operations, latency } = openLoop(session, mutator, period, { perSecond: rate / mutators, firstMs });
  return { operations, latency };
}

/** Batch after batch until `step` is over, or `wanted` are done, and the session can end. Returns the operations done. */
function drive(
  session: Session,
  follower: Follower,
  step: typeof Step.WARM_UP | typeof Step.MEASURE,
  wanted?: number,
  batches?: RecordableHistogram,
  times?: BatchTimes,
): number {
  let operations = 0;
  let before = performance.now();
  for (times?.begin(before); ; ) {
    const done = session.batch();
    operations += done;
    const now = performance.now();
    if (done > 0) {
      batches?.record(Math.max(1, Math.round((now - before) * 1e6)));
      times?.add(now);
    }
    before = now;
    if (wanted !== undefined) follower.report(operations / wanted);
    const over = wanted === undefined ? follower.isOver(step) : operations >= wanted;
    const ending = session.ending ?? 'may';
    if (ending === 'must' || (ending === 'may' && over)) return operations;
  }
}
