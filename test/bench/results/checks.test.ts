/** What makes a run worthless. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { differingGraphs, failureOf } from '../../../bench/results/checks.js';
import type { InvocationConfig, Result } from '../../../bench/schema/index.js';
import { someResult, stwResult } from '../../support/synthetic-results.js';

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

test('the same work must end in the same graph, whatever the collector does', () => {
  const ended = (hash: string | undefined, config: Partial<InvocationConfig> = {}): Result => {
    const result = someResult({ operations: 1000, ...config });
    return { ...result, digest: { ...result.digest, ...(hash && { hash }) } };
  };
  const same = [ended('a'), ended('a', { resolution: 'copy', heapBytes: 2 ** 30, gcWorkers: 2, seconds: 9 })];
  assert.equal(differingGraphs([...same, ended(undefined)]), []);
  const others = [{ seed: 2 }, { mutators: 2 }, { operations: 2000 }, { scale: 0.5 }, { quick: true }] as const;
  assert.equal(differingGraphs([...same, ...others.map((config) => ended('b', config))]), []);
  const [difference, ...more] = differingGraphs([...same, ended('b', { resolution: 'move' })]);
  assert.equal(more, []);
  assert.is(
    difference,
    'javac: the same work ended in different graphs: a by continue, invocation 1, b by move, invocation 1',
  );
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
