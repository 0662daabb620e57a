/** How long a workload runs before it is measured: the same for our own heap and for peers. */
import type { PeerConfig } from '../schema/index.js';
import { workloadsByName } from '../workloads/index.js';

/** What is left of the warm-up with `quick`. */
const quickShare = 0.1;
/** The warm-up of a run of so many operations, as a share of them. */
const operationsShare = 0.25;

type Work = Pick<PeerConfig, 'workload' | 'quick'>;

export function warmUpSecondsOf({ workload, quick }: Work): number {
  return workloadsByName[workload].warmUpSeconds * (quick ? quickShare : 1);
}

/** What each mutator does of the operations that were asked for: as many as all others. */
export interface OperationsShare {
  readonly warmUp: number;
  readonly measure: number;
}

/** Undefined for a run of so much time. */
export function operationsShareOf(
  config: Work & Pick<PeerConfig, 'operations' | 'mutators'>,
): OperationsShare | undefined {
  const { operations, mutators, quick } = config;
  if (operations === undefined) return undefined;
  const measure = Math.ceil(operations / mutators);
  const warmUp = warmUpSecondsOf(config) > 0 ? operationsShare * (quick ? quickShare : 1) : 0;
  return { warmUp: Math.ceil(measure * warmUp), measure };
}
