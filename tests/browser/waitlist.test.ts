import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { SlotAnswer } from '../../api/services/schemas.ts';
import { demoCaller, type DemoCaller } from '../support/demo-caller.ts';
import { isShown, useBrowser } from '../support/browser-page.ts';
import { isWiderThanScreen } from '../support/page-look.ts';
import { aRide } from '../support/slots.ts';

const { visit, service } = useBrowser();
const administrator = '13800000009';
const employee = '13800000002';
const resident = '13800000001';
const parent = '13800000003';

/** Leaves no more of some slots than this. */
async function leave(slots: readonly SlotAnswer[], capacity: number): Promise<void> {
  const staff = await demoCaller(service().url, administrator);
  await staff.post('/capacity-changes', {
    slotIds: slots.map(({ id }) => id),
    capacity,
    reason: 'a test of waiting',
    onExcess: 'refuse',
  });
}

async function slotsOn(caller: DemoCaller, resourceId: string, date: string): Promise<SlotAnswer[]> {
  const { items } = await caller.get<{ items: SlotAnswer[] }>(
    `/slots?resourceId=${resourceId}&from=${date}&to=${date}`,
  );
  return items;
}

async function aFullRun(serviceDate: string): Promise<{ holder: DemoCaller; bookingId: string; path: string }> {
  const holder = await demoCaller(service().url, '13800001070');
  await leave(await slotsOn(holder, 'run-2', serviceDate), 1);
  const { id } = await holder.post<{ id: string }>('/bookings', aRide({ serviceDate }));
  const path = `/shuttle?date=${serviceDate}&from=metro-l9&to=guangqi&run=run-2`;
  return { holder, bookingId: id, path };
}

const waiting = (page: Page) => page.getByRole('region', { name: '正在候补' });

describe.each([{ javaScript: true }, { javaScript: false }])(
  'a full run (client JavaScript: $javaScript)',
  ({ javaScript }) => {
    const serviceDate = javaScript ? '2026-11-26' : '2026-11-27';

    test('can be waited for, comes up in turn, and is taken', async () => {
      const { holder, bookingId, path } = await aFullRun(serviceDate);
      const page = await visit(path, { as: employee, javaScript });
      await page.getByRole('button', { name: '排队候补' }).click();
      await page.waitForURL(/\/bookings\?joined/);
      expect(await isShown(page.getByText('已加入候补'))).toBe(true);
      expect(await waiting(page).innerText()).toContain('下一位就是您');
      await holder.post(`/bookings/${bookingId}/cancel`, {});
      await page.goto(`${service().url}/bookings`);
      await page.getByRole('link', { name: '去看看' }).first().click();
      await page.getByRole('button', { name: '接受' }).click();
      expect(await isShown(page.getByText('已预约').first())).toBe(true);
    });
  },
);

test('who waits can leave the line again', async () => {
  const { path } = await aFullRun('2026-11-30');
  const page = await visit(path, { as: employee });
  await page.getByRole('button', { name: '排队候补' }).click();
  await page.waitForURL(/\/bookings\?joined/);
  await waiting(page).getByRole('button', { name: '退出候补' }).click();
  await page.waitForURL(/\/bookings\?left/);
  expect(await isShown(page.getByText('已退出候补'))).toBe(true);
  expect(await waiting(page).count()).toBe(0);
});

test('a guest is asked to sign in first', async () => {
  const { path } = await aFullRun('2026-12-01');
  const page = await visit(path);
  await page.getByRole('link', { name: '登录后排队候补' }).click();
  await page.waitForURL(/\/sign-in/);
  expect(await isShown(page.getByRole('heading', { name: '登录' }))).toBe(true);
});

test.each([
  {
    what: 'a parking night',
    as: resident,
    resourceId: 'guangqi-night',
    path: '/parking?lot=guangqi-night&date=2026-11-27&confirm=1',
    from: '2026-11-27',
  },
  { what: 'a class', as: parent, resourceId: null, path: '/childcare', from: null },
])('$what that is full can be waited for, in large letters and English too', async ({ as, resourceId, path, from }) => {
  const staff = await demoCaller(service().url, administrator);
  const slots =
    resourceId === null
      ? (await staff.get<{ items: SlotAnswer[] }>('/slots?kind=childcare')).items.slice(0, 1)
      : await slotsOn(staff, resourceId, from);
  await leave(slots, 0);
  const page = await visit(resourceId === null ? `${path}?slot=${slots[0]?.id}` : path, {
    as,
    lang: 'en',
    isElder: true,
  });
  const join = page.getByRole('button', { name: 'Wait in line' });
  expect(await isShown(join)).toBe(true);
  expect(await isWiderThanScreen(page)).toBe(false);
  await join.click();
  await page.waitForURL(/\/bookings\?joined/);
  expect(await isShown(page.getByText('You are next').first())).toBe(true);
  expect(await isWiderThanScreen(page)).toBe(false);
});

test('a pick-up time that is full can be waited for, with the dishes that were chosen', async () => {
  const staff = await demoCaller(service().url, administrator);
  const [window] = await slotsOn(staff, 'guangqi', '2026-11-24');
  if (!window) throw new Error('nothing is served');
  const menu = await staff.get<{ items: { id: string }[] }>(`/menus?slotId=${window.id}`);
  await leave([window], 0);
  const dish = menu.items[0]?.id ?? '';
  const page = await visit(`/canteen?date=2026-11-24&at=guangqi&slot=${window.id}&dish.${dish}=1&confirm=1`, {
    as: employee,
  });
  await page.getByRole('button', { name: '排队候补' }).click();
  await page.waitForURL(/\/bookings\?joined/);
  expect(await waiting(page).innerText()).toContain('11:00');
});
