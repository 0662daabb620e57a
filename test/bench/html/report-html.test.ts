import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { looksOf, shades, surfaces } from '../../../bench/html/colours.js';
import { contentOf, rawFiles } from '../../../bench/html/content.js';
import { batchPercentiles, mmuCurve, percentileCurve, stormCurve } from '../../../bench/html/curves.js';
import { linked } from '../../../bench/html/link.js';
import { html, scriptJson } from '../../../bench/html/markup.js';
import { ninesOf, written } from '../../../bench/html/page/units.js';
import { reportPage } from '../../../bench/html/report.js';
import { warningsOf } from '../../../bench/html/warnings.js';
import { headline } from '../../../bench/report/headline.js';
import { type Column, panelsOf } from '../../../bench/report/panels.js';
import type { Environment, ResultLine } from '../../../bench/schema/index.js';
import { copyConfig, someResult } from '../../support/synthetic-results.js';
import { allWays, syntheticSweep } from '../../support/synthetic-sweep.js';

const folder = mkdtempSync(join(tmpdir(), 'continuum-html-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

test('values in a template are escaped, markup is not', () => {
  const inner = html`<b>${'<i>'}</b>`;
  assert.is(
    html`<p title="${'"\'&'}">${inner}${[inner, 'x']}${undefined}${false}${0}</p>`.text,
    '<p title="&quot;&#39;&amp;"><b>&lt;i&gt;</b><b>&lt;i&gt;</b>x0</p>',
  );
});

test('JSON in a script reads back and cannot end it', () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.constantFrom('</script>', '<!--<script>', '\u2028')), (value) => {
      const text = scriptJson(value);
      assert.not.match(text, '<');
      assert.equal(JSON.parse(text), JSON.parse(JSON.stringify(value)));
    }),
  );
});

function headlineOf(figures: readonly (readonly number[])[]): string {
  const ways = allWays.filter(({ flip }) => flip === 'remap');
  const lines = figures.flatMap((values, i) => {
    const { speed: _, worstMs: __, ...way } = ways[i];
    return values.map((perSecond, invocation) => someResult(way, { perSecond }, invocation));
  });
  const [panel] = panelsOf(lines);
  return headline(panel);
}

/** Five rounds, a little apart. */
const rounds = (...middles: readonly number[]) =>
  headlineOf(middles.map((middle, way) => [0, 1, 2, 3, 4].map((i) => middle * (1 + 0.002 * ((i * (way + 1)) % 5)))));

test('the headline names what is faster and by how much, and ranks nothing that is not decided', () => {
  assert.match(
    rounds(800_000, 400_000),
    /^continue·remap is 2\.00 times as fast as continue·signal·remap \[[12]\.\d\d(–2\.0\d)?\]: 803k against 402k operations a second\. /,
  );
  assert.match(rounds(400_000, 800_000), /^continue·signal·remap is 2\.00 times as fast as continue·remap \[/);
  assert.match(
    rounds(400_000, 401_000),
    /^continue·remap against continue·signal·remap: a tie to within 1%, ratio 1\.00 \[\d\.\d\d–1\.00\]: 402k and 403k operations a second\./,
  );
  assert.match(
    headlineOf([
      [400_000, 300_000, 500_000, 380_000, 420_000],
      [410_000, 450_000, 350_000, 420_000, 400_000],
    ]),
    /^continue·remap against continue·signal·remap: undecided, ratio 0\.9\d \[.*; some \d+ \(--invocations \d+\) would tell 10%: 400k and 410k/,
  );
  assert.match(
    headlineOf([[800_000], [400_000]]),
    /: undecided, ratio 2\.00, because one invocation of each shows too little/,
  );
  assert.is(
    rounds(400_000, 800_000, 200_000),
    'continue·signal·remap is the fastest with 803k operations a second: ' +
      '2.00 times continue·remap, the next, and 4.00 times copy·remap, the last.',
  );
  assert.is(
    rounds(400_000, 399_000, 200_000),
    'continue·remap leads with 402k operations a second, level with continue·signal·remap, ' +
      'and is 2.00 times as fast as copy·remap, the last.',
  );
  assert.match(rounds(400_000, 399_800, 399_600), /^All 3 are level: 401k to 402k/);
  assert.match(headlineOf([[400_000], [396_000], [398_000]]), /^Which of 3 is the fastest is undecided: 396k to 400k/);
  assert.match(headlineOf([[400_000]]), 'there is nothing to compare it with');
  assert.is(headlineOf([[0]]), 'Nothing was measured that counts.');
});

test('the second figure of the headline is what an operation costs, by all threads', () => {
  const [first] = rounds(800_000, 400_000).split(' Its ').slice(1);
  assert.match(first, /^processor time an operation is 0\.50 \[0\.50(–0\.5\d)?\] of the other's\.$/);
});

test('a percentile curve is the median of the invocations that reach so far', () => {
  const short = [
    [0.5, 1],
    [0.9, 10],
    [1, 99],
  ] as const;
  const long = [
    [0.5, 3],
    [0.9, 30],
    [0.999, 1000],
  ] as const;
  const points = new Map(percentileCurve([short, long]));
  assert.is(points.get(0), 2);
  assert.is(points.get(1), 20); // 90%
  assert.is(points.get(2), 1000); // 99%: the long one alone
  assert.is(points.get(3), 1000);
  assert.is(Math.max(...points.keys()), 3);
  assert.equal(percentileCurve([]), []);
  assert.equal(percentileCurve([[[1, 5]]]), []);
});

test('nines: one for 90%, written as a percentage', () => {
  assert.is(ninesOf(0), -0);
  assert.ok(Math.abs(ninesOf(0.99) - 2) < 1e-9);
  assert.equal(
    [0, Math.log10(2), 1, 2, 3, 4, 5].map((nines) => written('nines', nines)),
    ['0%', '50%', '90%', '99%', '99.9%', '99.99%', '99.999%'],
  );
});

test('the longest batch stands where one among so many belongs', () => {
  const column = (count: number) => {
    const result = someResult();
    const [panel] = panelsOf([{ ...result, batchUs: { ...result.batchUs, count } }]);
    return batchPercentiles(panel.columns[0]);
  };
  assert.equal(column(10_000).at(-1), [4, 50_000]);
  assert.equal(column(500).length, 3);
  assert.equal(column(0), []);
});

test('MMU and storms are medians over the invocations; a storm that is over has no faults', () => {
  const lines = [0.1, 0.5, 0.3].map((share, invocation) => ({
    ...someResult({}, {}, invocation),
    mmu: [{ windowMs: 10, share }],
    storm: {
      flips: 1,
      perMs: invocation === 0 ? [9, 9] : [6],
      peakPerMs: 9,
      drainMs: { p50: 1, max: 1 },
    },
  }));
  const [{ columns }] = panelsOf(lines);
  assert.equal(mmuCurve(columns[0]), [[10, 0.3]]);
  assert.equal(stormCurve(columns[0]), [
    [0, 6],
    [1, 0],
  ]);
  assert.equal(stormCurve({ ...columns[0], results: [] } as Column), []);
});

test('each way has a colour of its own, the same whatever stands beside it', () => {
  const all = looksOf(['zgc', 'somebody else’s', ...allWays.map(({ resolution }) => resolution), 'copy·remap']);
  assert.is(new Set([...all.values()].map(({ shade }) => shade)).size, all.size);
  assert.equal(looksOf(['copy·remap']).get('copy·remap'), all.get('copy·remap'));
  const many = looksOf(Array.from({ length: shades.length + 5 }, (_, i) => `heap ${i}`));
  assert.is(new Set([...many.values()].map((look) => JSON.stringify(look))).size, many.size);
});

test('every colour of a line can be seen on its ground, in both themes', () => {
  for (const theme of [0, 1] as const) {
    for (const shade of shades) {
      const ratio = contrast(shade[theme], surfaces.ground[theme]);
      assert.ok(ratio >= 3, `${shade[theme]}: ${ratio.toFixed(2)}`);
    }
    for (const name of ['ink', 'faint', 'accent', 'good', 'bad']) {
      assert.ok(contrast(surfaces[name][theme], surfaces.panel[theme]) >= 4.5, `${name} ${theme}`);
    }
  }
});

/** Contrast of two colours after WCAG 2. */
function contrast(a: string, b: string): number {
  const [low, high] = [a, b].map(luminance).sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

test('warnings: what was recorded, mixed commits, few invocations', () => {
  const line = (environment: Partial<Environment>, invocation = 0): ResultLine => {
    const result = someResult({}, {}, invocation);
    return { ...result, environment: { ...result.environment, ...environment } };
  };
  const enough = Array.from({ length: 20 }, (_, invocation) => line({}, invocation));
  assert.equal(warningsOf(enough), []);
  assert.match(warningsOf([line({})]).join(), /One invocation a configuration/);
  const mixed = warningsOf([line({ commit: 'aaa' }), line({ commit: 'bbb' })]).join();
  assert.match(mixed, /different commits are side by side: aaa and bbb/);
  const noisy = line({ warnings: ['noisy neighbour', 'swap is in use'] }, 20);
  assert.equal(warningsOf([...enough, noisy]), ['noisy neighbour (1 of 21)', 'swap is in use (1 of 21)']);
});

test('raw files are linked relative to the report, whatever they are called', () => {
  const name = 'a b#1%?.csv';
  writeFileSync(join(folder, name), 'x');
  const line = { ...someResult(), files: { latencyCsv: name, trace: 'gone.trace' } };
  const sources = [{ file: join(folder, 'results.jsonl'), lines: [line, someResult(copyConfig)] }];
  assert.equal(
    rawFiles(contentOf(sources)).map(({ kind, exists }) => [kind, exists]),
    [
      ['latencyCsv', true],
      ['trace', false],
    ],
  );
  const page = reportPage(sources, { folder: join(folder, 'sub') });
  const [, href] = /href="([^"]*csv)"/.exec(page)!;
  const report = pathToFileURL(join(folder, 'sub', 'report.html'));
  assert.is(new URL(href, report).href, pathToFileURL(join(folder, name)).href);
  assert.match(page, 'gone.trace</span>');
});

function linkedText(files: Record<string, string>): string {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return linked(pathToFileURL(join(folder, Object.keys(files)[0])));
}

test('modules are linked in the order in which they need each other, each once', async () => {
  const text = linkedText({
    'a.js': "import { b } from './b.js';\nimport { c } from './c.js';\nexport const a = b + c;\n",
    'b.js': "import { c } from './c.js';\nexport function b2() { return c; }\nexport const b = b2() + 1;\n",
    'c.js': 'export const c = 20;\nexport {};\n//# sourceMappingURL=c.js.map\n',
  });
  assert.not.match(text, /^(import|export)/m);
  assert.is(new Function(`${text}; return a`)(), 41);
});

test('what cannot be linked is refused, not guessed at', () => {
  const refused = (files: Record<string, string>, why: RegExp) => {
    assert.throws(() => linkedText(files), why);
  };
  refused({ 'a.js': "import fs from 'node:fs';" }, /import fs/);
  refused({ 'a.js': "import { x } from 'uplot';" }, /uplot/);
  refused({ 'a.js': "import { x as y } from './b.js';", 'b.js': 'export const x = 1;' }, /x as y/);
  refused(
    { 'a.js': "import { x } from './b.js';\nconst y = 1;", 'b.js': 'export const x = 1;\nconst y = 2;' },
    /y, which/,
  );
  refused({ 'a.js': 'export default 1;' }, /export default/);
  refused({ 'a.js': "import { x } from './absent.js';" }, /absent\.js/);
});

test('the page is one file: it names no other to be loaded', () => {
  const page = reportPage([{ file: join(folder, 'results.jsonl'), lines: syntheticSweep({ rich: true }) }], {
    folder: dirname(folder),
  });
  const addresses = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
  assert.ok(addresses.length > 5);
  assert.ok(
    addresses.every((address) => /^(#|\.\/|data:,$)/.test(address)),
    addresses.join(' '),
  );
  assert.match(page, 'default-src &#39;none&#39;');
  assert.not.match(page, /url\(|@import/);
});

test.run();
