import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { below, mix, nextRandom, seedState } from '../../../bench/random.js';
import { inverse, powerOfTwoBelow } from '../../../bench/workloads/arithmetic.js';

test('an odd number times its inverse is 1', () => {
  for (const odd of [1, 3, 5, -1, 0x9e3779b1 | 0, 0x85ebca6b | 0, 0x7fffffff]) {
    assert.is(Math.imul(odd, inverse(odd)), 1, `${odd}`);
  }
});

test('the power of two below', () => {
  assert.is(powerOfTwoBelow(1, 2), 2);
  assert.is(powerOfTwoBelow(8, 2), 8);
  assert.is(powerOfTwoBelow(9.5, 2), 8);
  assert.is(powerOfTwoBelow(2 ** 23 / 3, 2), 2 ** 21);
  assert.is(powerOfTwoBelow(0, 4), 4);
});

test('random numbers are 32-bit integers, never 0, the same for the same seed', () => {
  let state = seedState(7);
  assert.is(state, seedState(7));
  assert.is.not(state, seedState(8));
  assert.is.not(state, seedState(7, 1));
  for (let i = 0; i < 10_000; i++) {
    state = nextRandom(state);
    assert.is(state, state | 0);
    assert.is.not(state, 0);
  }
});

test('mix is one to one where it is tried, and spreads neighbours over both halves', () => {
  const seen = new Set<number>();
  let even = 0;
  for (let i = 0; i < 10_000; i++) {
    seen.add(mix(i));
    if ((mix(i) & 1) === 0) even++;
  }
  assert.is(seen.size, 10_000);
  assert.ok(Math.abs(even - 5000) < 300, `${even} of 10000 are even`);
});

test('below stays below, and gets everywhere', () => {
  assert.is(below(0, 10), 0);
  assert.is(below(-1, 10), 9);
  assert.is(below(-1, 2 ** 32), 2 ** 32 - 1);
  const seen = new Set<number>();
  for (let i = 0, state = seedState(1); i < 1000; i++) {
    state = nextRandom(state);
    seen.add(below(state, 10));
  }
  assert.equal([...seen].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test.run();
