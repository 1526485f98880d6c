import { describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { demoPhones } from '../support/running-service.ts';
import { useBrowser } from '../support/browser-page.ts';
import { accessibilityFaults, isWiderThanScreen } from '../support/page-look.ts';

const { visit } = useBrowser();

const pages: [name: string, path: string, as: string | undefined][] = [
  ['home', '/', undefined],
  ['home of who is signed in', '/', demoPhones.employee],
  ['sign-in', '/sign-in', undefined],
  ['me', '/me', demoPhones.parent],
  ['me as a guest', '/me', undefined],
  ['the shuttle', '/shuttle', undefined],
  ['a ride', '/shuttle?date=2026-11-24&from=metro-l9&to=guangqi&run=run-6&confirm=1', demoPhones.employee],
  ['a day without shuttle', '/shuttle?date=2026-11-28', undefined],
  ['parking', '/parking', undefined],
  ['a night', '/parking?lot=guangqi-night&date=2026-11-27&confirm=1', demoPhones.resident],
  ['a month', '/parking?lot=guangqi-night&month=2026-12&confirm=1', demoPhones.resident],
  ['all components', '/gallery', undefined],
];

describe.each(pages)('%s', (_name, path, as) => {
  const who = as === undefined ? {} : { as };

  test('has no fault that axe-core knows, in either theme, and fits a phone, also enlarged', async () => {
    const page = await visit(path, who);
    expect(await accessibilityFaults(page), 'light').toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await accessibilityFaults(page), 'dark').toEqual([]);
    await expectFit(page);
  });

  test('fits a phone in English, also enlarged', async () => {
    await expectFit(await visit(path, { ...who, lang: 'en' }));
  });
});

async function expectFit(page: Page): Promise<void> {
  for (const isElder of [false, true]) {
    await page.evaluate((on) => document.documentElement.toggleAttribute('data-elder', on), isElder);
    for (const size of ['100%', '200%']) {
      await page.evaluate((fontSize) => (document.documentElement.style.fontSize = fontSize), size);
      expect(await isWiderThanScreen(page), `text at ${size}, elder mode: ${isElder}`).toBe(false);
    }
  }
}
