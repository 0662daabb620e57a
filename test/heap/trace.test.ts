import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultShape, Heap, MAX_SLOTS, RECORD_BYTES, Recorder, TraceKind } from '../../heap/index.js';
import type { TraceTask } from '../support/trace-program.js';

interface Record {
  readonly kind: number;
  readonly lane: number;
  readonly begin: number;
  readonly duration: number;
  readonly a: number;
  readonly b: number;
}

function all(recorder: Recorder): Record[] {
  const records: Record[] = [];
  recorder.each((kind, lane, begin, duration, a, b) => records.push({ kind, lane, begin, duration, a, b }));
  return records;
}

/** One that has started, given back whatever happens. */
function withRecorder(
  act: (recorder: Recorder) => void,
  ...sizes: [mutators?: number, timeline?: number, pages?: number]
) {
  const [mutators = 2, ...chunks] = sizes;
  const recorder = Recorder.create(mutators, ...chunks);
  try {
    recorder.start();
    act(recorder);
  } finally {
    recorder.close();
  }
}

test('records come out as they were put in, in their lanes', () =>
  withRecorder((recorder) => {
    recorder.declare(2, 1);
    const began = recorder.now();
    recorder.record(0, TraceKind.STALL, began, 0);
    recorder.record(recorder.collectorLane, TraceKind.CYCLE, began, 7);
    recorder.record(recorder.laneOf(1), TraceKind.FORWARD, began, 2 ** 32 - 1, 2 ** 31);
    recorder.record(recorder.laneOf(2), TraceKind.FAULT, began, 5, 1);
    const records = all(recorder);
    assert.equal(
      records.map(({ kind, lane, a, b }) => [recorder.lane(lane).name, kind, a, b]),
      [
        ['mutator 0', TraceKind.STALL, 0, 0],
        ['collector', TraceKind.CYCLE, 7, 0],
        ['worker 1', TraceKind.FORWARD, 2 ** 32 - 1, 2 ** 31],
        ['fault server 0', TraceKind.FAULT, 5, 1],
      ],
    );
    for (const { begin, duration } of records) {
      assert.is(begin, began);
      assert.ok(duration > 0 && begin + duration <= recorder.now(), `${duration} ns`);
    }
  }));

test('who finishes the work of others has a lane, and the collector its own', () =>
  withRecorder((recorder) => {
    recorder.declare(1, 1);
    assert.is(recorder.laneOf(MAX_SLOTS - 1), recorder.collectorLane);
    assert.equal(recorder.lane(recorder.laneOf(2)), { name: 'spare worker 0', role: 'worker' });
  }));

test('nothing is recorded before the start and after the stop', () => {
  const recorder = Recorder.create(1);
  recorder.record(0, TraceKind.PACE, 0, 1);
  recorder.start();
  recorder.record(0, TraceKind.PACE, 0, 2);
  recorder.stop();
  recorder.record(0, TraceKind.PACE, 0, 3);
  assert.equal(
    all(recorder).map(({ a }) => a),
    [2],
  );
  recorder.close();
});

test('pages are recorded only where there is room for them', () => {
  withRecorder((recorder) => assert.is(recorder.recordsPages, false), 1, 4);
  withRecorder((recorder) => assert.is(recorder.recordsPages, true), 1, 4, 4);
});

test('a lane goes on in another chunk, and keeps its order', () =>
  withRecorder((recorder) => {
    for (let i = 0; i < 3000; i++) recorder.record(i % 3, TraceKind.FAULT, i, i);
    const records = all(recorder);
    assert.is(records.length, 3000);
    assert.is(recorder.events, 3000);
    for (let lane = 0; lane < 3; lane++) {
      const ours = records.filter((record) => record.lane === lane).map(({ a }) => a);
      assert.equal(
        ours,
        Array.from({ length: 1000 }, (_, i) => 3 * i + lane),
      );
    }
    assert.is(recorder.residentBytes, 6 * 16_384); // 680 records a chunk
  }));

test('what does not fit is counted, pages first: the timeline keeps its room', () =>
  withRecorder(
    (recorder) => {
      for (let i = 0; i < 1000; i++) recorder.record(0, TraceKind.FORWARD, 0, i);
      assert.equal(recorder.dropped, { timeline: 0, pages: 320 });
      for (let i = 0; i < 1000; i++) recorder.record(1, TraceKind.FAULT, 0, i);
      assert.equal(recorder.dropped, { timeline: 320, pages: 320 });
      assert.is(recorder.events, 2 * 680);
      recorder.record(0, TraceKind.FORWARD, 0, 0);
      assert.equal(recorder.dropped, { timeline: 320, pages: 321 });
    },
    2,
    1,
    1,
  ));

test('threads record at once, each in its lane, and no record is lost or torn', async () => {
  const threads = 4;
  const each = 20_000;
  const recorder = Recorder.create(threads);
  recorder.start();
  await Promise.all(
    Array.from({ length: threads }, async (_, lane) => {
      const workerData: TraceTask = { recorder: recorder.id, mutators: threads, lane, records: each };
      const worker = new Worker(new URL('../support/trace-program.js', import.meta.url), { workerData });
      await once(worker, 'exit');
    }),
  );
  const next = new Array<number>(threads).fill(0);
  recorder.each((kind, lane, begin, _, a, b) => {
    assert.equal([kind, begin, a, b], [TraceKind.PACE, next[lane]!, next[lane]!, lane]);
    next[lane]!++;
  });
  assert.equal(next, new Array(threads).fill(each));
  recorder.close();
});

test('a heap has a recorder if it is made with one, the same in every thread', () => {
  const shape = { ...defaultShape(8 << 20, 1), space: 'twin' } as const;
  const without = Heap.create(shape);
  assert.is(without.trace, null);
  assert.is(Heap.attach(without.handle).trace, null);
  without.close();
  const heap = Heap.create({ ...shape, trace: 'pages' });
  heap.trace!.start();
  Heap.attach(structuredClone(heap.handle)).trace!.record(0, TraceKind.STALL, 1, 2, 3);
  const [record] = all(heap.trace!);
  assert.equal([record.lane, record.kind, record.a, record.b], [0, TraceKind.STALL, 2, 3]);
  assert.is([...heap.trace!.chunks()][0].bytes.length, RECORD_BYTES);
  heap.close();
});

test.run();
