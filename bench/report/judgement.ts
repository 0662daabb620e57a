/** What is said of a ratio: how sure it is, and where it is not decided, why not and what would decide it. */
import { othersIn } from '../machine/warnings.js';
import type { Interval } from '../statistics/bootstrap.js';
import { mostPairs, type Outcome, pairsToTell } from '../statistics/paired.js';
import type { Relation } from '../statistics/sample.js';
import type { Column } from './panels.js';
import { intervalText, ratioText } from './table.js';

/** Differences that a run is asked to tell: first whether there is a large one. */
const [large, small] = [0.1, 0.05];

/** `1.23 [1.19–1.27]`, or the ratio alone where there is no interval. */
export function sureRatio({ ratio, interval }: Relation): string {
  return `${ratioText(ratio)}${sureness(interval)}`;
}

/** ` [1.19–1.27]`, or nothing where there is no interval. */
export function sureness(interval: Interval | undefined): string {
  return interval ? ` [${intervalText(interval, ratioText) || ratioText(interval.low)}]` : '';
}

/** The same relation, seen from the second. */
export function inverse({ ratio, interval, outcome, ...rest }: Relation): Relation {
  const turned = interval && { low: 1 / interval.high, high: 1 / interval.low };
  const other: Outcome = outcome === 'more' ? 'less' : outcome === 'less' ? 'more' : outcome;
  return { ratio: 1 / ratio, interval: turned, outcome: other, ...rest };
}

/** `a tie to within 3%, ratio 1.01 [0.98–1.03]`, or `undecided, ratio 1.04 […]` with the reason. Of nothing else. */
export function undecidedText(relation: Relation, columns: readonly Column[]): string {
  const { interval, outcome } = relation;
  if (outcome === 'tie' && interval) return `a tie to within ${withinText(interval)}, ratio ${sureRatio(relation)}`;
  return `undecided, ratio ${sureRatio(relation)}, because ${whyUndecided(relation, columns)}`;
}

function withinText({ low, high }: Interval): string {
  return `${Math.max(1, Math.ceil(100 * (Math.max(high, 1 / low) - 1) - 1e-9))}%`;
}

function isWithin({ low, high }: Interval, difference: number): boolean {
  return low >= 1 / (1 + difference) && high <= 1 + difference;
}

/** Why a ratio is not decided, and how many invocations would. */
function whyUndecided({ interval, paired, starved }: Relation, columns: readonly Column[]): string {
  const others = othersIn(columns.flatMap(({ results, peers = [] }) => [...results, ...peers]));
  const cause = others ? ` (${others})` : '';
  if (paired !== undefined && interval === undefined) {
    const runs = paired.pairs === 1 ? 'one invocation of each shows' : `${paired.pairs} invocations of each show`;
    const least = pairsToTell(large, paired.deviation ?? 0) ?? mostPairs;
    return `${runs} too little of how much a run varies${cause}: that takes --invocations ${least} or more`;
  }
  if (starved) {
    return `${others}, most of it all along: no number of invocations makes up for that, a less busy machine would`;
  }
  if (paired?.deviation === undefined || interval === undefined) {
    return interval ? 'its interval holds 1' : 'there are too few invocations for an interval';
  }
  const { pairs, deviation } = paired;
  const varies = `it varies by ${percent(Math.expm1(deviation))} from one invocation to the next${cause}`;
  const isSmall = isWithin(interval, large);
  const wanted = isSmall ? small : large;
  const needed = pairsToTell(wanted, deviation);
  const so = isSmall ? `; less than ${percent(large)} apart, and` : ';';
  if (needed === undefined) return `${varies}${so} not even ${mostPairs} invocations would tell ${percent(wanted)}`;
  // As many were there, and hit upon a difference that is smaller, or on bad luck.
  const more = Math.max(needed, pairs < needed ? 0 : 2 * pairs);
  return `${varies}${so} some ${more} (--invocations ${more}) would tell ${percent(wanted)}`;
}

function percent(share: number): string {
  return `${Math.max(1, Math.round(100 * share))}%`;
}
