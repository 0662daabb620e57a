import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { normalBelow, studentBelow, studentQuantile } from '../../../bench/statistics/student.js';

test("Student's t as in every printed table", () => {
  const printed = [
    [1, 12.706],
    [2, 4.303],
    [3, 3.182],
    [4, 2.776],
    [5, 2.571],
    [9, 2.262],
    [19, 2.093],
    [30, 2.042],
    [120, 1.98],
  ] as const;
  for (const [freedom, t] of printed)
    assert.is(Math.abs(studentQuantile(0.975, freedom) - t) < 6e-4, true, `${freedom}`);
  assert.ok(Math.abs(studentQuantile(0.95, 10) - 1.8125) < 1e-4);
});

test('the normal distribution as in every printed table, and as the limit of t', () => {
  for (const [z, below] of [
    [0, 0.5],
    [1, 0.841345],
    [1.959964, 0.975],
    [-1.959964, 0.025],
    [-3, 0.00135],
  ]) {
    assert.ok(Math.abs(normalBelow(z) - below) < 2e-6, `${z}`);
    assert.ok(Math.abs(studentBelow(z, 100_000) - below) < 1e-5, `${z}`);
  }
});

test.run();
