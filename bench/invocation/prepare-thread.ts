/** The file of the thread that prepares a workload: what it needs meanwhile is gone when it ends. */

import type { InvocationError } from '../schema/index.js';
import { type Scope, workloadsByName } from '../workloads/index.js';
import type { WorkloadName } from '../workloads/table.js';
import { failureFrom } from './failures.js';

export interface PrepareTask extends Scope {
  readonly workload: WorkloadName;
}

export type PrepareOutcome = { readonly prepared: unknown } | { readonly error: InvocationError };

export default function run({ workload, ...scope }: PrepareTask): PrepareOutcome {
  try {
    return { prepared: workloadsByName[workload].prepare?.(scope) };
  } catch (error) {
    return { error: failureFrom(error) };
  }
}
