import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { complaintLine } from '../../../bench/errors.js';
import { dropUnnamed, traceFileFor } from '../../../bench/sweep/trace-beside.js';
import { traceFigures, traceFile } from '../../../bench/trace/figures.js';
import { TraceFile, type TraceHeader, traceFormat, writeTrace } from '../../../bench/trace/file.js';
import { defaultShape, Heap, layOut, Recorder, TraceKind } from '../../../heap/index.js';
import { someConfig, someMeasurement } from '../../support/synthetic-results.js';
import { bytesOf, type MadeUp } from '../../support/trace-records.js';

const root = mkdtempSync(join(tmpdir(), 'continuum-trace-'));
const place = (name: string) => join(root, name);
const layout = layOut(defaultShape(16 << 20, 2));
const config = { ...someConfig, trace: true };

function complaint(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return complaintLine(error);
  }
  return 'no complaint';
}

function someRecorder(records: number): Recorder {
  const recorder = Recorder.create(2, 8, 2);
  recorder.declare(1, 1);
  recorder.start();
  for (let i = 0; i < records; i++) {
    const lane = [1, recorder.collectorLane, recorder.laneOf(1)][i % 3];
    recorder.record(lane, TraceKind.FAULT, i, i, 1);
  }
  recorder.stop();
  return recorder;
}

test('what was recorded is read again, with its lanes: mutators by their numbers, then those that wrote', () => {
  const recorder = someRecorder(3000);
  writeTrace(place('whole.trace'), recorder, config, layout);
  const trace = TraceFile.open(place('whole.trace'));
  const { lanes, ...rest } = trace.header;
  assert.equal(rest, {
    ...{ format: traceFormat, config, events: 3000, dropped: 0 },
    ...{ pages: layout.pages, pagesPerRegion: layout.pagesPerRegion, pageBytes: 4096 },
  });
  assert.equal(
    lanes.map(({ name, role }) => [name, role]),
    [
      ['mutator 0', 'mutator'],
      ['mutator 1', 'mutator'],
      ['collector', 'collector'],
      ['fault server 0', 'server'],
    ],
  );
  const seen = new Set<number>();
  trace.each((kind, lane, begin, duration, a, b) => {
    assert.equal([kind, lane, begin, b], [TraceKind.FAULT, 1 + (a % 3), a, 1]);
    assert.ok(duration > 0);
    seen.add(a);
  });
  assert.is(seen.size, 3000);
  trace.close();
  recorder.close();
});

test('the bytes are as the format says', () => {
  const header: TraceHeader = {
    ...{ format: traceFormat, config, pages: 10, pagesPerRegion: 5, pageBytes: 4096, events: 2, dropped: 3 },
    lanes: [{ name: 'mutator 0', role: 'mutator' }],
  };
  const records: MadeUp[] = [
    [TraceKind.PUBLISH, 0, 1.5, 0.25, 4_000_000_000, 2],
    [TraceKind.STALL, 0, 0, 7, 0],
  ];
  writeFileSync(place('bytes.trace'), `${JSON.stringify(header)}\n`);
  writeFileSync(place('bytes.trace'), bytesOf(records), { flag: 'a' });
  const trace = TraceFile.open(place('bytes.trace'));
  const read: number[][] = [];
  trace.each((...record) => read.push(record));
  assert.equal(read, [
    [TraceKind.PUBLISH, 0, 1.5e6, 0.25e6, 4_000_000_000, 2],
    [TraceKind.STALL, 0, 0, 7e6, 0, 0],
  ]);
  trace.close();
});

test('what is no trace, or not all of one, is told apart and named', () => {
  const recorder = someRecorder(30);
  writeTrace(place('good.trace'), recorder, config, layout);
  recorder.close();
  const good = readFileSync(place('good.trace'));
  const end = good.indexOf(10) + 1;
  const open = (bytes: Buffer | string) => {
    writeFileSync(place('bad.trace'), bytes);
    return complaint(() => {
      const trace = TraceFile.open(place('bad.trace'));
      try {
        trace.each(() => {});
      } finally {
        trace.close();
      }
    });
  };
  assert.is(open(good), 'no complaint');
  assert.match(
    open(good.subarray(0, good.length - 1)),
    /bad\.trace: 30 records were written, 29\.\d+ are there; continuum bench --trace/,
  );
  assert.match(open(good.subarray(0, end)), /30 records were written, 0 are there/);
  assert.match(open(''), /does not begin with a line of JSON/);
  assert.match(open(Buffer.alloc(5 << 20, 'x')), /does not begin with a line of JSON/);
  assert.match(open('{"format":"continuum-trace/0"}\n'), /not a header of continuum-trace\/1: format/);
  assert.match(open('nonsense\n'), /not a header/);
  const elsewhere = Buffer.from(good);
  elsewhere.writeUInt16LE(999, end + 22);
  assert.match(open(elsewhere), /a record of lane 999, of 4/);
  assert.match(
    complaint(() => TraceFile.open(place('absent.trace'))),
    /cannot read .*absent\.trace/,
  );
  assert.match(
    complaint(() => TraceFile.open(root)),
    /EISDIR|illegal operation/,
  );
});

test('a folder that cannot be written to is named, and nothing is left', () => {
  const recorder = someRecorder(30);
  const line = complaint(() => writeTrace(place('absent/x.trace'), recorder, config, layout));
  assert.match(line, /cannot write the trace .*absent\/x\.trace: nothing can be made there; name another folder/);
  writeFileSync(place('taken.trace'), 'somebody’s');
  assert.match(
    complaint(() => writeTrace(place('taken.trace'), recorder, config, layout)),
    /cannot write the trace/,
  );
  assert.is(readFileSync(place('taken.trace'), 'utf8'), 'somebody’s');
  recorder.close();
});

const mountpoint = place('small');
const mounted =
  process.getuid?.() === 0 &&
  spawnSync('mkdir', [mountpoint]).status === 0 &&
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', mountpoint]).status === 0;
if (!mounted) console.log('skipped: a full disk needs a small tmpfs, and so root');

(mounted ? test : test.skip)('a full disk is told, and half a trace does not stay', () => {
  const recorder = someRecorder(3000);
  const file = join(mountpoint, 'big.trace');
  assert.match(
    complaint(() => writeTrace(file, recorder, config, layout)),
    /big\.trace: the disk is full; name another/,
  );
  assert.not(existsSync(file));
  recorder.close();
});

test('an invocation whose trace cannot be written says so beside its figures', () => {
  const heap = Heap.create({ ...defaultShape(8 << 20, 1), space: 'single', trace: 'pages' });
  assert.equal(traceFile(place('heap.trace'), heap, config), { files: { trace: 'heap.trace' } });
  const { files, error } = traceFile(place('absent/heap.trace'), heap, config);
  assert.is(files, undefined);
  assert.is(error?.code, 'ENOENT');
  assert.match(error?.message ?? '', /cannot write the trace .*: nothing can be made there/);
  assert.match(error?.hint ?? '', /--out/);
  assert.equal(traceFile(undefined, heap, config), {});
  heap.close();
});

test('where the recorder was full there are no figures: what is missing would look like time to run', () => {
  const heap = Heap.create({ ...defaultShape(8 << 20, 1), space: 'single', trace: 'timeline' });
  heap.trace!.start();
  assert.is(traceFigures(heap, [0], 2e6).mmu?.[0].share, 1);
  for (let i = 0; heap.trace!.dropped.timeline === 0; i++) heap.trace!.record(0, TraceKind.PACE, i, 0);
  assert.equal(traceFigures(heap, [0], 2e6), {});
  heap.close();
});

test('each trace has a name of its own beside the results, and one that was not finished goes', () => {
  const results = place('20260101T000000Z-abc.jsonl');
  const first = traceFileFor(config, results)!;
  assert.is(first, place('20260101T000000Z-abc-1.trace'));
  writeFileSync(first, '');
  assert.is(traceFileFor(config, results), place('20260101T000000Z-abc-2.trace'));
  assert.is(traceFileFor(someConfig, results), undefined);
  assert.is(traceFileFor(config, undefined), undefined);
  const measurement = someMeasurement();
  dropUnnamed(first, { kind: 'measured', measurement: { ...measurement, files: { trace: 'a' } } });
  assert.ok(existsSync(first));
  dropUnnamed(first, { kind: 'measured', measurement });
  assert.not(existsSync(first));
  dropUnnamed(first, { kind: 'aborted' });
});

test.after(() => {
  if (mounted) spawnSync('umount', [mountpoint]);
  rmSync(root, { recursive: true, force: true });
});

test.run();
