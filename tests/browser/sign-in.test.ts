import { expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { useBrowser } from '../support/browser-page.ts';

const { visit, service } = useBrowser();
const lunchRun = '/shuttle?date=2026-11-24&from=metro-l9&to=guangqi&run=run-6&confirm=1';

/** The code that the demo shows instead of sending it. */
async function shownCode(page: Page): Promise<string> {
  const notice = await page.getByRole('status').filter({ hasText: '演示模式：验证码是' }).innerText();
  return /\d{6}/.exec(notice)![0];
}

test('a guest chooses a seat, signs in with one click, and books what was chosen', async () => {
  const page = await visit(lunchRun);
  await page.getByRole('link', { name: '登录后预约' }).click();
  await page.getByText('登录后才能预约；选好的内容会保留。').waitFor();
  await page.getByRole('button', { name: '以小林的身份进入' }).click();
  await page.getByRole('heading', { name: '13:00 地铁9号线漕河泾开发区站 → 光启园' }).waitFor();
  await page.getByRole('button', { name: '预约 1 座' }).click();
  await page.getByText('座位订好了').waitFor();
});

test('without client JavaScript one click signs in, and a seat is booked', async () => {
  const page = await visit('/sign-in?to=/shuttle', { javaScript: false });
  await page.getByRole('button', { name: '以陈爸爸的身份进入' }).click();
  await page.getByRole('heading', { level: 1, name: '潮汐班车' }).waitFor();
  await page.getByRole('region', { name: '班次' }).getByRole('link', { name: /13:00/ }).click();
  await page.getByRole('spinbutton', { name: '座位' }).fill('2');
  await page.getByRole('button', { name: '预约', exact: true }).click();
  await page.getByText('座位订好了').waitFor();
  await page.getByText('2 座').first().waitFor();
});

test('with phone and code: the demo says that it shows the code, a wrong one is refused, the right one signs in', async () => {
  const page = await visit('/sign-in?to=/me');
  await page.getByLabel('手机号').fill('13800001020');
  await page.getByRole('button', { name: '获取验证码' }).click();
  const field = page.getByRole('textbox', { name: '验证码' });
  await field.waitFor();
  const code = await shownCode(page);
  await page.getByText('不会真的发送短信').waitFor();
  expect(await field.getAttribute('autocomplete')).toBe('one-time-code');
  expect(await field.getAttribute('inputmode')).toBe('numeric');
  expect(await field.evaluate((input) => input === document.activeElement)).toBe(true);

  await field.fill(code === '000000' ? '000001' : '000000');
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await page.locator('[aria-invalid="true"]:focus').waitFor();
  await field.fill(code);
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: '测试员工020' }).waitFor();
});

test('a phone number that cannot be one is refused beside its field', async () => {
  const page = await visit('/sign-in');
  await page.getByLabel('手机号').fill('12345');
  await page.getByRole('button', { name: '获取验证码' }).click();
  const field = page.locator('[aria-invalid="true"]:focus');
  await field.waitFor();
  const reason = await field.getAttribute('aria-describedby');
  expect(await page.locator(`[id="${reason}"]`).innerText()).not.toBe('');
});

test('the keyboard goes through the page in the order in which it is read', async () => {
  const page = await visit('/sign-in');
  await page.locator('main').focus();
  const stops: number[] = [];
  for (let press = 0; press < 14; press += 1) {
    await page.keyboard.press('Tab');
    const top = await page.evaluate(() => {
      const here = document.activeElement;
      return here?.closest('main') ? here.getBoundingClientRect().top + scrollY : null;
    });
    if (top !== null) stops.push(Math.round(top));
  }
  expect(stops.length).toBeGreaterThanOrEqual(9);
  expect(stops).toEqual(stops.toSorted((a, b) => a - b));

  await page.getByRole('button', { name: '以王阿姨的身份进入' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: '上午好，王阿姨' }).waitFor();
});

test('who is signed in already goes straight on', async () => {
  const page = await visit('/sign-in?to=/parking', { as: '13800001021' });
  expect(page.url()).toBe(`${service().url}/parking`);
});
