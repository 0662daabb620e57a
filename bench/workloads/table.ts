/** What the command line must know of each workload before it starts: what it is, and the heap it needs. */
import { bytesOfGraph } from '../graph/live-bytes.js';
import { GiB, MiB } from '../sizes.js';

/** What only some workloads can be told. Absent: their own choice. */
export interface OwnSettings {
  /** Path of a graph file. */
  readonly graph?: string | undefined;
  /** References a page of 4 KiB. */
  readonly references?: number | undefined;
}

export interface WorkloadTraits {
  readonly doc: string;
  /** Bytes that are live at `scale` while it measures, at their most; the heap sizes follow from it. */
  readonly liveBytes: (scale: number, own?: Pick<OwnSettings, 'graph'>) => number;
  /** Largest `--scale`, where that is not 1: what is above it is copies. */
  readonly mostScale?: number;
  /** Heap without `--heap`, as a multiple of what is live. */
  readonly defaultHeap: number;
  /** Smallest heap that is worth starting with, as a multiple of what is live. */
  readonly minimumHeap: number;
  /** `--scale` in `continuum start` and with `--quick`. */
  readonly startScale: number;
  readonly quickScale: number;
  /** What "faster" means here: operations a second, or live bytes compacted a second. */
  readonly judgedBy: 'operations' | 'compaction';
  /** Operations a second below which a run is taken to hang. */
  readonly leastPerSecond: number;
  /** Settings that are this workload's, with the values that are swept unless some are given. */
  readonly own?: { readonly [K in keyof OwnSettings]?: readonly NonNullable<OwnSettings[K]>[] };
}

export const workloads = {
  javac: {
    doc: 'the heap of javac compiling javax.swing; mutators walk it, drop subtrees, allocate and relink',
    liveBytes: (scale) => 64 * MiB * scale,
    mostScale: 64,
    defaultHeap: 2,
    minimumHeap: 1.25,
    startScale: 1,
    quickScale: 1,
    judgedBy: 'operations',
    leastPerSecond: 5000,
  },
  hammer: {
    doc: 'the heap of javac; mutators read objects all over it without a break, the worst case for faults',
    liveBytes: (scale) => 68 * MiB * scale,
    defaultHeap: 2,
    minimumHeap: 1.25,
    startScale: 1,
    quickScale: 1,
    judgedBy: 'operations',
    leastPerSecond: 5000,
  },
  churn: {
    doc: '2^23 objects of 64 B in a table; half the operations replace one, half chase 4 hops',
    liveBytes: (scale) => 544 * MiB * scale,
    defaultHeap: 2,
    minimumHeap: 1.25,
    startScale: 1 / 8,
    quickScale: 1 / 32,
    judgedBy: 'operations',
    leastPerSecond: 5000,
  },
  fullgc: {
    doc: '2^24 objects of 64 B, half of them dropped at random; one full collection',
    liveBytes: (scale) => GiB * scale,
    defaultHeap: 2,
    minimumHeap: 1.25,
    startScale: 1 / 8,
    quickScale: 1 / 64,
    judgedBy: 'compaction',
    leastPerSecond: 1 / 60,
  },
  dense: {
    doc: '2^18 objects of 1 KiB that stay, and a tenth of the regions nearly empty; full collections',
    liveBytes: (scale) => 263 * MiB * scale,
    defaultHeap: 1.5,
    minimumHeap: 1.25,
    startScale: 1 / 4,
    quickScale: 1 / 16,
    judgedBy: 'compaction',
    leastPerSecond: 1 / 60,
  },
  gcbench: {
    doc: "Ellis, Kovac and Boehm's GCBench with its usual constants",
    liveBytes: () => 24 * MiB,
    defaultHeap: 8 / 3,
    minimumHeap: 1.5,
    startScale: 1,
    quickScale: 1,
    judgedBy: 'operations',
    leastPerSecond: 100_000,
  },
  binarytrees: {
    doc: "the Benchmarks Game's binary trees of depth 20: one that stays, and many that die young",
    liveBytes: (scale) => 64 * MiB * 2 ** Math.floor(Math.log2(scale)),
    defaultHeap: 3,
    minimumHeap: 1.5,
    startScale: 1 / 4,
    quickScale: 1 / 16,
    judgedBy: 'operations',
    leastPerSecond: 100_000,
  },
  lru: {
    doc: 'a cache of 256 MiB under a Zipf key distribution; values of 32 B to 64 KiB, the least recently used go',
    liveBytes: (scale) => 258 * MiB * scale,
    defaultHeap: 2,
    minimumHeap: 1.4,
    startScale: 1 / 4,
    quickScale: 1 / 16,
    judgedBy: 'operations',
    leastPerSecond: 500,
  },
  larson: {
    doc: '2^18 blocks of 16 B to 2 KiB; each is replaced by another mutator than the one that made it',
    liveBytes: (scale) => 112 * MiB * scale,
    defaultHeap: 2,
    minimumHeap: 1.6,
    startScale: 1 / 2,
    quickScale: 1 / 8,
    judgedBy: 'operations',
    leastPerSecond: 5000,
  },
  graph: {
    doc: 'as javac, on the heap of any program: --graph names it, continuum graph import makes it of a heap dump',
    liveBytes: (scale, own) => bytesOfGraph(own?.graph) * scale,
    mostScale: 64,
    defaultHeap: 2,
    minimumHeap: 1.25,
    startScale: 1,
    quickScale: 1,
    judgedBy: 'operations',
    leastPerSecond: 5000,
    own: { graph: [] },
  },
  pages: {
    doc: '2^15 objects of a page with --references each, half of them replaced; full collections: the cost of a page',
    liveBytes: (scale) => 128 * MiB * scale,
    defaultHeap: 3,
    minimumHeap: 2.25,
    startScale: 1 / 2,
    quickScale: 1 / 8,
    judgedBy: 'compaction',
    leastPerSecond: 1 / 60,
    own: { references: [0, 1, 16, 128, 1000] },
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
export function defaultHeapBytes(name: WorkloadName, scale: number, own?: Pick<OwnSettings, 'graph'>): number {
  const traits = workloadTraits(name);
  return roundedUp(Math.max(2 * leastHeap, traits.liveBytes(scale, own) * traits.defaultHeap), 2 * MiB);
}

/** Heap bytes below which a workload is refused: whole regions. */
export function minimumHeapBytes(name: WorkloadName, scale: number, own?: Pick<OwnSettings, 'graph'>): number {
  const traits = workloadTraits(name);
  return roundedUp(Math.max(leastHeap, traits.liveBytes(scale, own) * traits.minimumHeap), MiB);
}

function roundedUp(bytes: number, unit: number): number {
  return Math.ceil(bytes / unit) * unit;
}
