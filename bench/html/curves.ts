/** From results to curves: one a column, over its invocations. A column without the figure has no points. */

import type { MetricName } from '../report/metrics.js';
import { type Column, figure } from '../report/panels.js';
import type { Result } from '../schema/index.js';
import { median } from '../statistics/sample.js';
import { ninesOf } from './page/units.js';

export type Point = readonly [x: number, y: number];

/** How many points a decade of a percentile curve has. */
const pointsPerNine = 20;

/** The part of a percentile curve that says something: shares below one, in order. */
type Curve = readonly (readonly [share: number, value: number])[];

/**
 * Percentile curves as one: at each share the median over the invocations that reach so far. x is `nines`, −log10(1 − share).
 */
export function percentileCurve(curves: readonly Curve[]): Point[] {
  const usable = curves
    .map((curve) => curve.filter(([share]) => share >= 0 && share < 1).sort(([a], [b]) => a - b))
    .filter((curve) => curve.length > 0);
  const ends = usable.map((curve) => ninesOf(curve[curve.length - 1][0]));
  const points: Point[] = [];
  for (let i = 0; i / pointsPerNine <= Math.max(...ends) + 1e-9; i++) {
    const nines = i / pointsPerNine;
    const share = 1 - 10 ** -nines;
    const reached = usable.filter((_, k) => ends[k] >= nines - 1e-9);
    const values = reached.map((curve) => valueAt(curve, share));
    points.push([nines, median(values)]);
  }
  return points;
}

/** The least value that a share of the requests do not exceed. */
function valueAt(curve: Curve, share: number): number {
  const at = curve.find(([s]) => s >= share - 1e-9) ?? curve[curve.length - 1];
  return at[1];
}

/** What is known of a distribution: all of it but the longest, or a few percentiles. */
interface Distribution {
  readonly count: number;
  readonly max: number;
  readonly curve: Curve;
}

/** Distributions as one curve. The longest of all stands where one among so many belongs. */
function distributionCurve(all: readonly Distribution[]): Point[] {
  const points = percentileCurve(all.map(({ curve }) => curve));
  const last = Math.log10(median(all.map(({ count }) => count)));
  if (points.length === 0 || !(last > points[points.length - 1][0])) return points;
  return [...points, [last, median(all.map(({ max }) => max))]];
}

/** Peers' batches are timed as ours are. */
function batchesOf({ results, peers }: Column): Result['batchUs'][] {
  return (peers ?? results).map(({ batchUs }) => batchUs);
}

/** Time of a batch, or with `metered` from when it was due at an even pace. */
export function batchCurve(column: Column, which: 'simple' | 'metered'): Point[] {
  const all = batchesOf(column).flatMap((batchUs): Distribution[] => {
    const { count, max, curve } = which === 'metered' ? { ...batchUs.metered, count: batchUs.count } : batchUs;
    return count > 0 && curve ? [{ count, max: max ?? Number.NaN, curve }] : [];
  });
  return distributionCurve(all);
}

/** The percentiles that every result has, whenever it was measured. */
export function batchPercentiles(column: Column): Point[] {
  const measured = batchesOf(column).filter(({ count }) => count > 0);
  if (measured.length === 0) return [];
  const quantiles = [
    [0.5, 'p50'],
    [0.99, 'p99'],
    [0.999, 'p999'],
  ] as const;
  const of = (name: 'p50' | 'p99' | 'p999' | 'max') => median(measured.map((batchUs) => batchUs[name]));
  const points = quantiles.map(([share, name]): Point => [ninesOf(share), of(name)]);
  const last = Math.log10(median(measured.map(({ count }) => count)));
  return last > 3 ? [...points, [last, of('max')]] : points;
}

/** Latency of requests at a fixed rate. */
export function latencyCurve({ results }: Column, which: 'simpleUs' | 'meteredUs'): Point[] {
  const all = results.flatMap(({ latency }) =>
    latency ? [{ ...latency[which], count: latency.requests ?? Number.NaN }] : [],
  );
  return distributionCurve(all);
}

/** Window in ms, least share of it that was the mutators': the median over the invocations. */
export function mmuCurve({ results }: Column): Point[] {
  return mediansByX(results.map(({ mmu }) => (mmu ?? []).map(({ windowMs, share }): Point => [windowMs, share])));
}

/** Milliseconds after a flip, faults in that millisecond: the mean of an invocation, the median over them. */
export function stormCurve({ results }: Column): Point[] {
  const storms = results.flatMap(({ storm }) => (storm ? [storm.perMs] : []));
  const length = Math.max(0, ...storms.map((perMs) => perMs.length));
  // A storm that is over has no faults; it has not stopped being measured.
  return Array.from({ length }, (_, ms) => [ms, median(storms.map((perMs) => perMs[ms] ?? 0))]);
}

/** Memory of the first invocation that has a recording, bytes: invocations do not run in step. */
export function memoryCurve({ results }: Column): Point[] {
  const series = results.map(({ memory }) => memory.series ?? []).find((points) => points.length > 0) ?? [];
  return series.map(([ms, bytes]): Point => [ms, bytes]);
}

function mediansByX(curves: readonly (readonly Point[])[]): Point[] {
  const byX = new Map<number, number[]>();
  for (const [x, y] of curves.flat()) byX.set(x, [...(byX.get(x) ?? []), y]);
  return [...byX].sort(([a], [b]) => a - b).map(([x, values]): Point => [x, median(values)]);
}

/** The phases of a collection in their order, and which of them stop the mutators. */
export const phases = [
  { name: 'mark', metric: 'markMs', pause: false },
  { name: 'remark', metric: 'remarkMs', pause: true },
  { name: 'plan', metric: 'planMs', pause: false },
  { name: 'flip', metric: 'flipMs', pause: true },
  { name: 'compact', metric: 'compactMs', pause: false },
  { name: 'reclaim', metric: 'reclaimMs', pause: false },
] as const satisfies readonly { name: keyof Result['collections'][0]['ms']; metric: MetricName; pause: boolean }[];

/** Mean time of each phase, ms; undefined without a collection. */
export function phaseTimes(column: Column): number[] | undefined {
  if (!column.results.some(({ collections }) => collections.length > 0)) return undefined;
  return phases.map(({ metric }) => figure(column, metric).median);
}
