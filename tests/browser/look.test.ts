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
  ['the menu', '/canteen', undefined],
  ['the order sheet', '/canteen?at=innovation&dish.innovation-mapo=1&confirm=1', demoPhones.employee],
  ['a day without lunch', '/canteen?date=2026-11-28', undefined],
  ['the summer classes', '/childcare', undefined],
  ['no bookings', '/bookings', demoPhones.employee],
  ['the desk', '/desk', demoPhones.canteenManager],
  ['the desk’s pattern form', '/desk?mode=pattern', demoPhones.administrator],
  ['the counter', '/desk/check-in', demoPhones.dispatcher],
  ['my vehicles', '/me/vehicles', demoPhones.resident],
  ['the desk of a committee', '/desk', demoPhones.committee],
  ['a roster', '/desk/roster', demoPhones.committee],
  ['the agreements', '/desk/agreements', demoPhones.administrator],
  ['an agreement', '/desk/agreements/guangqi-night', demoPhones.provider],
  ['terms to propose', '/desk/agreements/edit', demoPhones.administrator],
  ['spaces to take back', '/desk/agreements/guangqi-night/withdraw', demoPhones.administrator],
  ['nights to suspend', '/desk/agreements/guangqi-night/suspend', demoPhones.provider],
  ['the balance of a swap', '/desk/agreements/guangqi-night/balance', demoPhones.provider],
  ['no notices', '/notices', demoPhones.parent],
  ['the desk for others', '/desk', demoPhones.employee],
];

describe.each(pages)('%s', (_name, path, as) => {
  const who = as === undefined ? {} : { as };

  test('has no fault that axe-core knows, in either theme, and fits a phone in both languages, also enlarged', async () => {
    const page = await visit(path, who);
    expect(await accessibilityFaults(page), 'light').toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await accessibilityFaults(page), 'dark').toEqual([]);
    await expectFit(page);
    await page.context().addCookies([{ name: 'chaoxi_lang', value: 'en', url: page.url() }]);
    await page.reload();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    await expectFit(page);
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

test('the page of a booking has no fault, and fits a phone with text at 200 %', async () => {
  const page = await visit('/canteen?at=guangqi', { as: demoPhones.parent, theme: 'dark' });
  await page.getByRole('button', { name: /^增加/ }).first().click();
  await page.getByRole('button', { name: '去确认' }).click();
  await page.getByRole('button', { name: '预订 1 份午餐' }).click();
  await page.getByText('午餐订好了').waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.getByRole('link', { name: '取消预约' }).click();
  await page.getByRole('heading', { name: '确定取消这个预约吗？' }).waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
  expect(await isWiderThanScreen(page)).toBe(false);
});
