import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { leastShare, merged, minimumUtilisation, mmuWindowsMs, type Span } from '../../../bench/trace/mmu.js';

const ms = (...spans: Span[]): Span[] => spans.map(([begin, end]) => [begin * 1e6, end * 1e6]);
const near = (actual: number, expected: number, what: string) =>
  assert.ok(Math.abs(actual - expected) < 1e-9, `${what}: ${actual}, not ${expected}`);

test('a timeline worked out by hand', () => {
  // 0        10  12      20 21 22 23        60        70                    100 ms
  // ─────────████────────███──███───────────██████████──────────────────────
  const spans = merged(ms([10, 12], [20, 21], [22, 23], [60, 70]), 100e6);
  const expected: readonly (readonly [windowMs: number, busyMs: number])[] = [
    [1, 1], // inside any span that is as long
    [2, 2], // 10 … 12
    [3, 3], // inside 60 … 70
    [10, 10], // 60 … 70
    [13, 10], // 60 … 70 and 3 more: 13 ms before 60 have at most 4
    [37, 10],
    [47, 10],
    [48, 11], // 22 … 70
    [50, 12], // 20 … 70
    [60, 14], // 10 … 70
    [100, 14],
  ];
  for (const [window, busy] of expected) {
    near(leastShare(spans, 100e6, window * 1e6), 1 - busy / window, `${window} ms`);
  }
});

test('a window at an end of the period is as good as any other', () => {
  near(leastShare(merged(ms([0, 3]), 20e6), 20e6, 5e6), 1 - 3 / 5, 'a span at the beginning');
  near(leastShare(merged(ms([17, 20]), 20e6), 20e6, 5e6), 1 - 3 / 5, 'a span at the end');
  near(leastShare(merged(ms([-4, 1], [19, 99]), 20e6), 20e6, 20e6), 1 - 2 / 20, 'what lies outside does not count');
});

test('spans that overlap count once, and those that touch are one', () => {
  assert.equal(
    merged(
      [
        [5, 9],
        [1, 3],
        [2, 4],
        [9, 10],
        [6, 7],
      ],
      100,
    ),
    [
      [1, 4],
      [5, 10],
    ],
  );
  assert.equal(
    merged(
      [
        [3, 3],
        [8, 6],
      ],
      100,
    ),
    [],
  );
});

test('nothing in the way is 1, nothing but that is 0', () => {
  assert.is(leastShare([], 100, 10), 1);
  assert.is(leastShare([[0, 100]], 100, 10), 0);
});

test('a window longer than the period is none', () => {
  assert.throws(() => leastShare([], 100, 101), RangeError);
  assert.throws(() => leastShare([], 100, 0), RangeError);
  const windows = minimumUtilisation([[]], 60e6).map(({ windowMs }) => windowMs);
  assert.equal(windows, [1, 2, 5, 10, 20, 50]);
  assert.equal(
    minimumUtilisation([[]], 5e9).map(({ windowMs }) => windowMs),
    [...mmuWindowsMs],
  );
});

test('the least over mutators counts', () => {
  const [, two] = minimumUtilisation([ms([0, 0.5]), ms([3, 4]), []], 10e6);
  assert.equal(two, { windowMs: 2, share: 0.5 });
});

test('no window that is tried holds more than the one found, and one holds as much', () => {
  const period = 400;
  const span = fc.tuple(fc.nat(period), fc.nat(40)).map(([begin, length]): Span => [begin, begin + length]);
  fc.assert(
    fc.property(fc.array(span, { maxLength: 30 }), fc.integer({ min: 1, max: period }), (spans, window) => {
      const inOrder = merged(spans, period);
      const free = Array.from({ length: period }, (_, at) => !spans.some(([begin, end]) => begin <= at && at < end));
      let least = 1;
      for (let from = 0; from + window <= period; from++) {
        least = Math.min(least, free.slice(from, from + window).filter(Boolean).length / window);
      }
      near(leastShare(inOrder, period, window), least, `${window} of ${JSON.stringify(spans)}`);
    }),
    { numRuns: 300 },
  );
});

test.run();
