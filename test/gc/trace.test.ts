// deadline: 120s
/** What a recorder says of collections is what their records say. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Collector, type CycleRecord, createHeap } from '../../gc/index.js';
import { Control, defaultShape, Forwarded, type Heap, Own, ownBase, TraceKind } from '../../heap/index.js';
import type { ChurnTask } from '../support/churn-program.js';
import { exitAfterwards } from '../support/exit.js';
import { runStress } from '../support/stress-run.js';

exitAfterwards(test);

interface Span {
  readonly kind: number;
  readonly lane: number;
  readonly begin: number;
  readonly end: number;
  readonly a: number;
  readonly b: number;
}

interface Recorded {
  readonly spans: readonly Span[];
  readonly cycles: readonly CycleRecord[];
  readonly heap: Heap;
  readonly of: (kind: number) => Span[];
}

const WAYS = [
  ['continue', 'handler', 'bank'],
  ['continue', 'signal', 'bank'],
  ['copy', 'handler', 'remap'],
  ['copy', 'signal', 'remap'],
  ['protect', 'signal', 'bank'],
] as const;

/** Collections beside mutators, with everything recorded from the first to the last. */
async function recorded(
  [resolution, delivery, flip]: readonly [string, string, string],
  mutators: number,
  act: (of: Recorded) => void,
) {
  const choices = delivery === 'none' ? {} : { delivery: delivery as 'handler' | 'signal' };
  const heap = createHeap(defaultShape(16 << 20, mutators), resolution, flip, { ...choices, trace: 'pages' });
  const collector = new Collector(heap, { resolution, flip, delivery, workers: 2 });
  heap.trace!.start();
  await collector.start();
  const task: Omit<ChurnTask, 'heap'> = { objects: 120_000, liveObjects: 20_000, payloadBytes: 200, collections: 0 };
  const threads = Array.from({ length: mutators }, async () => {
    const workerData = { ...task, heap: heap.handle };
    await once(new Worker(new URL('../support/churn-program.js', import.meta.url), { workerData }), 'exit');
  });
  await Promise.all(threads);
  await collector.stop();
  heap.trace!.stop();
  assert.is(collector.error, null);
  const spans: Span[] = [];
  heap.trace!.each((kind, lane, begin, ns, a, b) => spans.push({ kind, lane, begin, end: begin + ns, a, b }));
  assert.equal(heap.trace!.dropped, { timeline: 0, pages: 0 });
  const of = (kind: number) => spans.filter((span) => span.kind === kind);
  act({ spans, cycles: collector.records, heap, of });
  heap.close();
}

/** Of all ways: a mutator that waits for memory all the time has none. */
let faultsSeen = 0;

const within = (inner: Span, outer: Span) => inner.begin >= outer.begin && inner.end <= outer.end + 100;

for (const way of WAYS) {
  const name = way.join('·');

  test(`${name}: phases, pauses, faults and pages are recorded, each where and when it was`, () =>
    recorded(way, 1, ({ spans, cycles, heap, of }) => {
      const { control, layout } = heap;
      const collector = heap.trace!.collectorLane;
      assert.equal(
        of(TraceKind.CYCLE).map(({ a }) => a),
        cycles.map(({ cycle }) => cycle),
      );
      for (const record of cycles) {
        const ours = spans.filter(
          ({ lane, a, kind }) => lane === collector && kind < TraceKind.STALL && a === record.cycle,
        );
        const whole = ours.find(({ kind }) => kind === TraceKind.CYCLE)!;
        const phases = ours.filter((span) => span !== whole).sort((a, b) => a.begin - b.begin);
        for (const [i, phase] of phases.entries()) {
          assert.ok(within(phase, whole), `phase ${phase.kind}`);
          if (i > 0)
            assert.ok(phase.begin >= phases[i - 1].end - 100, `phase ${phase.kind} begins after the one before`);
        }
        const kinds = new Set(phases.map(({ kind }) => kind));
        const moved = record.evacuatedBytes > 0 ? [TraceKind.AHEAD, TraceKind.FLIP, TraceKind.COMPACT] : [];
        const expected = [TraceKind.MARK, TraceKind.REMARK, TraceKind.PLAN, ...moved, TraceKind.RECLAIM];
        assert.equal([...kinds].sort(), expected.sort());
        const remark = phases.find(({ kind }) => kind === TraceKind.REMARK)!;
        assert.ok(remark.end - remark.begin >= record.ms.remark * 1e6 - 1000, 'all of the pause is in its record');
      }

      const own = (word: number) => Atomics.load(control, ownBase(0) + word);
      const faults = of(TraceKind.FAULT);
      const counted = [Control.FAULTS_MISSING, Control.FAULTS_MINOR, Control.FAULTS_SIGNAL];
      const inAll = counted.reduce((all, word) => all + Atomics.load(control, word), 0);
      assert.is(own(Own.FAULTS), inAll);
      // What a handler does after a compaction is counted with the next one: a page that was published as it came.
      assert.ok(
        faults.length >= inAll && faults.length <= inAll + (way[1] === 'signal' ? 10 : 0),
        `${faults.length} of ${inAll}`,
      );
      faultsSeen += faults.length;
      for (const { a, b, lane } of faults) {
        assert.ok(a < layout.pages && b === 0);
        const { role } = heap.trace!.lane(lane);
        assert.is(way[1] === 'signal' ? lane : role, way[1] === 'signal' ? b : 'server');
      }
      assert.is(of(TraceKind.STALL).length, own(Own.STALLS));
      assert.is(of(TraceKind.PACE).length, own(Own.PACED));
      assert.ok(of(TraceKind.STOOD).length > 0);

      const forwards = of(TraceKind.FORWARD);
      const pages = (of: keyof CycleRecord['pages']) => cycles.reduce((all, { pages }) => all + pages[of], 0);
      const forwarded = (how: number) => forwards.filter(({ b }) => b === how).length;
      assert.is(forwarded(Forwarded.BUILT), pages('built'));
      assert.is(forwarded(Forwarded.UPDATED), pages('updated'));
      assert.is(forwarded(Forwarded.AS_IT_WAS), pages('mapped'));
      assert.ok(forwards.length > 500, `${forwards.length} pages`);

      const compactions = of(TraceKind.COMPACT);
      const flips = of(TraceKind.FLIP);
      for (const compaction of compactions) {
        // A mutator may come to a page before the collector's thread has heard that the flip is over.
        const from = flips.find(({ a }) => a === compaction.a)!.begin;
        const now = (span: Span) => span.begin >= from && span.end <= compaction.end + 100;
        const ready = new Map<number, number>();
        for (const { a, end } of forwards.filter(now)) {
          assert.not(ready.has(a), `page ${a} was forwarded twice`);
          ready.set(a, end);
        }
        for (const { a, b, begin } of of(TraceKind.PUBLISH).filter(now)) {
          for (let page = a; page < a + b; page++) {
            if ((ready.get(page) ?? Number.POSITIVE_INFINITY) <= begin + 100) ready.delete(page);
          }
        }
        assert.equal([...ready.keys()], [], 'pages that were ready and never published');
      }
    }));
}

test('some mutator has faulted', () => assert.ok(faultsSeen > 0));

test('a collection that stops the world is one pause', () =>
  recorded(['stw', 'none', 'none'], 2, ({ cycles, of, heap }) => {
    const stops = of(TraceKind.STOP);
    assert.equal(
      stops.map(({ a }) => a),
      cycles.map(({ cycle }) => cycle),
    );
    for (const [i, { begin, end, lane }] of stops.entries()) {
      assert.is(lane, heap.trace!.collectorLane);
      assert.ok(end - begin >= cycles[i].ms.flip * 1e6 - 1e6);
    }
    assert.is(of(TraceKind.FAULT).length, 0);
  }));

test('recording does not disturb: workers and servers are lost, and the graph is the model’s', () =>
  runStress({
    ...{ resolution: 'continue', delivery: 'handler', flip: 'bank', cycles: 12, seconds: 8 },
    lose: { phases: ['compact', 'recover', 'serve'], how: 'throw', chance: 0.004 },
    choices: { trace: 'pages' },
    disturbed: true,
    disturb: ({ trace }) => trace!.start(),
  }));

test.run();
