// deadline: 120s
/** The report in a browser: it opens, it draws, and it stays within its window and its file. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compareRuns } from '../../../bench/compare/index.js';
import { comparisonPage } from '../../../bench/html/comparison-page.js';
import { reportPage } from '../../../bench/html/report.js';
import type { ResultLine } from '../../../bench/schema/index.js';
import { MiB } from '../../../bench/sizes.js';
import { Browser, type Look, type OpenPage, whyNoBrowser } from '../../support/browser.js';
import { copyConfig, someResult } from '../../support/synthetic-results.js';
import { somePeers, syntheticSweep } from '../../support/synthetic-sweep.js';

const missing = whyNoBrowser();
const inBrowser = suite('the report in a browser');
const test = missing ? inBrowser.skip : inBrowser;
const folder = mkdtempSync(join(tmpdir(), 'continuum-report-'));
let browser: Browser;

if (!missing) {
  inBrowser.before(async () => {
    browser = await Browser.start();
  });
}
inBrowser.after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The report of these lines, once every chart has been drawn. */
function opened(lines: readonly ResultLine[], look: Partial<Look> = {}): Promise<OpenPage> {
  return openedPage(reportPage([{ file: join(folder, 'results.jsonl'), lines }], { folder }), look);
}

async function openedPage(text: string, look: Partial<Look> = {}): Promise<OpenPage> {
  const file = join(folder, 'report.html');
  writeFileSync(file, text);
  const open = await browser.open(file, look);
  await open.page.waitForFunction(() => {
    const places = [...document.querySelectorAll('[data-chart]')];
    return places.every((place) => place.querySelector('canvas'));
  });
  return open;
}

for (const theme of ['light', 'dark'] as const) {
  for (const width of [1280, 400]) {
    test(`${theme}, ${width} px: no error, no request, charts with ink, nothing wider than the window`, async () => {
      const { page, troubles, requests } = await opened(syntheticSweep({ peers: somePeers }), { theme, width });
      const seen = await page.evaluate(() => {
        const inked = (canvas: HTMLCanvasElement) =>
          canvas
            .getContext('2d')!
            .getImageData(0, 0, canvas.width, canvas.height)
            .data.some((value) => value > 0);
        return {
          charts: document.querySelectorAll('[data-chart]').length,
          inked: [...document.querySelectorAll<HTMLCanvasElement>('[data-chart] canvas')].filter(inked).length,
          over: document.documentElement.scrollWidth - innerWidth,
          ground: getComputedStyle(document.body).backgroundColor,
          unnamed: document.querySelectorAll('[role=img]:not([aria-label]), .wide > table:not(:has(caption))').length,
        };
      });
      assert.equal(troubles, []);
      assert.is(requests.length, 1);
      assert.ok(seen.charts >= 10, `${seen.charts} charts`);
      assert.is(seen.inked, seen.charts);
      assert.is(seen.over, 0);
      assert.is(seen.ground, theme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(20, 23, 27)');
      assert.is(seen.unnamed, 0);
      await page.close();
    });
  }
}

test('the button changes the theme, and charts are drawn again in its colours', async () => {
  const { page, troubles } = await opened(syntheticSweep());
  const look = () =>
    page.evaluate(() => ({
      ground: getComputedStyle(document.body).backgroundColor,
      chart: document.querySelector<HTMLCanvasElement>('[data-chart] canvas')!.toDataURL(),
      canvases: document.querySelectorAll('[data-chart] canvas').length,
    }));
  const light = await look();
  await page.click('#theme');
  assert.is(await page.textContent('#theme'), 'Light theme');
  const dark = await look();
  assert.is.not(dark.ground, light.ground);
  assert.is.not(dark.chart, light.chart);
  assert.is(dark.canvases, light.canvases);
  await page.click('#theme');
  assert.equal(await look(), light);
  assert.equal(troubles, []);
  await page.close();
});

test('hostile text in results stays text', async () => {
  const evil = '</script></style><script>window.evil=1</script><img src=x onerror="window.evil=1">\'"--><!--';
  const [a, b] = [someResult(), someResult(copyConfig)].map((line) => ({
    ...line,
    environment: { ...line.environment, cpu: evil, kernel: evil, commit: evil, features: [evil] },
    collections: line.collections.map((one) => ({ ...one, trigger: evil, incidents: [evil] })),
    files: { trace: evil, latencyCsv: 'javascript:alert(1)' },
  }));
  const { collections: _, ...rest } = b;
  const failure = { schema: a.schema, invocation: 1, startedAt: a.startedAt, config: a.config } as const;
  const error = { code: evil, message: evil, hint: evil };
  const { page, troubles, requests } = await opened([a, b, { ...failure, environment: rest.environment, error }]);
  const seen = await page.evaluate(() => ({
    evil: 'evil' in window,
    images: document.images.length,
    addresses: [...document.querySelectorAll('a')].map((link) => link.getAttribute('href') ?? ''),
    text: document.body.textContent ?? '',
  }));
  assert.not(seen.evil);
  assert.is(seen.images, 0);
  assert.ok(seen.addresses.every((address) => /^(#|\.\/)/.test(address)));
  assert.ok(seen.text.includes(evil));
  assert.equal(troubles, []);
  assert.is(requests.length, 1);
  await page.close();
});

test('the page may load nothing and run nothing else', async () => {
  const { page } = await opened([someResult()]);
  const tried = await page.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'window.injected = 1';
    document.body.append(script);
    const fetched = await fetch('data:,x').then(
      () => true,
      () => false,
    );
    return { ran: 'injected' in window, fetched };
  });
  assert.equal(tried, { ran: false, fetched: false });
  await page.close();
});

test('what is missing leaves its section out, and nothing broken', async () => {
  const { page, troubles } = await opened([someResult(), someResult(copyConfig)]);
  const ids = () => page.evaluate(() => [...document.querySelectorAll('main > section')].map(({ id }) => id));
  assert.equal(await ids(), ['comparison', 'latency', 'phases', 'figures', 'environment', 'files']);
  const links = await page.evaluate(() => [...document.querySelectorAll('nav a')].map((link) => link.textContent));
  assert.equal(links.length, 6);
  assert.equal(troubles, []);
  await page.close();
});

test('a run of failures alone is a report too', async () => {
  const { schema, invocation, startedAt, config, environment } = someResult();
  const error = { code: 'DEADLINE', message: 'it did not end' };
  const { page, troubles } = await opened([{ schema, invocation, startedAt, config, environment, error }]);
  const text = await page.evaluate(() => document.body.textContent ?? '');
  assert.match(text, 'Nothing was measured that counts.');
  assert.match(text, '1 of 1 invocations failed');
  assert.match(text, 'it did not end');
  assert.equal(troubles, []);
  await page.close();
});

test('two runs: a verdict for each figure where its interval allows one, at both widths', async () => {
  const runs = (factor: number) =>
    Array.from({ length: 8 }, (_, invocation) => {
      const perSecond = Math.round(factor * (500_000 + 1000 * invocation));
      return someResult({ seed: 1 }, { perSecond, pssBytes: (140 + (invocation % 3)) * MiB }, invocation);
    });
  const [a, b] = [runs(1), runs(0.9)];
  const sources = [{ file: join(folder, 'a.jsonl'), lines: [...a, ...b] }];
  const names = { a: '<a>', b: 'b' };
  const text = comparisonPage(compareRuns(a, b), { ...names, sources }, join(folder, 'report.html'));
  for (const width of [1280, 400]) {
    const { page, troubles } = await openedPage(text, { width });
    const rows = await page.evaluate(() =>
      [...document.querySelectorAll('.forest > div')].map((row) => [row.className, row.textContent ?? ''] as const),
    );
    const row = (label: string) => rows.find(([, text]) => text.includes(label))!;
    assert.is(row('operations a second')[0], 'bad');
    assert.match(row('operations a second')[1], '0.900 worse');
    assert.match(row('peak PSS')[1], '1.000 open');
    assert.is(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
    assert.match((await page.textContent('header')) ?? '', 'A <a>');
    assert.equal(troubles, []);
    await page.close();
  }
});

inBrowser.run();
