/** Distance from the floor, against figures worked out by hand. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { costOf, floorKey, floorsOf, leastTotal } from '../../../bench/report/overhead.js';
import { figure, panelsOf } from '../../../bench/report/panels.js';
import { renderPanel } from '../../../bench/report/table.js';
import type { ResultLine } from '../../../bench/schema/index.js';
import { MiB } from '../../../bench/sizes.js';
import { percentile } from '../../../bench/statistics/sample.js';
import { peerFailure, peerResult } from '../../support/peer-results.js';
import { copyConfig, someResult, stwResult } from '../../support/synthetic-results.js';

const near = (actual: number, expected: number) => Math.abs(actual - expected) < 1e-9 * Math.abs(expected);

/** The one floor of lines that did the same work. */
function floor(lines: readonly ResultLine[]) {
  const floors = floorsOf(lines);
  assert.is(floors.size, 1);
  return floors.get(floorKey(lines[0]))!;
}

// In 8 s: 4,000,000 operations; 5 collections of 0.2 ms in pauses; 9000 ms of processor time, 900 of the collector.
const ours = someResult();
// As many operations, 1250 ms of them in pauses.
const stopped = stwResult();
// 3,200,000 operations; pauses of 1 s at least: 200 + 200 + 400 + one that may be short.
const theirs = peerResult();

test('cost an operation, in wall and in processor time', () => {
  assert.equal(costOf(ours), { wallUs: 2, cpuUs: 2.25 });
  assert.equal(costOf(theirs), { wallUs: 2.5, cpuUs: 3.75 });
});

test('the floor is the least without pauses, or without the processor time of the collector', () => {
  const two = floor([ours, stopped]);
  assert.ok(near(two.wallUs, (8000 - 1250) / 4000));
  assert.ok(near(two.cpuUs, 8100 / 4000));
  const slow = someResult(copyConfig, { perSecond: 250_000 });
  assert.ok(near(floor([ours, slow]).wallUs, (8000 - 1) / 4000));
});

test('peers count, by the pauses that are known', () => {
  const slow = someResult({}, { perSecond: 250_000 });
  const { wallUs, cpuUs } = floor([slow, theirs]);
  assert.ok(near(wallUs, (8000 - 800) / 3200));
  assert.ok(near(cpuUs, (12_000 - 800) / 3200));
  assert.equal(floor([ours, stopped, peerFailure()]), floor([ours, stopped]));
});

test('the table has the distance where there are others to be compared with', () => {
  const [panel] = panelsOf([ours, someResult(copyConfig, { perSecond: 250_000 })]);
  const [of, against] = panel.columns;
  assert.ok(near(figure(of, 'wallOverhead').median, 8000 / 7999));
  assert.ok(near(figure(against, 'wallOverhead').median, (2 * 8000) / 7999));
  assert.ok(near(figure(of, 'cpuOverhead').median, 9000 / 8100));
  assert.match(renderPanel(panel), /wall time, × the floor +1\.00 +2\.00 +/);
  assert.not.match(renderPanel(panelsOf([ours])[0]), 'the floor');
});

test('a peer has its distance in the same table', () => {
  const [{ columns }] = panelsOf([ours, theirs]);
  const [, peer] = columns;
  assert.ok(near(figure(peer, 'wallOverhead').median, 2.5 / (7999 / 4000)));
  assert.ok(near(figure(peer, 'cpuOverhead').median, 3.75 / (8100 / 4000)));
});

test('no run is below its floor', () => {
  const speed = fc.integer({ min: 1000, max: 1_000_000 });
  fc.assert(
    fc.property(speed, speed, speed, (a, b, c) => {
      const lines = [someResult({}, { perSecond: a }), someResult(copyConfig, { perSecond: b }), peerResult({}, c)];
      const { wallUs, cpuUs } = floor(lines);
      for (const line of lines) assert.ok(costOf(line).wallUs >= wallUs && costOf(line).cpuUs >= cpuUs);
    }),
  );
});

test('heaps, workloads, seeds and whatever else is work have floors of their own; one configuration has none', () => {
  const configs = [
    {},
    { heapBytes: 256 * MiB },
    { seed: 2 },
    { workload: 'churn' as const },
    { mutators: 2 },
    { references: 16 },
  ];
  const lines = configs.flatMap((config) => [someResult(config), someResult({ ...config, ...copyConfig })]);
  assert.is(floorsOf(lines).size, configs.length);
  assert.is(floorsOf([ours, someResult({}, {}, 1)]).size, 0);
  assert.is(floorsOf(configs.map((config) => someResult(config))).size, 0);
});

test('failed invocations set no floor', () => {
  const wrong = { ...someResult(copyConfig, { perSecond: 900_000 }), error: { code: 'DIGEST', message: 'wrong' } };
  const right = someResult({ resolution: 'move', flip: 'remap' });
  assert.equal(floor([ours, right, wrong]), floor([ours, right]));
});

test('no wall time where operations were offered at a rate, and nothing where they are not the work', () => {
  const cost = costOf(someResult({ rate: 1000 }));
  assert.ok(Number.isNaN(cost.wallUs));
  assert.is(cost.cpuUs, 2.25);
  assert.ok(Number.isNaN(costOf(someResult({ workload: 'fullgc' })).cpuUs));
  assert.ok(Number.isNaN(costOf({ ...ours, operations: { count: 0, perSecond: 0 } }).wallUs));
  const lines = [{}, copyConfig].map((config) => someResult({ ...config, workload: 'fullgc' }));
  assert.not.match(renderPanel(panelsOf(lines)[0]), /the floor|NaN/);
});

test('pauses add up to no less than their quantiles say', () => {
  assert.is(leastTotal({ count: 4, p50: 200, p99: 400, max: 400 }), 800);
  assert.is(leastTotal({ count: 0, p50: 0, p99: 0, max: 0 }), 0);
  assert.is(leastTotal({ count: 1, p50: 7, p99: 7, max: 7 }), 7);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1e6 }), { minLength: 1, maxLength: 400 }), (pauses) => {
      const [p50, p99, max] = [0.5, 0.99, 1].map((share) => percentile(pauses, share));
      const total = pauses.reduce((a, b) => a + b);
      const least = leastTotal({ count: pauses.length, p50, p99, max });
      assert.ok(least <= total && least >= max);
    }),
  );
});

test.run();
