/**
 * The ratio of two things that were measured in pairs, a round each, and what may be said of it. What weighs on a whole
 * round, however it drifts, is in neither ratio nor interval.
 *
 * The interval is Student's t of the logarithms. Two that do not differ have ratios that scatter alike on both sides of
 * one, so that it holds for what is not normal too (README.md has the shares); one odd round makes it wider, and what
 * then is not decided is not said.
 */
import { confidence, type Interval } from './bootstrap.js';
import { studentQuantile } from './student.js';

/**
 * Fewest pairs an interval is given for. It would be right with fewer, on average; but three that happen to agree look sure
 * of themselves, and what they agree on may be how busy the machine was in those two minutes.
 */
export const leastPairs = 5;

/** `more` and `less`: the first is. A tie is something to be shown as well; all else is not known. */
export type Outcome = 'more' | 'less' | 'tie' | 'undecided';

export function isDecided(outcome: Outcome): boolean {
  return outcome === 'more' || outcome === 'less';
}

/** What differs by no more than this factor is level. */
export const level = 1.05;

/** By the 95% interval of a ratio alone. A tie: all of it is near one. */
export function outcomeOf(interval: Interval | undefined): Outcome {
  if (interval === undefined) return 'undecided';
  const { low, high } = interval;
  if (low > 1) return 'more';
  if (high < 1) return 'less';
  return low >= 1 / level && high <= level ? 'tie' : 'undecided';
}

export type Pair = readonly [a: number, b: number];

export interface PairedRatio {
  /** Geometric mean of a over b. */
  readonly ratio: number;
  /** 95%; undefined with fewer than `leastPairs`. */
  readonly interval: Interval | undefined;
  /** Standard deviation of the logarithm of a round's ratio; undefined with one. */
  readonly deviation: number | undefined;
  readonly pairs: number;
}

/** All values are above 0, and there is at least one pair. */
export function pairedRatio(pairs: readonly Pair[]): PairedRatio {
  const count = pairs.length;
  const logs = pairs.map(([a, b]) => Math.log(a / b));
  const mean = logs.reduce((sum, log) => sum + log, 0) / count;
  const ratio = Math.exp(mean);
  if (count < 2) return { ratio, interval: undefined, deviation: undefined, pairs: count };
  const deviation = Math.sqrt(logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (count - 1));
  const half = (twoSided(count) * deviation) / Math.sqrt(count);
  const interval = { low: Math.exp(mean - half), high: Math.exp(mean + half) };
  return { ratio, interval: count < leastPairs ? undefined : interval, deviation, pairs: count };
}

/** What a run that is long enough finds in so many of all cases, as a quantile of the normal distribution: 80%. */
const power = 0.8416;
/** More invocations than an option takes. */
export const mostPairs = 1000;

/** How many pairs find that a ratio of 1 + `difference` is not 1, in 80% of cases; undefined when too many. */
export function pairsToTell(difference: number, deviation: number): number | undefined {
  const suffice = (count: number) => Math.sqrt(count) * Math.log1p(difference) >= (twoSided(count) + power) * deviation;
  if (!suffice(mostPairs)) return undefined;
  let [low, high] = [leastPairs - 1, mostPairs];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (suffice(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function twoSided(count: number): number {
  return studentQuantile((1 + confidence) / 2, count - 1);
}
