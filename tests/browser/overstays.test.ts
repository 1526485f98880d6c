import { describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { parseInstant } from '../../api/calendar/time.ts';
import { recordPresence } from '../../api/services/parking/gates/presence.ts';
import { sweep } from '../../api/sweep.ts';
import { openDb } from '../../db/open.ts';
import { siteRow } from '../../db/seed/caohejing.ts';
import { useBrowser } from '../support/browser-page.ts';
import { accessibilityFaults, isWiderThanScreen, tooSmallForElders } from '../support/page-look.ts';
import { processOver, seededDatabase, signIn } from '../support/racing.ts';
import { demoPhones } from '../support/running-service.ts';

/**
 * A resident's three nights, lived through with the clock moved: late on two mornings, and still inside on the third, when the service that
 * the pages come from starts.
 */
async function threeNights(): Promise<string> {
  const url = await seededDatabase();
  let present = parseInstant('2026-11-23T18:00:00+08:00');
  const clock = { now: () => present };
  const process = processOver(await openDb({ url }), { clock });
  const { db, call } = process;
  const [token] = await signIn(process, [demoPhones.resident]);
  const slots = await call<{ items: { id: string }[] }>(
    '/slots?resourceId=guangqi-night&from=2026-11-23&to=2026-11-25',
  );
  const { body: me } = await call<{ vehicles: { id: string }[] }>('/me', { token });
  const exits = ['2026-11-24T08:45:00+08:00', '2026-11-25T09:40:00+08:00', null];
  for (const [index, { id }] of slots.body.items.entries()) {
    const wish = { kind: 'parking', slotIds: [id], vehicleId: me.vehicles[0]?.id };
    const { body } = await call<{ id: string }>('/bookings', { token, body: wish });
    const lastInAt = parseInstant(`2026-11-${23 + index}T19:00:00+08:00`);
    const exit = exits[index] ?? null;
    const leftAt = exit === null ? null : parseInstant(exit);
    await recordPresence(db, siteRow.id, [
      { bookingId: body.id, lotId: 'guangqi', enteredAt: lastInAt, lastInAt, leftAt, isInside: leftAt === null },
    ]);
    if (leftAt !== null) {
      present = leftAt + 60_000;
      await sweep(db, clock, siteRow.code);
    }
  }
  await process.close();
  return url;
}

const { visit } = useBrowser('2026-11-26T08:20', threeNights);

const record = (options: { javaScript?: boolean } = {}) =>
  visit('/me/parking-record', { as: demoPhones.resident, ...options });
const overstayOf = (page: Page, day: string) => page.locator('section', { hasText: `应在 2026年11月${day}日` });
/** What a page shows that would tell somebody else who the driver is; of the plate not even what is sent with it. */
async function tellTales(page: Page): Promise<string[]> {
  const [shown, sent] = [await page.locator('main').innerText(), await page.content()];
  return [...['王阿姨', '13800000001'].filter((secret) => shown.includes(secret)), ...(/A\W?12345/.exec(sent) ?? [])];
}

test('the ladder, an appeal and a waiver, from the driver to the lender, the administrator and back', async () => {
  const me = await visit('/me', { as: demoPhones.resident });
  await me.getByRole('link', { name: '停车履约记录' }).click();
  await me.getByRole('heading', { name: '履约记录' }).waitFor();
  await me.getByText('预约暂停至 2026年12月26日 星期六 08:15，到时自动恢复').waitFor();
  await overstayOf(me, '24').getByText('晚了 45 分钟，08:45 结束').waitFor();
  await overstayOf(me, '24').getByText('第 1 次：已记录，不影响预约').waitFor();
  await overstayOf(me, '25').getByText('第 2 次：警告').waitFor();
  await overstayOf(me, '26')
    .getByText(/还没有离场，已晚 2\d 分钟/)
    .waitFor();
  await overstayOf(me, '26').getByText('沪A12345').waitFor();
  expect(await me.locator('li[aria-current=step]').innerText()).toMatch(/第 3 次：暂停预约 30 天\s+已到/);

  const refused = await visit('/parking?lot=guangqi-night&date=2026-11-27&confirm=1', { as: demoPhones.resident });
  await refused.getByRole('button', { name: /^预约/ }).click();
  await refused.getByText('暂停至 2026年12月26日 星期六 08:15。').waitFor();
  await refused.getByRole('link', { name: '查看履约记录' }).click();
  await refused.getByRole('heading', { name: '履约记录' }).waitFor();

  const lender = await visit('/desk', { as: demoPhones.provider });
  await lender.getByRole('link', { name: '超时停放' }).click();
  await lender.getByRole('heading', { name: '现在超时' }).waitFor();
  await overstayOf(lender, '26').getByText('沪A·***45 · 王** 138****0001').waitFor();
  expect(await tellTales(lender)).toEqual([]);
  expect(await lender.getByRole('link', { name: '免除这次超时' }).count()).toBe(0);

  const driver = await record({ javaScript: false });
  await overstayOf(driver, '25').getByRole('link', { name: '我要申诉' }).click();
  await driver.getByLabel('当时发生了什么？').fill('出口施工，排队一个多小时');
  await driver.getByRole('button', { name: '下一步' }).click();
  await driver.getByText('每次超时只能申诉一次').waitFor();
  await driver.getByRole('button', { name: '回去修改' }).click();
  await driver.getByLabel('当时发生了什么？').fill('出口施工，排队一个半小时');
  await driver.getByRole('button', { name: '下一步' }).click();
  await driver.getByRole('button', { name: '提交申诉' }).click();
  await driver.getByText('申诉已提交').waitFor();
  await overstayOf(driver, '25').getByText('申诉中').waitFor();
  await driver.getByText('近 90 天计入 2 次超时。').waitFor();
  expect(await driver.getByText('预约暂停至').count()).toBe(0);

  await lender.reload();
  await overstayOf(lender, '25').getByRole('link', { name: '写意见' }).click();
  await lender.getByLabel('意见').fill('那天出口确实在施工');
  await lender.getByRole('button', { name: '保存意见' }).click();
  await lender.getByText('意见已保存').waitFor();

  const desk = await visit('/desk/overstays', { as: demoPhones.administrator, javaScript: false });
  const appealed = overstayOf(desk, '25');
  await appealed.getByText('那天出口确实在施工').waitFor();
  await appealed.getByText('出口施工，排队一个半小时').waitFor();
  await appealed.getByLabel('理由').fill('施工属实，但有另一个出口');
  await appealed.getByRole('button', { name: '申诉不通过' }).click();
  await desk.getByText('申诉未通过', { exact: true }).waitFor();
  expect(await tellTales(desk)).toEqual([]);
  await driver.goto(driver.url().split('?')[0]!);
  await overstayOf(driver, '25').getByText('施工属实，但有另一个出口').waitFor();
  await driver.getByText('预约暂停至 2026年12月26日').waitFor();
  expect(await overstayOf(driver, '25').getByRole('link', { name: '我要申诉' }).count()).toBe(0);

  await overstayOf(desk, '26').getByRole('link', { name: '免除这次超时' }).click();
  await desk.getByLabel('理由').first().fill('车辆故障，已叫拖车');
  await desk.getByRole('button', { name: '确认免除' }).click();
  await desk.getByText('已免除', { exact: true }).waitFor();
  await driver.reload();
  await overstayOf(driver, '26').getByText('车辆故障，已叫拖车').waitFor();
  await driver.getByText('近 90 天计入 2 次超时。').waitFor();
  expect(await driver.getByText('预约暂停至').count()).toBe(0);
  const booked = await visit('/parking?lot=guangqi-night&date=2026-11-27&confirm=1', { as: demoPhones.resident });
  await booked.getByRole('button', { name: /^预约/ }).click();
  await booked.getByText('车位订好了').waitFor();
});

test('a driver who is late is told on the booking’s page and by a notice that leads to the record', async () => {
  const page = await visit('/notices', { as: demoPhones.resident });
  await page
    .getByRole('link', { name: /停车超过了离场时间/ })
    .first()
    .click();
  await page.getByRole('heading', { name: '履约记录' }).waitFor();
  await page.goto(page.url().replace('/me/parking-record', '/bookings?when=past&kind=parking'));
  await page.locator('a[href^="/bookings/"]').filter({ hasText: '光启' }).first().click();
  await page.getByText('已经超过离场时间').waitFor();
});

test('who has always left in time reads so, and the desk is closed to those who run no parking', async () => {
  const page = await visit('/me/parking-record', { as: demoPhones.parent });
  await page.getByText('没有超时记录').waitFor();
  const desk = await visit('/desk/overstays', { as: demoPhones.dispatcher });
  await desk.getByText('这里是工作人员的页面').waitFor();
});

describe('both pages', () => {
  test.each([
    ['Chinese', 'zh-CN', 'light'],
    ['English', 'en', 'dark'],
  ] as const)('have no fault that axe-core knows, and fit a phone and elders, in %s', async (_name, lang, theme) => {
    const looks = { lang, theme, isElder: true };
    for (const [path, as] of [
      ['/me/parking-record', demoPhones.resident],
      ['/desk/overstays', demoPhones.provider],
      ['/desk/overstays', demoPhones.administrator],
    ] as const) {
      const page = await visit(path, { as, ...looks });
      expect(await accessibilityFaults(page), path).toEqual([]);
      expect(await tooSmallForElders(page), path).toEqual([]);
      expect(await isWiderThanScreen(page), path).toBe(false);
      await page.evaluate(() => {
        document.documentElement.toggleAttribute('data-elder', false);
        document.documentElement.style.fontSize = '200%';
      });
      expect(await isWiderThanScreen(page), `${path} at 200 %`).toBe(false);
    }
  });
});
