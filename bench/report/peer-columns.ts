/** Peers' lines as columns beside ours. */
import { configKey, peerLabel } from '../configurations/describe.js';
import type { PeerConfig, PeerLine, PeerResult, SweepConfig } from '../schema/index.js';
import type { MetricName } from './metrics.js';
import { type Cost, costOf } from './overhead.js';

/** A peer and what its invocations gave. `results` are ours, of which it has none. */
export interface PeerColumn {
  readonly config: PeerConfig;
  readonly label: string;
  readonly results: readonly [];
  readonly peers: readonly PeerResult[];
  readonly failed: number;
  /** Why they failed: error codes, each once. */
  readonly reasons: readonly string[];
  /** The least an operation can have cost, over all that did the same work in the same heap. */
  readonly floor?: Cost | undefined;
}

/** Columns in the order in which the options name peers. */
export function peerColumns(lines: readonly PeerLine[]): PeerColumn[] {
  const byConfig = new Map<string, PeerLine[]>();
  for (const line of lines) {
    const key = configKey(line.config);
    byConfig.set(key, [...(byConfig.get(key) ?? []), line]);
  }
  const columns = [...byConfig.values()].map((invocations): PeerColumn => {
    const [{ config }] = invocations;
    const peers = invocations.filter((line): line is PeerResult => 'operations' in line && line.error === undefined);
    const reasons = [...new Set(invocations.flatMap(({ error }) => error?.code ?? []))];
    const failed = invocations.length - peers.length;
    return { config, label: peerLabel(config), results: [], peers, failed, reasons };
  });
  return columns.sort((a, b) => rank(a.config) - rank(b.config) || (a.label < b.label ? -1 : 1));
}

const order: readonly PeerConfig['peer'][] = ['serial', 'parallel', 'g1', 'zgc', 'shenandoah', 'v8'];

function rank({ peer }: PeerConfig): number {
  return order.indexOf(peer);
}

/** The same for configurations whose figures can stand beside each other, ours or a peer's. */
export function besideKey(config: SweepConfig): string {
  const { workload, scale, heapBytes, mutators, gcWorkers, seconds, operations, quick } = config;
  return JSON.stringify([workload, scale, heapBytes, mutators, gcWorkers, seconds, operations ?? 0, quick]);
}

/** What the columns ran on: `OpenJDK 17.0.15, OpenJDK 25.0.3`. */
export function runtimesOf(columns: readonly PeerColumn[]): string {
  return [...new Set(columns.map(({ config }) => config.runtime))].sort().join(', ');
}

/** What of our figures a peer has. All others are about page faults and the phases of our own collector. */
export const peerFigures: { readonly [K in MetricName]?: (result: PeerResult, floor?: Cost) => number } = {
  operations: (r) => r.operations.perSecond,
  batchP50: (r) => r.batchUs.p50 / 1000,
  batchP99: (r) => r.batchUs.p99 / 1000,
  batchP999: (r) => r.batchUs.p999 / 1000,
  batchMax: (r) => r.batchUs.max / 1000,
  pauseP50: (r) => (r.pausesUs.count === 0 ? Number.NaN : r.pausesUs.p50),
  pauseMax: (r) => (r.pausesUs.count === 0 ? Number.NaN : r.pausesUs.max),
  // Of the others only ZGC makes mutators wait outside of pauses, and says so.
  stalls: (r) => (r.config.peer === 'zgc' ? (r.stalls?.count ?? 0) : Number.NaN),
  stallMs: (r) => (r.config.peer === 'zgc' ? (r.stalls?.totalMs ?? 0) : Number.NaN),
  compaction: (r) => r.compactionMBps ?? Number.NaN,
  pss: (r) => r.peakPssBytes,
  cpuPerOperation: (r) => (1000 * r.cpuMs.total) / r.operations.count,
  wallOverhead: (r, floor) => (floor ? costOf(r).wallUs / floor.wallUs : Number.NaN),
  cpuOverhead: (r, floor) => (floor ? costOf(r).cpuUs / floor.cpuUs : Number.NaN),
  digest: (r) => r.checked,
  wallMs: (r) => (1000 * r.operations.count) / r.operations.perSecond,
};
