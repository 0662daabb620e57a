/** The ratio of pairs, and what may be said of it, by rounds that are made up. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { leastPairs, outcomeOf, type Pair, pairedRatio, pairsToTell } from '../../../bench/statistics/paired.js';
import { compare, sampleOf } from '../../../bench/statistics/sample.js';
import { distributions, normal } from '../../support/distributions.js';
import { Random } from '../../support/random.js';

/** Rounds in which the first does `ratio` times as much as the second, which does what `weather` allows. */
function rounds(ratios: readonly number[], weather: (round: number) => number = () => 1): Pair[] {
  return ratios.map((ratio, round) => [ratio * weather(round), weather(round)]);
}
const judged = (pairs: readonly Pair[]) => outcomeOf(pairedRatio(pairs).interval);

/** Eight ratios about a middle one, 2% apart or less. */
const steady = (middle: number) => [-2, 1, 0, 2, -1, 1, 0, -1].map((percent) => middle * (1 + percent / 100));

test('a difference of a tenth is decided, either way', () => {
  assert.is(judged(rounds(steady(1.1))), 'more');
  assert.is(judged(rounds(steady(1 / 1.1))), 'less');
  const { ratio, interval } = pairedRatio(rounds(steady(1.1)));
  assert.ok(Math.abs(ratio - 1.1) < 0.003);
  assert.ok(interval!.low > 1.08 && interval!.high < 1.12);
});

test('level is only what was shown to be: a wide interval about one is undecided', () => {
  assert.is(judged(rounds(steady(1))), 'tie');
  assert.is(judged(rounds([0.8, 1.2, 1, 0.9, 1.1, 1.05, 0.95, 1])), 'undecided');
  assert.is(outcomeOf({ low: 0.96, high: 1.06 }), 'undecided');
  assert.is(outcomeOf({ low: 0.953, high: 1.05 }), 'tie');
  assert.is(outcomeOf({ low: 1, high: 1 }), 'tie');
  assert.is(outcomeOf(undefined), 'undecided');
});

test('what drifts over the rounds cancels, however far it goes', () => {
  const drifting = (round: number) => 100 * 0.6 ** round;
  const [still, drifted] = [pairedRatio(rounds(steady(1.1))), pairedRatio(rounds(steady(1.1), drifting))];
  assert.ok(Math.abs(still.interval!.low - drifted.interval!.low) < 1e-9);
  assert.is(judged(rounds(steady(1.1), drifting)), 'more');
  // Not paired, the same values tell nothing.
  const [a, b] = [0, 1].map((side) => rounds(steady(1.1), drifting).map((pair) => pair[side]));
  assert.is(compare(sampleOf(a), sampleOf(b)).outcome, 'undecided');
  const inOrder = a.map((_, round) => round);
  assert.is(
    compare(sampleOf(a, { rounds: inOrder }), sampleOf(b, { rounds: inOrder.toReversed() })).outcome,
    'undecided',
  );
  assert.is(compare(sampleOf(a, { rounds: inOrder }), sampleOf(b, { rounds: inOrder })).outcome, 'more');
  assert.is(compare(sampleOf(b, { rounds: inOrder }), sampleOf(a, { rounds: inOrder })).outcome, 'less');
});

test('one odd round makes it uncertain, and never the other way round', () => {
  for (const odd of [0.3, 0.6, 2, 4]) {
    const pairs = rounds([...steady(1.1).slice(1), odd]);
    assert.is(judged(pairs), 'undecided', String(odd));
    const { interval } = pairedRatio(pairs);
    assert.ok(interval!.low < 1.1 && interval!.high > 1.1);
  }
});

test('what was measured while others had the machine decides nothing, however sure it looks', () => {
  const rounds = [0, 1, 2, 3, 4, 5, 6, 7];
  const [a, b] = [sampleOf(steady(1.1), { rounds }), sampleOf(steady(1).toReversed(), { rounds })];
  assert.is(compare(a, b).outcome, 'more');
  const starved = compare({ ...a, starved: true }, b);
  assert.equal([starved.outcome, starved.starved, starved.ratio], ['undecided', true, compare(a, b).ratio]);
});

test('too few rounds have no interval, and decide nothing', () => {
  assert.is(pairedRatio(rounds([2])).interval, undefined);
  assert.is(pairedRatio(rounds([2])).deviation, undefined);
  assert.is(pairedRatio(rounds([2, 2, 2, 2])).interval, undefined);
  assert.is(judged(rounds([2, 2, 2, 2])), 'undecided');
  assert.is(judged(rounds([2, 2, 2, 2, 2])), 'more');
  assert.is(leastPairs, 5);
});

test('rounds pair by their numbers; what one of the two lacks does not count', () => {
  const a = sampleOf([110, 220, Number.NaN, 440], { rounds: [0, 1, 2, 3] });
  const b = sampleOf([400, 100, 300], { rounds: [3, 0, 2] });
  const { ratio, paired } = compare(a, b);
  assert.ok(Math.abs(ratio - 1.1) < 1e-9);
  assert.is(paired?.pairs, 2);
  const ofThree = { rounds: [0, 1, 2] };
  // A number that stands for two values, and a value without a logarithm: the medians have to do.
  assert.is(compare(sampleOf([1, 2, 3], { rounds: [0, 0, 1] }), b).paired, undefined);
  assert.is(compare(sampleOf([0, 2, 3], ofThree), sampleOf([4, 4, 4], ofThree)).ratio, 0.5);
});

/** Share of 600 comparisons of `count` rounds that are decided. */
function decided(count: number, first: (random: Random) => number, second: (random: Random) => number): number {
  const random = new Random(count);
  let found = 0;
  for (let i = 0; i < 600; i++) {
    const pairs = Array.from({ length: count }, (): Pair => [first(random), second(random)]);
    const outcome = judged(pairs);
    if (outcome === 'more' || outcome === 'less') found++;
  }
  return found / 600;
}

test('two that are the same are told apart in 5% of comparisons, whatever they scatter like', () => {
  for (const { draw, name } of distributions) {
    for (const count of [leastPairs, 6, 8, 20]) {
      // 600 comparisons at 5% have a standard error of 0.9%.
      const share = decided(count, draw, draw);
      assert.ok(share <= 0.075, `${name}, ${count} rounds: ${share}`);
    }
  }
});

test('so many rounds as are said to tell a tenth do so in four of five comparisons', () => {
  for (const deviation of [0.07, 0.1, 0.2]) {
    const count = pairsToTell(0.1, deviation)!;
    const scattered = (middle: number) => (random: Random) =>
      middle * Math.exp((deviation / Math.SQRT2) * normal(random));
    const share = decided(count, scattered(1.1), scattered(1));
    assert.ok(share > 0.72 && share < 0.95, `${deviation}: ${count} rounds, ${share}`);
  }
  assert.is(pairsToTell(0.1, 0), leastPairs);
  assert.ok(pairsToTell(0.05, 0.1)! > 3 * pairsToTell(0.1, 0.1)!);
  assert.is(pairsToTell(0.1, 2), undefined);
});

test.run();
