import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { collect, findCycles } from '../../../../bench/html/replay/collect.js';
import type { CycleTables, Lane } from '../../../../bench/html/replay/data.js';
import { Phase, roles, Timeline, upperBound } from '../../../../bench/html/replay/timeline.js';
import { largeShape, SyntheticTrace, smallShape } from '../../../support/synthetic-trace.js';

const lanes: readonly Lane[] = [
  { name: 'mutator 0', role: 'mutator' },
  { name: 'worker 0', role: 'worker' },
  { name: 'fault server 0', role: 'server' },
  { name: 'collector', role: 'collector' },
];
const pages = 12;

type Forward = readonly [lane: number, begin: number, duration: number, page: number, how: number];
type Publish = readonly [lane: number, begin: number, duration: number, page: number, count: number, ahead: number];

function tablesOf(forwards: readonly Forward[], publishes: readonly Publish[]): CycleTables {
  const column = (rows: readonly (readonly number[])[], i: number) => Float64Array.from(rows, (row) => row[i]);
  const [lane, begin, duration, page, how] = [0, 1, 2, 3, 4].map((i) => column(forwards, i));
  const published = [0, 1, 2, 3, 4, 5].map((i) => column(publishes, i));
  const none = new Float64Array();
  const nothing = { lane: none, begin: none, duration: none, kind: none };
  return {
    forwards: { lane, begin, duration, page, how },
    publishes: {
      ...{ lane: published[0], begin: published[1], duration: published[2] },
      ...{ page: published[3], count: published[4], ahead: published[5] },
    },
    faults: { lane: none, begin: none, duration: none, page: none, mutator: none },
    waits: nothing,
    phases: nothing,
  };
}

/** The state of a page by its definition: the furthest that anything before `time` has brought it. */
function stateOf({ forwards, publishes }: CycleTables, page: number, time: number): number {
  const reached: number[] = [];
  let isForwarded = false;
  let isAhead = false;
  let isPublished = false;
  for (let i = 0; i < forwards.page.length; i++) {
    if (forwards.page[i] !== page) continue;
    isForwarded = true;
    if (forwards.begin[i] <= time) reached.push(Phase.CLAIMED);
    if (forwards.begin[i] + forwards.duration[i] <= time) reached.push(Phase.READY);
  }
  let ahead = false;
  for (let i = 0; i < publishes.page.length; i++) {
    if (page < publishes.page[i] || page >= publishes.page[i] + publishes.count[i]) continue;
    const isDone = publishes.begin[i] + publishes.duration[i] <= time;
    if (publishes.ahead[i]) {
      isAhead = true;
      ahead ||= isDone;
    } else {
      isPublished = true;
      if (isDone) reached.push(Phase.PUBLISHED);
    }
  }
  if (isAhead && !isForwarded) return ahead ? Phase.AHEAD : Phase.IDLE;
  if (!isForwarded && !isPublished) return Phase.IDLE;
  return Math.max(Phase.RAW, ...reached);
}

function assertState(timeline: Timeline, tables: CycleTables, count: number, time: number): void {
  const expected = Array.from({ length: count }, (_, page) => stateOf(tables, page, time));
  assert.equal([...timeline.phases], expected, `at ${time}`);
  for (const phase of Object.values(Phase)) {
    assert.is(timeline.count(phase), expected.filter((one) => one === phase).length, `state ${phase} at ${time}`);
  }
  const published = expected.flatMap((phase, page) => (phase === Phase.PUBLISHED ? [page] : []));
  for (const grouping of ['forwarder', 'publisher', 'how'] as const) {
    for (let value = 0; value < roles.length; value++) {
      const counted = published.filter((page) => timeline.groups[grouping][page] === value).length;
      assert.is(timeline.published(grouping, value), counted, `${grouping} ${value} at ${time}`);
    }
  }
}

const time = fc.integer({ min: -20, max: 100 });
const lane = fc.integer({ min: 0, max: lanes.length - 1 });
const page = fc.integer({ min: 0, max: pages - 1 });
const duration = fc.integer({ min: 0, max: 30 });
const forward = fc.tuple(lane, time, duration, page, fc.integer({ min: 0, max: 2 }));
const publish = fc
  .tuple(lane, time, duration, page, fc.integer({ min: 1, max: pages }), fc.integer({ min: 0, max: 1 }))
  .map(([by, at, took, first, count, ahead]): Publish => [by, at, took, first, Math.min(count, pages - first), ahead]);

test('at any time, reached from any other, every page is in the state that its records say', () => {
  fc.assert(
    fc.property(
      fc.array(forward, { maxLength: 20 }),
      fc.array(publish, { maxLength: 8 }),
      fc.array(time, { minLength: 1, maxLength: 12 }),
      (forwards, publishes, times) => {
        const tables = tablesOf(forwards, publishes);
        const timeline = new Timeline(tables, pages, lanes);
        for (const at of times) {
          timeline.seek(at);
          assertState(timeline, tables, pages, at);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('a cycle as a collector records it', () => {
  for (const delivery of ['handler', 'signal'] as const) {
    const trace = new SyntheticTrace({ ...smallShape, delivery, pages: 300, cycles: 1 }, 11);
    const found = findCycles(trace);
    const [{ tables }] = collect(trace, found);
    const timeline = new Timeline(tables, 300, trace.header.lanes);
    const span = found[0].done - found[0].flip;
    for (const share of [0.5, 0.1, 0.9, 1, 0, 0.3]) {
      timeline.seek(share * span);
      assertState(timeline, tables, 300, share * span);
    }
  }
});

test('a step says which pages it changed', () => {
  const tables = tablesOf([[1, 10, 5, 3, 0]], [[1, 20, 5, 2, 3, 0]]);
  const timeline = new Timeline(tables, pages, lanes);
  const changed = (at: number) => {
    const { leapt, from, to } = timeline.seek(at);
    assert.not.ok(leapt);
    return [...timeline.changed.subarray(from, to)].sort();
  };
  assert.equal(changed(9), []);
  assert.equal(changed(10), [3]);
  assert.equal(changed(24), [3]);
  assert.equal(changed(25), [2, 3, 4]);
  assert.equal(changed(25), []);
  assert.equal(changed(14), [2, 3, 3, 4]);
});

test('the first who publishes a page counts, the builder who finished it, and what is done to it', () => {
  const tables = tablesOf(
    [
      [1, 0, 50, 0, 1],
      [2, 60, 1, 0, 0],
    ],
    [
      [2, 62, 1, 0, 1, 0],
      [1, 70, 1, 0, 2, 0],
    ],
  );
  const timeline = new Timeline(tables, pages, lanes);
  timeline.seek(100);
  assert.is(timeline.published('publisher', roles.indexOf('server')), 1);
  assert.is(timeline.published('publisher', roles.indexOf('worker')), 1);
  assert.is(timeline.published('forwarder', roles.indexOf('server')), 1);
  assert.is(timeline.published('how', 0), 1);
  assert.is(timeline.published('how', 2), 1, 'a page that nobody forwarded was published as it was');
});

test('1 GiB: what a frame does is bounded by what changed, and a leap by a stretch between copies', () => {
  const trace = new SyntheticTrace(largeShape, 3);
  const found = findCycles(trace);
  const [{ tables }] = collect(trace, found);
  const timeline = new Timeline(tables, largeShape.pages, trace.header.lanes);
  const span = found[0].done - found[0].flip;
  assert.ok(timeline.length > 500_000, `${timeline.length} changes`);
  // Slow motion, 60 frames a second, 1:1000.
  const frame = 1e9 / 60 / 1000;
  timeline.seek(span / 2);
  const before = { ...timeline.work };
  for (let i = 1; i <= 600; i++) timeline.seek(span / 2 + i * frame);
  assert.is(timeline.work.copies, before.copies);
  // A worker and two fault servers make three changes a page, at 1.5 µs a page and more; a batch at once.
  const changes = (timeline.work.changes - before.changes) / 600;
  assert.ok(changes > 1 && changes < 150, `${changes} changes a frame`);
  // The slider dragged to and fro.
  for (const share of [0, 1, 0.5, 0.99, 0.01, 0.6, 0.2]) {
    const { changes } = timeline.work;
    const { leapt } = timeline.seek(share * span);
    const applied = timeline.work.changes - changes;
    assert.ok(leapt);
    assert.ok(applied <= 32_768 / 2 + 1, `${applied} changes for a leap to ${share}`);
  }
  timeline.seek(span);
  assert.is(timeline.count(Phase.RAW) + timeline.count(Phase.CLAIMED) + timeline.count(Phase.READY), 0);
  assert.is(timeline.count(Phase.PUBLISHED) + timeline.count(Phase.IDLE) + timeline.count(Phase.AHEAD), 262_144);
});

test('the first value above another', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), fc.integer({ min: -1, max: 21 }), (values, value) => {
      const sorted = Float64Array.from(values).sort();
      const at = sorted.findIndex((one) => one > value);
      assert.is(upperBound(sorted, value), at < 0 ? sorted.length : at);
    }),
  );
});

test.run();
