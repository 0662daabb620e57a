/** A mutator's thread that does so many operations of a workload on our heap, and tells what its check says. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Check, workloadsByName } from '../../../bench/workloads/index.js';
import type { WorkloadName } from '../../../bench/workloads/table.js';
import { type HeapHandle, Mutator } from '../../../heap/index.js';

export interface WorkTask {
  readonly heap: HeapHandle;
  readonly workload: WorkloadName;
  readonly scale: number;
  readonly seed: number;
  readonly operations: number;
}

export type Work = Check & { readonly operations: number };

function run({ heap, workload, operations, ...scope }: WorkTask): Work {
  const mutator = Mutator.attach(heap);
  const part = { ...scope, mutators: 1, index: 0, prepared: undefined, progress: () => {} };
  const session = workloadsByName[workload].open(mutator, part);
  session.setUp();
  let done = 0;
  for (let ending: string = 'not-yet'; ending !== 'must' && (done < operations || ending === 'not-yet'); ) {
    done += session.batch();
    ending = session.ending ?? 'may';
  }
  const check = session.check();
  mutator.detach();
  return { ...check, operations: done };
}

parentPort?.postMessage(run(workerData as WorkTask));
