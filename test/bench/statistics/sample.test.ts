import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compare, median, percentile, sampleOf, weightedMean } from '../../../bench/statistics/sample.js';

test('percentile is by nearest rank', () => {
  const values = [15, 20, 35, 40, 50];
  assert.equal(
    [0, 0.05, 0.3, 0.4, 0.5, 1].map((share) => percentile(values, share)),
    [15, 15, 20, 20, 35, 50],
  );
  assert.ok(Number.isNaN(percentile([], 0.5)));
});

test('a percentile is one of the values, and enough of them do not exceed it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer(), { minLength: 1 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, share) => {
        const found = percentile(values, share);
        assert.ok(values.includes(found));
        assert.ok(values.filter((value) => value <= found).length >= share * values.length);
      },
    ),
  );
});

test('median of odd, even and no values', () => {
  assert.is(median([3, 1, 2]), 2);
  assert.is(median([4, 1, 2, 3]), 2.5);
  assert.ok(Number.isNaN(median([])));
});

test('weights', () => {
  assert.is(weightedMean([100, 200], [3, 1]), 125);
  assert.ok(Number.isNaN(weightedMean([100], [0])));
});

test('samples that neither pair nor have intervals decide nothing, however far apart they are', () => {
  const of = (...values: number[]) => sampleOf(values);
  assert.is(compare(of(100, 101, 102), of(115, 125, 135)).outcome, 'undecided');
  assert.is(compare(of(100), of(200)).outcome, 'undecided');
  assert.is(compare(of(100), of(200)).ratio, 0.5);
  assert.is(compare(of(Number.NaN), of(110)).outcome, 'undecided');
  assert.is(compare(of(0), of(0)).ratio, 1);
});

test.run();
