import { expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { parseInstant } from '../../api/calendar/time.ts';
import { openDb } from '../../db/open.ts';
import { useBrowser } from '../support/browser-page.ts';
import { cuttableLink } from '../support/cuttable-link.ts';
import { demoCaller } from '../support/demo-caller.ts';
import { accessibilityFaults, isWiderThanScreen, tooSmallForElders } from '../support/page-look.ts';
import { employees, now, processOver, seededDatabase, signIn } from '../support/racing.ts';
import { demoPhones } from '../support/running-service.ts';

const serviceDate = '2026-11-24';
const riders = employees(2);

/** A run that two have booked, one of them for two people, the day before. */
async function aBookedRun(): Promise<string> {
  const url = await seededDatabase();
  const process = processOver(await openDb({ url }), { clock: { now: () => parseInstant(now) } });
  const tokens = await signIn(process, riders);
  for (const [index, token] of tokens.entries()) {
    const ride = { runId: 'run-2', boardStopId: 'metro-l9', alightStopId: 'guangqi', seats: index + 1 };
    await process.call('/bookings', { token, body: { kind: 'shuttle', serviceDate, ...ride } });
  }
  await process.close();
  return url;
}

const { visit, service } = useBrowser(`${serviceDate}T08:01:30`, aBookedRun);
const deskPath = `/desk/shuttle/run-2?date=${serviceDate}`;

/** Makes a link at the desk, without scripts, as a dispatcher's old computer would. */
async function aLink(): Promise<{ desk: Page; path: string }> {
  const desk = await visit(deskPath, { as: demoPhones.dispatcher, javaScript: false });
  await desk.getByRole('button', { name: '生成链接' }).click();
  await desk.getByText('链接已生成').waitFor();
  await desk.getByRole('img', { name: '司机用手机扫这个二维码打开' }).waitFor();
  const address = await desk.getByLabel('链接', { exact: true }).inputValue();
  return { desk, path: address.slice(address.indexOf('/driver/')) };
}

async function enter(page: Page, digits: string): Promise<void> {
  await page.getByLabel('六位数字').fill(digits);
  await page.getByRole('button', { name: '登记' }).click();
}

test('a driver scans with the network cut, even after the page was closed, and what was scanned is sent when it is back', async ({
  onTestFinished,
}) => {
  const { desk, path } = await aLink();
  // The browser's own way to be offline leaves a moment open when a page is loaded.
  const network = await cuttableLink(service().url);
  onTestFinished(() => network.close());
  const driver = await visit(path, { over: network.url });
  await driver.getByText('已上车 0 / 3 人').waitFor();
  await driver.getByText('已联网，全部已上传').waitFor();
  await driver.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));

  await network.cut();
  await driver.context().setOffline(true);
  await driver.reload();
  await driver.getByText('没有网络，照常扫码').waitFor();
  const rider = await demoCaller(service().url, riders[1]!);
  const { items } = await rider.get<{ items: { id: string; state: string }[] }>('/bookings');
  const id = items[0]!.id;
  const { digits } = await rider.get<{ digits: string }>(`/bookings/${id}/pass`);
  await enter(driver, digits);
  await driver.getByRole('alert').getByText('可以上车').waitFor();
  await driver.getByText('已上车 2 / 3 人').waitFor();
  await driver.getByText('待上传 1 条').waitFor();
  await enter(driver, digits);
  await driver.getByRole('alert').getByText('扫过了').waitFor();
  await enter(driver, digits === '135790' ? '135791' : '135790');
  await driver.getByRole('alert').getByText('名单上没有').waitFor();
  await driver.getByRole('button', { name: '无票上车加一' }).click();
  await driver.getByText('待上传 3 条').waitFor();
  await driver.reload();
  await driver.getByText('待上传 3 条').waitFor();
  expect((await rider.get<{ state: string }>(`/bookings/${id}`)).state).toBe('confirmed');

  await network.restore();
  await driver.context().setOffline(false);
  await driver.getByText('已联网，全部已上传').waitFor();
  await driver.getByText('已上车 2 / 3 人').waitFor();
  expect((await rider.get<{ state: string }>(`/bookings/${id}`)).state).toBe('checked_in');

  await desk.goto(service().url + deskPath);
  await desk.getByText('已上车 2 / 3 人').waitFor();
  await desk.getByText('无票上车 1 人').waitFor();
  await desk.getByRole('link', { name: '撤销' }).click();
  await desk.getByText('撤销后，用这个链接的手机不能再上传').waitFor();
  await desk.getByRole('button', { name: '确认撤销' }).click();
  await desk.getByText('链接已撤销').waitFor();
  await driver.reload();
  await driver.getByText('链接已失效').waitFor();
  await driver.getByText('已上车 2 / 3 人').waitFor();
});

test('a driver lets riders see where the bus is: off until then, remembered, and only this page may ask for the place', async () => {
  const { path } = await aLink();
  const driver = await visit(path);
  const agree = () => driver.getByRole('switch', { name: '让乘客看到车在哪' });
  await driver.getByText('没有发送位置').waitFor();
  await agree().check();
  await driver.getByText('手机不给位置').waitFor();
  await agree().uncheck();
  await driver.context().grantPermissions(['geolocation']);
  await driver.context().setGeolocation({ latitude: 31.1725, longitude: 121.3963 });
  await driver.reload();
  await driver.getByText('没有发送位置').waitFor();
  expect(await driver.evaluate(isBusSeen)).toBe(false);
  await agree().check();
  await driver.getByText('正在发送位置').waitFor();
  expect(await driver.evaluate(isBusSeen)).toBe(true);
  await driver.reload();
  await driver.getByText('正在发送位置').waitFor();
  expect(await agree().isChecked()).toBe(true);
  expect((await fetch(`${service().url}/shuttle`)).headers.get('permissions-policy')).toContain('geolocation=()');
});

/** Whether map apps are shown where run 2 is. */
const isBusSeen = async () => {
  const feed = await fetch('/api/v1/gtfs-rt/vehicle-positions.pb', {
    cache: 'no-store',
    headers: { accept: 'application/json' },
  });
  const { entity } = (await feed.json()) as {
    entity: { vehicle: { vehicle: { id: string }; position?: { latitude: number } } }[];
  };
  return entity.some(({ vehicle }) => vehicle.vehicle.id === 'run-2' && vehicle.position?.latitude === 31.1725);
};

test.each([
  ['Chinese', 'zh-CN', 'light'],
  ['English', 'en', 'dark'],
] as const)(
  'both pages have no fault that axe-core knows, and fit a phone and elders, in %s',
  async (_name, lang, theme) => {
    const { path } = await aLink();
    for (const [to, as] of [
      [path, undefined],
      [deskPath, demoPhones.dispatcher],
    ] as const) {
      const page = await visit(to, { ...(as && { as }), lang, theme, isElder: true });
      await page.getByRole('heading', { level: 3 }).first().waitFor();
      expect(await accessibilityFaults(page), to).toEqual([]);
      expect(await tooSmallForElders(page), to).toEqual([]);
      expect(await isWiderThanScreen(page), to).toBe(false);
    }
  },
);

test('without a link the driver’s page says whom to ask, and the desk’s is closed to riders', async () => {
  const page = await visit('/driver/run');
  await page.getByText('请向调度员要本班车的链接').waitFor();
  const other = await visit(deskPath, { as: demoPhones.employee });
  await other.getByText('这里是工作人员的页面').waitFor();
});
