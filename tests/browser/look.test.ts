import { describe, expect, test } from 'vitest';
import { demoPhones } from '../support/running-service.ts';
import { useBrowser } from '../support/browser-page.ts';
import { accessibilityFaults, expectGoodLook, isWiderThanScreen, type LookedAt } from '../support/page-look.ts';

const { visit } = useBrowser();

const pages: LookedAt[] = [
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
  ['my vehicles', '/me/vehicles', demoPhones.resident],
  ['no notices', '/notices', demoPhones.parent],
];

describe.each(pages)('%s', (_name, path, as) => {
  test('has no fault that axe-core knows, in either theme, and fits a phone in both languages, also enlarged', async () => {
    const page = await visit(path, as === undefined ? {} : { as });
    await expectGoodLook(page);
  });
});

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
