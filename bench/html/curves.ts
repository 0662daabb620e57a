/** From results to curves: one a column, over its invocations. A column without the figure has no points. */

import type { MetricName } from '../metrics.js';
import { type Column, figure, type Panel } from '../panels.js';
import type { Result } from '../schema.js';
import { median } from '../statistics.js';
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

/** Percentiles that every result has. The longest of all stands where its own share would be, among so many. */
export function batchCurve({ results }: Column): Point[] {
  const measured = results.filter(({ batchUs }) => batchUs.count > 0);
  if (measured.length === 0) return [];
  const quantiles = [
    [0.5, 'p50'],
    [0.99, 'p99'],
    [0.999, 'p999'],
  ] as const;
  const points = quantiles.map(
    ([share, name]): Point => [ninesOf(share), median(measured.map((r) => r.batchUs[name]))],
  );
  const last = Math.log10(median(measured.map(({ batchUs }) => batchUs.count)));
  return last > 3 ? [...points, [last, median(measured.map(({ batchUs }) => batchUs.max))]] : points;
}

export function latencyCurve({ results }: Column, which: 'simpleUs' | 'meteredUs'): Point[] {
  return percentileCurve(results.flatMap(({ latency }) => (latency ? [latency[which].curve] : [])));
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

/** One way over heap sizes. */
export interface HeapCurve {
  readonly label: string;
  readonly points: readonly Point[];
  readonly intervals: readonly (readonly [number, number] | null)[];
  /** Heap sizes, bytes, at which no invocation counts. */
  readonly failed: readonly number[];
}

/** Columns that differ in their heap alone, and a curve for each way. */
export interface HeapSweep {
  readonly title: string;
  readonly columns: readonly Column[];
}

/** What was run at several heap sizes: everything but heap and way is the same. */
export function heapSweeps(panels: readonly Panel[]): HeapSweep[] {
  const groups = new Map<string, Column[]>();
  for (const column of panels.flatMap(({ columns }) => columns)) {
    const { heapBytes: _, heapTimes: __, resolution: ___, delivery: ____, flip: _____, ...rest } = column.config;
    const key = JSON.stringify(Object.entries(rest).sort());
    groups.set(key, [...(groups.get(key) ?? []), column]);
  }
  return [...groups.values()]
    .filter((columns) => new Set(columns.map(({ config }) => config.heapBytes)).size > 1)
    .map((columns) => ({ title: columns[0].config.workload, columns }));
}

/** The curves of a sweep, by what each column's way is called. */
export function heapCurves({ columns }: HeapSweep, name: MetricName, wayOf: (column: Column) => string): HeapCurve[] {
  const ways = new Map<string, Column[]>();
  for (const column of columns) ways.set(wayOf(column), [...(ways.get(wayOf(column)) ?? []), column]);
  return [...ways].map(([label, own]) => {
    const sorted = [...own].sort((a, b) => a.config.heapBytes - b.config.heapBytes);
    const measured = sorted.map((column) => ({ column, spread: figure(column, name) }));
    const present = measured.filter(({ spread }) => Number.isFinite(spread.median));
    return {
      label,
      points: present.map(({ column, spread }): Point => [column.config.heapBytes, spread.median]),
      intervals: present.map(({ spread }) => (spread.count > 1 ? [spread.min, spread.max] : null)),
      failed: sorted.filter(({ results, failed }) => results.length === 0 && failed > 0).map((c) => c.config.heapBytes),
    };
  });
}
