/** Order statistics of small samples, a summary a table can show, and what may be said of two of them. */
import { type Interval, medianInterval, ratioInterval } from './bootstrap.js';
import { type Outcome, outcomeOf, type Pair, type PairedRatio, pairedRatio } from './paired.js';

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
  /** Which round each value is of, where they were measured in rounds with others'. */
  readonly rounds?: readonly number[];
  /** Whether what it was measured under allows no verdict, whatever the values. */
  readonly starved?: boolean;
  /** 95% bootstrap interval of the median over the invocations; undefined where they are too few. */
  readonly interval: Interval | undefined;
}

/** Values that are not numbers are left out; the rest may be none, and `median` is then NaN. */
export function sampleOf(
  values: readonly number[],
  { rounds, starved }: Pick<Sample, 'rounds' | 'starved'> = {},
): Sample {
  const present = values.filter((value) => Number.isFinite(value));
  let interval: { readonly found: Interval | undefined } | undefined;
  return {
    ...spreadOf(present),
    values: present,
    ...(rounds && { rounds: rounds.filter((_, i) => Number.isFinite(values[i])) }),
    ...(starved && { starved }),
    // Not asked for by everybody who makes a sample, and by some of them often.
    get interval() {
      interval ??= { found: medianInterval(present) };
      return interval.found;
    },
  };
}

/** How one sample compares with another. */
export interface Relation {
  /** The first over the second: of pairs their mean ratio, else that of the medians. */
  readonly ratio: number;
  /** 95% interval of `ratio`; undefined where the invocations are too few. */
  readonly interval: Interval | undefined;
  readonly outcome: Outcome;
  /** Of samples that pair: how many pairs there are, and the deviation of the logarithm of their ratios. */
  readonly paired?: Pick<PairedRatio, 'pairs' | 'deviation'>;
  /** Of samples one of which is: nothing is decided then. */
  readonly starved?: boolean;
}

/** How `a` compares with `b`: round by round where both have rounds, else by their medians. */
export function compare(a: Sample, b: Sample): Relation {
  const relation = relate(a, b);
  return a.starved || b.starved ? { ...relation, outcome: 'undecided', starved: true } : relation;
}

function relate(a: Sample, b: Sample): Relation {
  if (!Number.isFinite(a.median) || !Number.isFinite(b.median)) {
    return { ratio: Number.NaN, interval: undefined, outcome: 'undecided' };
  }
  const pairs = pairsOf(a, b);
  if (pairs.length > 0) {
    const { ratio, interval, ...paired } = pairedRatio(pairs);
    return { ratio, interval, outcome: outcomeOf(interval), paired };
  }
  const ratio = a.median === b.median ? 1 : a.median / b.median;
  const interval = ratioInterval(a.values, b.values);
  return { ratio, interval, outcome: outcomeOf(interval) };
}

/** The values of rounds that are in both. None where a round does not say which value, or a value has no logarithm. */
function pairsOf(a: Sample, b: Sample): Pair[] {
  const [ofA, ofB] = [a, b].map(({ values, rounds }) => new Map(rounds?.map((round, i) => [round, values[i]])));
  if (ofA.size !== a.count || ofB.size !== b.count || !(a.min > 0 && b.min > 0)) return [];
  return [...ofA].flatMap(([round, value]) => {
    const other = ofB.get(round);
    return other === undefined ? [] : [[value, other] as const];
  });
}
