import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { panelsOf } from '../../../bench/report/panels.js';
import { renderPanel } from '../../../bench/report/table.js';
import { renderVerdict, verdict } from '../../../bench/report/verdict.js';
import type { InvocationConfig, ResultLine } from '../../../bench/schema/index.js';
import { GiB, MiB } from '../../../bench/sizes.js';
import { styleFor } from '../../../bench/style.js';
import { copyConfig, type Figures, someResult } from '../../support/synthetic-results.js';

/** Five invocations of a configuration, spread a little about the figures. */
function runs(config: Partial<InvocationConfig>, figures: Partial<Figures>, spread = 0.01): ResultLine[] {
  return [-1, 0.5, 0, -0.5, 1].map((side, invocation) => {
    const perSecond = Math.round((figures.perSecond ?? 500_000) * (1 + side * spread));
    return someResult(config, { ...figures, perSecond }, invocation);
  });
}

const fast = { perSecond: 812_000, publishNs: 170, servicesUs: 12, compactMs: 100 };
const slow = { perSecond: 660_000, publishNs: 4900, servicesUs: 17, compactMs: 160, stallMs: 900, pssBytes: 190 * MiB };

function sentences(lines: readonly ResultLine[]): string[] {
  const panels = panelsOf(lines);
  assert.is(panels.length, 1);
  return verdict(panels[0]).flatMap((comparison) => comparison.sentences);
}

test('the faster one is named, with its ratio, figures and ranges', () => {
  const [first] = sentences([...runs({}, fast), ...runs(copyConfig, slow)]);
  assert.match(first, 'continue·bank is 1.23 times as fast');
  assert.match(first, '812k against 660k operations a second');
  assert.match(first, '(804k–820k and 653k–667k over the invocations)');
});

test('the winner flips when the figures flip', () => {
  const [first] = sentences([...runs({}, slow), ...runs(copyConfig, fast)]);
  assert.match(first, 'copy·remap is 1.23 times as fast');
  assert.match(first, '660k against 812k');
});

/** Six rounds with these ratios between the two, whatever a round allows. */
function inPairs(ratios: readonly number[], perSecond = 500_000): ResultLine[] {
  return ratios.flatMap((ratio, i) => {
    const allowed = perSecond * (1 - 0.1 * i);
    return [
      someResult({}, { perSecond: Math.round(ratio * allowed) }, i),
      someResult(copyConfig, { perSecond: Math.round(allowed) }, i),
    ];
  });
}

test('what cannot be told is undecided, with the reason and what would decide it', () => {
  const [wide] = sentences(inPairs([0.85, 1.2, 1.02, 0.95, 1.15, 0.9]));
  assert.match(wide, /^Throughput: undecided, ratio 1\.00 \[0\.8\d–1\.1\d\], because it varies by 15% from one /);
  const [, needed] = /; some (\d+) \(--invocations \1\) would tell 10%: /.exec(wide) ?? [];
  assert.ok(Number(needed) > 15 && Number(needed) < 25, wide);
  assert.not.match(wide, /times as fast|tie/);
  const [near] = sentences(inPairs([1.06, 0.98, 1.09, 1, 1.08, 0.97]));
  assert.match(near, /; less than 10% apart, and some \d+ \(--invocations \d+\) would tell 5%: /);
  const [few] = sentences(inPairs([2, 2]));
  assert.match(few, 'undecided, ratio 2.00, because 2 invocations of each show too little of how much a run varies');
  assert.match(few, 'that takes --invocations 5 or more');
  assert.match(
    sentences(inPairs([0.8, 1.2, 1, 0.9]))[0],
    /4 invocations of each show .* --invocations [23]\d or more: /,
  );
  const busy = inPairs([0.85, 1.2, 1.02, 0.95, 1.15, 0.9]).map((line, i) => ({
    ...line,
    environment: { ...line.environment, beside: { others: 0.1 + i / 40, stolen: 0 } },
  }));
  assert.match(sentences(busy)[0], "one invocation to the next (others took up to 38% of the processors' time); some ");
});

test('with most of the machine taken by others nothing is decided in wall time, and processor time is', () => {
  const starved = [...many({}, { perSecond: 700_000 }), ...many(copyConfig, { perSecond: 500_000 })].map((line, i) => ({
    ...line,
    environment: { ...line.environment, beside: { others: 0.52 + i / 100, stolen: 0 } },
  }));
  const [first] = sentences(starved);
  assert.match(
    first,
    /^Throughput: undecided, ratio 1\.40 \[1\.[34]\d–1\.4\d\], because others took up to 67% of the /,
  );
  assert.match(first, 'most of it all along: no number of invocations makes up for that');
  const text = renderPanel(panelsOf(starved)[0]);
  assert.match(text, /operations a second .* 1\.40 \?\n/);
  assert.match(text, /CPU an operation, µs .* 0\.71\n/);
});

test('a tie is what was shown to be one', () => {
  const [level] = sentences(inPairs([1.01, 0.99, 1.02, 0.99, 1, 0.98]));
  assert.match(level, /^Throughput: a tie to within 2%, ratio 1\.00 \[0\.98–1\.01\]: /);
  const text = inPairs([1.01, 0.99, 1.02, 0.99, 1, 0.98]);
  assert.match(renderPanel(panelsOf(text)[0]), /operations a second .* 1\.00 ≈\n/);
  const unknown = renderPanel(panelsOf(inPairs([0.85, 1.2, 1.02, 0.95, 1.15, 0.9]))[0]);
  assert.match(unknown, /operations a second .* 1\.00 \?\n/);
  assert.match(unknown, '≈ a tie, within 5%; ? undecided');
});

test('rounds decide, which need not go the way of the medians', () => {
  const [first] = sentences(inPairs([1.1, 1.08, 1.12, 1.09, 1.11, 1.1]));
  assert.match(first, /continue·bank is 1\.10 times as fast \[1\.0[89]–1\.1[12]\]/);
  const [other] = sentences(inPairs([1.1, 1.08, 1.12, 1.09, 1.11, 1.1].map((ratio) => 1 / ratio)));
  assert.match(other, /copy·remap is 1\.10 times as fast \[1\.0[89]–1\.1[12]\]/);
});

/** Eight invocations, a little apart, each way in its own order. */
function many(config: Partial<InvocationConfig>, figures: Partial<Figures>): ResultLine[] {
  const perSecond = figures.perSecond ?? 500_000;
  const step = config.resolution === undefined ? 1 : 3;
  return Array.from({ length: 8 }, (_, i) =>
    someResult(config, { ...figures, perSecond: Math.round(perSecond * (0.98 + 0.005 * ((i * step) % 8))) }, i),
  );
}

test('with enough invocations intervals are shown, and they decide', () => {
  const lines = [...many({}, { perSecond: 520_000 }), ...many(copyConfig, { perSecond: 500_000 })];
  const [first] = sentences(lines);
  assert.match(first, /continue·bank is 1\.04 times as fast \[1\.0\d–1\.0\d\]/);
  assert.match(first, /\(95% intervals 51\dk–52\dk and 4\d\dk–50\dk\)/);
  const [near] = sentences([...many({}, { perSecond: 501_000 }), ...many(copyConfig, { perSecond: 500_000 })]);
  assert.match(near, /a tie to within [23]%, ratio 1\.00 \[0\.9\d–1\.0\d\]/);
  const text = renderPanel(panelsOf(lines)[0]);
  assert.match(text, /operations a second +51\dk \[51\dk–52\dk\]/);
  assert.match(text, /\n\[ \] 95% bootstrap interval of the median; ≈ a tie, within 5%; \? undecided$/);
});

test('with fewer, least and most are, and the table says which it is', () => {
  const few = renderPanel(panelsOf([...runs({}, fast), ...runs(copyConfig, slow)])[0]);
  assert.match(few, /812k \(804k–820k\)/);
  assert.match(few, /\n\( \) least and most, no interval: that takes 6 invocations; ≈ a tie, within 5%; \? undecided$/);
  const mixed = [...many({}, fast), ...runs(copyConfig, slow)];
  assert.match(renderPanel(panelsOf(mixed)[0]), /\n\[ \] 95% [^\n]*; \( \) least and most/);
  assert.match(sentences(mixed)[0], 'the first a 95% interval, the other least and most');
  assert.not.match(renderPanel(panelsOf([someResult(), someResult(copyConfig)])[0]), /\[ \]|\( \)/);
});

test('why: losses, phases, publishing, copies, pauses, faults and costs follow from the figures', () => {
  const said = sentences([...runs({}, fast), ...runs(copyConfig, slow)]).join('\n');
  assert.match(said, 'allocation stalls 0 ms against 900 ms, waiting for faults 17.3 ms against 24.5 ms');
  assert.match(said, 'that is about 61% of the difference');
  assert.match(said, 'what differs most is compact (100 ms against 160 ms).');
  assert.match(said, 'costs 170 against 4,900 ns (UFFDIO_CONTINUE against UFFDIO_COPY; ratio 0.035)');
  assert.match(said, '2.04 ms against 58.8 ms of a collection, the whole difference in compact');
  assert.match(said, 'by continue·bank built 4,096 pages, updated 8,192 in place and copied no page');
  assert.match(said, 'copied 12,288 pages (48 MiB) to publish them');
  assert.match(said, 'flip p50 90 µs in both');
  assert.match(said, 'service p50 12 against 17 µs');
  assert.match(said, 'peak PSS 140 MiB against 190 MiB');
});

test('what explains nothing is said to explain nothing', () => {
  const said = sentences([...runs({}, { perSecond: 800_000 }), ...runs(copyConfig, { perSecond: 500_000 })]).join('\n');
  assert.match(said, 'does not explain the difference');
});

test('fullgc is judged by compaction', () => {
  const said = sentences([...runs({ workload: 'fullgc' }, fast), ...runs({ workload: 'fullgc', ...copyConfig }, slow)]);
  assert.match(said[0], /^Compaction: continue·bank is 1\.\d+ times as fast/);
});

test('a workload without operations has a verdict all the same', () => {
  const idle = (line: ResultLine): ResultLine => ({
    ...line,
    operations: { count: 0, perSecond: 0 },
    batchUs: { count: 0, p50: 0, p99: 0, p999: 0, max: 0 },
  });
  const lines = [...runs({ workload: 'fullgc' }, fast), ...runs({ workload: 'fullgc', ...copyConfig }, slow)].map(idle);
  const [panel] = panelsOf(lines);
  assert.not.match(`${renderPanel(panel)}${renderVerdict(panel)}`, /NaN|Infinity|undefined/);
});

test('failed invocations do not count, and are counted', () => {
  const wrong = someResult();
  const failed = { ...wrong, invocation: 5, digest: { ...wrong.digest, ok: false } };
  const lines = [...runs({}, fast), failed, ...runs(copyConfig, slow)];
  assert.match(sentences(lines)[0], '812k');
  assert.match(renderPanel(panelsOf(lines)[0]), /failed invocations +1 of 6 +0/);
  const { schema, invocation, startedAt, config, environment } = someResult(copyConfig);
  const dead = { schema, invocation, startedAt, config, environment, error: { code: 'DEADLINE', message: 'hung' } };
  const [panel] = panelsOf([...runs({}, fast), dead]);
  assert.is(renderVerdict(panel), 'copy·remap has no invocation that counts, so nothing is said of it.');
  assert.match(renderPanel(panelsOf([dead])[0]), '1 of 1');
});

test('a run without a collection is shown, not divided by', () => {
  const empty = { ...someResult(), collections: [] };
  const text = renderPanel(panelsOf([empty, someResult(copyConfig)])[0]);
  assert.not.match(text, /NaN|Infinity|undefined/);
  assert.not.match(sentences([empty, someResult(copyConfig)]).join(), /NaN|Infinity|undefined/);
});

test('the table stays within 100 columns, whatever is compared', () => {
  const three = [...runs({}, fast), ...runs({ flip: 'remap' }, fast), ...runs(copyConfig, slow)];
  const heaps = [64 * MiB, 256 * MiB, GiB, 4 * GiB, 16 * GiB].flatMap((heapBytes) => runs({ heapBytes }, fast));
  for (const lines of [runs({}, fast), [...runs({}, fast), ...runs(copyConfig, slow)], three, heaps]) {
    for (const panel of panelsOf(lines)) {
      const text = `${renderPanel(panel)}\n${renderVerdict(panel)}`;
      for (const line of text.split('\n')) assert.ok(line.length <= 100, line);
      for (const { label } of panel.columns) assert.match(text, label);
    }
  }
});

test('one way over several heaps is one panel, its columns the heaps', () => {
  const panels = panelsOf([64 * MiB, 4 * GiB].flatMap((heapBytes) => runs({ heapBytes }, fast)));
  assert.equal(
    panels.map(({ columns }) => columns.map(({ label }) => label)),
    [['heap 64MiB', 'heap 4GiB']],
  );
  assert.match(renderPanel(panels[0]), '4GiB/64MiB');
});

test('several ways over several heaps are a panel a heap', () => {
  const lines = [64 * MiB, 4 * GiB].flatMap((heapBytes) => [
    ...runs({ heapBytes, ...copyConfig }, slow),
    ...runs({ heapBytes }, fast),
  ]);
  const labels = panelsOf(lines).map(({ columns }) => columns.map(({ label }) => label));
  assert.equal(labels, [
    ['continue·bank', 'copy·remap'],
    ['continue·bank', 'copy·remap'],
  ]);
});

test('the text is the same with colour and without', () => {
  const [panel] = panelsOf([...runs({}, fast), ...runs(copyConfig, slow)]);
  const coloured = renderPanel(panel, styleFor({ isTTY: true }, {}));
  assert.match(coloured, '\u001b[');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours are what is taken out
  assert.is(coloured.replace(/\u001b\[\d+m/g, ''), renderPanel(panel));
  for (const [stream, env] of [
    [{ isTTY: true }, { NO_COLOR: '1' }],
    [{ isTTY: false }, {}],
    [{ isTTY: true }, { TERM: 'dumb' }],
  ] as const) {
    assert.not.match(renderPanel(panel, styleFor(stream, env)), '\u001b');
  }
});

test.run();
