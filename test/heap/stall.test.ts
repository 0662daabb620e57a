import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Control, makeControl } from '../../heap/control.js';
import { Stall } from '../../heap/stall.js';

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

test.run();
