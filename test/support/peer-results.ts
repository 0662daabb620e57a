/** Made-up lines of somebody else's collector. */
import { type PeerConfig, type PeerFailure, type PeerResult, schemaVersion } from '../../bench/schema/index.js';
import { someConfig, someEnvironment } from './synthetic-results.js';

const { workload, scale, heapBytes, mutators, gcWorkers, seconds, seed, quick } = someConfig;

export const somePeerConfig: PeerConfig = {
  ...{ peer: 'g1' as const, runtime: 'OpenJDK 17.0.15' },
  ...{ workload, scale, heapBytes, mutators, gcWorkers, seconds, seed, quick },
};

export function peerResult(config: Partial<PeerConfig> = {}, perSecond = 400_000): PeerResult {
  return {
    ...peerHeader(config),
    operations: { count: perSecond * 8, perSecond },
    batchUs: { count: 4000, p50: 1500, p99: 4000, p999: 30_000, max: 50_000 },
    pausesUs: { count: 4, p50: 200_000, p99: 400_000, max: 400_000 },
    peakPssBytes: 2 ** 28,
    cpuMs: { total: 12_000 },
    checked: 900_000,
  };
}

export function peerFailure(config: Partial<PeerConfig> = {}): PeerFailure {
  return { ...peerHeader(config), error: { code: 'OUT_OF_MEMORY', message: 'the heap is full' } };
}

function peerHeader(config: Partial<PeerConfig>) {
  return {
    schema: schemaVersion as typeof schemaVersion,
    invocation: 0,
    startedAt: '2026-01-02T03:04:05.678Z',
    config: { ...somePeerConfig, ...config },
    environment: structuredClone(someEnvironment),
  };
}
