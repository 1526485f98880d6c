import { describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { isShown, useBrowser } from '../support/browser-page.ts';
import { demoCaller } from '../support/demo-caller.ts';
import { accessibilityFaults, isWiderThanScreen } from '../support/page-look.ts';
import { demoPhones } from '../support/running-service.ts';

const { visit, service } = useBrowser('2026-11-23T09:00');

type Ride = { id: string };
const ride = { kind: 'shuttle', boardStopId: 'metro-l9', alightStopId: 'guangqi' };

/** Somebody rides first, then the employee whose booking gives way; the employee's booking. */
async function twoRides(runId: string, serviceDate: string): Promise<Ride> {
  const first = await demoCaller(service().url, demoPhones.parent);
  await first.post('/bookings', { ...ride, runId, serviceDate, seats: 4 });
  const employee = await demoCaller(service().url, demoPhones.employee);
  return employee.post<Ride>('/bookings', { ...ride, runId, serviceDate, seats: 2 });
}

async function fill(page: Page, serviceDate: string, reason: string): Promise<void> {
  await page.locator('[name=from]').fill(serviceDate);
  await page.locator('[name=to]').fill(serviceDate);
  await page.locator('#change [name=reason]').fill(reason);
}

test('a cut is read, displaces, and its owner takes what is held; undoing it says that they did', async () => {
  const { id } = await twoRides('run-2', '2026-11-24');
  const desk = await visit('/desk?resource=run-2&mode=pattern', { as: demoPhones.dispatcher, width: 1280 });
  await fill(desk, '2026-11-24', '车辆检修');
  await desk.getByLabel('新容量').fill('5');
  await desk.getByRole('button', { name: '查看影响' }).click();
  await desk.getByText('有 6 个时段已订超过新容量，不能这样改').waitFor();
  expect(await desk.getByRole('button', { name: /^确认更改/ }).count()).toBe(0);
  await desk.getByRole('button', { name: '看调剂方案' }).click();
  await desk.getByText('1 个预约要让出，都会保留替代。').waitFor();
  await desk.getByText('小*', { exact: true }).waitFor();
  await desk.getByText(/替代：07:45 班车/).waitFor();
  await desk.getByRole('button', { name: '确认更改并调剂 1 个预约' }).click();
  await desk.getByText('已更改 6 个时段').waitFor();

  const owner = await visit(`/bookings/${id}`, { as: demoPhones.employee });
  await owner.getByText('班车调度员减少了这个时段的名额，原因：车辆检修。').waitFor();
  await owner.getByText('第 1 位让出').waitFor();
  await owner.getByRole('button', { name: '接受' }).click();
  await owner.getByText('您已接受替代').waitFor();
  await owner.getByRole('link', { name: '看新的预约' }).click();
  await owner.getByText('07:45–08:00').waitFor();
  await owner.getByText('已预约').waitFor();

  await desk.getByRole('button', { name: '撤销这次更改' }).click();
  await desk.getByText('已恢复原来的样子').waitFor();
  expect(await isShown(desk.getByText(/1 个没有恢复：本人已接受替代/))).toBe(true);
});

test('closing, the receipt and reopening work without client JavaScript', async () => {
  const { id } = await twoRides('run-3', '2026-11-25');
  const desk = await visit('/desk?resource=run-3&mode=pattern', { as: demoPhones.dispatcher, javaScript: false });
  await fill(desk, '2026-11-25', '道路施工');
  await desk.getByLabel('关闭', { exact: true }).check();
  expect(await desk.getByLabel('新容量').isVisible()).toBe(false);
  await desk.getByRole('button', { name: '查看影响' }).click();
  await desk.getByRole('button', { name: '看调剂方案' }).click();
  await desk.getByText('2 个预约要让出，都会保留替代。').waitFor();
  await desk.getByRole('button', { name: '确认更改并调剂 2 个预约' }).click();
  await desk.getByText('已更改 6 个时段').waitFor();
  await desk.getByRole('link', { name: '回执' }).first().click();
  await desk.getByText('关闭 6 个时段').waitFor();
  await desk.getByText('让出 2 个预约，保留了 2 个替代。').waitFor();

  const owner = await visit('/bookings', { as: demoPhones.employee, javaScript: false });
  await owner.getByRole('link', { name: '去看看' }).click();
  await owner.getByRole('button', { name: '不要了' }).click();
  await owner.goto(`${service().url}/bookings/${id}`);
  await owner.getByText('您没有要这个替代').waitFor();

  await desk.goto(`${service().url}/desk?resource=run-3`);
  await desk.getByRole('button', { name: '撤销' }).click();
  expect(await isShown(desk.getByText('2 个让出的预约已经恢复。'))).toBe(true);
});

describe('a plan that displaces, its receipt and the displaced booking', () => {
  test.each([
    ['Chinese', 'zh-CN', 'light'],
    ['English', 'en', 'dark'],
  ] as const)('have no fault that axe-core knows and fit a phone, in %s', async (_name, lang, theme) => {
    const date = lang === 'en' ? '2026-11-26' : '2026-11-27';
    const { id } = await twoRides('run-4', date);
    const desk = await visit('/desk?resource=run-4&mode=pattern', { as: demoPhones.dispatcher, lang, theme });
    await fill(desk, date, '检修');
    await desk.locator('[name=capacity]').fill('0');
    await desk.locator('#change button').click();
    await desk.getByRole('button', { name: /看调剂方案|See who would give way/ }).click();
    await desk.getByRole('button', { name: /调剂 2 个预约|displace 2/ }).waitFor();
    // Wherever the plan led to, the bar at the bottom covers something.
    await desk.evaluate(() => window.scrollTo(0, 0));
    expect(await accessibilityFaults(desk)).toEqual([]);
    expect(await isWiderThanScreen(desk)).toBe(false);
    await desk.getByRole('button', { name: /调剂 2 个预约|displace 2/ }).click();
    // Another change of the run may have its receipt in the record already.
    await desk.getByText(/已更改 6 个时段|6 times changed/).waitFor();
    await desk
      .getByRole('link', { name: /回执|Receipt/ })
      .first()
      .click();
    await desk.waitForURL(/changes/);
    expect(await accessibilityFaults(desk)).toEqual([]);
    expect(await isWiderThanScreen(desk)).toBe(false);
    const owner = await visit(`/bookings/${id}`, { as: demoPhones.employee, lang, theme });
    expect(await accessibilityFaults(owner)).toEqual([]);
    expect(await isWiderThanScreen(owner)).toBe(false);
  });
});
