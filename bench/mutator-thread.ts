/** The file that the mutators' pool runs: one long task a thread, from attaching to the heap to leaving it. */
import type { RecordableHistogram } from 'node:perf_hooks';
import { type HeapHandle, Mutator } from '../heap/index.js';
import { threadCpuNs } from '../native/index.js';
import { failureFrom } from './failures.js';
import type { InvocationError } from './schema.js';
import { Follower, Step, type StepWords } from './steps.js';
import type { WorkloadName } from './workload-table.js';
import { type Check, type Session, workloadsByName } from './workloads/index.js';

export interface MutatorTask {
  readonly heap: HeapHandle;
  readonly steps: StepWords;
  readonly workload: WorkloadName;
  readonly scale: number;
  readonly seed: number;
  readonly index: number;
  readonly mutators: number;
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
  try {
    mutator = Mutator.attach(task.heap);
    return work(mutator, task);
  } catch (error) {
    return { error: failureFrom(error) };
  } finally {
    if (mutator !== undefined) leave(mutator);
  }
}

function work(mutator: Mutator, { steps, workload, batches, heap: _, ...rest }: MutatorTask): MutatorReport {
  const follower = new Follower(steps, rest.index);
  const part = { ...rest, progress: (fraction: number) => follower.report(fraction) };
  const session = workloadsByName[workload].open(mutator, part);
  session.setUp();
  follower.arriveAndWaitFor(Step.WARM_UP, mutator);
  if (!follower.isOver(Step.WARM_UP)) drive(session, follower, Step.WARM_UP);
  follower.arriveAndWaitFor(Step.MEASURE, mutator);
  const cpuBefore = threadCpuNs();
  const began = performance.now();
  const operations = drive(session, follower, Step.MEASURE, batches);
  const wallMs = performance.now() - began;
  const cpuMs = (threadCpuNs() - cpuBefore) / 1e6;
  follower.arriveAndWaitFor(Step.CHECK, mutator);
  const check = session.check();
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

/** Batch after batch until `step` is over and the session can end. Returns the operations done. */
function drive(
  session: Session,
  follower: Follower,
  step: typeof Step.WARM_UP | typeof Step.MEASURE,
  batches?: RecordableHistogram,
): number {
  let operations = 0;
  for (let before = performance.now(); ; ) {
    operations += session.batch();
    const now = performance.now();
    batches?.record(Math.max(1, Math.round((now - before) * 1e6)));
    before = now;
    const ending = session.ending ?? 'may';
    if (ending === 'must' || (ending === 'may' && follower.isOver(step))) return operations;
  }
}
