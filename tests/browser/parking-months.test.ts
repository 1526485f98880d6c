import { expect, test } from 'vitest';
import { demoCaller } from '../support/demo-caller.ts';
import { demoPhones } from '../support/running-service.ts';
import { useBrowser } from '../support/browser-page.ts';
import { accessibilityFaults, isWiderThanScreen } from '../support/page-look.ts';

const { visit, service } = useBrowser();
const resident = { as: demoPhones.resident };

/** Gives up whatever the resident has booked, so that each test begins alike. */
async function withNothingBooked() {
  const me = await demoCaller(service().url, demoPhones.resident);
  const { items } = await me.get<{ items: { id: string }[] }>('/bookings?when=upcoming&kind=parking&limit=50');
  // What was paid by credit goes before that for which the credit was given.
  for (const { id } of items.toReversed()) await me.post(`/bookings/${id}/cancel`, {});
  return me;
}

async function carOf(me: Awaited<ReturnType<typeof demoCaller>>): Promise<string> {
  const { vehicles } = await me.get<{ vehicles: { id: string }[] }>('/me');
  return vehicles[0]!.id;
}

test('a holder gives a night back, has its credit, and renews the next month with it in one tap, without client JavaScript', async () => {
  const me = await withNothingBooked();
  const month = { kind: 'parking', resourceId: 'guangqi-night', month: '2026-11', vehicleId: await carOf(me) };
  const { id } = await me.post<{ id: string }>('/bookings', month);
  const page = await visit(`/bookings/${id}`, { ...resident, javaScript: false });
  await page.getByRole('link', { name: '让出某晚' }).click();
  await page.getByRole('checkbox', { name: '11月26日 周四，抵扣 ¥15' }).check();
  await page.getByRole('button', { name: '让出所选夜晚' }).click();
  await page.getByText('得到抵扣 ¥15，下次包月自动使用。').waitFor();
  await page.getByText('已让出', { exact: true }).waitFor();

  await page.goto(`${service().url}/parking`);
  await page.getByText('可抵扣 ¥15，下次包月自动使用').waitFor();
  await page.getByText('11月28日 周六 00:00前车位为您保留').waitFor();
  await page.getByRole('button', { name: '续订2026年12月' }).click();
  await page.getByText('车位订好了').waitFor();
  await page.getByText('¥285（抵扣 ¥15）').waitFor();
  const { credit } = await me.get<{ credit: object[] }>('/parking/entitlements');
  expect(credit).toEqual([]);
  await page.goto(`${service().url}/parking`);
  await page.getByText('2026年12月已续订').waitFor();
});

test('several nights are chosen in the calendar and booked together', async () => {
  await withNothingBooked();
  const page = await visit('/parking?lot=qinzhou-north-night&calendar=2026-12', resident);
  await page.getByRole('link', { name: /^12月2日 周三/ }).click();
  await page.getByText('已选 1 晚，¥5').waitFor();
  await page.getByRole('link', { name: /^12月4日 周五/ }).click();
  await page.getByText('已选 2 晚，¥10').waitFor();
  await page.getByRole('link', { name: '预约这 2 晚' }).click();
  await page.getByText('所选：12月2日 周三，12月4日 周五').waitFor();
  await page.getByRole('button', { name: '预约 2 晚' }).click();
  await page.getByText('车位订好了').waitFor();
});

test('a month that cannot be had whole says which nights and why, and one may wait for all of it', async () => {
  const me = await withNothingBooked();
  const administrator = await demoCaller(service().url, demoPhones.administrator);
  const night = { resourceId: 'guangqi-night', from: '2026-12-24', to: '2026-12-24', reason: '设备检修' };
  await administrator.post('/capacity-changes', { ...night, capacity: 0 });
  const page = await visit('/parking?lot=guangqi-night&month=2026-12&confirm=1', resident);
  await page.getByText('已满的日子：12月24日 周四').waitFor();
  await page.getByRole('radio', { name: '有几晚约几晚（现余 30 晚），¥300' }).waitFor();
  await page.getByRole('button', { name: '排队等整月' }).click();
  await page.waitForURL(/joined=1/);
  const { items } = await me.get<{ items: { state: string; details: { nights: number } }[] }>('/waitlist');
  expect([items[0]!.state, items[0]!.details.nights]).toEqual(['waiting', 31]);
});

test('the lots stand in the order of the walk, and the unknown ones last', async () => {
  const page = await visit('/parking?near=qinzhou-north-night', resident);
  const lots = page.locator('section[aria-labelledby="lots"]');
  const names = await lots.locator('.title').allTextContents();
  expect(names[0]).toContain('钦州北路');
  expect(names[1]).toContain('光启园');
  await lots.getByText('距离未知').first().waitFor();
});

test.each([
  '/parking?lot=guangqi-night&nights=2026-11-28,2026-11-30',
  '/parking?lot=guangqi-night&month=2026-12&confirm=1',
])('%s has no fault that axe-core knows and fits a phone, enlarged and in elder mode', async (path) => {
  const page = await visit(path, resident);
  expect(await accessibilityFaults(page)).toEqual([]);
  for (const isElder of [false, true]) {
    await page.evaluate((on) => document.documentElement.toggleAttribute('data-elder', on), isElder);
    for (const size of ['100%', '200%']) {
      await page.evaluate((fontSize) => (document.documentElement.style.fontSize = fontSize), size);
      expect(await isWiderThanScreen(page), `${size}, elder mode: ${isElder}`).toBe(false);
    }
  }
});
