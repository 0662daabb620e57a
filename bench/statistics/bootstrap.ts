/**
 * 95% bootstrap intervals of medians and of their ratios, over invocations (Efron 1979). What was tried against
 * known distributions, and why these two were chosen, is in bench/README.md.
 */
import { below, nextRandom, seedState } from '../random.js';
import { normalBelow, studentQuantile } from './student.js';

/** Both ends belong to it. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Fewest values an interval is given for. Of five, not even the whole range holds the median in 95% of samples: all
 * of them lie on one side of it in 2 of 2^5, 6.25%.
 */
export const leastForInterval = 6;

/** How much an interval holds, as a share. */
export const confidence = 0.95;

const resamples = 4000;
const usualSeed = 1;

/**
 * Interval of the median: expanded percentiles (Hesterberg 2015, "What Teachers Should Know About the Bootstrap").
 * Plain percentiles of few values are too narrow; these are moved out as far as Student's t is wider than a normal
 * distribution. Undefined with fewer than `leastForInterval` values. The same for the same values in any order.
 */
export function medianInterval(values: readonly number[], seed: number = usualSeed): Interval | undefined {
  const count = values.length;
  if (count < leastForInterval) return undefined;
  const t = studentQuantile((1 + confidence) / 2, count - 1);
  return between(mediansOf(values, seed), normalBelow(-t * Math.sqrt(count / (count - 1))));
}

/**
 * Interval of the median of `a` over the median of `b`, each resampled by itself: plain percentiles, which are wide
 * enough for a ratio. Undefined with fewer than `leastForInterval` of either. Values must not be negative. `high` is
 * Infinity where the median of `b` may be 0; where both may be, such resamples count as equal.
 */
export function ratioInterval(
  a: readonly number[],
  b: readonly number[],
  seed: number = usualSeed,
): Interval | undefined {
  if (Math.min(a.length, b.length) < leastForInterval) return undefined;
  const divisors = mediansOf(b, seed, 1);
  const ratios = mediansOf(a, seed, 0).map((median, i) => (median === divisors[i] ? 1 : median / divisors[i]));
  return between(ratios, (1 - confidence) / 2);
}

/** What is left when `tail` (0 … 0.5) of the values is cut off at both ends. */
function between(values: Float64Array, tail: number): Interval {
  const sorted = values.sort();
  const cut = Math.floor(tail * sorted.length);
  return { low: sorted[cut], high: sorted[sorted.length - 1 - cut] };
}

/** The median of each resample. `stream` sets apart what is resampled independently. */
function mediansOf(values: readonly number[], seed: number, stream = 0): Float64Array {
  const sorted = Float64Array.from(values).sort();
  const { lower, upper } = middleRanks(sorted.length, seed, stream);
  const medians = new Float64Array(resamples);
  for (let i = 0; i < resamples; i++) medians[i] = (sorted[lower[i]] + sorted[upper[i]]) / 2;
  return medians;
}

interface MiddleRanks {
  readonly lower: Uint32Array;
  readonly upper: Uint32Array;
}

const known = new Map<string, MiddleRanks>();

/**
 * Which ranks of a sorted sample are the middle two (or the middle one, twice) of each resample. They depend on the
 * number of values only, and a table has hundreds of figures over the same number of invocations.
 */
function middleRanks(count: number, seed: number, stream: number): MiddleRanks {
  const key = `${count} ${seed} ${stream}`;
  let ranks = known.get(key);
  if (!ranks) {
    ranks = drawMiddleRanks(count, seedState(seed, stream));
    known.set(key, ranks);
  }
  return ranks;
}

function drawMiddleRanks(count: number, state: number): MiddleRanks {
  const [lower, upper] = [new Uint32Array(resamples), new Uint32Array(resamples)];
  const drawn = new Uint32Array(count);
  let random = state;
  for (let i = 0; i < resamples; i++) {
    for (let k = 0; k < count; k++) {
      random = nextRandom(random);
      drawn[k] = below(random, count);
    }
    drawn.sort();
    lower[i] = drawn[(count - 1) >> 1];
    upper[i] = drawn[count >> 1];
  }
  return { lower, upper };
}
