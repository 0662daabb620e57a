// deadline: 180s
/** Invocations with a rate, in processes of their own. */
import { fileURLToPath } from 'node:url';
import { HistogramLogReader } from 'hdr-histogram-js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seriesPoints } from '../../../bench/invocation/memory-sampler.js';
import type { InvocationConfig } from '../../../bench/schema/index.js';
import { MiB } from '../../../bench/sizes.js';
import { runInvocation } from '../../../bench/sweep/child.js';

const script = fileURLToPath(new URL('../../../bench/invocation/main.js', import.meta.url));

const small: InvocationConfig = {
  ...{
    workload: 'churn',
    scale: 1 / 64,
    heapBytes: 32 * MiB,
    resolution: 'continue',
    delivery: 'handler',
    flip: 'bank',
  },
  ...{ mutators: 1, gcWorkers: 1, seconds: 1, seed: 1, quick: true },
};

async function measured(config: Partial<InvocationConfig>) {
  const outcome = await runInvocation({ ...small, ...config }, { script, deadlineMs: 60_000 });
  if (outcome.kind !== 'measured') throw new Error(JSON.stringify(outcome));
  return outcome;
}

/** Total count and maximum of a log's histogram. */
function logged(text: string | undefined) {
  const histogram = new HistogramLogReader(text ?? '').nextIntervalHistogram();
  if (!histogram) throw new Error(`no histogram in ${text}`);
  return histogram as unknown as { readonly totalCount: number; readonly maxValue: number };
}

test('a rate that can be kept is offered to all mutators together', async () => {
  const rate = 20_000;
  for (const mutators of [1, 2]) {
    const { measurement, texts, error } = await measured({ rate, mutators });
    const { latency, batchUs, operations, memory } = measurement;
    assert.ok(measurement.digest.ok);
    if (latency?.requests === undefined || latency.unserved === undefined) throw new Error(JSON.stringify(error));
    assert.is(latency.offeredPerSecond, rate);
    assert.is(latency.reachedPerSecond, operations.perSecond);
    // However busy the machine is, no more is done than was due, but for what each begins with.
    assert.ok(operations.perSecond <= rate * 1.1 && operations.perSecond > rate / 20, `${operations.perSecond}`);
    assert.is(operations.count, 100 * latency.requests);
    assert.is(batchUs.count, latency.requests);
    for (const of of ['p50', 'p90', 'p99', 'p999', 'p9999', 'max'] as const) {
      assert.ok(latency.meteredUs[of] >= latency.simpleUs[of] || latency.unserved > 0, of);
    }
    const [simple, metered] = [logged(texts?.hdrSimple), logged(texts?.hdrMetered)];
    assert.equal([simple.totalCount, metered.totalCount], [latency.requests, latency.requests + latency.unserved]);
    assert.ok(Math.abs(metered.maxValue / 1000 / latency.meteredUs.max - 1) < 0.002, 'the longest');
    assert.match(texts?.latencyCsv ?? '', /^percentile,simple_us,metered_us\n0,/);
    const series = memory.series ?? [];
    assert.ok(series.length >= 2 && series.length <= seriesPoints, 'memory over time');
    assert.ok(series.every(([ms, bytes], i) => bytes <= memory.peakPssBytes && (i === 0 || ms > series[i - 1][0])));
  }
});

test('a rate that cannot be kept is no error: what was not begun is counted, and waits as long as the run', async () => {
  const { measurement } = await measured({ rate: 1e8 });
  const { latency } = measurement;
  if (latency?.requests === undefined || latency.unserved === undefined) throw new Error('no latency');
  assert.ok(latency.reachedPerSecond < 0.5 * latency.offeredPerSecond);
  assert.ok(latency.unserved > latency.requests, `${latency.unserved} unserved of ${latency.requests}`);
  assert.ok(latency.meteredUs.max > 900_000, 'the first unserved ones waited for nearly all of the second');
  assert.ok(latency.simpleUs.p50 < 100_000);
});

test('a mutator that waits for its next request does not keep the collector waiting', async () => {
  const began = performance.now();
  // The second request is due after ten minutes: all of the period is one wait, and the collection asked for in its
  // middle has to stop this mutator three times.
  const { measurement } = await measured({ rate: 1 / 6 });
  assert.ok(performance.now() - began < 40_000, 'it waited for the mutator');
  assert.is(measurement.latency?.requests, 1);
  assert.ok(measurement.collections.length >= 1, 'no collection');
  assert.ok(measurement.pauseUs.flip.count >= 1 && measurement.pauseUs.flip.max < 5e6, 'the flip waited for it');
});

test('a closed run has a curve of its batches, and their metered latency', async () => {
  const { measurement, texts } = await measured({});
  const { batchUs, latency } = measurement;
  assert.is(latency, undefined);
  assert.is(texts, undefined);
  const { curve = [], metered, samples } = batchUs;
  if (metered === undefined) throw new Error('nothing metered');
  assert.ok(curve.length > 10 && curve.every(([, us], i) => i === 0 || us >= curve[i - 1][1]));
  assert.ok(curve[0][1] > 0 && curve[0][1] <= batchUs.p50);
  assert.ok((curve.at(-1)?.[1] ?? 0) <= batchUs.max * 1.001);
  // The clock of the samples is read once between two batches, and the histogram's as well.
  assert.is(samples?.flat().length, batchUs.count);
  assert.ok(Math.abs(Math.max(...(samples ?? []).flat()) / batchUs.max - 1) < 0.01);
  // Never less than what the batch itself took; the histogram rounds up by a thousandth.
  assert.ok(metered.max >= batchUs.max * 0.998 && metered.p50 >= batchUs.p50 * 0.998, JSON.stringify(metered));
});

test.run();
