import { expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { demoPhones } from '../support/running-service.ts';
import { isShown, useBrowser } from '../support/browser-page.ts';

const { visit } = useBrowser();
const wide = 1280;

const tuesday = (page: Page) => page.getByRole('group', { name: '2026年11月24日 星期二' });
const slotAt = (page: Page, time: string) =>
  tuesday(page).getByRole('checkbox', { name: new RegExp(`周二 ${time}，`) });
const nameOf = async (page: Page, time: string) => slotAt(page, time).getAttribute('aria-label');

async function plan(page: Page, times: readonly string[], capacity: string, reason: string): Promise<void> {
  for (const time of times) await slotAt(page, time).check();
  await page.getByLabel('新容量').fill(capacity);
  await page.getByLabel('原因', { exact: true }).fill(reason);
  await page.getByRole('button', { name: '查看影响' }).click();
  await page.getByRole('heading', { name: '这样改会怎样' }).waitFor();
}

test('a canteen manager manages the park’s canteens, and no restaurant', async () => {
  const page = await visit('/desk', { as: demoPhones.canteenManager, width: wide });
  const mine = page.getByRole('navigation', { name: '我管理的' }).getByRole('link');
  expect((await mine.allInnerTexts()).map((text) => text.trim())).toEqual([
    '创新大楼白领食堂',
    '光启园白领食堂',
    '智汇园白领食堂',
  ]);
});

test('a capacity is changed after its plan is read, and given back by undo', async () => {
  const page = await visit('/desk?resource=innovation', { as: demoPhones.canteenManager, width: wide });
  await plan(page, ['11:00', '11:15'], '80', '客流增加');
  await page.getByText('2 个时段：60 → 80').waitFor();
  expect(await nameOf(page, '11:00')).toContain('容量 60');

  await page.getByRole('button', { name: '确认更改' }).click();
  await page.getByText('已更改 2 个时段').waitFor();
  expect(await nameOf(page, '11:00')).toContain('容量 80');

  await page.getByRole('button', { name: '撤销这次更改' }).click();
  await page.getByText('已恢复原来的样子').waitFor();
  expect(await nameOf(page, '11:00')).toContain('容量 60');
});

test('a cut below what is booked is refused and leads to the lowest that can be', async () => {
  const guest = await visit('/canteen?at=guangqi', { as: demoPhones.employee });
  await guest.getByRole('button', { name: /^增加/ }).first().click();
  await guest.getByRole('button', { name: '去确认' }).click();
  await guest.getByRole('button', { name: '预订 1 份午餐' }).click();
  await guest.getByText('午餐订好了').waitFor();

  const page = await visit('/desk?resource=guangqi', { as: demoPhones.canteenManager, width: wide });
  await plan(page, ['12:00', '12:15'], '0', '设备检修');
  await page.getByText('有 1 个时段已订超过新容量，不能这样改').waitFor();
  expect(await page.getByRole('button', { name: '确认更改' }).count()).toBe(0);

  await page.getByRole('button', { name: '改为 1 再看' }).click();
  await page.getByText('2 个时段：45 → 1').waitFor();
  await page.getByText('已订 1 个，全部保留').waitFor();
});

test('a plan that somebody has overtaken is shown again instead of being carried out', async () => {
  const slow = await visit('/desk?resource=zhihui', { as: demoPhones.canteenManager, width: wide });
  await plan(slow, ['11:30'], '40', '客流增加');

  const fast = await visit('/desk?resource=zhihui', { as: demoPhones.administrator, width: wide });
  await plan(fast, ['11:30'], '35', '人手不足');
  await fast.getByRole('button', { name: '确认更改' }).click();
  await fast.getByText('已更改 1 个时段').waitFor();

  await slow.getByRole('button', { name: '确认更改' }).click();
  await slow.getByText('刚刚有人改过这些时段').waitFor();
  expect(await isShown(slow.getByText('1 个时段：35 → 40'))).toBe(true);
});

test('a pattern of weekdays is planned and made without client JavaScript', async () => {
  const page = await visit('/desk?resource=guangqi-night&mode=pattern', {
    as: demoPhones.administrator,
    javaScript: false,
    width: wide,
  });
  await page.getByLabel('从', { exact: true }).fill('2026-12-01');
  await page.getByLabel('到', { exact: true }).fill('2026-12-14');
  await page.getByLabel('周五', { exact: true }).check();
  await page.getByLabel('新容量').fill('20');
  await page.getByLabel('原因', { exact: true }).fill('活动占用');
  await page.getByRole('button', { name: '查看影响' }).click();
  await page.getByText('2 个时段：30 → 20').waitFor();
  await page.getByRole('button', { name: '确认更改' }).click();
  await page.getByText('已更改 2 个时段').waitFor();
  await page.getByRole('button', { name: '撤销这次更改' }).click();
  expect(await isShown(page.getByText('已恢复原来的样子'))).toBe(true);
});

test('an empty capacity is asked for, never taken for none', async () => {
  const page = await visit('/desk?resource=innovation', { as: demoPhones.canteenManager, width: wide });
  await slotAt(page, '13:00').check();
  await page.getByLabel('原因', { exact: true }).fill('试试');
  await page.getByRole('button', { name: '查看影响' }).click();
  await page.getByText('请填写 0 以上的整数。').waitFor();
  expect(await page.getByRole('heading', { name: '这样改会怎样' }).count()).toBe(0);
});

test('who manages nothing is told so and whom to ask', async () => {
  const page = await visit('/desk', { as: demoPhones.employee });
  await page.getByText('这里是工作人员的页面').waitFor();
  await page.getByText(/小林的账号没有管理任何/).waitFor();
  const again = await page.context().request.get(page.url());
  expect(again.status()).toBe(403);
});
