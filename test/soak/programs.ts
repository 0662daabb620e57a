/** What runs in the heap of a round: a stress program with its model, or a workload of the benchmark, scaled small. */
import type { WorkloadName } from '../../bench/workloads/table.js';
import { HUGE_PAGE_BYTES } from '../../heap/index.js';
import type { Random } from '../support/random.js';

export interface Program {
  readonly kind: 'stress' | WorkloadName;
  readonly heapMiB: number;
  readonly mutators: number;
  /** How long it runs once it is set up. */
  readonly seconds: number;
  /** Of a workload: its share of the full size. */
  readonly scale: number;
}

interface Arm {
  readonly weight: number;
  readonly heapMiB: readonly number[];
  readonly mutators: readonly number[];
  readonly scale: number;
}

const KINDS: Readonly<Partial<Record<Program['kind'], Arm>>> = {
  stress: { weight: 12, heapMiB: [48, 64, 64, 96], mutators: [1, 2, 2, 3], scale: 1 },
  churn: { weight: 3, heapMiB: [32, 48], mutators: [1, 2], scale: 1 / 32 },
  javac: { weight: 3, heapMiB: [48, 64], mutators: [1, 2], scale: 0.3 },
  hammer: { weight: 2, heapMiB: [48, 64], mutators: [1, 2], scale: 0.3 },
  dense: { weight: 2, heapMiB: [32, 48], mutators: [1, 2], scale: 1 / 16 },
  fullgc: { weight: 2, heapMiB: [40, 64], mutators: [1, 2], scale: 1 / 64 },
  gcbench: { weight: 1, heapMiB: [80], mutators: [1], scale: 1 },
  binarytrees: { weight: 1, heapMiB: [32, 48], mutators: [1, 2], scale: 1 / 16 },
  lru: { weight: 2, heapMiB: [32, 48], mutators: [1, 2], scale: 1 / 16 },
  larson: { weight: 2, heapMiB: [32, 48], mutators: [1, 2, 3], scale: 1 / 8 },
  graph: { weight: 1, heapMiB: [48, 64], mutators: [1, 2], scale: 0.3 },
  pages: { weight: 1, heapMiB: [32, 48], mutators: [1, 2], scale: 1 / 16 },
};
const TOTAL = Object.values(KINDS).reduce((sum, { weight }) => sum + weight, 0);
/** Of huge pages there are few; a heap of 64 MiB takes 33. */
const LARGEST_HUGE_MIB = 64;

export function drawProgram(random: Random, pageBytes: number): Program {
  const kind = pageBytes === HUGE_PAGE_BYTES ? 'stress' : drawKind(random);
  const { heapMiB, mutators, scale } = KINDS[kind]!;
  const mib = random.pick(heapMiB);
  return {
    kind,
    heapMiB: pageBytes === HUGE_PAGE_BYTES ? Math.min(LARGEST_HUGE_MIB, mib) : mib,
    mutators: random.pick(mutators),
    seconds: random.pick([2, 3, 5]),
    scale,
  };
}

function drawKind(random: Random): Program['kind'] {
  let at = random.below(TOTAL);
  for (const [kind, { weight }] of Object.entries(KINDS)) {
    at -= weight;
    if (at < 0) return kind as Program['kind'];
  }
  throw new RangeError('the weights do not add up');
}
