/** Order statistics of small samples, a summary a table can show, and what may be said of two of them. */
import { type Interval, medianInterval, ratioInterval } from './bootstrap.js';

/** The smallest value that at least `share` (0..1) of the values do not exceed: nearest rank. NaN when empty. */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.ceil(share * sorted.length);
  return sorted[Math.min(sorted.length, Math.max(1, rank)) - 1];
}

/** The middle value, or the mean of the middle two. NaN when empty. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Mean of `values` weighted by `weights`; NaN when the weights add up to nothing. */
export function weightedMean(values: readonly number[], weights: readonly number[]): number {
  const total = sum(weights);
  return total > 0 ? values.reduce((mean, value, i) => mean + (value * weights[i]) / total, 0) : Number.NaN;
}

/** A figure over the invocations of a configuration. */
export interface Spread {
  readonly count: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Values that are not numbers are left out; the rest may be none, and `median` is then NaN. */
export function spreadOf(values: readonly number[]): Spread {
  const present = values.filter((value) => Number.isFinite(value));
  return {
    count: present.length,
    median: median(present),
    min: present.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
    max: present.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
  };
}

/** A figure with the values it is of. */
export interface Sample extends Spread {
  readonly values: readonly number[];
  /** 95% bootstrap interval of the median over the invocations; undefined where they are too few. */
  readonly interval: Interval | undefined;
}

/** Values that are not numbers are left out; the rest may be none, and `median` is then NaN. */
export function sampleOf(values: readonly number[]): Sample {
  const present = values.filter((value) => Number.isFinite(value));
  let interval: { readonly found: Interval | undefined } | undefined;
  return {
    ...spreadOf(present),
    values: present,
    // Not asked for by everybody who makes a sample, and by some of them often.
    get interval() {
      interval ??= { found: medianInterval(present) };
      return interval.found;
    },
  };
}

/** How one sample compares with another. */
export interface Relation {
  /** The first's median over the second's. */
  readonly ratio: number;
  /** 95% bootstrap interval of `ratio`; undefined where the invocations of either are too few. */
  readonly interval: Interval | undefined;
  /** Whether nothing may be said of which is more. */
  readonly tie: boolean;
}

/** Differences below these shares are not told apart: more must differ when nothing shows how much a run varies. */
const noise = { repeated: 0.02, once: 0.05 } as const;

/**
 * How `a` compares with `b`. A tie: the interval of the ratio holds 1. With too few invocations for an interval: the
 * ranges over the invocations overlap, or the medians differ by less than runs vary anyway.
 */
export function compare(a: Sample, b: Sample): Relation {
  if (!Number.isFinite(a.median) || !Number.isFinite(b.median)) {
    return { ratio: Number.NaN, interval: undefined, tie: true };
  }
  const ratio = a.median === b.median ? 1 : a.median / b.median;
  const interval = ratioInterval(a.values, b.values);
  if (interval) return { ratio, interval, tie: interval.low <= 1 && interval.high >= 1 };
  const repeated = a.count > 1 && b.count > 1;
  const near = Math.abs(ratio - 1) < (repeated ? noise.repeated : noise.once);
  return { ratio, interval, tie: near || (a.min <= b.max && b.min <= a.max) };
}
