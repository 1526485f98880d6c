import { expect, test } from 'vitest';
import { demoCaller } from '../support/demo-caller.ts';
import { demoPhones } from '../support/running-service.ts';
import { useBrowser } from '../support/browser-page.ts';

const { visit, service } = useBrowser();

/** The administrator closes a lot for a night, so that it is full. */
async function fill(lotId: string, date: string): Promise<void> {
  const administrator = await demoCaller(service().url, demoPhones.administrator);
  await administrator.post('/capacity-changes', {
    resourceId: lotId,
    from: date,
    to: date,
    capacity: 0,
    reason: '设备检修',
  });
}

test('tonight’s parking takes two taps on its page, and says when to leave', async () => {
  const page = await visit('/parking', { as: demoPhones.resident });
  await page.getByRole('link', { name: /约今晚/ }).click();
  await page.getByText('请在 11月25日 周三 08:00 前离场').waitFor();
  await page.getByRole('button', { name: '预约这一晚' }).click();
  await page.getByText('车位订好了').waitFor();
  await page.getByText('沪A·***45').first().waitFor();
});

test('the same car is refused a second place for that night, with the way to the first', async () => {
  const url = '/parking?lot=qinzhou-north-night&date=2026-11-26&confirm=1';
  const first = await visit(url, { as: demoPhones.resident });
  await first.getByRole('button', { name: '预约这一晚' }).click();
  await first.getByText('车位订好了').waitFor();
  const { pathname } = new URL(first.url());

  const second = await visit('/parking?lot=guangqi-night&date=2026-11-26&confirm=1', { as: demoPhones.resident });
  await second.getByRole('button', { name: '预约这一晚' }).click();
  const refusal = second.getByRole('alert').filter({ hasText: '这辆车那段时间已有预约' });
  await refusal.waitFor();
  expect(await refusal.getByRole('link', { name: '查看那个预约' }).getAttribute('href')).toBe(pathname);
});

test('nights before days off are joined into one stay', async () => {
  const page = await visit('/parking?lot=guangqi-night&date=2026-11-27&confirm=1', { as: demoPhones.resident });
  await page.getByLabel('停多久').selectOption({ index: 2 });
  await page.getByText('请在 11月30日 周一 08:00 前离场').waitFor();
  await page.getByText('¥45', { exact: true }).waitFor();
  await page.getByRole('button', { name: '预约 3 晚' }).click();
  await page.getByText('车位订好了').waitFor();
});

test('a lot that is full that night offers another', async () => {
  await fill('guangqi-night', '2026-11-25');
  const page = await visit('/parking?lot=guangqi-night&date=2026-11-25&confirm=1', { as: demoPhones.resident });
  await page.getByText('光启园夜间停车这晚约满了').waitFor();
  await page.getByRole('link', { name: '改约21所夜间停车' }).click();
  await page.getByRole('button', { name: '预约这一晚' }).click();
  await page.getByText('车位订好了').waitFor();
});

test('a month is all or nothing, unless one takes the nights that are left', async () => {
  await fill('institute-21-night', '2026-12-24');
  const page = await visit('/parking?lot=institute-21-night&month=2026-12&confirm=1', { as: demoPhones.resident });
  await page.getByText('31 晚中余 30 晚').waitFor();
  await page.getByText('已满的日子：12月24日 周四').waitFor();
  expect(await page.getByRole('radio', { name: '整月都要，缺一晚就不约' }).isChecked()).toBe(true);

  await page.getByRole('button', { name: '预约2026年12月' }).click();
  await page.getByRole('alert').filter({ hasText: '整月没有约成：有几晚已满' }).waitFor();
  await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'alert');
  expect(await page.getByRole('radio', { name: '有几晚约几晚（现余 30 晚）' }).isChecked()).toBe(true);
  const me = await demoCaller(service().url, demoPhones.resident);
  const { items } = await me.get<{ items: { serviceDate: string }[] }>('/bookings?when=upcoming&kind=parking&limit=50');
  expect(items.filter(({ serviceDate }) => serviceDate >= '2026-12-01')).toEqual([]);
});

test('the nights that are left of a month are booked without client JavaScript', async () => {
  await fill('guangqi-night', '2026-12-25');
  const page = await visit('/parking?lot=guangqi-night&month=2026-12&confirm=1', {
    as: demoPhones.resident,
    javaScript: false,
  });
  await page.getByRole('radio', { name: /有几晚约几晚/ }).check();
  await page.getByRole('button', { name: '预约2026年12月' }).click();
  await page.getByText('车位订好了').waitFor();
});

test('who has no car on record is told where to add it', async () => {
  const page = await visit('/parking?lot=sample-compound-day&date=2026-11-25&confirm=1', { as: demoPhones.employee });
  await page.getByText('名下还没有车辆').waitFor();
  await page.getByRole('link', { name: '添加车辆' }).waitFor();
  expect(await page.getByRole('button', { name: '预约这一次' }).isDisabled()).toBe(true);
});

test('a guest sees what is left and is asked to sign in for it', async () => {
  const page = await visit('/parking');
  await page.getByRole('link', { name: /约今晚/ }).click();
  const href = await page.getByRole('link', { name: '登录后预约' }).getAttribute('href');
  expect(href).toMatch(/^\/sign-in\?to=%2Fparking%3F.*confirm%3D1/);
});
