/** What is said of latency at a fixed rate. */

import { formatCount } from '../sizes.js';
import type { MetricName } from './metrics.js';
import { type Column, figure } from './panels.js';

/** A rate is kept when so much of it was done: a request may be under way at either end of the period. */
const keptShare = 0.99;

/** The two columns compared: whether both have a figure, and its two values in words. */
interface Compared {
  has(name: MetricName): boolean;
  both(name: MetricName, unit?: string): string;
}

/** Latency of two columns; undefined without a rate. */
export function latencyOfBoth(pair: Compared): string | undefined {
  if (!pair.has('meteredP50')) return undefined;
  return (
    `Latency of requests from when they were due: p50 ${pair.both('meteredP50', ' ms')}, ` +
    `p99 ${pair.both('meteredP99', ' ms')}, p99.9 ${pair.both('meteredP999', ' ms')}, ` +
    `longest ${pair.both('meteredMax', ' ms')}; from their start p99.9 ${pair.both('simpleP999', ' ms')}.`
  );
}

/** That a column could not keep its rate; undefined where it did, or had none. */
export function rateNotKept(column: Column): string | undefined {
  const [offered, reached] = [figure(column, 'offered').median, figure(column, 'reached').median];
  if (!(reached < keptShare * offered)) return undefined;
  const share = Math.floor((100 * reached) / offered);
  return (
    `${column.label} could not keep the rate: of ${formatCount(offered)} operations offered a second it did ` +
    `${formatCount(reached)} (${share}%). Its queue grew for as long as the run took, and its metered latency with it: ` +
    'compare it at a lower --rate.'
  );
}
