/** Throughput against heap size. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { wayText } from '../../../bench/configurations/describe.js';
import { heapCurves, renderHeapCurve } from '../../../bench/report/heap-curve.js';
import { renderReport } from '../../../bench/report/report.js';
import type { InvocationConfig, ResultLine } from '../../../bench/schema/index.js';
import { MiB } from '../../../bench/sizes.js';
import { peerFailure, peerResult } from '../../support/peer-results.js';
import { copyConfig, someResult } from '../../support/synthetic-results.js';

const sizes = [96, 128, 256].map((size) => size * MiB);
const ways: readonly Partial<InvocationConfig>[] = [{}, copyConfig];

function runs(config: Partial<InvocationConfig>, perSecond: number, count = 3): ResultLine[] {
  return Array.from({ length: count }, (_, i) => someResult(config, { perSecond: perSecond + 1000 * i }, i));
}

function failed(line: ResultLine, code = 'OUT_OF_MEMORY'): ResultLine {
  const { schema, invocation, startedAt, config, environment } = line as ReturnType<typeof someResult>;
  return { schema, invocation, startedAt, config, environment, error: { code, message: 'the heap is full' } };
}

/** More throughput in a larger heap, and less by copy. */
const lines = ways.flatMap((way, w) =>
  sizes.flatMap((heapBytes, h) => runs({ ...way, heapBytes }, 300_000 - 50_000 * w + 40_000 * h)),
);

test('a point for each heap and way, smallest heap first', () => {
  const [curve, ...rest] = heapCurves([...lines].reverse());
  assert.equal(rest, []);
  assert.equal(curve.heaps, [
    { bytes: 96 * MiB, times: 1.5 },
    { bytes: 128 * MiB, times: 2 },
    { bytes: 256 * MiB, times: 4 },
  ]);
  assert.is(curve.timesOf, 'live');
  const medians = Object.fromEntries(
    curve.ways.map(({ label, points }) => [label, points.map((point) => point?.throughput.median)]),
  );
  assert.equal(medians, {
    continue·bank: [301_000, 341_000, 381_000],
    copy·remap: [251_000, 291_000, 331_000],
  });
});

test('multiples of the minimum where heaps were asked for so', () => {
  const times = [1.3, 2, 3];
  const asked = ways.flatMap((way) =>
    times.flatMap((heapTimes, h) => runs({ ...way, heapTimes, heapBytes: sizes[h] }, 300_000)),
  );
  const [curve] = heapCurves(asked);
  assert.is(curve.timesOf, 'minimum');
  assert.equal(
    curve.heaps.map((heap) => heap.times),
    times,
  );
  assert.match(renderHeapCurve(curve), / heap +× minimum +continue·bank +copy·remap\n/);
  assert.is(heapCurves([...asked, ...lines])[0].timesOf, 'live');
});

test('rows are heaps, with an interval where there are invocations enough', () => {
  const text = renderHeapCurve(heapCurves(lines)[0]);
  assert.match(text, /^javac: operations a second against heap size\n/);
  assert.match(text, /\n 96MiB +1\.5 +301k \(300k–302k\) +251k \(250k–252k\)\n/);
  const many = sizes.flatMap((heapBytes) => runs({ heapBytes }, 300_000, 9));
  assert.match(renderHeapCurve(heapCurves(many)[0]), /\n256MiB +4 +304k \[30\dk–30\dk\]/);
});

test('a point that failed says FAIL and why; one that failed now and then has both', () => {
  const [first, ...others] = runs({ ...copyConfig, heapBytes: 96 * MiB }, 250_000);
  const largest = lines.filter(({ config }) => config.heapBytes !== 96 * MiB || wayText(config) !== 'copy·remap');
  const some = renderHeapCurve(heapCurves([...largest, failed(first), ...others])[0]);
  assert.match(some, /\n 96MiB .* 25\dk \(251k–252k\) FAIL OUT_OF_MEMORY\n/);
  const none = renderHeapCurve(heapCurves([...largest, ...[first, ...others].map((line) => failed(line))])[0]);
  assert.match(none, /\n 96MiB +1\.5 +301k \(300k–302k\) +FAIL 3× OUT_OF_MEMORY\n/);
  const wrong = someResult({ ...copyConfig, heapBytes: 96 * MiB });
  const digest = { ...wrong, digest: { ...wrong.digest, ok: false } };
  assert.match(renderHeapCurve(heapCurves([...largest, digest])[0]), 'FAIL DIGEST');
});

test('a way that did not run in a heap has no point there', () => {
  const [curve] = heapCurves(
    lines.filter(({ config }) => config.heapBytes > 96 * MiB || wayText(config) !== 'copy·remap'),
  );
  assert.is(curve.ways[1].points[0], undefined);
  assert.match(renderHeapCurve(curve), /\n 96MiB .* –\n/);
});

test('peers are ways as well', () => {
  const theirs = [peerFailure({ heapBytes: sizes[0] }), peerResult({ heapBytes: sizes[1] }, 410_000)];
  const [curve] = heapCurves([...lines, ...theirs]);
  assert.match(curve.ways[2].label, 'g1');
  assert.equal(
    curve.ways[2].points.map((point) => point?.counted),
    [0, 1, undefined],
  );
  assert.match(renderHeapCurve(curve), 'FAIL OUT_OF_MEMORY');
});

test('settings tell ways apart, workloads and scales curves; one heap is none', () => {
  const settings = sizes.flatMap((heapBytes) => [
    ...runs({ heapBytes }, 300_000),
    ...runs({ heapBytes, publish: 'lazy', gcWorkers: 2 }, 280_000),
  ]);
  assert.equal(
    heapCurves(settings)[0].ways.map(({ label }) => label),
    ['continue·bank 1w', 'continue·bank 2w publish lazy'],
  );
  const churn = sizes.flatMap((heapBytes) => runs({ heapBytes, workload: 'churn', scale: 1 / 8 }, 700_000));
  assert.is(heapCurves([...lines, ...churn]).length, 2);
  assert.match(renderHeapCurve(heapCurves(churn)[0]), /^churn at scale 1\/8: /);
  assert.equal(heapCurves(runs({}, 300_000)), []);
  assert.equal(heapCurves([]), []);
});

test('fullgc is judged by what it compacts', () => {
  const full = sizes.flatMap((heapBytes) => runs({ heapBytes, workload: 'fullgc', scale: 1 / 16 }, 0));
  assert.match(renderHeapCurve(heapCurves(full)[0]), 'compacted, live MB/s against heap size');
});

test('many ways go below each other within the width, and the report has the curve', () => {
  const flips = ['continue', 'copy', 'move', 'protect'] as const;
  const many = flips.flatMap((resolution) =>
    (['handler', 'signal'] as const).flatMap((delivery) =>
      sizes.flatMap((heapBytes) => runs({ resolution, delivery, heapBytes, flip: 'remap' }, 300_000, 7)),
    ),
  );
  for (const width of [60, 100]) {
    const text = renderHeapCurve(heapCurves(many)[0], undefined, width);
    for (const line of text.split('\n')) assert.ok(line.length <= width, line);
    assert.is(text.match(/signal/g)?.length, 4);
  }
  assert.match(renderReport(many).join('\n'), 'against heap size');
});

test.run();
