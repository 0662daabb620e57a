/** Made-up result lines, complete and legal, for tests of what reads them. */
import {
  type Collection,
  type Environment,
  type InvocationConfig,
  type Result,
  schemaVersion,
} from '../../bench/schema/index.js';
import { MiB } from '../../bench/sizes.js';

export const someConfig: InvocationConfig = {
  workload: 'javac',
  scale: 1,
  resolution: 'continue',
  delivery: 'handler',
  flip: 'bank',
  heapBytes: 128 * MiB,
  mutators: 1,
  gcWorkers: 1,
  seconds: 8,
  seed: 1,
  quick: false,
};

export const someEnvironment: Environment = {
  kernel: '6.18.0',
  cpu: 'a processor',
  cores: 4,
  node: 'v20.0.0',
  features: ['MINOR_SHMEM'],
  commit: null,
  continuum: '0.1.0',
  memoryBytes: 8 * 1024 * MiB,
  transparentHugePages: { anonymous: 'madvise', shmem: 'never' },
  openedBy: 'userfaultfd(2)',
  loadAverage: [0.1, 0.2, 0.3],
};

/** The figures a comparison turns on. */
export interface Figures {
  readonly perSecond: number;
  readonly publishNs: number;
  readonly servicesUs: number;
  readonly compactMs: number;
  readonly stallMs: number;
  readonly pssBytes: number;
}

export const someFigures: Figures = {
  perSecond: 500_000,
  publishNs: 200,
  servicesUs: 12,
  compactMs: 100,
  stallMs: 0,
  pssBytes: 140 * MiB,
};

function someCollection(cycle: number, { compactMs, publishNs }: Figures): Collection {
  return {
    cycle,
    trigger: 'free regions ran low',
    liveBytes: 64 * MiB,
    evacuatedBytes: 16 * MiB,
    reclaimedBytes: 24 * MiB,
    pages: { built: 4096, updated: 8192, mapped: 1024, publishedInBulk: 12_000, publishedByFault: 288 },
    ms: { mark: 80, remark: 0.1, plan: 4, flip: 0.1, compact: compactMs, reclaim: 3, total: 87.2 + compactMs },
    publishNsPerPage: publishNs,
    cpuMs: 90 + compactMs,
  };
}

type Measured = Omit<Result, 'schema' | 'invocation' | 'startedAt' | 'config' | 'environment'>;

export function someMeasurement(figures: Partial<Figures> = {}): Measured {
  const all = { ...someFigures, ...figures };
  const pause = () => ({ count: 5, p50: 90, p99: 140, max: 150 });
  return {
    digest: { ok: true, objects: 900_000, bytes: 64 * MiB, checked: 900_000 },
    operations: { count: all.perSecond * 8, perSecond: all.perSecond },
    batchUs: { count: 4000, p50: 1500, p99: 4000, p999: 30_000, max: 50_000 },
    pauseUs: { remark: pause(), flip: pause() },
    faults: {
      missing: 3,
      minor: 1437,
      byMutator: [1440],
      serviceUs: { count: 1440, p50: all.servicesUs, p99: 40, max: 300 },
    },
    stalls: { count: all.stallMs ? 3 : 0, totalMs: all.stallMs, maxMs: all.stallMs / 2 },
    collections: [1, 2, 3, 4, 5].map((cycle) => someCollection(cycle, all)),
    compactionMBps: (64 * MiB) / 1000 / (87.2 + all.compactMs),
    memory: { peakPssBytes: all.pssBytes, metadataBytes: 5 * MiB, heapResidentBytes: 120 * MiB },
    cpuMs: { total: 9000, collector: 900, mutators: 8000 },
  };
}

export function someResult(
  config: Partial<InvocationConfig> = {},
  figures: Partial<Figures> = {},
  invocation = 0,
): Result {
  return {
    schema: schemaVersion,
    invocation,
    startedAt: '2026-01-02T03:04:05.678Z',
    config: { ...someConfig, ...config },
    environment: structuredClone(someEnvironment),
    ...someMeasurement(figures),
  };
}

export const copyConfig = { resolution: 'copy', flip: 'remap' } as const satisfies Partial<InvocationConfig>;

/** A run in which every collection is one pause of 250 ms, and nobody faults. */
export function stwResult(config: Partial<InvocationConfig> = {}): Result {
  const result = someResult({ resolution: 'stw', delivery: 'none', flip: 'none', ...config });
  const none = { count: 0, p50: 0, p99: 0, max: 0 };
  const pauseMs = 250;
  return {
    ...result,
    faults: { missing: 0, minor: 0, byMutator: [0], serviceUs: none },
    pauseUs: { remark: none, flip: { count: 5, p50: 1000 * pauseMs, p99: 1000 * pauseMs, max: 1000 * pauseMs } },
    collections: result.collections.map((one) => ({
      ...one,
      pages: { ...one.pages, publishedByFault: 0 },
      ms: { ...one.ms, remark: 0, flip: pauseMs, total: pauseMs },
      publishNsPerPage: 4, // of a call that does nothing
    })),
  };
}
