import { expect, test } from 'vitest';
import { demoPhones } from '../support/running-service.ts';
import { isShown, useBrowser } from '../support/browser-page.ts';

const { visit, service } = useBrowser();

test('a lender proposes terms after reading what follows, and the committee sees the differences and confirms', async () => {
  const driver = await visit('/parking?lot=guangqi-night&date=2026-12-01&confirm=1', { as: demoPhones.resident });
  await driver.getByRole('button', { name: /^预约/ }).click();
  await driver.waitForURL(/\/bookings\/.+new=1/);

  const lender = await visit('/desk', { as: demoPhones.provider });
  await lender.getByRole('link', { name: '停车协议' }).click();
  await lender.waitForURL('**/desk/agreements');
  await lender.getByRole('link', { name: '光启园夜间停车' }).click();
  await lender.getByRole('link', { name: '修改条款' }).click();
  await lender.getByLabel('每次价格 (元)').fill('18');
  await lender.getByLabel('原因', { exact: true }).fill('明年续约');
  await lender.getByRole('button', { name: '查看影响' }).click();
  await lender.getByText('1 晚保留原来的时间和价格').waitFor();
  await lender.getByText('12月1日 周二 · 已有 1 个预约').waitFor();
  await lender.getByRole('button', { name: '提出，请对方确认' }).click();
  await lender.getByText('已提出，等对方确认').waitFor();
  expect(await lender.getByRole('button', { name: '确认，立即生效' }).count()).toBe(0);

  const committee = await visit('/desk', { as: demoPhones.committee });
  await committee.getByRole('link', { name: '停车协议' }).click();
  await committee.getByText('等您确认').waitFor();
  await committee.getByRole('link', { name: '光启园夜间停车' }).click();
  await committee.getByRole('link', { name: '查看提案' }).click();
  expect(await committee.locator('ins').first().innerText()).toBe('¥18');
  await committee.getByRole('button', { name: '确认，立即生效' }).click();
  await committee.getByText('已确认，协议已生效').waitFor();
  expect(await isShown(committee.getByText('¥18'))).toBe(true);
});

test('spaces are taken back after the plan is read, without client JavaScript; the committee reads the receipt', async () => {
  const lender = await visit('/desk/agreements/guangqi-night/withdraw', { as: demoPhones.provider, javaScript: false });
  await lender.getByLabel('从', { exact: true }).fill('2026-12-01');
  await lender.getByLabel('到', { exact: true }).fill('2026-12-01');
  await lender.getByLabel('收回几个车位').fill('30');
  await lender.getByLabel('原因', { exact: true }).fill('园区开放日');
  await lender.getByRole('button', { name: '查看影响' }).click();
  await lender.getByText('1 个预约要让出，其中 1 个已保留替代车位').waitFor();
  await lender.getByRole('button', { name: '收回，并调剂 1 个预约' }).click();
  await lender.getByText('已收回 1 晚的车位').waitFor();

  const committee = await visit('/desk/agreements/guangqi-night', { as: demoPhones.committee });
  await committee.getByText('30 个车位 · 12月1日 周二 – 12月1日 周二').waitFor();
  await committee.getByRole('link', { name: '明细' }).click();
  await committee.getByText('138****0001').waitFor();
  expect(await committee.getByText('13800000001').count()).toBe(0);
});

test('a withdrawal without the notice that was agreed is refused, and says why', async () => {
  const page = await visit('/desk/agreements/guangqi-night/withdraw', { as: demoPhones.provider, lang: 'en' });
  await page.getByLabel('From', { exact: true }).fill('2026-11-24');
  await page.getByLabel('To', { exact: true }).fill('2026-11-24');
  await page.getByLabel('How many spaces').fill('1');
  await page.getByLabel('Reason', { exact: true }).fill('Open day');
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.getByText(/sooner than the notice/).waitFor();
});

test('either party suspends, and resumes', async () => {
  const page = await visit('/desk/agreements/guangqi-night/suspend', { as: demoPhones.committee });
  await page.getByLabel('从哪一晚').fill('2026-12-10');
  await page.getByLabel('到哪一晚').fill('2026-12-12');
  await page.getByLabel('原因', { exact: true }).fill('小区施工');
  await page.getByRole('button', { name: '查看影响' }).click();
  await page.getByRole('button', { name: '暂停', exact: true }).click();
  await page.getByText('受益方：小区施工').waitFor();
  await page.getByLabel('原因', { exact: true }).fill('提前完工');
  await page.getByRole('button', { name: '恢复' }).click();
  await page.getByText('已恢复，车位重新开放').waitFor();
});

test('the balance of a swap is a table beside its chart, and a file for spreadsheets', async () => {
  const page = await visit('/desk/agreements/guangqi-night/balance', { as: demoPhones.provider });
  await page.getByRole('row', { name: /^合计 漕河泾开发区/ }).waitFor();
  const href = await page.getByRole('link', { name: '下载表格（CSV）' }).getAttribute('href');
  const file = await page.context().request.get(service().url + href);
  expect([file.status(), file.headers()['content-type']]).toEqual([200, 'text/csv; charset=utf-8']);
  expect([...(await file.body()).subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
});

test('terms that cannot be are refused in the form with the rule’s words, and what was written stays', async () => {
  const page = await visit('/desk/agreements/edit?of=guangqi-night', { as: demoPhones.provider });
  await page.getByLabel('离场日').selectOption('same');
  await page.getByLabel('原因', { exact: true }).fill('试试');
  await page.getByRole('button', { name: '查看影响' }).click();
  await page.getByText(/结束时间早于开始时间/).waitFor();
  expect(await page.getByLabel('离场日').inputValue()).toBe('same');
  await page.getByLabel('车位数').fill('三十');
  await page.getByRole('button', { name: '查看影响' }).click();
  await page.getByText('请填写数字。').waitFor();
});
