import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { readCsv } from '../../api/calendar/csv-records.ts';
import { demoCaller } from '../support/demo-caller.ts';
import { demoPhones } from '../support/running-service.ts';
import { isShown, useBrowser } from '../support/browser-page.ts';
import { isWiderThanScreen } from '../support/page-look.ts';

const { visit, service } = useBrowser();
const refused = readCsv(readFileSync(new URL('../vectors/plates.csv', import.meta.url), 'utf8'))
  .records.slice(1)
  .flatMap(({ fields: [input = '', , , valid] }) => (valid === 'false' ? [input] : []));

const field = (page: Page) => page.getByRole('textbox', { name: '车牌' });
const keys = (page: Page) => page.getByRole('group', { name: '车牌键盘' });
const add = (page: Page) => page.getByRole('button', { name: '添加车辆' });

async function tap(page: Page, plate: string): Promise<void> {
  for (const sign of plate) await keys(page).getByRole('button', { name: sign, exact: true }).click();
}

describe('the plate keyboard', () => {
  test('takes taps: a province, a letter, then the rest; never I or O; the last one can be taken back', async () => {
    const page = await visit('/me/vehicles', { as: demoPhones.employee });
    expect(await keys(page).getByRole('button', { name: 'A', exact: true }).count()).toBe(0);
    await tap(page, '沪');
    expect(await keys(page).getByRole('button', { name: '1', exact: true }).isDisabled()).toBe(true);
    expect(
      await keys(page)
        .getByRole('button', { name: /^[IO]$/ })
        .count(),
    ).toBe(0);
    await tap(page, 'AD1234');
    await tap(page, '6');
    await keys(page).getByRole('button', { name: '删除' }).click();
    await tap(page, '5');
    expect(await field(page).inputValue()).toBe('沪AD12345');
    await page.getByText('已输入 沪 A D 1 2 3 4 5').waitFor({ state: 'attached' });
    expect(await keys(page).getByRole('button', { name: '6', exact: true }).isDisabled()).toBe(true);
  });

  test('takes the machine’s own keys and what is pasted, without its decoration', async () => {
    const page = await visit('/me/vehicles', { as: demoPhones.employee });
    await field(page).focus();
    await page.keyboard.insertText('沪');
    await page.keyboard.type('b-1a2');
    expect(await field(page).inputValue()).toBe('沪B1A2');
    await page.keyboard.press('Backspace');
    expect(await field(page).inputValue()).toBe('沪B1A');
    await field(page).fill('沪ａ·８８8 88');
    expect(await field(page).inputValue()).toBe('沪A88888');
  });

  test('keeps the reader where they are: the focus stays on a key, or goes to the plate when the key is gone', async () => {
    const page = await visit('/me/vehicles', { as: demoPhones.employee });
    await keys(page).getByRole('button', { name: '沪', exact: true }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => field(page).evaluate((input) => input === document.activeElement)).toBe(true);
    await keys(page).getByRole('button', { name: 'B', exact: true }).focus();
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('B');
  });

  test.each([false, true])('fits a phone, with keys large enough to tap (elder mode: %s)', async (isElder) => {
    const page = await visit('/me/vehicles', { as: demoPhones.employee, isElder, width: 375 });
    const least = isElder ? 60 : 44;
    for (const typed of ['', '沪A']) {
      await field(page).fill(typed);
      const boxes = await keys(page)
        .getByRole('button')
        .evaluateAll((buttons) =>
          buttons.map((button) => button.getBoundingClientRect()).map(({ width, height }) => Math.min(width, height)),
        );
      expect(Math.min(...boxes)).toBeGreaterThanOrEqual(least);
      expect(await isWiderThanScreen(page)).toBe(false);
    }
  });

  test('is one ordinary field without client JavaScript', async () => {
    const page = await visit('/me/vehicles', { as: demoPhones.parent, javaScript: false });
    expect(await keys(page).count()).toBe(0);
    await field(page).fill('沪b 99 88 7');
    await add(page).click();
    expect(await isShown(page.getByText('已添加 沪B99887'))).toBe(true);
    expect(await field(page).inputValue()).toBe('');
  });
});

test('plates that are none are refused on the page, in words', async () => {
  const page = await visit('/me/vehicles', { as: demoPhones.canteenManager });
  for (const plate of refused) {
    await field(page).fill(plate);
    await add(page).click();
    await page.locator('.error', { hasText: /车牌|省份/ }).waitFor();
    expect(await field(page).getAttribute('aria-invalid')).toBe('true');
    expect(await field(page).inputValue()).toBe(plate);
    await page.reload();
    await page.locator('html[data-live]').waitFor({ state: 'attached' });
  }
  expect(await page.getByText('还没有车辆').count()).toBe(1);
});

test('a new plate shows which bookings follow before it is made, and the old one keeps the gate until it is verified', async () => {
  const resident = await demoCaller(service().url, demoPhones.resident);
  const { items } = await resident.get<{ items: { id: string; serviceDate: string }[] }>(
    '/slots?kind=parking&resourceId=guangqi-night',
  );
  const { vehicles } = await resident.get<{ vehicles: { id: string }[] }>('/me');
  const slotIds = items.filter(({ serviceDate }) => serviceDate === '2026-11-25').map(({ id }) => id);
  const { id } = await resident.post<{ id: string }>('/bookings', {
    kind: 'parking',
    slotIds,
    vehicleId: vehicles[0]?.id,
  });

  const page = await visit('/me/vehicles', { as: demoPhones.resident });
  await page.getByRole('link', { name: '换车牌' }).click();
  await page.getByRole('textbox', { name: '新车牌' }).fill('沪A99999');
  await page.getByRole('button', { name: '看看有什么影响' }).click();
  await page.getByText('1 个预约会跟着这辆车').waitFor();
  await page.getByText('已有的预约继续用 沪A12345 出入').waitFor();
  await page.getByRole('button', { name: '换成 沪A99999' }).click();
  await page.getByText('车牌已更换').waitFor();
  await page.getByText('已有的预约先用旧车牌 沪A12345 出入').waitFor();
  await page.goto(`${service().url}/bookings/${id}`);
  await page.getByText('沪A·***45（新车牌 沪A·***99 待核验').waitFor();

  const committee = await demoCaller(service().url, demoPhones.committee);
  await committee.post('/rosters/hongxing/vehicles', { plate: '沪A99999', phone: '13800000001' });
  await page.reload();
  await page.getByText('沪A·***99', { exact: true }).waitFor();
});

test('a vehicle with a booking is not removed, and says why', async () => {
  const page = await visit('/me/vehicles', { as: demoPhones.resident });
  await page.getByRole('link', { name: '移除' }).click();
  await page.getByRole('button', { name: '确认移除' }).click();
  await page.getByRole('alert').filter({ hasText: '这辆车还有预约或候补' }).waitFor();
});
