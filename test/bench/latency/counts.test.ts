import { build, decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LatencyCounts } from '../../../bench/latency/counts.js';
import { csv, hdrLog } from '../../../bench/latency/files.js';
import { atShare, curveShares, quantilesOf } from '../../../bench/latency/quantiles.js';
import { Random } from '../../support/random.js';

const shares = [0, 0.01, 0.5, 0.9, 0.99, 0.999, 0.9999, 1];

function recorded(values: Iterable<number>): LatencyCounts {
  const counts = new LatencyCounts();
  for (const value of values) counts.record(value);
  return counts;
}

/** Values of all sizes, from nanoseconds to half an hour. */
function someValues(count: number): number[] {
  const random = new Random(7);
  return Array.from({ length: count }, () => random.spread(1, 2 ** 41));
}

test('percentiles are those of the values themselves, to three digits, and never less', () => {
  const values = someValues(20_000);
  const counts = recorded(values);
  const ascending = values.sort((a, b) => a - b);
  for (const share of shares) {
    const exact = atShare(ascending, share);
    const found = counts.percentileNs(share);
    assert.ok(found >= exact && found <= exact * 1.001 + 1, `${share}: ${found} for ${exact}`);
  }
  assert.is(counts.percentileNs(1), ascending.at(-1));
  assert.is(counts.count, values.length);
});

test('at the edges of buckets, and beyond the last', () => {
  for (const value of [0, 1, 2047, 2048, 2049, 4095, 4096, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 43 - 1, 2 ** 50]) {
    const counts = recorded([value]);
    const [[least, count], ...others] = [...counts.entries()];
    assert.is(count, 1);
    assert.is(others.length, 0);
    assert.ok(
      least <= value && (value >= 2 ** 43 || value < least * 1.001 + 1),
      `${value} is in the bucket of ${least}`,
    );
    assert.is(counts.percentileNs(0.5), value < 2 ** 43 ? value : 2 ** 43 - 1);
  }
  assert.equal([...recorded([-5]).entries()], [[0, 1]]);
  assert.is(new LatencyCounts().percentileNs(0.5), 0);
});

test('adding up is as recording together', () => {
  const values = someValues(3000);
  const parts = [recorded(values.slice(0, 1000)), recorded(values.slice(1000))];
  const sum = new LatencyCounts();
  for (const part of parts) sum.add(structuredClone(part.data));
  assert.equal(sum.data, recorded(values).data);
  assert.is(sum.count, 3000);
});

test('evenly spaced latencies are recorded as one by one', () => {
  for (const [longest, step] of [
    [100e6, 1e6],
    [99.5e6, 1e6],
    [5e9, 1234.5],
    [0, 10],
    [3, 10],
  ]) {
    const values: number[] = [];
    for (let value = longest; value >= 0; value -= step) values.push(value);
    const counts = new LatencyCounts();
    assert.is(counts.recordDownFrom(longest, step), values.length);
    const oneByOne = recorded(values);
    assert.is(counts.count, values.length);
    assert.is(counts.maxNs, oneByOne.maxNs);
    for (const share of shares)
      assert.is(counts.percentileNs(share), oneByOne.percentileNs(share), `${longest} ${share}`);
  }
  assert.is(new LatencyCounts().recordDownFrom(-1, 10), 0);
});

test('a hundred million late requests are recorded in no time', () => {
  const counts = new LatencyCounts();
  assert.is(counts.recordDownFrom(1e10, 100), 1e8 + 1);
  assert.ok(Math.abs(counts.percentileNs(0.5) / 5e9 - 1) < 0.002);
});

test('a curve has points up to what so many values can show', () => {
  assert.is(curveShares(0).length, 0);
  assert.equal(curveShares(1), [0]);
  assert.is(curveShares(100).at(-1), 0.99);
  assert.is(curveShares(1e9).at(-1), 0.99999);
  assert.is(curveShares(1e9).length, 41);
  const { curve, p99, max } = quantilesOf(1000, (share) => 1000 * share);
  assert.equal(curve[0], [0, 0]);
  assert.equal([curve.at(-1), p99, max], [[0.999, 999], 990, 1000]);
});

const span = { startedAt: Date.UTC(2026, 0, 2, 3, 4, 5, 678), ms: 1500 };

test('a log holds every value in HdrHistogram’s own bucket', () => {
  const values = someValues(5000);
  const lines = hdrLog('some latency', recorded(values), span).trimEnd().split('\n');
  assert.equal(lines.slice(0, 4), [
    '#[some latency; nanoseconds]',
    '#[Histogram log format version 1.3]',
    '#[StartTime: 1767323045.678 (seconds since epoch), Fri, 02 Jan 2026 03:04:05 GMT]',
    '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
  ]);
  assert.is(lines.length, 5);
  const [start, length, max, encoded] = lines[4].split(',');
  const theirs = build({ bitBucketSize: 64, numberOfSignificantValueDigits: 3 });
  for (const value of values) theirs.recordValue(value);
  const read = decodeFromCompressedBase64(encoded);
  const table = (histogram: typeof read) =>
    histogram
      .outputPercentileDistribution(100)
      .split('\n')
      .filter((line) => !/^#\[(Buckets|Max)/.test(line)); // how long its array is, and its maximum, which becomes the bucket's
  assert.equal(table(read), table(theirs));
  assert.equal([Number(start), Number(length)], [0, 1.5]);
  assert.ok(Math.abs(Number(max) - Math.max(...values) / 1e6) <= 0.001, 'the maximum, ms');
});

test('the CSV has both by percentile, and the longest', () => {
  const simple = recorded(Array.from({ length: 200 }, (_, i) => 1000 * (i + 1)));
  const metered = recorded(Array.from({ length: 200 }, (_, i) => 2000 * (i + 1)));
  const rows = csv(simple, metered).trimEnd().split('\n');
  assert.is(rows[0], 'percentile,simple_us,metered_us');
  const table = rows.slice(1).map((row) => row.split(',').map(Number));
  assert.equal(table.at(-1), [100, 200, 400]);
  const median = table.find(([percentile]) => percentile === 90);
  assert.ok(median !== undefined && Math.abs(median[1] - 180) < 0.2 && Math.abs(median[2] - 360) < 0.4);
  for (const [i, row] of table.entries()) {
    if (i > 0)
      assert.ok(
        row.every((value, column) => value >= table[i - 1][column]),
        rows[i + 1],
      );
  }
});

test.run();
