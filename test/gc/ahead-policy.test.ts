import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AheadPolicy } from '../../gc/policy/ahead.js';

test('pages are mapped ahead until a compaction shows that mutators hardly come to any', () => {
  const policy = new AheadPolicy();
  assert.is(policy.pays, true);
  policy.learnFaults(3, 1000);
  assert.is(policy.pays, false);
  policy.learnFaults(120, 1000);
  assert.is(policy.pays, true, 'and again once they do');
});

test('a compaction of few pages says nothing', () => {
  const policy = new AheadPolicy();
  policy.learnFaults(0, 100);
  assert.is(policy.pays, true);
  policy.learnFaults(0, 10_000);
  policy.learnFaults(100, 100);
  assert.is(policy.pays, false);
});

test('where hardly any page is right only a few of each region are looked at', () => {
  const policy = new AheadPolicy();
  assert.is(policy.patience, 0);
  policy.learn(17_000, 3);
  assert.ok(policy.patience > 0);
  policy.learn(600, 300);
  assert.is(policy.patience, 0);
});

test.run();
