/** What was measured of an invocation. */
import { z } from 'zod';
import { bytes, count, number, text } from './kinds.js';

const digestSchema = z
  .strictObject({
    ok: z.boolean().describe('whether the reachable graph is what it must be'),
    objects: count('live objects found'),
    bytes: bytes('live objects'),
    checked: count('objects or entries compared'),
    hash: text('of the reachable graph, the same for the same work; hexadecimal').optional(),
  })
  .describe('the check at the end');

export const operationsSchema = z
  .strictObject({ count: count('operations measured'), perSecond: number('operations a second of wall time') })
  .describe('throughput');

const curveSchema = z.array(z.tuple([number('share of them'), number('µs that so many do not exceed')]));

export const quantilesSchema = (doc: string) =>
  z
    .strictObject({
      p50: number('median, µs'),
      p90: number('90th percentile, µs'),
      p99: number('99th percentile, µs'),
      p999: number('99.9th percentile, µs'),
      p9999: number('99.99th percentile, µs'),
      max: number('longest, µs'),
      curve: curveSchema.describe('the whole curve, but for the longest'),
    })
    .describe(doc);

export const batchSchema = z
  .strictObject({
    count: count('batches measured'),
    p50: number('median, µs'),
    p99: number('99th percentile, µs'),
    p999: number('99.9th percentile, µs'),
    max: number('longest, µs'),
    curve: curveSchema.optional().describe('the whole curve, but for the longest'),
    samples: z
      .array(z.array(number('µs')))
      .optional()
      .describe('every batch in the order in which they ended, a list a mutator; left out where there were very many'),
    metered: quantilesSchema('from when a batch was due at an even pace to its end, as DaCapo meters it').optional(),
  })
  .describe('time of a batch of operations, µs');

export const spreadSchema = (doc: string) =>
  z
    .strictObject({
      count: count('how many'),
      p50: number('median, µs'),
      p99: number('99th percentile, µs'),
      max: number('longest, µs'),
    })
    .describe(doc);

const faultsSchema = z
  .strictObject({
    missing: count('faults on a hole'),
    minor: count('faults on a page that is there but not mapped'),
    signal: count('faults that a mutator took in its own handler, where the two cannot be told apart').optional(),
    byMutator: z.array(count('faults of one mutator')).describe('faults of each mutator'),
    serviceUs: spreadSchema('from the start of serving a fault to its page published, µs'),
  })
  .describe('faults taken by mutators while a compaction ran');

export const stallsSchema = z
  .strictObject({
    count: count('allocations that had to wait for the collector'),
    totalMs: number('time waited in all, ms'),
    maxMs: number('longest wait, ms'),
    paced: z
      .strictObject({ count: count('how many'), totalMs: number('time waited in all, ms') })
      .optional()
      .describe('short waits, 10 ms at most, that keep allocation from running ahead of a collection'),
  })
  .describe('allocation stalls');

export const collectionSchema = z
  .strictObject({
    cycle: count('number of the collection'),
    trigger: text('why it started'),
    liveBytes: bytes('live objects marked'),
    evacuatedBytes: bytes('objects moved'),
    reclaimedBytes: bytes('memory that became free'),
    pages: z
      .strictObject({
        built: count('target pages built from evacuated objects'),
        updated: count('kept pages whose references were updated in place'),
        mapped: count('pages without stale references, mapped as they were'),
        mappedAhead: count('pages without stale references, mapped before the flip').optional(),
        publishedInBulk: count('pages a worker published'),
        publishedByFault: count('pages published because a mutator faulted on them'),
      })
      .describe('pages, of 4 KiB unless the configuration says 2M'),
    ms: z
      .strictObject({
        mark: number('concurrent mark, ms'),
        remark: number('pause that closes marking, ms'),
        plan: number('concurrent plan, ms'),
        flip: number('pause in which mutators change to the armed view, ms'),
        compact: number('concurrent compaction, ms'),
        reclaim: number('concurrent reclaim, ms'),
        total: number('from start to end, ms'),
      })
      .describe('wall time of each phase, ms'),
    publishNsPerPage: number('mean cost of publishing a page in bulk, ns'),
    dirtyPages: count('written pages that the kernel barrier found beside the mutators').optional(),
    dirtyPagesAtRemark: count('written pages that it found in the pause that closes marking').optional(),
    cpuMs: number("collector threads' processor time, ms"),
    incidents: z.array(z.string()).optional().describe('what went wrong and was mended, such as a lost worker'),
  })
  .describe('one collection');

const memorySchema = z
  .strictObject({
    peakPssBytes: bytes('highest proportional set size of the process'),
    metadataBytes: bytes("the collector's tables off the heap"),
    heapResidentBytes: bytes('heap memory resident at the end'),
    series: z
      .array(z.tuple([number('since the period began, ms'), bytes('proportional set size')]))
      .optional()
      .describe('memory over the measured period'),
    floatingBytes: bytes('dead objects that the last collection kept, against the exact graph').optional(),
    fragmentation: z
      .strictObject({
        before: number('share of used regions that is not live, before the last collection'),
        after: number('the same after it'),
      })
      .optional()
      .describe('fragmentation around the last collection'),
  })
  .describe('memory');

const mmuSchema = z
  .array(
    z.strictObject({
      windowMs: number('length of the window, ms'),
      share: number('least share of a window of that length in which a mutator could run, over all mutators'),
    }),
  )
  .describe('minimum mutator utilisation: pauses, fault service and allocation stalls are not mutator time');

const stormSchema = z
  .strictObject({
    flips: count('flips looked at'),
    perMs: z.array(number('faults')).describe('mean number of faults in each millisecond after a flip'),
    peakPerMs: number('most faults in one millisecond after any flip'),
    drainMs: z
      .strictObject({ p50: number('median, ms'), max: number('longest, ms') })
      .describe('from the flip to the last fault on a page of it'),
  })
  .describe('the storm of faults after a flip');

const latencySchema = z
  .strictObject({
    offeredPerSecond: number('operations a second offered'),
    reachedPerSecond: number('operations a second done'),
    requests: count('requests served').optional(),
    unserved: count(
      'requests due and not begun at the end; in the metered latency with what they had waited',
    ).optional(),
    simpleUs: quantilesSchema('from the start of a request to its end'),
    meteredUs: quantilesSchema('from when a request was due to its end'),
  })
  .describe('latency of requests at a fixed rate');

const filesSchema = z
  .strictObject({
    trace: text('page events').optional(),
    hdrSimple: text('simple latency, HdrHistogram log').optional(),
    hdrMetered: text('metered latency, HdrHistogram log').optional(),
    latencyCsv: text('both latencies by percentile').optional(),
  })
  .describe('names of further files, beside the results file');

const warmUpSchema = z
  .strictObject({
    ms: number('how long it took, ms'),
    collections: count('collections that ran in it'),
  })
  .describe('what ran before the measured period and is in no figure');

const cpuSchema = z
  .strictObject({
    total: number('all threads, ms'),
    collector: number('collector threads, ms'),
    mutators: number('mutator threads, ms'),
  })
  .describe('processor time while measuring, ms');

/** What was measured. */
export const measureFields = {
  digest: digestSchema,
  operations: operationsSchema,
  batchUs: batchSchema,
  pauseUs: z
    .strictObject({
      remark: spreadSchema('remark pauses, µs'),
      flip: spreadSchema('flip pauses, µs'),
    })
    .describe('time from asking for a safepoint to the mutators going on, µs'),
  faults: faultsSchema,
  stalls: stallsSchema,
  collections: z.array(collectionSchema).describe('every collection, in order'),
  compactionMBps: number('live bytes over total time of the collections, MB/s (1 MB = 10^6 bytes)'),
  memory: memorySchema,
  cpuMs: cpuSchema,
  warmUp: warmUpSchema.optional(),
  mmu: mmuSchema.optional(),
  storm: stormSchema.optional(),
  latency: latencySchema.optional(),
  files: filesSchema.optional(),
};
