/** Intervals against distributions that are known: how often they hold what they must, and what is always so. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { leastForInterval, medianInterval, ratioInterval } from '../../../bench/statistics/bootstrap.js';
import { isDecided } from '../../../bench/statistics/paired.js';
import { compare, median, sampleOf } from '../../../bench/statistics/sample.js';
import { distributions, draws } from '../../support/distributions.js';
import { Random } from '../../support/random.js';

const simulations = 400;

/** Share of the simulations in which something holds. */
function shareOf(holds: (random: Random) => boolean, seed: number): number {
  const random = new Random(seed);
  let count = 0;
  for (let i = 0; i < simulations; i++) if (holds(random)) count++;
  return count / simulations;
}

for (const known of distributions) {
  test(`${known.name}: the interval holds the median in about 95% of samples, of any size`, () => {
    for (const count of [6, 7, 10, 20]) {
      const held = shareOf((random) => {
        const { low, high } = medianInterval(draws(known, count, random), 1)!;
        return low <= known.median && known.median <= high;
      }, count);
      // Of 400 samples, 95% are held with a standard error of 1%.
      assert.ok(held >= 0.93, `${count} values: ${held}`);
      assert.ok(held <= 0.995, `${count} values: ${held}, wider than it has to be`);
    }
  });

  test(`${known.name}: two samples of the same are told apart in 5% at most`, () => {
    for (const [a, b] of [
      [6, 6],
      [10, 10],
      [20, 20],
      [6, 20],
    ]) {
      const apart = shareOf(
        (random) => isDecided(compare(sampleOf(draws(known, a, random)), sampleOf(draws(known, b, random))).outcome),
        a + b,
      );
      assert.ok(apart <= 0.06, `${a} against ${b}: ${apart}`);
    }
  });
}

test('of five values no interval is wide enough: their whole range misses the median too often', () => {
  const [known] = distributions;
  const held = shareOf((random) => {
    const values = draws(known, leastForInterval - 1, random);
    return Math.min(...values) <= known.median && known.median <= Math.max(...values);
  }, 3);
  assert.ok(held < 0.95);
  assert.is(medianInterval([1, 2, 3, 4, 5]), undefined);
  assert.is(ratioInterval([1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6]), undefined);
  assert.is(ratioInterval([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5]), undefined);
  assert.is(sampleOf([1, 2, 3, 4, 5, Number.NaN]).interval, undefined);
  assert.ok(sampleOf([1, 2, 3, 4, 5, 6]).interval);
});

const amounts = fc.array(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), {
  minLength: leastForInterval,
  maxLength: 25,
});
const few = { numRuns: 60 };

test('an interval holds what it is of, and nothing beyond the values', () => {
  fc.assert(
    fc.property(amounts, amounts, (a, b) => {
      const { low, high } = medianInterval(a)!;
      assert.ok(low <= median(a) && median(a) <= high);
      assert.ok(Math.min(...a) <= low && high <= Math.max(...a));
      const ratio = ratioInterval(a, b)!;
      assert.ok(ratio.low <= median(a) / median(b) && median(a) / median(b) <= ratio.high);
    }),
    few,
  );
});

test('the unit does not matter: intervals scale with the values, and those of ratios stay', () => {
  fc.assert(
    fc.property(amounts, amounts, fc.integer({ min: -20, max: 20 }), (a, b, power) => {
      // By a power of two, so that nothing is rounded.
      const scaled = (values: readonly number[]) => values.map((value) => value * 2 ** power);
      const { low, high } = medianInterval(a)!;
      assert.equal(medianInterval(scaled(a)), { low: low * 2 ** power, high: high * 2 ** power });
      assert.equal(ratioInterval(scaled(a), scaled(b)), ratioInterval(a, b));
    }),
    few,
  );
});

test('neither the order of the invocations nor another call changes an interval', () => {
  fc.assert(
    fc.property(amounts, amounts, (a, b) => {
      assert.equal(medianInterval(a.toReversed()), medianInterval(a));
      assert.equal(ratioInterval(a.toReversed(), b), ratioInterval(a, b));
    }),
    few,
  );
});

test('another seed gives about the same interval, not exactly', () => {
  const values = draws(distributions[1], 20, new Random(1));
  const intervals = [1, 2, 3, 4].map((seed) => medianInterval(values, seed)!);
  const width = intervals[0].high - intervals[0].low;
  for (const { low, high } of intervals) {
    assert.ok(Math.abs(low - intervals[0].low) < width / 4);
    assert.ok(Math.abs(high - intervals[0].high) < width / 4);
  }
  const ratios = [1, 2, 3, 4].map((seed) => ratioInterval(values, values.slice(5), seed)!.high);
  assert.ok(new Set(ratios).size > 1);
});

test('values that are all the same, and zeros', () => {
  const [same, none] = [Array(6).fill(3), Array(6).fill(0)];
  assert.equal(medianInterval(same), { low: 3, high: 3 });
  assert.equal(ratioInterval(none, none), { low: 1, high: 1 });
  assert.equal(ratioInterval(none, same), { low: 0, high: 0 });
  assert.equal(ratioInterval(same, none), { low: Number.POSITIVE_INFINITY, high: Number.POSITIVE_INFINITY });
  assert.is(compare(sampleOf(none), sampleOf(none)).outcome, 'tie');
  assert.is(compare(sampleOf(same), sampleOf(same.map((value) => value * 1.01))).outcome, 'less');
});

test('with intervals, they decide: no threshold besides', () => {
  const steady = (middle: number) => sampleOf([-2, -1, 0, 0, 1, 2].map((step) => middle + step / 100));
  assert.is(compare(steady(100), steady(101)).outcome, 'less');
  const { ratio, interval, outcome } = compare(steady(101), steady(100));
  assert.is(outcome, 'more');
  assert.ok(interval!.low <= ratio && ratio <= interval!.high && interval!.low > 1);
  // The ranges overlap, and it is sure all the same.
  const shifted = (by: number) => sampleOf(Array.from({ length: 20 }, (_, i) => 100 + by + (i % 10)));
  assert.is(compare(shifted(0), shifted(5)).outcome, 'less');
  assert.ok(shifted(0).max > shifted(5).min);
});

test.run();
