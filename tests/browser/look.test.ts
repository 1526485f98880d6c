import axe from 'axe-core';
import { describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { demoPhones } from '../support/running-service.ts';
import { useBrowser, type Visit } from '../support/browser-page.ts';

const { visit } = useBrowser();

/** What axe-core finds, by WCAG 2.2 AA: one line for each fault with the elements that have it. */
async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const { axe: loaded } = window as unknown as {
      axe: { run(context: Document, options: object): Promise<{ violations: Violation[] }> };
    };
    type Violation = { id: string; nodes: { target: unknown[]; failureSummary?: string }[] };
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    return (await loaded.run(document, { runOnly: tags })).violations;
  });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary ?? ''}`),
  );
}

const isWiderThanScreen = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

const pages: [name: string, path: string, as: string | undefined][] = [
  ['the menu', '/canteen', undefined],
  ['the order sheet', '/canteen?at=innovation&dish.innovation-mapo=1&confirm=1', demoPhones.employee],
  ['a day without lunch', '/canteen?date=2026-11-28', undefined],
  ['the summer classes', '/childcare', undefined],
  ['no bookings', '/bookings', demoPhones.employee],
  ['the desk', '/desk', demoPhones.canteenManager],
  ['the desk’s pattern form', '/desk?mode=pattern', demoPhones.administrator],
  ['the desk for others', '/desk', demoPhones.employee],
];

describe.each(pages)('%s', (_name, path, as) => {
  const who = as === undefined ? {} : { as };

  test.each(['light', 'dark'] as const)('has no fault that axe-core knows, %s', async (theme) => {
    expect(await faultsOf(await visit(path, { ...who, theme }))).toEqual([]);
  });

  test.each<[string, Visit]>([
    ['Chinese', {}],
    ['English', { lang: 'en' }],
    ['elder mode', { isElder: true }],
  ])('fits a phone in %s, also with text at 200 %%', async (_manner, manner) => {
    const page = await visit(path, { ...who, ...manner });
    expect(await isWiderThanScreen(page)).toBe(false);
    await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
    expect(await isWiderThanScreen(page)).toBe(false);
  });
});

test('the page of a booking has no fault, and fits a phone with text at 200 %', async () => {
  const page = await visit('/canteen?at=guangqi', { as: demoPhones.parent, theme: 'dark' });
  await page.getByRole('button', { name: /^增加/ }).first().click();
  await page.getByRole('button', { name: '去确认' }).click();
  await page.getByRole('button', { name: '预订 1 份午餐' }).click();
  await page.getByText('午餐订好了').waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await page.getByRole('link', { name: '取消预约' }).click();
  await page.getByRole('heading', { name: '确定取消这个预约吗？' }).waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
  expect(await isWiderThanScreen(page)).toBe(false);
});
