/** Debian's Chromium without a window, for what only a browser can tell. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome'];
const deadlineMs = 30_000;

/** Where the browser is; undefined where there is none. */
export function findBrowser(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return names.flatMap((name) => [...folders, '/usr/bin'].map((folder) => join(folder, name))).find(existsSync);
}

/** Why tests in a browser are left out: nobody may skip them in CI. */
export function whyNoBrowser(): string | undefined {
  if (findBrowser()) return undefined;
  const why = 'there is no Chromium (apt-get install chromium)';
  if (process.env.CI) throw new Error(why);
  console.log(`skipped: ${why}`);
  return why;
}

/** A browser with a profile of its own. */
export class Browser {
  private constructor(
    private readonly context: BrowserContext,
    private readonly profile: string,
  ) {}

  static async start(): Promise<Browser> {
    const { chromium } = await import('playwright-core');
    const profile = mkdtempSync(join(tmpdir(), 'continuum-browser-'));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: findBrowser() ?? '',
      timeout: deadlineMs,
      args: [
        ...['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
        ...['--disable-component-update', '--disable-sync', '--no-first-run'],
      ],
    });
    context.setDefaultTimeout(deadlineMs);
    return new Browser(context, profile);
  }

  async open(file: string, look: Partial<Look> = {}): Promise<OpenPage> {
    const page = await this.context.newPage();
    const troubles: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) troubles.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
    page.on('requestfailed', (request) => troubles.push(`request failed: ${request.url().slice(0, 200)}`));
    page.on('request', (request) => requests.push(request.url()));
    const { theme = 'light', width = 1280, height = 900 } = look;
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height });
    await page.goto(pathToFileURL(file).href);
    return { page, troubles, requests };
  }

  async close(): Promise<void> {
    await this.context.close();
    rmSync(this.profile, { recursive: true, force: true });
  }
}

export interface Look {
  readonly theme: 'light' | 'dark';
  readonly width: number;
  readonly height: number;
}

export interface OpenPage {
  readonly page: Page;
  /** Errors and warnings on the console, exceptions and failed requests, as they come. */
  readonly troubles: readonly string[];
  /** Addresses that were asked for, the file's own first. */
  readonly requests: readonly string[];
}
