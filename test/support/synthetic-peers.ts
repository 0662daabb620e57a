/** Made-up result lines of peers, complete and legal. */
import type { PeerMeasurement } from '../../bench/peers/run.js';
import { type PeerConfig, type PeerResult, schemaVersion } from '../../bench/schema.js';
import { MiB } from '../../bench/sizes.js';
import { someConfig, someEnvironment } from './synthetic-results.js';

const { scale, heapBytes, mutators, gcWorkers, seconds, seed, quick } = someConfig;

export const somePeer: PeerConfig = {
  ...{ peer: 'g1', runtime: 'OpenJDK 17.0.15', workload: 'churn' },
  ...{ scale, heapBytes, mutators, gcWorkers, seconds, seed, quick },
};

export function somePeerMeasurement(perSecond = 250_000): PeerMeasurement {
  return {
    operations: { count: perSecond * 8, perSecond },
    batchUs: { count: 2000, p50: 1700, p99: 9000, p999: 292_000, max: 510_000 },
    pausesUs: { count: 26, p50: 250_000, p99: 490_000, max: 500_000 },
    stalls: { count: 0, totalMs: 0, maxMs: 0 },
    peakPssBytes: 982 * MiB,
    cpuMs: { total: 15_000 },
    checked: 2 ** 23,
  };
}

export function somePeerResult(config: Partial<PeerConfig> = {}, perSecond?: number, invocation = 0): PeerResult {
  return {
    ...{ schema: schemaVersion, invocation, startedAt: '2026-01-02T03:04:05.678Z' },
    config: { ...somePeer, ...config },
    environment: structuredClone(someEnvironment),
    ...somePeerMeasurement(perSecond),
  };
}
