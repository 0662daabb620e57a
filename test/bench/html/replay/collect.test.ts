import { deflateRawSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  chooseCycles,
  collect,
  type FoundCycle,
  findCycles,
  type TraceSource,
} from '../../../../bench/html/replay/collect.js';
import { decodeTables, encodeTables, WaitKind } from '../../../../bench/html/replay/data.js';
import { episodesOf } from '../../../../bench/html/replay/history.js';
import {
  faultRates,
  longestFaults,
  sharesOf,
  type Wait,
  waitingAt,
  waitsOf,
} from '../../../../bench/html/replay/waits.js';
import { TraceKind } from '../../../../heap/trace-records.js';
import { Random } from '../../../support/random.js';
import { largeShape, SyntheticTrace, smallShape } from '../../../support/synthetic-trace.js';

type Row = readonly [kind: number, lane: number, begin: number, duration: number, a: number, b: number];
const [M0, M1, W, S, C] = [0, 1, 2, 3, 4];
const K = TraceKind;

/** A trace of a few records, in a heap of 16 pages. */
function traceOf(rows: readonly Row[]): TraceSource {
  const lanes = [
    { name: 'mutator 0', role: 'mutator' as const },
    { name: 'mutator 1', role: 'mutator' as const },
    { name: 'worker 0', role: 'worker' as const },
    { name: 'fault server 0', role: 'server' as const },
    { name: 'collector', role: 'collector' as const },
  ];
  return {
    header: { pages: 16, lanes },
    each: (visit) => {
      for (const row of rows) visit(...row);
    },
  };
}

const cycle = (number: number, start: number, compactNs: number): Row[] => [
  [K.COMPACT, C, start + 200, compactNs, number, 0],
  [K.FLIP, C, start + 100, 100, number, 0],
  [K.MARK, C, start, 100, number, 0],
  [K.CYCLE, C, start, 200 + compactNs + 50, number, 0],
];

test('cycles are found in order, with their faults; those that are not whole are left out', () => {
  const found = findCycles(
    traceOf([
      ...cycle(2, 10_000, 500),
      ...cycle(1, 1000, 300),
      [K.MARK, C, 20_000, 10, 3, 0],
      [K.FLIP, C, 20_010, 10, 3, 0],
      [K.FAULT, S, 10_300, 5, 1, 0],
      [K.FAULT, S, 10_250, 5, 2, 0],
      [K.FAULT, S, 5000, 5, 2, 0],
    ]),
  );
  assert.equal(found, [
    { cycle: 1, from: 1000, to: 1550, flip: 1100, done: 1500, faults: 0 },
    { cycle: 2, from: 10_000, to: 10_750, flip: 10_100, done: 10_700, faults: 2 },
  ]);
});

test('of a flip made twice the second one counts', () => {
  const [again] = findCycles(traceOf([...cycle(1, 0, 300), [K.FLIP, C, 50, 20, 1, 0]]));
  assert.is(again.flip, 100);
});

test('times that are none are left out and counted', () => {
  const odd = [Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60, -1];
  const trace = traceOf([
    ...cycle(1, 0, 300),
    ...odd.map((duration): Row => [K.FORWARD, W, 250, duration, 1, 0]),
    ...odd.map((duration): Row => [K.FLIP, C, 250, duration, 1, 0]),
    [K.FORWARD, W, Number.NaN, 3, 1, 0],
    [K.FORWARD, W, 250, 5, 1, 3],
  ]);
  const found = findCycles(trace);
  assert.is(found[0].flip, 100);
  const [{ tables, senseless }] = collect(trace, found);
  assert.is(tables.forwards.page.length, 0);
  assert.is(senseless, 2 * odd.length + 2);
  assert.equal(decodeTables(encodeTables(tables)), tables);
});

test('the longest, the one with most faults and the median are chosen, in order, each once', () => {
  const found = [40, 10, 90, 20, 30].map((length, i): FoundCycle => {
    return { cycle: i + 1, from: i * 1000, to: i * 1000 + length, flip: i * 1000, done: i * 1000 + length, faults: 0 };
  });
  const faulty = found.map((one) => (one.cycle === 2 ? { ...one, faults: 5 } : one));
  const chosen = chooseCycles(faulty, 3).map(({ cycle, why }) => [cycle, ...why]);
  assert.equal(chosen, [
    [2, 'the most faults'],
    [3, 'the longest compaction'],
    [5, 'the compaction of median length'],
  ]);
  assert.equal(
    chooseCycles(found, 4).map(({ cycle }) => cycle),
    [1, 3, 4, 5],
  );
  assert.equal(
    chooseCycles(found, 1).map(({ cycle }) => cycle),
    [3],
  );
  assert.equal(chooseCycles([], 3), []);
});

test('records go to the cycle they lie in, in ns since its flip; what names no page is counted', () => {
  const trace = traceOf([
    ...cycle(1, 1000, 300),
    ...cycle(2, 10_000, 500),
    [K.FORWARD, W, 10_300, 20, 5, 1],
    [K.FORWARD, W, 1210, 10, 4, 0],
    [K.FORWARD, W, 1205, 1, 15, 2],
    [K.PUBLISH, W, 1230, 9, 4, 2],
    [K.PUBLISH_AHEAD, W, 1050, 9, 8, 8],
    [K.PUBLISH, W, 1240, 9, 15, 2],
    [K.FORWARD, W, 1240, 9, 16, 0],
    [K.FAULT, S, 1300, 7, 3, 1],
    [K.FAULT, S, 1300, 7, 3, 2],
    [K.STALL, M1, 1000, 30, 0, 0],
    [K.STOOD, M0, 1100, 90, 0, 0],
  ]);
  const [{ tables, senseless }] = collect(trace, findCycles(trace));
  const { forwards, publishes, faults, waits } = tables;
  assert.equal([...forwards.page], [15, 4]);
  assert.equal([...forwards.begin], [105, 110]);
  assert.equal([...forwards.how], [2, 0]);
  assert.equal([...publishes.ahead], [1, 0]);
  assert.equal([...publishes.begin], [-50, 130]);
  assert.equal([...faults.mutator], [M1]);
  assert.equal([...waits.kind], [WaitKind.STOOD, WaitKind.STALL]);
  assert.is(senseless, 3);
});

test('who waits for a server waits until the page is published, by whomever', () => {
  const trace = traceOf([
    ...cycle(1, 0, 5000),
    // Left to the worker, which publishes it in its batch; published again later.
    [K.FAULT, S, 1000, 10, 3, 0],
    [K.LEFT, S, 1000, 10, 3, 0],
    [K.FORWARD, W, 990, 50, 3, 1],
    [K.PUBLISH, W, 1400, 100, 2, 3],
    [K.PUBLISH, W, 3000, 100, 3, 1],
    // Published at once by the server, which takes long to go on.
    [K.FAULT, S, 1600, 900, 5, 1],
    [K.PUBLISH, S, 1605, 3, 5, 1],
    // Visible already when the server reads of it.
    [K.FAULT, S, 2600, 7, 5, 0],
  ]);
  const [{ tables }] = collect(trace, findCycles(trace));
  const { lanes } = trace.header;
  assert.equal([...tables.faults.duration], [500, 8, 7]);
  assert.equal(longestFaults(tables, 2), [0, 1]);
  const names = (mutator: number) => waitsOf(tables, lanes, mutator).map(({ name }) => name);
  assert.equal(names(M0), ['pause', 'other', 'server']);
  assert.equal(names(M1), ['pause', 'server']);
  assert.equal(
    episodesOf(tables, lanes, 3).map(({ text }) => text),
    [
      'claimed by worker 0',
      'mutator 0 touched it and faulted: fault server 0 left it to whoever was at the page, a wait of 0.5 µs',
      'ready after 0.05 µs: its references updated in place',
      'published by worker 0 in one call with 2 others (0.1 µs), 0.46 µs after it was ready',
      'published on its own by worker 0 (0.1 µs), 2.06 µs after it was ready',
    ],
  );
});

test('in a signal handler, a page forwarded there and one that was waited for are told apart', () => {
  const trace = traceOf([
    ...cycle(1, 0, 5000),
    [K.FAULT, M0, 1000, 40, 3, 0],
    [K.FORWARD, M0, 1005, 20, 3, 0],
    [K.PUBLISH, M0, 1030, 5, 3, 1],
    [K.FAULT, M0, 2000, 400, 7, 0],
    [K.FORWARD, W, 1900, 420, 7, 1],
    [K.PUBLISH, W, 2330, 50, 7, 1],
  ]);
  const [{ tables }] = collect(trace, findCycles(trace));
  const { lanes } = trace.header;
  assert.equal(
    waitsOf(tables, lanes, M0).map(({ name }) => name),
    ['pause', 'self', 'other'],
  );
  assert.match(
    episodesOf(tables, lanes, 3)[0].text,
    'it saw to the page itself, in its signal handler, a wait of 0.04 µs',
  );
  assert.match(
    episodesOf(tables, lanes, 7)[1].text,
    'in its signal handler it waited for whoever was at the page, a wait of 0.4 µs',
  );
});

test('shares of columns add up to the time that was waited', () => {
  const random = new Random(5);
  for (let round = 0; round < 100; round++) {
    const columns = random.between(1, 40);
    let at = -50;
    const waits: Wait[] = Array.from({ length: random.below(20) }, () => {
      const begin = at + random.below(30);
      at = begin + random.below(60);
      return { begin, end: at, name: random.pick(['self', 'pause'] as const), page: undefined };
    });
    const within = waits.filter(({ name }) => name === 'self');
    const waited = within.reduce(
      (sum, { begin, end }) => sum + Math.max(0, Math.min(1000, end) - Math.max(0, begin)),
      0,
    );
    const shares = sharesOf(waits, 'self', 0, 1000, columns);
    const sum = shares.reduce((total, share) => total + share, 0) * (1000 / columns);
    assert.ok(Math.abs(sum - waited) < 1e-6, `${sum} for ${waited}`);
    const time = random.below(1000);
    assert.ok(waitingAt(waits, time).every(({ begin, end }) => begin <= time && time < end));
  }
});

test('rates of faults add up to the faults', () => {
  const trace = new SyntheticTrace({ ...smallShape, cycles: 1 }, 9);
  const found = findCycles(trace);
  const [{ tables }] = collect(trace, found);
  const span = found[0].done - found[0].flip;
  for (const columns of [1, 7, 100]) {
    const rates = faultRates(tables, 0, span + 1, columns);
    const sum = rates.reduce((total, rate) => total + rate, 0) * ((span + 1) / 1e6 / columns);
    assert.is(Math.round(sum), tables.faults.page.length);
  }
});

test('tables come back from their bytes, and a cycle of 1 GiB takes less than 8 MB', () => {
  const trace = new SyntheticTrace(largeShape, 1);
  const [{ tables }] = collect(trace, findCycles(trace));
  const bytes = encodeTables(tables);
  assert.equal(decodeTables(bytes), tables);
  const base64 = deflateRawSync(bytes).toString('base64').length;
  console.log(`figures: ${tables.forwards.page.length} pages forwarded in 1 GiB take ${base64} bytes of base64`);
  assert.ok(tables.forwards.page.length > 180_000);
  assert.ok(base64 < 8e6, `${base64} bytes`);
});

test.run();
