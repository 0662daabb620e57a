/** The storm of faults after a flip: mutators come to pages faster than workers make them right. */
import type { Measurement } from '../schema/index.js';
import { percentile, sum } from '../statistics/sample.js';

/** A flip and the compaction after it, ns. */
export interface Flip {
  /** When mutators went on in the new view. */
  readonly at: number;
  /** When the last stale page was published. */
  readonly until: number;
}

/**
 * Faults in each millisecond after a flip, as a mean over the flips; `faults` are times, ns. A fault counts for the
 * compaction it falls into. Undefined without a flip.
 */
export function stormOf(flips: readonly Flip[], faults: readonly number[]): Measurement['storm'] {
  if (flips.length === 0) return undefined;
  const inOrder = Float64Array.from(faults).sort();
  const counts: number[] = [];
  const drains: number[] = [];
  let peakPerMs = 0;
  let next = 0;
  for (const { at, until } of [...flips].sort((a, b) => a.at - b.at)) {
    while (next < inOrder.length && inOrder[next] < at) next++;
    let last = at;
    const ours: number[] = [];
    for (; next < inOrder.length && inOrder[next] <= until; next++) {
      last = inOrder[next];
      const ms = Math.floor((last - at) / 1e6);
      ours[ms] = (ours[ms] ?? 0) + 1;
      peakPerMs = Math.max(peakPerMs, ours[ms]);
    }
    for (const [ms, count] of ours.entries()) counts[ms] = (counts[ms] ?? 0) + (count ?? 0);
    drains.push((last - at) / 1e6);
  }
  return {
    flips: flips.length,
    perMs: Array.from(counts, (count) => (count ?? 0) / flips.length),
    peakPerMs,
    drainMs: { p50: percentile(drains, 0.5), max: percentile(drains, 1) },
  };
}

/** Faults of a storm in all, over all flips. */
export function stormFaults({ flips, perMs }: NonNullable<Measurement['storm']>): number {
  return Math.round(flips * sum(perMs));
}
