/**
 * How far a run is from the floor: the lower-bound overhead of Cai, Blackburn, Bond and Maas ("Distilling the Real
 * Cost of Production Garbage Collectors", ISPASS 2022). What the same work would cost without a collector is not
 * known, but it is no more than the least, over all collectors, of what a run cost less what is known to have been
 * its collector. Cost over that floor is an overhead which the real one is not below.
 */
import { failureOf } from '../results/checks.js';
import { isPeerLine, type PeerResult, type Result, type ResultLine, type SweepConfig } from '../schema/index.js';
import { median, sum } from '../statistics/sample.js';
import { workloadTraits } from '../workloads/table.js';
import { workKey } from './work.js';

/** An invocation's cost an operation, or the floor of several; NaN where there is none. */
export interface Cost {
  readonly wallUs: number;
  /** Processor time of all threads. */
  readonly cpuUs: number;
}

type AnyResult = Result | PeerResult;

/**
 * What an invocation cost an operation. Without a figure where operations are not the work, and without wall time
 * where they were offered at a fixed rate.
 */
export function costOf(result: AnyResult): Cost {
  const { count, perSecond } = result.operations;
  if (count === 0 || workloadTraits(result.config.workload).judgedBy !== 'operations') {
    return { wallUs: Number.NaN, cpuUs: Number.NaN };
  }
  const offered = 'rate' in result.config && result.config.rate !== undefined;
  return { wallUs: offered ? Number.NaN : 1e6 / perSecond, cpuUs: (1000 * result.cpuMs.total) / count };
}

/**
 * The same without what is known to have been the collector. Of wall time, the pauses. Of processor time, all that our
 * collector's threads used: they are metered by themselves, and what is left is still no less than the mutators used.
 * Of a peer only the pauses are known, and that at least one thread of its collector ran in them.
 */
function withoutCollector(result: AnyResult): Cost {
  const { wallUs, cpuUs } = costOf(result);
  const { count } = result.operations;
  const pausedUs = isPeerLine(result) ? leastTotal(result.pausesUs) : 1000 * pausedMs(result);
  const collectorUs = isPeerLine(result) ? pausedUs : 1000 * result.cpuMs.collector;
  return { wallUs: positive(wallUs - pausedUs / count), cpuUs: positive(cpuUs - collectorUs / count) };
}

/** Time all mutators stand still for the collector, ms. */
export function pausedMs({ collections }: Result): number {
  return sum(collections.map(({ ms }) => ms.remark + ms.flip));
}

function positive(value: number): number {
  return value > 0 ? value : Number.NaN;
}

/** The least that values of these quantiles, by nearest rank, can add up to. */
export function leastTotal({ count, p50, p99, max }: PeerResult['pausesUs']): number {
  if (count === 0) return 0;
  const [half, most] = [Math.ceil(0.5 * count), Math.ceil(0.99 * count)];
  return (most - half) * p50 + (count - most) * p99 + max;
}

/** Floors by what `floorKey` answers: of each set of at least two configurations that did the same work. */
export function floorsOf(lines: readonly ResultLine[]): Map<string, Cost> {
  const sets = new Map<string, Map<string, Cost[]>>();
  for (const line of lines) {
    if (!('operations' in line) || failureOf(line)) continue;
    const set = sets.get(floorKey(line)) ?? new Map<string, Cost[]>();
    sets.set(floorKey(line), set);
    const config = JSON.stringify(line.config);
    set.set(config, [...(set.get(config) ?? []), withoutCollector(line)]);
  }
  const floors = [...sets].flatMap(([key, configs]) => (configs.size < 2 ? [] : [[key, leastOf(configs)] as const]));
  return new Map(floors);
}

/** Work and heap of a line: what the configurations of one floor have in common. */
export function floorKey({ config }: { readonly config: SweepConfig }): string {
  return `${workKey(config)} ${config.heapBytes}`;
}

function leastOf(configs: Map<string, Cost[]>): Cost {
  const least = (of: keyof Cost): number => {
    const medians = [...configs.values()].map((costs) => median(costs.map((cost) => cost[of]).filter(Number.isFinite)));
    const known = medians.filter(Number.isFinite);
    return known.length > 0 ? Math.min(...known) : Number.NaN;
  };
  return { wallUs: least('wallUs'), cpuUs: least('cpuUs') };
}
