import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { stormFaults, stormOf } from '../../../bench/trace/storm.js';
import { timelineOf } from '../../../bench/trace/timeline.js';
import { TraceKind } from '../../../heap/trace-records.js';
import { type MadeUp, recordsOf } from '../../support/trace-records.js';

const MS = 1e6;
const at = (ms: number) => ms * MS;

test('faults of two flips, millisecond by millisecond', () => {
  const flips = [
    { at: at(10), until: at(20) },
    { at: at(50), until: at(60) },
  ];
  // 3 in the first ms and 1 in the third of the first flip; 1 and 2 of the second.
  const faults = [10, 10.2, 10.999, 12.5, 50.1, 51, 51.9, 9.9, 30, 20.1].map(at);
  const storm = stormOf(flips, faults)!;
  assert.equal(storm, {
    flips: 2,
    perMs: [2, 1, 0.5],
    peakPerMs: 3,
    drainMs: { p50: 1.9, max: 2.5 }, // percentiles are by nearest rank
  });
  assert.is(stormFaults(storm), 7);
});

test('a flip without a fault is over at once, and counts', () => {
  const storm = stormOf(
    [
      { at: at(1), until: at(2) },
      { at: at(3), until: at(9) },
    ],
    [at(5)],
  )!;
  assert.equal([storm.flips, storm.perMs, storm.peakPerMs, storm.drainMs.max], [2, [0, 0, 0.5], 1, 2]);
  const quiet = stormOf([{ at: 0, until: 5 }], [])!;
  assert.equal([quiet.perMs, quiet.peakPerMs, quiet.drainMs], [[], 0, { p50: 0, max: 0 }]);
});

test('without a flip there is no storm', () => assert.is(stormOf([], [1, 2, 3]), undefined));

// ---- out of records ------------------------------------------------------------------------------------------------

const [MUTATOR, OTHER, COLLECTOR, WORKER, SERVER] = [0, 1, 2, 3, 4];

const cycle: readonly MadeUp[] = [
  [TraceKind.CYCLE, COLLECTOR, 0, 100, 1],
  [TraceKind.MARK, COLLECTOR, 1, 10, 1],
  [TraceKind.REMARK, COLLECTOR, 11, 1, 1],
  [TraceKind.FLIP, COLLECTOR, 20, 1, 1], // tried in vain
  [TraceKind.FLIP, COLLECTOR, 22, 2, 1],
  [TraceKind.COMPACT, COLLECTOR, 24, 60, 1],
];
const timeline = (...records: readonly MadeUp[]) => timelineOf(recordsOf([...cycle, ...records]), [MUTATOR, OTHER]);
const pauses = [at(11), at(12), at(20), at(21), at(22), at(24)];
const sorted = (spans: readonly (readonly [number, number])[]) => spans.flat().sort((a, b) => a - b);

test('pauses are everybody’s; a flip that was tried in vain is a pause, and no flip', () => {
  const { stopped, flips, faults } = timeline();
  assert.equal(stopped.map(sorted), [pauses, pauses]);
  assert.equal(flips, [{ at: at(24), until: at(84) }]);
  assert.equal(faults, []);
});

test('a collection that stops the world has no flip that anybody could fault after', () => {
  const { stopped, flips } = timeline([TraceKind.STOP, COLLECTOR, 0.5, 99, 1]);
  assert.equal(flips, []);
  assert.equal(sorted(stopped[0]).slice(-1), [at(99.5)]);
});

test('stalls, paced waits and safepoints are of the mutator whose lane they stand in, faults of the one they name', () => {
  const { stopped, faults } = timeline(
    [TraceKind.STALL, MUTATOR, 60, 5, 0],
    [TraceKind.PACE, OTHER, 61, 2, 0],
    [TraceKind.STOOD, OTHER, 63, 1, 0],
    [TraceKind.FAULT, SERVER, 70, 1, 5, OTHER],
    [TraceKind.FAULT, MUTATOR, 72, 1, 6, MUTATOR],
    [TraceKind.FORWARD, WORKER, 30, 1, 9, 0],
  );
  assert.equal(sorted(stopped[0]), [...pauses, at(60), at(65), at(72), at(73)]);
  assert.equal(sorted(stopped[1]), [...pauses, at(61), at(63), at(63), at(64), at(70), at(71)]);
  assert.equal(faults, [at(70), at(72)]);
});

test('a fault that a server leaves to whoever is at the page lasts until that one has published it', () => {
  const left: readonly MadeUp[] = [
    [TraceKind.FAULT, SERVER, 30, 1, 7, MUTATOR],
    [TraceKind.LEFT, SERVER, 30, 1, 7, MUTATOR],
  ];
  const until = (...publishes: readonly MadeUp[]) =>
    Math.max(
      ...timeline(...left, ...publishes)
        .stopped[0].flat()
        .filter((ns) => ns > at(25)),
    );
  assert.is(until(), at(31));
  assert.is(until([TraceKind.PUBLISH, WORKER, 34, 2, 5, 3]), at(36), 'in a batch of three');
  assert.is(until([TraceKind.PUBLISH, WORKER, 34, 2, 8, 3]), at(31), 'other pages');
  assert.is(until([TraceKind.PUBLISH, WORKER, 90, 2, 7, 1]), at(31), 'after this compaction');
});

test.run();
