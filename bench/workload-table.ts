/** What the command line must know of each workload before it starts: what it is, and the heap it needs. */
import { GiB, MiB } from './sizes.js';

export interface WorkloadTraits {
  readonly doc: string;
  /** Bytes that are live at `scale` while it measures; the heap sizes follow from it. */
  readonly liveBytes: (scale: number) => number;
  /** Heap without `--heap`, as a multiple of what is live. */
  readonly defaultHeap: number;
  /** Smallest heap that is worth starting with, as a multiple of what is live. */
  readonly minimumHeap: number;
  /** `--scale` in `continuum start` and with `--quick`. */
  readonly startScale: number;
  readonly quickScale: number;
  /** What "faster" means here: operations a second, or live bytes compacted a second. */
  readonly judgedBy: 'operations' | 'compaction';
}

export const workloads = {
  javac: {
    doc: 'the heap of javac compiling javax.swing; mutators walk it, drop subtrees, allocate and relink',
    liveBytes: (scale) => 64 * MiB * scale,
    defaultHeap: 2,
    minimumHeap: 1.25,
    startScale: 1,
    quickScale: 1,
    judgedBy: 'operations',
  },
  hammer: {
    doc: 'the heap of javac; mutators read objects all over it without a break, the worst case for faults',
    liveBytes: (scale) => 68 * MiB * scale,
    defaultHeap: 2,
    minimumHeap: 1.25,
    startScale: 1,
    quickScale: 1,
    judgedBy: 'operations',
  },
  churn: {
    doc: '2^23 objects of 64 B in a table; half the operations replace one, half chase 4 hops',
    liveBytes: (scale) => 544 * MiB * scale,
    defaultHeap: 2,
    minimumHeap: 1.25,
    startScale: 1 / 8,
    quickScale: 1 / 32,
    judgedBy: 'operations',
  },
  fullgc: {
    doc: '2^24 objects of 64 B, half of them dropped at random; one full collection',
    liveBytes: (scale) => GiB * scale,
    defaultHeap: 2,
    minimumHeap: 1.25,
    startScale: 1 / 8,
    quickScale: 1 / 64,
    judgedBy: 'compaction',
  },
  dense: {
    doc: '2^18 objects of 1 KiB that stay, and a tenth of the regions nearly empty; full collections',
    liveBytes: (scale) => 263 * MiB * scale,
    defaultHeap: 1.5,
    minimumHeap: 1.25,
    startScale: 1 / 4,
    quickScale: 1 / 16,
    judgedBy: 'compaction',
  },
  gcbench: {
    doc: "Ellis, Kovac and Boehm's GCBench with its usual constants",
    liveBytes: () => 24 * MiB,
    defaultHeap: 8 / 3,
    minimumHeap: 1.5,
    startScale: 1,
    quickScale: 1,
    judgedBy: 'operations',
  },
} as const satisfies Record<string, WorkloadTraits>;

export type WorkloadName = keyof typeof workloads;

/** The traits of a workload, without the narrowness of the literal table. */
export function workloadTraits(name: WorkloadName): WorkloadTraits {
  return workloads[name];
}

/** Never smaller: below this the collector's own reserve leaves nothing to allocate in. */
const leastHeap = 16 * MiB;

/** Heap bytes a workload gets when the user names none: whole regions, of huge pages too. */
export function defaultHeapBytes(name: WorkloadName, scale: number): number {
  const traits = workloadTraits(name);
  return roundedUp(Math.max(2 * leastHeap, traits.liveBytes(scale) * traits.defaultHeap), 2 * MiB);
}

/** Heap bytes below which a workload is refused: whole regions. */
export function minimumHeapBytes(name: WorkloadName, scale: number): number {
  const traits = workloadTraits(name);
  return roundedUp(Math.max(leastHeap, traits.liveBytes(scale) * traits.minimumHeap), MiB);
}

function roundedUp(bytes: number, unit: number): number {
  return Math.ceil(bytes / unit) * unit;
}
