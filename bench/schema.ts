/** The result line: one JSON object an invocation. Field docs carry the units; types are inferred from here. */
import { z } from 'zod';
import { heapBytesSchema, optionTable } from './options.js';

export const schemaVersion = 'continuum/1';

const number = (doc: string) => z.number().nonnegative().describe(doc);
const count = (doc: string) => z.int().nonnegative().describe(doc);
const bytes = (doc: string) => z.int().nonnegative().describe(`${doc}, bytes`);
const text = (doc: string) => z.string().describe(doc);

export const configSchema = z
  .strictObject({
    workload: optionTable.workload.schema,
    scale: optionTable.scale.schema.describe("share of the workload's full size"),
    resolution: optionTable.resolution.schema,
    delivery: optionTable.delivery.schema,
    flip: optionTable.flip.schema,
    heapBytes: heapBytesSchema.describe('heap size, bytes'),
    mutators: optionTable.mutators.schema.describe('mutator threads'),
    gcWorkers: optionTable.gcWorkers.schema.describe('collector threads'),
    seconds: optionTable.seconds.schema.describe('measured time after the warm-up, s'),
    seed: optionTable.seed.schema.describe('seed of all random choices'),
    operations: optionTable.operations.schema
      .optional()
      .describe('operations in place of a time, all mutators together'),
    rate: optionTable.rate.schema.optional().describe('operations a second offered, all mutators together'),
    trace: optionTable.trace.schema.optional().describe('whether page events were recorded'),
    heapTimes: number('multiple of the smallest heap of the workload that was asked for').optional(),
    quick: z.boolean().describe('a smoke run: workloads shorten their warm-up as well'),
    // Settings of one workload: absent elsewhere, and where its own choice held.
    graph: optionTable.graph.schema.optional().describe('path of the graph file'),
    references: optionTable.references.schema.optional().describe('references a page of 4 KiB'),
    // Settings of the collector: absent where its own default held.
    batch: optionTable.batch.schema.optional().describe('pages published by one call at most'),
    publish: optionTable.publish.schema.optional(),
    walk: optionTable.walk.schema.optional(),
    evacuate: optionTable.evacuate.schema.optional(),
    ahead: optionTable.ahead.schema.optional(),
    residentFree: optionTable.residentFree.schema.optional().describe('free regions that keep their memory'),
    faultServers: optionTable.faultServers.schema.optional().describe('threads that serve faults'),
    userfaultfds: optionTable.userfaultfds.schema.optional().describe('descriptors that share the heap'),
    barrier: optionTable.barrier.schema.optional(),
    pages: optionTable.pages.schema.optional(),
    poison: optionTable.poison.schema.optional().describe('whether evacuated pages are poisoned'),
  })
  .describe('what was asked for');

export const environmentSchema = z
  .strictObject({
    kernel: text('kernel release'),
    cpu: text('processor model'),
    cores: count('processors online'),
    node: text('version of Node'),
    features: z.array(z.string()).describe('userfaultfd features the kernel offers; empty without userfaultfd'),
    commit: z.string().nullable().describe('git commit of the checkout, null outside one'),
    continuum: text('version of this package'),
    memoryBytes: bytes("the machine's memory"),
    transparentHugePages: z
      .strictObject({
        anonymous: z.string().nullable().describe('setting for anonymous memory'),
        shmem: z.string().nullable().describe('setting for shared memory'),
      })
      .describe('transparent huge pages as set when the run began'),
    openedBy: z.string().nullable().describe('how userfaultfd could be opened, null when it could not'),
    loadAverage: z.tuple([z.number(), z.number(), z.number()]).describe('load over 1, 5 and 15 min before the run'),
    modified: z
      .boolean()
      .nullable()
      .optional()
      .describe('whether the checkout differs from its commit; null: not known'),
    addon: z
      .strictObject({
        compiler: z.string().nullable().describe('what compiled it'),
        sha256: text('first 16 digits of the hash of its file'),
      })
      .optional()
      .describe('the native addon'),
    frequency: z
      .strictObject({
        governor: z.string().nullable().describe('of the first processor; null: the kernel does not say'),
        mhz: z.number().nullable().describe('of the first processor before the run, MHz'),
        boost: z.boolean().nullable().describe('whether processors may go beyond their nominal frequency'),
      })
      .optional()
      .describe('clock frequency'),
    smt: z.boolean().nullable().optional().describe('whether processors share cores; null: not known'),
    virtual: z.string().nullable().optional().describe('name of the virtual machine, null on bare metal'),
    availableBytes: bytes('memory that could be had before the run').optional(),
    swap: z
      .strictObject({ totalBytes: bytes('swap space'), usedBytes: bytes('of it in use before the run') })
      .optional()
      .describe('swap'),
    memoryLimitBytes: z.int().nonnegative().nullable().optional().describe('least limit of its memory cgroups, bytes'),
    maxMapCount: z.int().nonnegative().nullable().optional().describe('vm.max_map_count, mappings a process may have'),
    busyBefore: number("share of the processors' time in use just before the sweep").optional(),
    beside: z
      .strictObject({
        others: number("share of the processors' time that other processes used"),
        stolen: number('share that the hypervisor gave to others'),
      })
      .optional()
      .describe('neighbours while the invocation ran'),
    warnings: z.array(z.string()).optional().describe('what may have disturbed the run'),
  })
  .describe('where it ran');

const digestSchema = z
  .strictObject({
    ok: z.boolean().describe('whether the reachable graph is what it must be'),
    objects: count('live objects found'),
    bytes: bytes('live objects'),
    checked: count('objects or entries compared'),
    hash: text('of the reachable graph, the same for the same work; hexadecimal').optional(),
  })
  .describe('the check at the end');

const operationsSchema = z
  .strictObject({ count: count('operations measured'), perSecond: number('operations a second of wall time') })
  .describe('throughput');

const curveSchema = z.array(z.tuple([number('share of them'), number('µs that so many do not exceed')]));

const quantilesSchema = (doc: string) =>
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

const batchSchema = z
  .strictObject({
    count: count('batches measured'),
    p50: number('median, µs'),
    p99: number('99th percentile, µs'),
    p999: number('99.9th percentile, µs'),
    max: number('longest, µs'),
    curve: curveSchema.optional().describe('the whole curve, but for the longest'),
    metered: quantilesSchema('from when a batch was due at an even pace to its end, as DaCapo meters it').optional(),
  })
  .describe('time of a batch of operations, µs');

const spreadSchema = (doc: string) =>
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

const stallsSchema = z
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

export const errorSchema = z
  .strictObject({
    code: text('short name for programs, such as OUT_OF_MEMORY, DEADLINE or CHILD_DIED'),
    message: text('what went wrong, one line'),
    hint: z.string().optional().describe('what to do about it'),
  })
  .describe('why the invocation failed');

const headerFields = {
  schema: z.literal(schemaVersion).describe('version of this format'),
  invocation: count('which invocation of its configuration, from 0'),
  startedAt: z.iso.datetime().describe('when it started, UTC'),
  config: configSchema,
  environment: environmentSchema,
};

/** What was measured. */
const measureFields = {
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

/** What an invocation sends its parent; the parent adds the header where it is left out. */
export const measurementSchema = z.strictObject({
  ...z.object(headerFields).partial().shape,
  ...measureFields,
  error: errorSchema.optional(),
});

/** A measured invocation. It carries `error` when it ran to its end and still failed, as with a wrong digest. */
export const resultSchema = z.strictObject({ ...headerFields, ...measureFields, error: errorSchema.optional() });

/** An invocation without a measurement: it stopped early, crashed, hung or never started. */
export const failureSchema = z.strictObject({ ...headerFields, error: errorSchema });

/** What was asked of somebody else's collector. */
export const peerConfigSchema = z.strictObject({
  peer: optionTable.peer.schema,
  runtime: text('what ran it, such as OpenJDK 17.0.15'),
  mode: text("what tells it from the same collector's usual way, such as generational").optional(),
  ...configSchema.pick({
    workload: true,
    scale: true,
    heapBytes: true,
    heapTimes: true,
    mutators: true,
    gcWorkers: true,
    seconds: true,
    operations: true,
    seed: true,
    quick: true,
  }).shape,
});

/** An invocation of somebody else's collector: what can be measured of it from outside and by its own log. */
export const peerResultSchema = z.strictObject({
  ...headerFields,
  config: peerConfigSchema,
  operations: operationsSchema,
  batchUs: batchSchema,
  pausesUs: spreadSchema('pauses of all kinds, by its own log, µs'),
  stalls: stallsSchema.omit({ paced: true }).optional(),
  compactionMBps: number('live bytes over the time of full collections, MB/s').optional(),
  peakPssBytes: bytes('highest proportional set size of the process'),
  cpuMs: z.strictObject({ total: number('all threads while measuring, ms') }),
  checked: count('objects or entries compared at the end, all right'),
  error: errorSchema.optional(),
});
export const peerFailureSchema = z.strictObject({ ...headerFields, config: peerConfigSchema, error: errorSchema });

/** A line of a results file. */
export const lineSchema = z.union([resultSchema, failureSchema, peerResultSchema, peerFailureSchema]);

export type InvocationConfig = z.infer<typeof configSchema>;
export type PeerConfig = z.infer<typeof peerConfigSchema>;
export type PeerResult = z.infer<typeof peerResultSchema>;
export type PeerFailure = z.infer<typeof peerFailureSchema>;
export type PeerLine = PeerResult | PeerFailure;
export type Quantiles = z.infer<ReturnType<typeof quantilesSchema>>;
/** What a sweep runs: ours, or somebody else's. */
export type SweepConfig = InvocationConfig | PeerConfig;
export type Environment = z.infer<typeof environmentSchema>;
export type Collection = z.infer<typeof collectionSchema>;
export type InvocationError = z.infer<typeof errorSchema>;
export type Measurement = z.infer<typeof measurementSchema>;
export type Result = z.infer<typeof resultSchema>;
export type Failure = z.infer<typeof failureSchema>;
/** A line of ours. */
export type OwnLine = Result | Failure;
export type ResultLine = z.infer<typeof lineSchema>;

/** Faults of all kinds, however they were delivered. */
export function faultsTaken({ missing, minor, signal = 0 }: Result['faults']): number {
  return missing + minor + signal;
}

/** Whether a line holds a measurement of ours. */
export function isResult(line: ResultLine): line is Result {
  return 'operations' in line && !isPeerLine(line);
}

/** Whether a line is of ours, measured or not. */
export function isOwnLine(line: ResultLine): line is OwnLine {
  return !isPeerLine(line);
}

export function isPeerLine(line: ResultLine): line is PeerLine {
  return isPeerConfig(line.config);
}

export function isPeerConfig(config: SweepConfig): config is PeerConfig {
  return 'peer' in config;
}

/** The first thing wrong with a line, as `path: what`. A union's own message says nothing of use. */
export function firstIssue(value: unknown): string | undefined {
  const looksLike = (field: string, of: unknown) => typeof of === 'object' && of !== null && field in of;
  const ofPeer = looksLike('config', value) && looksLike('peer', (value as { config: unknown }).config);
  const [measured, failed] = ofPeer ? [peerResultSchema, peerFailureSchema] : [resultSchema, failureSchema];
  const checked = (looksLike('operations', value) ? measured : failed).safeParse(value);
  return checked.success ? undefined : issueText(checked.error);
}

export function issueText(error: z.ZodError): string {
  const [issue] = error.issues;
  const path = issue.path.length ? `${issue.path.join('.')}: ` : '';
  return `${path}${issue.message}`;
}
