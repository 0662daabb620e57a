/** Quantiles and curves of latencies, as a result line has them: µs. */
import type { Quantiles } from '../schema/index.js';

/**
 * The shares a curve has points at: eight a decade of what is left out, 0, 0.25, 0.44 … 0.9, … 0.99999, evenly spaced on
 * the log scale of a percentile plot. Only those that at least one of `count` values exceeds: there is nothing to be
 * known about the 99.99th percentile of a hundred values.
 */
export function curveShares(count: number): number[] {
  const shares = Array.from({ length: 5 * pointsPerDecade + 1 }, (_, i) => 1 - 10 ** (-i / pointsPerDecade));
  return shares.map((share) => Number(share.toPrecision(7))).filter((share) => (1 - share) * count >= 1);
}

const pointsPerDecade = 8;

/** Points of a curve: share of values (0..1), and the value that so many do not exceed, µs. */
export function curveOf(count: number, us: (share: number) => number): [number, number][] {
  return curveShares(count).map((share) => [share, us(share)]);
}

/** Quantiles of `count` values; `us` answers the value that a share of them does not exceed, µs. */
export function quantilesOf(count: number, us: (share: number) => number): Quantiles {
  return {
    p50: us(0.5),
    p90: us(0.9),
    p99: us(0.99),
    p999: us(0.999),
    p9999: us(0.9999),
    max: us(1),
    curve: curveOf(count, us),
  };
}

/** The value at a share of ascending values: nearest rank. 0 without any. */
export function atShare(ascending: ArrayLike<number>, share: number): number {
  const rank = Math.min(ascending.length, Math.max(1, Math.ceil(share * ascending.length)));
  return ascending[rank - 1] ?? 0;
}
