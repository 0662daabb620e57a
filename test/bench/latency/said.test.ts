/** Latency at a rate, in the table, in the sentences, and in what a configuration is called. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { expand } from '../../../bench/configurations/configurations.js';
import { describeConfig } from '../../../bench/configurations/describe.js';
import { readOptions } from '../../../bench/options/options.js';
import { panelsOf } from '../../../bench/report/panels.js';
import { renderReport } from '../../../bench/report/report.js';
import { renderPanel } from '../../../bench/report/table.js';
import { type InvocationConfig, lineSchema, type Result } from '../../../bench/schema/index.js';
import { GiB } from '../../../bench/sizes.js';
import { copyConfig, someResult } from '../../support/synthetic-results.js';

const rate = 300_000;

/** A run that reached so much of the rate; `tailMs` is its metered p99. */
function at(config: Partial<InvocationConfig>, reachedPerSecond: number, tailMs: number): Result {
  const us = (factor: number) => ({
    ...{ p50: 150 * factor, p90: 300 * factor, p99: 1000 * factor, p999: 2000 * factor, p9999: 3000 * factor },
    ...{ max: 4000 * factor, curve: [[0, 100 * factor]] as [number, number][] },
  });
  const latency = { offeredPerSecond: rate, reachedPerSecond, requests: 24_000, unserved: 0 };
  const result = someResult({ rate, ...config });
  return { ...result, latency: { ...latency, simpleUs: us(1), meteredUs: us(tailMs) } };
}

test('a result with latency is a legal line', () => {
  const line = { ...at({}, rate, 5), files: { hdrSimple: 'a', hdrMetered: 'b', latencyCsv: 'c' } };
  assert.equal(lineSchema.parse(JSON.parse(JSON.stringify(line))), line);
});

test('the table has what was offered and done, and both latencies', () => {
  const [panel] = panelsOf([at({}, rate, 5), at(copyConfig, 290_000, 20)]);
  const table = renderPanel(panel);
  assert.match(panel.title, '300,000 op/s offered');
  assert.match(table, /^latency of requests$/m);
  assert.match(table, /operations a second offered +300k +300k/);
  assert.match(table, /of them done +300k +290k/);
  assert.match(table, /simple p99\.9, ms +2 +2/);
  assert.match(table, /metered p50, ms +0\.75 +3/);
  assert.match(table, /metered p99, ms +5 +20 +0\.25/);
  assert.match(table, /metered p99\.9, ms +10 +40/);
  assert.match(table, /metered longest, ms +20 +80/);
});

test('without a rate there is nothing of it', () => {
  const [panel] = panelsOf([someResult(), someResult(copyConfig)]);
  assert.not.match(renderPanel(panel), /latency|offered|metered/);
  assert.not.match(renderReport([someResult(), someResult(copyConfig)]).join('\n'), /could not keep|were due/);
});

test('a closed run has a row for its metered batches', () => {
  const result = someResult();
  const metered = { p50: 1500, p90: 2000, p99: 9000, p999: 77_000, p9999: 80_000, max: 80_000, curve: [] };
  const [panel] = panelsOf([{ ...result, batchUs: { ...result.batchUs, metered } }]);
  assert.match(renderPanel(panel), /^ {2}batch metered p99\.9, ms +77$/m);
});

test('the sentences compare the tails', () => {
  const said = renderReport([at({}, rate, 5), at(copyConfig, rate, 20)])
    .join('\n')
    .replace(/\n +/g, ' ');
  assert.match(said, 'Latency of requests from when they were due: p50 0.75 against 3 ms, p99 5 against 20 ms');
  assert.not.match(said, 'could not keep');
});

test('a rate that was not kept is said, of one configuration alone too', () => {
  const said = renderReport([at({}, 200_000, 900)])
    .join('\n')
    .replace(/\n +/g, ' ');
  assert.match(
    said,
    'continue·bank could not keep the rate: of 300,000 operations offered a second it did 200,000 (66%)',
  );
  assert.not.match(renderReport([at({}, 299_000, 5)]).join('\n'), 'could not keep');
});

test('the option reaches every configuration, and is part of its name', () => {
  const { configs } = expand(readOptions({ workload: ['churn'], rate: ['250000.5'], quick: true }), 64 * GiB);
  assert.equal(
    configs.map((config) => config.rate),
    [250_000.5, 250_000.5],
  );
  assert.match(describeConfig(configs[0]), '250,001 op/s offered');
  assert.throws(() => expand(readOptions({ rate: ['1000'], operations: ['5000'] })), /--rate and --operations cannot/);
  assert.throws(() => readOptions({ rate: ['0'] }), /--rate cannot be '0'/);
  assert.throws(() => readOptions({ rate: ['fast'] }), /--rate/);
});

test.run();
