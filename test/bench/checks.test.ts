/** What makes a run worthless. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { failureOf } from '../../bench/checks.js';
import type { InvocationConfig, Result } from '../../bench/schema.js';
import { someResult, stwResult } from '../support/synthetic-results.js';

function withFaults(result: Result, faults: Partial<Result['faults']>): Result {
  return { ...result, faults: { ...result.faults, missing: 0, minor: 0, ...faults } };
}

const code = (result: Result) => failureOf(result)?.code;

test('mutators must fault, by whatever delivery', () => {
  assert.is(code(someResult()), undefined);
  assert.is(code(withFaults(someResult(), {})), 'NEVER_FAULTED');
  assert.is(code(withFaults(someResult({ delivery: 'signal' }), { signal: 3 })), undefined);
  assert.is(code(withFaults(someResult({ delivery: 'signal' }), { signal: 0 })), 'NEVER_FAULTED');
  for (const resolution of ['copy', 'move', 'protect'] as const) {
    assert.is(code(withFaults(someResult({ resolution }), {})), 'NEVER_FAULTED');
  }
});

test('where nothing moves nobody need fault', () => {
  const still: Partial<InvocationConfig> = { evacuate: 'none' };
  assert.is(code(withFaults(someResult(still), {})), undefined);
  assert.is(code(withFaults(someResult({ evacuate: 'full' }), {})), 'NEVER_FAULTED');
});

test('mutators that wait for their next request need not fault, but something must be collected', () => {
  const result = withFaults(someResult({ rate: 1000 }), {});
  assert.is(code(result), undefined);
  assert.is(code({ ...result, collections: [] }), 'NEVER_FAULTED');
});

test('stop-the-world never faults, and a fault of it is a failure', () => {
  assert.is(code(stwResult()), undefined);
  for (const faults of [{ missing: 1 }, { minor: 1 }, { signal: 1 }]) {
    assert.is(code(withFaults(stwResult(), faults)), 'FAULTED');
  }
});

test('a wrong digest comes first, and an error that was there already stays', () => {
  const wrong = { ...withFaults(someResult(), {}), digest: { ok: false, objects: 1, bytes: 1, checked: 1 } };
  assert.is(code(wrong), 'DIGEST');
  assert.is(code({ ...wrong, error: { code: 'DEADLINE', message: 'hung' } }), 'DEADLINE');
});

test.run();
