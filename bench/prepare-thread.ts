/** The file of the thread that prepares a workload: what it needs meanwhile is gone when it ends. */
import { failureFrom } from './failures.js';
import type { InvocationError } from './schema.js';
import type { WorkloadName } from './workload-table.js';
import { type Scope, workloadsByName } from './workloads/index.js';

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
