import { afterAll, afterEach, beforeAll } from 'vitest';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { launchBrowser } from './chromium.ts';
import { signIn, startService, type RunningService } from './running-service.ts';

export type Visit = {
  /** The phone of the demo person who is signed in; a guest when left out. */
  as?: string;
  lang?: 'zh-CN' | 'en';
  theme?: 'light' | 'dark';
  isElder?: boolean;
  javaScript?: boolean;
  width?: number;
  /** Where the service is for this browser, e.g. over a link that can be cut. */
  over?: string;
};

const shownWithinMs = 10_000;

/** Whether it is seen, as soon as it is; false when it does not come within ten seconds. */
export const isShown = async (locator: Locator): Promise<boolean> =>
  locator.waitFor({ timeout: shownWithinMs }).then(
    () => true,
    () => false,
  );

/**
 * One browser and one service for the tests of a file: `visit` opens a path in a fresh context (a phone's width unless told) and waits
 * until it can be used. Contexts close after each test; an error in a page fails the test that made it.
 */
export function useBrowser(now?: string, database?: () => Promise<string>) {
  let browser: Browser;
  let running: RunningService;
  let contexts: BrowserContext[] = [];
  let faults: string[] = [];

  beforeAll(async () => {
    [running, browser] = await Promise.all([startService(now, database), launchBrowser()]);
  });
  afterEach(async () => {
    const found = faults;
    await Promise.all(contexts.map((context) => context.close()));
    [contexts, faults] = [[], []];
    if (found.length > 0) throw new Error(`The page reported: ${found.join('\n')}`);
  });
  afterAll(async () => {
    await browser?.close();
    await running?.stop();
  });

  async function visit(path: string, options: Visit = {}): Promise<Page> {
    const { as, lang, theme, isElder, javaScript = true, width = 375, over } = options;
    const base = over ?? running.url;
    const context = await browser.newContext({
      viewport: { width, height: 812 },
      javaScriptEnabled: javaScript,
      colorScheme: theme ?? 'light',
      reducedMotion: 'reduce',
    });
    contexts.push(context);
    await context.addCookies([
      { name: 'chaoxi_lang', value: lang ?? 'zh-CN', url: base },
      ...(isElder ? [{ name: 'chaoxi_elder', value: '1', url: base }] : []),
    ]);
    if (as !== undefined) await signIn(context, base, as);
    const page = await context.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    // A refused form is answered with its status, which the browser reports as a failed resource.
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        faults.push(message.text());
    });
    await page.goto(new URL(path, base).href);
    if (javaScript) await page.locator('html[data-live]').waitFor({ state: 'attached' });
    return page;
  }

  return { visit, service: () => running };
}
