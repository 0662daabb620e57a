import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { minimumUtilisation, type Span } from '../../../bench/trace/mmu.js';
import { restedNs, withoutRests } from '../../../bench/trace/rests.js';
import { type Records, timelineOf } from '../../../bench/trace/timeline.js';
import { TraceKind } from '../../../heap/trace-records.js';

/** Stalls of one mutator, ms. */
const stalls = (...spans: readonly Span[]): Records => ({
  each: (visit) => {
    for (const [begin, end] of spans) visit(TraceKind.STALL, 0, begin * 1e6, (end - begin) * 1e6, 0, 0);
  },
});
const inMs = (records: Records) =>
  timelineOf(records, [0]).stopped[0].map(([begin, end]) => [Math.round(begin / 1e6), Math.round(end / 1e6)]);

test('the clock stands still between two turns', () => {
  const rests: Span[] = [
    [10e6, 110e6],
    [120e6, 125e6],
  ];
  const records = stalls([8, 10], [110, 113], [119, 120], [130, 131]);
  assert.equal(inMs(withoutRests(records, rests)), [
    [8, 10],
    [10, 13],
    [19, 20],
    [25, 26],
  ]);
  assert.is(restedNs(rests), 105e6);
  assert.is(withoutRests(records, []), records);
});

test('utilisation over two turns is that of the time they took', () => {
  // Stalls before and after the rest are one, of 5 of 20 ms; the rest is no time in which the mutator ran.
  const rests: Span[] = [[10e6, 1010e6]];
  const { stopped } = timelineOf(withoutRests(stalls([8, 10], [1010, 1013]), rests), [0]);
  const whole = minimumUtilisation(stopped, 1020e6 - restedNs(rests));
  const share = whole.find(({ windowMs }) => windowMs === 10)?.share ?? 0;
  assert.ok(Math.abs(share - 0.5) < 1e-9, String(share));
});

test.run();
