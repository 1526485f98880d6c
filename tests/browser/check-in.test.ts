import { describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { isShown, useBrowser } from '../support/browser-page.ts';
import { demoCaller } from '../support/demo-caller.ts';
import { accessibilityFaults, isWiderThanScreen, tooSmallForElders } from '../support/page-look.ts';
import { demoPhones } from '../support/running-service.ts';

// An evening: tonight's parking has begun and can still be booked.
const { visit, service } = useBrowser('2026-11-24T19:00');

type Booking = { id: string };

/** Tonight's stay of the resident, of whatever is left of one that a test before has used or cancelled. */
async function aStayTonight(): Promise<Booking> {
  const resident = await demoCaller(service().url, demoPhones.resident);
  const { items } = await resident.get<{ items: (Booking & { state: string })[] }>('/bookings?when=upcoming');
  const known = items.find(({ state }) => state === 'confirmed');
  if (known) return known;
  const slots = await resident.get<{ items: { id: string }[] }>(
    '/slots?resourceId=guangqi-night&from=2026-11-24&to=2026-11-24',
  );
  const { vehicles } = await resident.get<{ vehicles: { id: string }[] }>('/me');
  return resident.post('/bookings', { kind: 'parking', slotIds: [slots.items[0]?.id], vehicleId: vehicles[0]?.id });
}

/** The six digits that a page shows. */
async function digitsOn(page: Page): Promise<string> {
  const text = await page.getByText(/^(六位数字|Six digits)/).textContent();
  return (text ?? '').replaceAll(/\D/g, '');
}

describe('a pass', () => {
  test('has a QR code and six digits, and the next ones come by themselves', async () => {
    const { id } = await aStayTonight();
    const page = await visit('/bookings', { as: demoPhones.resident });
    await page.clock.install();
    await page.locator(`a[href="/bookings/${id}"]`).first().click();
    await page.getByRole('heading', { name: '通行码' }).waitFor();
    expect(await digitsOn(page)).toMatch(/^\d{6}$/);
    expect(await page.getByRole('img', { name: '通行二维码' }).isVisible()).toBe(true);
    const renewed = page.waitForRequest((request) => request.url().includes(`${id}/__data.json`));
    await page.clock.fastForward('01:01');
    await renewed;
  });

  test('is said to come where it is too early for it', async () => {
    const employee = await demoCaller(service().url, demoPhones.employee);
    const ride = { kind: 'shuttle', boardStopId: 'metro-l9', alightStopId: 'guangqi', seats: 1 };
    const { id } = await employee.post<Booking>('/bookings', { ...ride, runId: 'run-3', serviceDate: '2026-11-25' });
    const page = await visit(`/bookings/${id}`, { as: demoPhones.employee });
    await page.getByText('通行码 次日08:25 起显示在这里。').waitFor();
    expect(await page.getByRole('heading', { name: '通行码' }).count()).toBe(0);
  });

  test.each([
    ['Chinese', 'zh-CN', 'light'],
    ['English', 'en', 'dark'],
  ] as const)('has no fault that axe-core knows, and fits a phone and elders, in %s', async (_name, lang, theme) => {
    const { id } = await aStayTonight();
    const page = await visit(`/bookings/${id}`, { as: demoPhones.resident, lang, theme, isElder: true });
    await page.getByRole('heading', { name: /^(通行码|Pass)$/ }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await tooSmallForElders(page)).toEqual([]);
    expect(await isWiderThanScreen(page)).toBe(false);
    await page.evaluate(() => {
      document.documentElement.toggleAttribute('data-elder', false);
      document.documentElement.style.fontSize = '200%';
    });
    expect(await isWiderThanScreen(page)).toBe(false);
  });
});

describe('the counter', () => {
  test('types the digits and reads who came for what, also without client JavaScript', async () => {
    const { id } = await aStayTonight();
    const owner = await visit(`/bookings/${id}`, { as: demoPhones.resident, javaScript: false });
    const digits = await digitsOn(owner);
    const desk = await visit('/desk/check-in', { as: demoPhones.administrator, javaScript: false });
    await desk.getByLabel('通行码').fill(digits === '000000' ? '000001' : '000000');
    await desk.getByRole('button', { name: '核销' }).click();
    await desk.getByText('没有找到对应的预约').waitFor();
    await desk.getByLabel('通行码').fill(`${digits.slice(0, 3)} ${digits.slice(3)}`);
    await desk.getByRole('button', { name: '核销' }).click();
    await desk.getByText('已核销：王** 138****0001').waitFor();
    await desk.getByText('沪A·***45').waitFor();
    await owner.reload();
    await owner.getByText('已核销').waitFor();
    expect(await owner.getByRole('heading', { name: '通行码' }).count()).toBe(0);
  });

  test('is found from the desk, and closed to those who manage nothing', async () => {
    const desk = await visit('/desk', { as: demoPhones.dispatcher });
    await desk.getByRole('link', { name: '核销' }).click();
    await desk.getByRole('heading', { name: '核销' }).waitFor();
    const other = await visit('/desk/check-in', { as: demoPhones.employee });
    expect(await isShown(other.getByText('这里是工作人员的页面'))).toBe(true);
  });
});

describe('notices', () => {
  test('are told of on the home page, lead to their booking, and are marked as read', async () => {
    const employee = await demoCaller(service().url, demoPhones.employee);
    const dispatcher = await demoCaller(service().url, demoPhones.dispatcher);
    const on = { runId: 'run-2', serviceDate: '2026-11-26' };
    const ride = { kind: 'shuttle', boardStopId: 'metro-l9', alightStopId: 'guangqi', seats: 1, ...on };
    const { id } = await employee.post<Booking>('/bookings', ride);
    const dates = { from: on.serviceDate, to: on.serviceDate };
    const change = { resourceId: on.runId, ...dates, capacity: 0, reason: '检修', onExcess: 'displace' };
    await dispatcher.post('/capacity-changes', change);
    const page = await visit('/', { as: demoPhones.employee, javaScript: false });
    await page.getByRole('link', { name: /1 条新消息/ }).click();
    await page.getByRole('heading', { name: '消息' }).waitFor();
    expect(await page.locator(`a[href="/bookings/${id}"]`).textContent()).toContain('预约被调整');
    await page.getByRole('button', { name: '全部标为已读' }).click();
    await page.getByText('预约被调整').waitFor();
    expect(await page.getByText('未读').count()).toBe(0);
    await page.goto(service().url);
    expect(await page.getByText(/条新消息/).count()).toBe(0);
  });
});
