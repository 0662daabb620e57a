import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Control, makeControl, Own, ownBase } from '../../heap/control.js';
import { Stall, type WaitWord, waitedUs } from '../../heap/stall.js';

/** A mutator that waits through `cycles` collections, in each of which others get `opened` regions. */
function waits(cycles: number, opened: number): { readonly stall: Stall; readonly hopelessAfter: number } {
  const control = makeControl(1);
  control[Control.COLLECTOR] = 1;
  const stall = new Stall(control, 0, null);
  assert.is(stall.isHopeless, false, 'nobody has waited yet');
  stall.wait();
  for (let cycle = 1; cycle <= cycles; cycle++) {
    control[Control.COLLECTIONS]++;
    control[Control.OPENED] += opened;
    if (stall.isHopeless) return { stall, hopelessAfter: cycle };
  }
  return { stall, hopelessAfter: 0 };
}

test('three collections that free nothing for anybody are the end', () => {
  assert.is(waits(10, 0).hopelessAfter, 3);
});

test('a mutator that others are quicker than waits on, though not for ever', () => {
  assert.is(waits(20, 1).hopelessAfter, 0);
  const { hopelessAfter } = waits(1000, 1);
  assert.ok(hopelessAfter > 20 && hopelessAfter < 1000, String(hopelessAfter));
});

test('what a mutator has waited in all goes on where 32 bits end, and does not spill over', () => {
  const control = makeControl(3);
  const hour = 3600e6;
  const words: readonly WaitWord[] = [Own.STALL_US, Own.PACED_US];
  const sums = new BigInt64Array(control.buffer);
  for (const word of words) sums[(ownBase(1) + word) / 2] = BigInt(hour);
  control[Control.COLLECTOR] = 1;
  const stall = new Stall(control, 1, null);
  stall.wait();
  stall.end();
  assert.ok(waitedUs(control, 1, Own.STALL_US) >= hour + 50_000, 'the wait of 100 ms is not in the sum');
  assert.is(waitedUs(control, 1, Own.PACED_US), hour);
  assert.is(control[ownBase(1) + Own.STALLS], 1);
  assert.ok(control[ownBase(1) + Own.STALL_MAX_US]! > 0);
  for (const other of [0, 2]) for (const word of words) assert.is(waitedUs(control, other, word), 0);
});

test.run();
