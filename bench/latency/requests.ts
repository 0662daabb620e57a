/** What the open loops of all mutators come to: the fields of the result line, and the files beside it. */

import type { Measurement, Quantiles } from '../schema/index.js';
import type { FileTexts } from '../schema/protocol.js';
import { LatencyCounts } from './counts.js';
import { latencyFiles, type Span } from './files.js';
import type { RequestLatency } from './open-loop.js';
import { quantilesOf } from './quantiles.js';

interface Requests {
  readonly latency: NonNullable<Measurement['latency']>;
  /** A request is a batch. */
  readonly batchUs: Measurement['batchUs'];
  readonly texts: FileTexts;
}

/** Operations a second: what was offered, and what was done of it. */
interface Rates {
  readonly offeredPerSecond: number;
  readonly reachedPerSecond: number;
}

export function requestsOf(mutators: readonly RequestLatency[], rates: Rates, span: Span): Requests {
  const [simple, metered] = [new LatencyCounts(), new LatencyCounts()];
  for (const one of mutators) {
    simple.add(one.simple);
    metered.add(one.metered);
  }
  const unserved = mutators.reduce((total, one) => total + one.unserved, 0);
  const [simpleUs, meteredUs] = [simple, metered].map(quantiles);
  const { p50, p99, p999, max, curve } = simpleUs;
  return {
    latency: { ...rates, requests: simple.count, unserved, simpleUs, meteredUs },
    batchUs: { count: simple.count, p50, p99, p999, max, curve },
    texts: latencyFiles(simple, metered, span),
  };
}

function quantiles(counts: LatencyCounts): Quantiles {
  return quantilesOf(counts.count, (share) => Math.round(counts.percentileNs(share)) / 1000);
}
