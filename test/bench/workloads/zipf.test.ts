import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nextRandom, seedState } from '../../../bench/random.js';
import { drawKey, type ZipfTable, zipfTable } from '../../../bench/workloads/zipf.js';

/** The probability of each key, as the columns have it. */
function probabilities({ keys, own, other }: ZipfTable): Float64Array {
  const found = new Float64Array(keys);
  for (let column = 0; column < keys; column++) {
    const share = (own[column] + 1) / 2 ** 32;
    found[column] += share / keys;
    found[other[column]] += (1 - share) / keys;
  }
  return found;
}

for (const [keys, skew] of [
  [1, 0.99],
  [2, 0.99],
  [1000, 0.99],
  [1000, 0],
  [5000, 1.5],
] as const) {
  test(`${keys} keys, skew ${skew}: every probability is in proportion to a power of the rank`, () => {
    const wanted = Float64Array.from({ length: keys }, (_, key) => (key + 1) ** -skew);
    const total = wanted.reduce((sum, weight) => sum + weight, 0);
    for (const [key, found] of probabilities(zipfTable(keys, skew)).entries()) {
      assert.ok(Math.abs(found - wanted[key] / total) < 1e-8, `key ${key}: ${found}, not ${wanted[key] / total}`);
    }
  });
}

test('draws come as often as they should', () => {
  const table = zipfTable(1000, 0.99);
  const wanted = probabilities(table);
  const counts = new Float64Array(1000);
  const draws = 200_000;
  let state = seedState(7);
  const next = () => {
    state = nextRandom(state);
    return state;
  };
  for (let i = 0; i < draws; i++) counts[drawKey(table, next(), next())]++;
  let chiSquared = 0;
  for (const [key, count] of counts.entries()) chiSquared += (count - draws * wanted[key]) ** 2 / (draws * wanted[key]);
  // 999 degrees of freedom: standard deviation 44.7. The seed is fixed.
  assert.ok(Math.abs(chiSquared - 999) < 4 * 44.7, `chi-squared ${chiSquared}`);
});

test.run();
