// deadline: 120s
/** The replay in a browser: dragged, played, clicked, by keyboard, in both themes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { replaySection } from '../../../../bench/html/replay/section.js';
import { reportPage } from '../../../../bench/html/report.js';
import { Browser, type Look, type OpenPage, whyNoBrowser } from '../../../support/browser.js';
import { someResult } from '../../../support/synthetic-results.js';
import { largeShape, SyntheticTrace, smallShape } from '../../../support/synthetic-trace.js';

const missing = whyNoBrowser();
const inBrowser = suite('the replay in a browser');
const test = missing ? inBrowser.skip : inBrowser;
const folder = mkdtempSync(join(tmpdir(), 'continuum-replay-page-'));
const small = new SyntheticTrace({ ...smallShape, pages: 4352, pagesPerRegion: 256 }, 2);
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

/** The report with this trace, once its replay is drawn. */
async function opened(trace: SyntheticTrace, look: Partial<Look> = {}): Promise<OpenPage> {
  writeFileSync(join(folder, 'some.trace'), trace.file());
  const lines = [{ ...someResult(), files: { trace: 'some.trace' } }];
  const file = join(folder, 'report.html');
  writeFileSync(file, reportPage([{ file: join(folder, 'results.jsonl'), lines }], { folder, replay: replaySection }));
  const open = await browser.open(file, look);
  await isLoaded(open.page);
  return open;
}

async function isLoaded(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector<HTMLElement>('.replay')?.dataset.loaded);
}

const part = (name: string) => `#replay [data-part=${name}]`;
const picture = (page: Page, name: string) =>
  page.evaluate((selector) => document.querySelector<HTMLCanvasElement>(selector)!.toDataURL(), part(name));

/** Counts of the legend by what they count: `phase:1`. */
function countsOf(page: Page): Promise<Record<string, number>> {
  return page.evaluate(() => {
    const items = [...document.querySelectorAll<HTMLElement>('#replay [data-count]')];
    return Object.fromEntries(items.map((item) => [item.dataset.count, Number(item.textContent?.replaceAll(',', ''))]));
  });
}

async function drag(page: Page, share: number): Promise<void> {
  await page.locator(part('slider')).scrollIntoViewIfNeeded();
  const box = (await page.locator(part('slider')).boundingBox())!;
  const handle = await page.locator(part('slider')).evaluate((slider: HTMLInputElement) => {
    return Number(slider.value) / Number(slider.max);
  });
  const x = (at: number) => box.x + 8 + at * (box.width - 16);
  await page.mouse.move(x(handle), box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(x((handle + share) / 2), box.y + box.height / 2);
  await page.mouse.move(x(share), box.y + box.height / 2);
  await page.mouse.up();
}

for (const theme of ['light', 'dark'] as const) {
  for (const width of [1280, 420]) {
    test(`${theme}, ${width} px: opens without a word on the console, and nothing is wider than the window`, async () => {
      const { page, troubles, requests } = await opened(small, { theme, width });
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.is(over, 0);
      assert.equal(troubles, []);
      assert.is(requests.length, 1);
      await page.close();
    });
  }
}

test('the slider is dragged: the heap changes, and every stale page is published at the end', async () => {
  const { page, troubles } = await opened(small);
  await drag(page, 0);
  const [first, before] = [await picture(page, 'grid'), await countsOf(page)];
  await drag(page, 0.5);
  const [half, between] = [await picture(page, 'grid'), await countsOf(page)];
  await drag(page, 1);
  const [last, after] = [await picture(page, 'grid'), await countsOf(page)];
  assert.is.not(first, half);
  assert.is.not(half, last);
  assert.is(before['forwarder:0'], 0);
  assert.ok(between['phase:1'] > 0 && between['phase:1'] < before['phase:1']);
  assert.is(after['phase:1'], 0);
  const all = ['forwarder', 'publisher'].map((by) => [0, 1, 2, 3].reduce((sum, i) => sum + after[`${by}:${i}`], 0));
  assert.equal(all, [before['phase:1'], before['phase:1']]);
  await drag(page, 0);
  assert.is(await picture(page, 'grid'), first);
  assert.equal(troubles, []);
  await page.close();
});

test('a page is clicked, and its history is there; keys go on from it, and a moment of it can be gone to', async () => {
  const { page, troubles } = await opened(small);
  const { forwards } = await page.evaluate(() => ({ forwards: document.querySelectorAll('#replay .episode').length }));
  assert.ok(forwards > 0, 'the page of the longest wait is shown first');
  const grid = page.locator(part('grid'));
  await grid.scrollIntoViewIfNeeded();
  await page.selectOption(part('cycle'), '0');
  await isLoaded(page);
  await grid.click({ position: { x: 20, y: 20 } });
  const picked = await page.getAttribute('#replay .replay', 'data-page');
  assert.ok(Number(picked) >= 0);
  assert.match((await page.textContent(part('page-title')))!, `Page ${Number(picked).toLocaleString('en-US')}`);
  await grid.press('ArrowRight');
  assert.is(await page.getAttribute('#replay .replay', 'data-page'), String(Number(picked) + 1));
  await grid.press('PageDown');
  assert.is(await page.getAttribute('#replay .replay', 'data-page'), String(Number(picked) + 257));
  await grid.press('PageUp');
  // A page that was forwarded after a fault has a whole history.
  const waited = page.locator(`${part('waits')} button`).first();
  await waited.click();
  const history = await page.locator(`${part('history')} li`).allTextContents();
  assert.ok(
    history.some((text) => /touched it and faulted/.test(text)),
    history.join('\n'),
  );
  assert.ok(
    history.some((text) => /claimed by/.test(text)),
    history.join('\n'),
  );
  assert.ok(
    history.some((text) => /published (on its own )?by/.test(text)),
    history.join('\n'),
  );
  assert.match((await page.textContent(part('now')))!, /At this moment mutator \d has waited/);
  const before = (await page.textContent(part('now')))!;
  await page
    .locator(`${part('history')} button`)
    .last()
    .click();
  assert.is.not((await page.textContent(part('now')))!, before);
  assert.match((await page.textContent(part('page-state')))!, 'Published');
  assert.equal(troubles, []);
  await page.close();
});

test('it plays, pauses, and takes the other colours of the other theme and of other groupings', async () => {
  const { page, troubles } = await opened(small);
  const value = () => page.locator(part('slider')).inputValue();
  await page.click(part('begin'));
  assert.is(await value(), '0');
  await page.selectOption(part('speed'), '100');
  await page.click(part('play'));
  await page.waitForFunction(
    (slider) => Number(document.querySelector<HTMLInputElement>(slider)?.value) > 0,
    part('slider'),
  );
  await page.click(part('play'));
  const paused = await value();
  await page.waitForTimeout(60);
  assert.is(await value(), paused);
  await drag(page, 0.7);
  const pictures = new Set([await picture(page, 'grid')]);
  await page.selectOption(part('grouping'), 'how');
  pictures.add(await picture(page, 'grid'));
  await page.click('#theme');
  pictures.add(await picture(page, 'grid'));
  assert.is(pictures.size, 3);
  const { 'how:0': built, 'how:1': updated } = await countsOf(page);
  assert.ok(built > 0 && updated > 0);
  assert.equal(troubles, []);
  await page.close();
});

test('1 GiB: one canvas and no element a page', async () => {
  const { page, troubles } = await opened(new SyntheticTrace(largeShape, 8));
  const elements = await page.evaluate(() => document.querySelectorAll('#replay *').length);
  assert.ok(elements < 500, `${elements} elements`);
  await drag(page, 0);
  const before = await countsOf(page);
  await drag(page, 1);
  const after = await countsOf(page);
  assert.ok(before['phase:1'] > 180_000);
  assert.is(after['phase:1'], 0);
  assert.equal(troubles, []);
  await page.close();
});

inBrowser.run();
