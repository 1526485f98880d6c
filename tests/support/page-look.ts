import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const wcag = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** What axe-core finds, by WCAG 2.2 AA or one rule of it: one line for each fault with the elements that have it. */
export async function accessibilityFaults(page: Page, rule?: 'color-contrast'): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async (runOnly) => {
    type Violation = { id: string; nodes: { target: unknown[]; failureSummary?: string }[] };
    type Axe = { run(context: Document, options: object): Promise<{ violations: Violation[] }> };
    const { violations } = await (window as unknown as { axe: Axe }).axe.run(document, { runOnly });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary ?? ''}`),
    );
  }, rule ?? wcag);
}

/** Whether the page can be scrolled sideways. */
export const isWiderThanScreen = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

/** Elder mode's promise that is broken, a line each: text below 18 px, targets below 60 px high or wide. */
export const tooSmallForElders = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const [leastText, leastTarget] = [18, 60];
    const isSeen = (element: Element): boolean => {
      const box = element.getBoundingClientRect();
      return box.width > 1 && box.height > 1 && element.checkVisibility({ visibilityProperty: true });
    };
    /** What answers to a finger: a label with its choice, the whole card of a link that is stretched over it. */
    const targetOf = (control: Element): Element => {
      if (control.matches('[type=radio], [type=checkbox]')) return control.closest('label') ?? control;
      const isStretched = getComputedStyle(control, '::after').position === 'absolute';
      return isStretched ? ((control as HTMLElement).offsetParent ?? control) : control;
    };
    const words = [...document.querySelectorAll('body *')].filter(
      (element) =>
        [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim()) &&
        !element.closest('.unseen, option, noscript') &&
        isSeen(element),
    );
    const smallWords = words
      .filter((element) => Number.parseFloat(getComputedStyle(element).fontSize) < leastText)
      .map((element) => `${getComputedStyle(element).fontSize}: ${element.textContent?.trim()}`);
    const smallTargets = [...document.querySelectorAll('a[href], button, select, summary, input:not([type=hidden])')]
      .filter((control) => isSeen(control) && !control.matches('.skip'))
      .map((control) => ({ control, box: targetOf(control).getBoundingClientRect() }))
      .filter(({ box }) => box.height < leastTarget - 0.5 || box.width < leastTarget - 0.5)
      .map(
        ({ control, box }) =>
          `${Math.round(box.width)}x${Math.round(box.height)}: ${control.ariaLabel ?? control.textContent?.trim()}`,
      );
    return [...smallWords, ...smallTargets];
  });

/** Who looks at which page, by a name of it. */
export type LookedAt = [name: string, path: string, as: string | undefined];

/** Checks a page in both themes against what axe-core knows, and that it fits a phone in both languages, also enlarged. */
export async function expectGoodLook(page: Page): Promise<void> {
  expect(await accessibilityFaults(page), 'light').toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark' });
  // Nothing but colours depends on the theme.
  expect(await accessibilityFaults(page, 'color-contrast'), 'dark').toEqual([]);
  await expectFit(page);
  await page.context().addCookies([{ name: 'chaoxi_lang', value: 'en', url: page.url() }]);
  await page.reload();
  expect(await page.locator('html').getAttribute('lang')).toBe('en');
  await expectFit(page);
}

async function expectFit(page: Page): Promise<void> {
  for (const isElder of [false, true]) {
    await page.evaluate((on) => document.documentElement.toggleAttribute('data-elder', on), isElder);
    for (const size of ['100%', '200%']) {
      await page.evaluate((fontSize) => (document.documentElement.style.fontSize = fontSize), size);
      expect(await isWiderThanScreen(page), `text at ${size}, elder mode: ${isElder}`).toBe(false);
    }
  }
}
