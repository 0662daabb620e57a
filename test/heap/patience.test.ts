import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Patience } from '../../heap/index.js';

/** A waiter that looks after each of these steps, in ms, and how often before its patience of `ms` is at its end. */
function looks(ms: number, steps: Iterable<number>): number {
  let now = 1e6;
  const patience = new Patience(ms, () => now);
  let looked = 0;
  for (const step of steps) {
    now += step;
    if (patience.isOver) return looked;
    looked++;
  }
  return Number.POSITIVE_INFINITY;
}

test('patience ends after its time, in steps of any length up to a look', () => {
  assert.is(looks(1000, Array(2000).fill(1)), 1000);
  assert.is(looks(1000, Array(20).fill(100)), 10);
});

test('time in which nobody ran does not count, however often that happens', () => {
  assert.is(looks(60_000, [1, 3_600_000, 1, 600_000, 1]), Number.POSITIVE_INFINITY);
  // A debugger that stops the process every second: only what lay between counts.
  const steps = Array.from({ length: 100 }, (_, i) => (i % 10 === 0 ? 60_000 : 100));
  assert.ok(looks(60_000, steps) > 90);
});

test('it does end for who looks rarely', () => {
  assert.ok(Number.isFinite(looks(1000, Array(1000).fill(5000))));
});

test.run();
