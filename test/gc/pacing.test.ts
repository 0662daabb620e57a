import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CycleFigures, Pacer } from '../../gc/policy/pacing.js';

const REGIONS = 1000;
const QUIET: CycleFigures = { totalMs: 100, markMs: 60, taken: 0, sinceLastMs: 1000, targets: 0 };

function after(...cycles: CycleFigures[]): Pacer {
  const pacer = new Pacer(REGIONS);
  for (const cycle of cycles) pacer.learn(cycle);
  return pacer;
}

test('before anything is known a cycle starts at 35% free', () => {
  assert.is(new Pacer(REGIONS).trigger, 350);
  assert.is(new Pacer(63).trigger, 23);
});

test('a cycle starts earlier the faster mutators allocate, and the longer it takes', () => {
  const trigger = (taken: number, totalMs: number) =>
    after({ ...QUIET, taken, totalMs, markMs: totalMs / 2, targets: 10 }).trigger;
  for (const [slower, faster] of [
    [trigger(100, 500), trigger(400, 500)],
    [trigger(400, 500), trigger(400, 900)],
  ] as const) {
    assert.ok(slower < faster, `${slower} and ${faster}`);
  }
});

test('never below 10% of the heap, never above 70%', () => {
  assert.ok(after(QUIET).trigger >= 100);
  assert.is(after({ ...QUIET, taken: 100_000 }).trigger, 700);
  assert.is(after({ ...QUIET, targets: 100_000 }).trigger, 700);
});

test('the trigger has room for the next plan’s targets', () => {
  const few = after({ ...QUIET, targets: 80 });
  const many = after({ ...QUIET, targets: 300 });
  assert.ok(few.expectedTargets >= 80 && many.expectedTargets >= 300);
  assert.ok(many.trigger > few.trigger && many.trigger > 300);
  assert.ok(after(QUIET).expectedTargets >= 0.05 * REGIONS, 'a plan always needs some');
});

test('the last cycle counts for half', () => {
  const fast = { ...QUIET, taken: 1000, targets: 10 };
  const slow = { ...QUIET, taken: 0, targets: 10 };
  const needed = [after(slow), after(fast, slow), after(fast, fast, slow), after(fast, fast)].map(
    (pacer) => pacer.neededWhileCompacting,
  );
  assert.ok(needed[0]! < needed[1]! && needed[1]! <= needed[2]! && needed[2]! < needed[3]!, needed.join(' '));
});

test('the share of marking stays between 10% and 90%', () => {
  assert.is(new Pacer(REGIONS).shareOfMarking, 0.6);
  assert.is(after({ ...QUIET, markMs: 0.001 }).shareOfMarking, 0.1);
  assert.is(after({ ...QUIET, markMs: 100 }).shareOfMarking, 0.9);
  assert.ok(Math.abs(after({ ...QUIET, markMs: 30 }).shareOfMarking - 0.3) < 0.01);
});

test('figures that say nothing do no harm', () => {
  const zero = { totalMs: 0, markMs: 0, taken: 0, sinceLastMs: 0, targets: 0 };
  const pacer = after(zero, { ...zero, sinceLastMs: 1 }, zero);
  for (const figure of [pacer.trigger, pacer.neededWhileCompacting, pacer.expectedTargets, pacer.shareOfMarking]) {
    assert.ok(Number.isFinite(figure) && figure >= 0, String(figure));
  }
});

test.run();
