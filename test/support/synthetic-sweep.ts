/** A made-up sweep with everything in it that a report can show: all ways, heap sizes, failures, curves. */
import {
  type InvocationConfig,
  type PeerConfig,
  type Result,
  type ResultLine,
  schemaVersion,
} from '../../bench/schema/index.js';
import { MiB } from '../../bench/sizes.js';
import { peerResult } from './peer-results.js';
import { someResult } from './synthetic-results.js';

type Way = Pick<InvocationConfig, 'resolution' | 'delivery' | 'flip'>;

/** Every way there is, with its share of the fastest one's throughput and the length of its worst wait, ms. */
export const allWays: readonly (Way & { readonly speed: number; readonly worstMs: number })[] = [
  { resolution: 'continue', delivery: 'handler', flip: 'bank', speed: 0.94, worstMs: 34 },
  { resolution: 'continue', delivery: 'handler', flip: 'remap', speed: 0.93, worstMs: 36 },
  { resolution: 'continue', delivery: 'signal', flip: 'bank', speed: 1, worstMs: 23 },
  { resolution: 'continue', delivery: 'signal', flip: 'remap', speed: 0.99, worstMs: 25 },
  { resolution: 'copy', delivery: 'handler', flip: 'remap', speed: 0.84, worstMs: 42 },
  { resolution: 'copy', delivery: 'signal', flip: 'remap', speed: 0.83, worstMs: 27 },
  { resolution: 'move', delivery: 'handler', flip: 'remap', speed: 0.71, worstMs: 64 },
  { resolution: 'move', delivery: 'signal', flip: 'remap', speed: 0.69, worstMs: 57 },
  { resolution: 'protect', delivery: 'signal', flip: 'bank', speed: 0.83, worstMs: 38 },
  { resolution: 'stw', delivery: 'none', flip: 'none', speed: 0.86, worstMs: 142 },
];

/** Peers, with their share of the same throughput and their longest pause. */
export const somePeers = [
  { peer: 'serial', runtime: 'OpenJDK 17.0.15', speed: 0.44, worstMs: 5138 },
  { peer: 'parallel', runtime: 'OpenJDK 17.0.15', speed: 0.42, worstMs: 4100 },
  { peer: 'g1', runtime: 'OpenJDK 17.0.15', speed: 0.39, worstMs: 500 },
  { peer: 'g1', runtime: 'OpenJDK 25.0.3', speed: 0.45, worstMs: 361 },
  { peer: 'zgc', runtime: 'OpenJDK 25.0.3', speed: 0.53, worstMs: 0.5 },
  { peer: 'shenandoah', runtime: 'OpenJDK 17.0.15', speed: 0.29, worstMs: 0.6 },
  { peer: 'v8', runtime: 'Node 20.20.0, V8 11.3', speed: 0.25, worstMs: 421 },
] as const;

export interface SweepShape {
  readonly workload?: InvocationConfig['workload'];
  readonly heaps?: readonly number[];
  readonly ways?: typeof allWays;
  readonly invocations?: number;
  readonly peers?: typeof somePeers | readonly [];
  /** Whether results have the figures that are optional. */
  readonly rich?: boolean;
}

/** Lines in the order in which a sweep writes them. The tightest heap fails for `copy` by the signal. */
export function syntheticSweep(shape: SweepShape = {}): ResultLine[] {
  const {
    workload = 'churn',
    heaps = [816 * MiB, 1088 * MiB],
    ways = allWays,
    invocations = 3,
    peers = [],
    rich = true,
  } = shape;
  const random = noise(7);
  const lines: ResultLine[] = [];
  for (let invocation = 0; invocation < invocations; invocation++) {
    for (const heapBytes of heaps) {
      for (const { speed, worstMs, ...way } of ways) {
        const tight = heapBytes === Math.min(...heaps) && heaps.length > 1;
        const config: Partial<InvocationConfig> = { workload, heapBytes, seconds: 20, ...way };
        const perSecond = Math.round(700_000 * speed * (tight ? 0.8 : 1) * (0.985 + 0.03 * random()));
        const worst = worstMs * (tight ? 1.6 : 1) * (0.9 + 0.2 * random());
        const result = withFigures(someResult(config, { perSecond }, invocation), worst, random);
        if (tight && way.resolution === 'copy' && way.delivery === 'signal') lines.push(outOfMemory(result));
        else lines.push(rich ? enriched(result, worst, random) : result);
      }
      for (const { peer, runtime, speed, worstMs } of peers) {
        const config: Partial<PeerConfig> = { peer, runtime, workload, heapBytes, seconds: 20 };
        const line = peerResult(config, Math.round(700_000 * speed * (0.97 + 0.06 * random())));
        const pausesUs = { count: 25, p50: 400 * worstMs, p99: 1000 * worstMs, max: 1000 * worstMs };
        const batchUs = { count: 9000, p50: 1700, p99: 4000, p999: 900 * worstMs + 4000, max: 1000 * worstMs + 9000 };
        lines.push({ ...line, invocation, pausesUs, batchUs });
      }
    }
  }
  return lines;
}

function outOfMemory({ invocation, startedAt, config, environment }: Result): ResultLine {
  const error = {
    code: 'OUT_OF_MEMORY',
    message: 'no region is free after three collections',
    hint: 'use a larger --heap',
  };
  return { schema: schemaVersion, invocation, startedAt, config, environment, error };
}

function withFigures(result: Result, worstMs: number, random: () => number): Result {
  const stops = result.config.resolution === 'stw';
  const compact = stops ? 0 : 40 + 20 * random();
  const flip = stops ? worstMs : 0.03 + 0.1 * random();
  const none = { count: 0, p50: 0, p99: 0, max: 0 };
  const flips = { count: 30, p50: 1000 * flip, p99: 2600 * flip, max: 3000 * flip };
  return {
    ...result,
    batchUs: { count: 14_000, p50: 850, p99: 400 * worstMs, p999: 800 * worstMs, max: 1000 * worstMs },
    ...(stops && { faults: { missing: 0, minor: 0, byMutator: [0], serviceUs: none } }),
    pauseUs: { remark: stops ? none : { count: 30, p50: 10, p99: 60, max: 66 }, flip: flips },
    collections: result.collections.map((one) => {
      const mark = stops ? 0 : 88 + 6 * random();
      const ms = { mark, remark: stops ? 0 : 0.01, plan: stops ? 0 : 1.5, flip, compact, reclaim: stops ? 0 : 5 };
      const total = Object.values(ms).reduce((sum, phase) => sum + phase, 0);
      return { ...one, ms: { ...ms, total }, publishNsPerPage: 500 + 900 * random() };
    }),
  };
}

/** Every optional figure of a result. */
export function enriched(result: Result, worstMs: number, random: () => number): Result {
  const baseUs = 900_000_000 / result.operations.perSecond;
  const curve = (factor: number) =>
    Array.from({ length: 51 }, (_, i): [number, number] => {
      const nines = i / 10;
      const tail = 1000 * worstMs * factor * (1 - Math.exp(-(nines ** 2) / 5));
      return [1 - 10 ** -nines, baseUs * (0.8 + 0.1 * nines) + (nines > 1 ? tail : 0)];
    });
  const quantiles = (factor: number) => {
    const points = curve(factor);
    const at = (share: number) => points.find(([s]) => s >= share - 1e-9)![1];
    const named = { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), p9999: at(0.9999) };
    return { ...named, max: 1100 * worstMs * factor, curve: points };
  };
  const drain = result.config.resolution === 'stw' ? 0 : 30 + worstMs / 2;
  const perMs = Array.from({ length: Math.round(drain) + 1 }, (_, ms) =>
    drain ? 180 * Math.exp((-3 * ms) / drain) : 0,
  );
  return {
    ...result,
    mmu: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000].map((windowMs) => ({
      windowMs,
      share: Math.max(0, Math.min(0.97, 1 - worstMs / windowMs - 0.05 * random())),
    })),
    ...(drain && { storm: { flips: 30, perMs, peakPerMs: 400, drainMs: { p50: drain, max: 1.5 * drain } } }),
    latency: {
      offeredPerSecond: 400_000,
      reachedPerSecond: 399_000,
      simpleUs: quantiles(1),
      meteredUs: quantiles(2.2),
    },
    memory: {
      ...result.memory,
      series: Array.from({ length: 100 }, (_, i): [number, number] => [
        i * 200,
        Math.round((180 + 12 * (i % 7) + 10 * random()) * MiB),
      ]),
      floatingBytes: 3 * MiB,
      fragmentation: { before: 0.41, after: 0.03 },
    },
  };
}

/** Numbers from 0 to 1 that are the same every time. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
