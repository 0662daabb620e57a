/** Every figure the table and the verdict show: how it follows from a result, and how it is written. */
import { type ResolutionTraits, resolutions } from '../options/choices.js';
import { type Collection, faultsTaken, type Result } from '../schema/index.js';
import { approximateSize, formatCount, significant } from '../sizes.js';
import { percentile, sum, weightedMean } from '../statistics/sample.js';
import { type Cost, costOf, pausedMs } from './overhead.js';

export interface Metric {
  /** What the row is called, with its unit. */
  readonly label: string;
  /** `floor` is that of the results it is compared with, where there are any. */
  readonly value: (result: Result, floor?: Cost) => number;
  readonly format: (value: number) => string;
  /** Which direction is better; absent where neither is. */
  readonly better?: 'more' | 'less';
  /** Whether its row is left out where no column has any: not every collector has such a thing. */
  readonly whereAny?: boolean;
  /** Whether its row is for comparing with peers: without any, other rows say the same in more detail. */
  readonly besidePeers?: boolean;
  /** Whether the table shows least and most over the invocations beside the median. */
  readonly ranged?: boolean;
}

/** Mean of something over the collections of a run; NaN without a collection. */
const aCollection = (of: (collection: Collection) => number) => (result: Result) =>
  result.collections.length ? sum(result.collections.map(of)) / result.collections.length : Number.NaN;

const short = (value: number): string => {
  if (value >= 9_999_500) return `${significant(value / 1e6)}M`;
  return value >= 99_950 ? `${formatCount(value / 1000)}k` : significant(value);
};

const twoDecimals = (value: number): string => value.toFixed(2);

const less = (label: string, value: Metric['value'], format = short): Metric => ({
  label,
  value,
  format,
  better: 'less',
});
const ranged = (metric: Metric): Metric => ({ ...metric, ranged: true });
const whereAny = (metric: Metric): Metric => ({ ...metric, whereAny: true });
const besidePeers = (metric: Metric): Metric => ({ ...metric, besidePeers: true });
const plain = (label: string, value: Metric['value'], format = short): Metric => ({ label, value, format });

/** Pages published by anyone, a collection. */
const published = ({ pages }: Collection): number => pages.publishedInBulk + pages.publishedByFault;

/** A figure of publishing: NaN where pages are made right under the mutators, and there is no such thing. */
const ofPublishing = (value: Metric['value']) => (result: Result) => {
  const traits: ResolutionTraits = resolutions[result.config.resolution];
  return traits.faults ? value(result) : Number.NaN;
};

/** What was published by faults, of all that was published, %; NaN where nothing was. */
function faultShare({ collections }: Result): number {
  const all = sum(collections.map(published));
  return all === 0 ? Number.NaN : (100 * sum(collections.map(({ pages }) => pages.publishedByFault))) / all;
}

/** The longer pause of each collection, µs: how long mutators stood still at a time for it. */
const pausesUs = ({ collections }: Result): number[] =>
  collections.map(({ ms }) => 1000 * Math.max(ms.remark, ms.flip));

/** A service time, µs; NaN where no fault was served. */
const service = (of: 'p50' | 'p99' | 'max') => (r: Result) =>
  r.faults.serviceUs.count === 0 ? Number.NaN : r.faults.serviceUs[of];

/** Time mutators spend waiting for faults to be served, ms: an estimate from the median service time. */
const faultWaitMs = ({ faults }: Result): number => (faults.serviceUs.count * faults.serviceUs.p50) / 1000;

/** A latency of requests, µs; NaN in a run without a rate. */
const latency = (kind: 'simpleUs' | 'meteredUs', of: 'p50' | 'p99' | 'p999' | 'max') => (r: Result) =>
  r.latency === undefined ? Number.NaN : r.latency[kind][of] / 1000;

/** A row that only some runs have, such as those at a rate. */
const ofSome = (metric: Metric): Metric => whereAny(ranged(metric));

/** Minimum mutator utilisation in windows of a length, %; NaN where none fits into the run. */
const utilisation = (windowMs: number): Metric => ({
  label: `MMU ${windowMs} ms, %`,
  value: (r) => 100 * (r.mmu?.find((one) => one.windowMs === windowMs)?.share ?? Number.NaN),
  format: short,
  better: 'more',
});

export const metrics = {
  operations: ranged({
    label: 'operations a second',
    value: (r) => r.operations.perSecond,
    format: short,
    better: 'more',
  }),
  batchP50: less('batch p50, ms', (r) => r.batchUs.p50 / 1000),
  batchP99: less('batch p99, ms', (r) => r.batchUs.p99 / 1000),
  batchP999: ranged(less('batch p99.9, ms', (r) => r.batchUs.p999 / 1000)),
  batchMax: ranged(less('batch longest, ms', (r) => r.batchUs.max / 1000)),
  batchMetered: ofSome(less('batch metered p99.9, ms', (r) => (r.batchUs.metered?.p999 ?? Number.NaN) / 1000)),
  offered: whereAny(plain('operations a second offered', (r) => r.latency?.offeredPerSecond ?? Number.NaN)),
  reached: ofSome(plain('of them done', (r) => r.latency?.reachedPerSecond ?? Number.NaN)),
  simpleP50: ofSome(less('simple p50, ms', latency('simpleUs', 'p50'))),
  simpleP99: ofSome(less('simple p99, ms', latency('simpleUs', 'p99'))),
  simpleP999: ofSome(less('simple p99.9, ms', latency('simpleUs', 'p999'))),
  meteredP50: ofSome(less('metered p50, ms', latency('meteredUs', 'p50'))),
  meteredP99: ofSome(less('metered p99, ms', latency('meteredUs', 'p99'))),
  meteredP999: ofSome(less('metered p99.9, ms', latency('meteredUs', 'p999'))),
  meteredMax: ofSome(less('metered longest, ms', latency('meteredUs', 'max'))),
  remarkP50: less('remark p50, µs', (r) => r.pauseUs.remark.p50),
  remarkMax: less('remark longest, µs', (r) => r.pauseUs.remark.max),
  flipP50: ranged(less('flip p50, µs', (r) => r.pauseUs.flip.p50)),
  flipP99: less('flip p99, µs', (r) => r.pauseUs.flip.p99),
  flipMax: less('flip longest, µs', (r) => r.pauseUs.flip.max),
  faults: plain('faults', (r) => faultsTaken(r.faults)),
  minor: plain('of them minor', (r) => r.faults.minor),
  signal: whereAny(plain('of them in a signal handler', (r) => r.faults.signal ?? 0)),
  serviceP50: ranged(less('service p50, µs', service('p50'))),
  serviceP99: less('service p99, µs', service('p99')),
  serviceMax: less('service longest, µs', service('max')),
  stalls: less('allocation stalls', (r) => r.stalls.count),
  stallMs: less('stalled in all, ms', (r) => r.stalls.totalMs),
  paced: whereAny(plain('waits for pace', (r) => r.stalls.paced?.count ?? 0)),
  pacedMs: whereAny(less('waited for pace, ms', (r) => r.stalls.paced?.totalMs ?? 0)),
  mmu10: utilisation(10),
  mmu100: utilisation(100),
  stormPeak: whereAny(less('most faults in a ms', (r) => r.storm?.peakPerMs ?? Number.NaN)),
  drainP50: whereAny(less('drained after, p50, ms', (r) => r.storm?.drainMs.p50 ?? Number.NaN)),
  drainMax: whereAny(less('drained after, longest, ms', (r) => r.storm?.drainMs.max ?? Number.NaN)),
  collections: plain('collections', (r) => r.collections.length),
  totalMs: less(
    'a collection, ms',
    aCollection(({ ms }) => ms.total),
  ),
  markMs: less(
    '  mark, ms',
    aCollection(({ ms }) => ms.mark),
  ),
  compactMs: less(
    '  compact, ms',
    aCollection(({ ms }) => ms.compact),
  ),
  reclaimMs: less(
    '  reclaim, ms',
    aCollection(({ ms }) => ms.reclaim),
  ),
  built: plain(
    'built',
    aCollection(({ pages }) => pages.built),
  ),
  updated: plain(
    'updated in place',
    aCollection(({ pages }) => pages.updated),
  ),
  mapped: plain(
    'mapped as they were',
    aCollection(({ pages }) => pages.mapped),
  ),
  mappedAhead: whereAny(
    plain(
      'mapped before the flip',
      aCollection(({ pages }) => pages.mappedAhead ?? 0),
    ),
  ),
  asIs: plain(
    'right as they were',
    aCollection(({ pages }) => pages.mapped + (pages.mappedAhead ?? 0)),
  ),
  published: plain('published', ofPublishing(aCollection(published))),
  byFault: plain(
    'of them for a fault',
    aCollection(({ pages }) => pages.publishedByFault),
  ),
  faultShare: plain('by faults, % of them', ofPublishing(faultShare)),
  pageNs: less('compact, ns a page', (r) => {
    const pages = sum(r.collections.map(({ pages: { built, updated, mapped } }) => built + updated + mapped));
    return pages === 0 ? Number.NaN : (1e6 * sum(r.collections.map(({ ms }) => ms.compact))) / pages;
  }),
  publishNs: ranged(
    less(
      'publish, ns a page',
      ofPublishing((r) =>
        weightedMean(
          r.collections.map(({ publishNsPerPage }) => publishNsPerPage),
          r.collections.map(({ pages }) => pages.publishedInBulk),
        ),
      ),
    ),
  ),
  compaction: ranged({
    label: 'compacted, live MB/s',
    value: (r) => r.compactionMBps,
    format: short,
    better: 'more',
  }),
  pss: ranged(less('peak PSS', (r) => r.memory.peakPssBytes, approximateSize)),
  resident: less('heap resident at the end', (r) => r.memory.heapResidentBytes, approximateSize),
  metadata: less(
    'metadata, % of the heap',
    (r) => (100 * r.memory.metadataBytes) / r.config.heapBytes,
    (value) => significant(value),
  ),
  floating: whereAny(less('floating garbage', (r) => r.memory.floatingBytes ?? Number.NaN, approximateSize)),
  fragmentedBefore: whereAny(
    plain('fragmentation before, %', (r) => 100 * (r.memory.fragmentation?.before ?? Number.NaN)),
  ),
  fragmentedAfter: whereAny(
    less(
      'fragmentation after, %',
      (r) => 100 * (r.memory.fragmentation?.after ?? Number.NaN),
      (value) => significant(value),
    ),
  ),
  cpuPerOperation: ranged(less('CPU an operation, µs', (r) => (1000 * r.cpuMs.total) / r.operations.count)),
  cpuCollector: less('CPU of the collector, ms', (r) => r.cpuMs.collector),
  cpuMutators: less('CPU of the mutators, ms', (r) => r.cpuMs.mutators),
  wallOverhead: whereAny(
    ranged(
      less('wall time, × the floor', (r, floor) => (floor ? costOf(r).wallUs / floor.wallUs : Number.NaN), twoDecimals),
    ),
  ),
  cpuOverhead: whereAny(
    ranged(less('CPU, × the floor', (r, floor) => (floor ? costOf(r).cpuUs / floor.cpuUs : Number.NaN), twoDecimals)),
  ),
  digest: plain('objects checked, all right', (r) => r.digest.checked),
  incidents: whereAny(less('mended incidents', (r) => sum(r.collections.map((c) => c.incidents?.length ?? 0)))),
  // Both pauses as one, for the overview and beside peers.
  pauseP50: besidePeers(less('pause p50, µs', (r) => percentile(pausesUs(r), 0.5))),
  pauseMax: besidePeers(less('pause longest, µs', (r) => percentile(pausesUs(r), 1))),
  // What follows explains differences; it has no row of its own.
  pausedMs: less('in pauses, ms', pausedMs),
  faultWaitMs: less('waiting for faults, ms', faultWaitMs),
  publishMs: less(
    'publishing in bulk, ms',
    aCollection((c) => (c.publishNsPerPage * c.pages.publishedInBulk) / 1e6),
  ),
  wallMs: plain('measured, ms', (r) => (1000 * r.operations.count) / r.operations.perSecond),
  remarkMs: less(
    '  remark, ms',
    aCollection(({ ms }) => ms.remark),
  ),
  planMs: less(
    '  plan, ms',
    aCollection(({ ms }) => ms.plan),
  ),
  flipMs: less(
    '  flip, ms',
    aCollection(({ ms }) => ms.flip),
  ),
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof metrics;

/** The rows of the table, grouped. */
export const groups: readonly (readonly [title: string, rows: readonly MetricName[]])[] = [
  ['throughput', ['operations']],
  ['batches', ['batchP50', 'batchP99', 'batchP999', 'batchMax', 'batchMetered']],
  [
    'latency of requests',
    [
      ...(['offered', 'reached', 'simpleP50', 'simpleP99', 'simpleP999'] as const),
      ...(['meteredP50', 'meteredP99', 'meteredP999', 'meteredMax'] as const),
    ],
  ],
  ['pauses', ['pauseP50', 'pauseMax', 'remarkP50', 'remarkMax', 'flipP50', 'flipP99', 'flipMax']],
  [
    'faults and stalls',
    ['faults', 'minor', 'signal', 'serviceP50', 'serviceP99', 'serviceMax', 'stalls', 'stallMs', 'paced', 'pacedMs'],
  ],
  ['mutator utilisation', ['mmu10', 'mmu100']],
  ['storm after a flip', ['stormPeak', 'drainP50', 'drainMax']],
  ['collections', ['collections', 'totalMs', 'markMs', 'compactMs', 'reclaimMs', 'compaction', 'incidents']],
  [
    'pages a collection',
    ['built', 'updated', 'mapped', 'mappedAhead', 'published', 'byFault', 'faultShare', 'pageNs', 'publishNs'],
  ],
  ['memory', ['pss', 'resident', 'metadata', 'floating', 'fragmentedBefore', 'fragmentedAfter']],
  ['processor', ['cpuPerOperation', 'cpuCollector', 'cpuMutators']],
  ['an operation over its floor (LBO)', ['wallOverhead', 'cpuOverhead']],
  ['digest', ['digest']],
];
