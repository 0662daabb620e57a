import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { halved, type Point } from '../../../bench/invocation/memory-sampler.js';
import { Random } from '../../support/random.js';

test('of each two neighbours the higher one stays, in order', () => {
  const points: Point[] = [
    [0, 5],
    [1, 7],
    [2, 9],
    [3, 2],
    [4, 4],
    [5, 4],
    [6, 1],
  ];
  assert.equal(halved(points), [
    [1, 7],
    [2, 9],
    [4, 4],
    [6, 1],
  ]);
  assert.equal(halved([]), []);
});

test('however often, the highest stays', () => {
  const random = new Random(3);
  let points: Point[] = Array.from({ length: 501 }, (_, i) => [i, random.below(1000)]);
  const highest = Math.max(...points.map(([, bytes]) => bytes));
  while (points.length > 1) {
    points = halved(points);
    assert.is(Math.max(...points.map(([, bytes]) => bytes)), highest);
    assert.ok(points.every(([ms], i) => i === 0 || ms > points[i - 1][0]));
  }
});

test.run();
