/** The file that the mutators' pool runs: one long task a thread, from attaching to the heap to leaving it. */
import type { RecordableHistogram } from 'node:perf_hooks';
import { type HeapHandle, Mutator } from '../heap/index.js';
import { threadCpuNs } from '../native/index.js';
import { failureFrom } from './failures.js';
import type { InvocationError } from './schema.js';
import { Follower, Step, type StepWords } from './steps.js';
import type { WorkloadName } from './workload-table.js';
import { type Check, type Scope, type Session, workloadsByName } from './workloads/index.js';

export interface MutatorTask extends Scope {
  readonly heap: HeapHandle;
  readonly steps: StepWords;
  readonly workload: WorkloadName;
  readonly seed: number;
  readonly index: number;
  /** Operations in place of a time; the batch that gets there is finished. */
  readonly operations?: { readonly warmUp: number; readonly measure: number } | undefined;
  readonly prepared: unknown;
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
  const { workload, batches, operations: share } = task;
  const part = { ...task, progress: (fraction: number) => follower.report(fraction) };
  const session = workloadsByName[workload].open(mutator, part);
  session.setUp();
  follower.arriveAndWaitFor(Step.WARM_UP, mutator);
  if (!follower.isOver(Step.WARM_UP)) drive(session, follower, Step.WARM_UP, share?.warmUp);
  follower.arriveAndWaitFor(Step.MEASURE, mutator);
  const cpuBefore = threadCpuNs();
  const began = performance.now();
  const operations = drive(session, follower, Step.MEASURE, share?.measure, batches);
  const wallMs = performance.now() - began;
  const cpuMs = (threadCpuNs() - cpuBefore) / 1e6;
  follower.arriveAndWaitFor(Step.CHECK, mutator);
  const check = session.check();
  follower.arriveAndWaitFor(Step.AFTERWARDS, mutator);
  while (check.problem === undefined && !follower.isOver(Step.AFTERWARDS)) session.batch();
  follower.arriveAndWaitFor(Step.LEAVE, mutator);
  return { mutator: mutator.index, operations, wallMs, cpuMs, check };
}

/** Whatever has happened: the collector waits for every mutator that has not left, and the main thread with it. */
function leave(mutator: Mutator): void {
  try {
    mutator.detach();
  } catch {
    // the collector gave up before: nobody waits any more
  }
}

/** Batch after batch until `step` is over, or `wanted` are done, and the session can end. Returns the operations done. */
function drive(
  session: Session,
  follower: Follower,
  step: typeof Step.WARM_UP | typeof Step.MEASURE,
  wanted?: number,
  batches?: RecordableHistogram,
): number {
  let operations = 0;
  for (let before = performance.now(); ; ) {
    const done = session.batch();
    operations += done;
    const now = performance.now();
    if (done > 0) batches?.record(Math.max(1, Math.round((now - before) * 1e6)));
    before = now;
    if (wanted !== undefined) follower.report(operations / wanted);
    const over = wanted === undefined ? follower.isOver(step) : operations >= wanted;
    const ending = session.ending ?? 'may';
    if (ending === 'must' || (ending === 'may' && over)) return operations;
  }
}
