import { expect, test } from 'vitest';
import { demoPhones } from '../support/running-service.ts';
import { isShown, useBrowser } from '../support/browser-page.ts';

const { visit, service } = useBrowser();

test('lunch takes four taps: the service, a dish, review, order', async () => {
  const page = await visit('/', { as: demoPhones.employee });
  await page.getByRole('link', { name: /白领食堂/ }).click();
  await page.getByRole('button', { name: '增加红烧肉套餐份数' }).click();
  await page.getByRole('button', { name: '去确认' }).click();
  await page.getByRole('button', { name: '预订 1 份午餐' }).click();

  await page.getByText('午餐订好了').waitFor();
  expect(await page.getByText('红烧肉套餐 × 1').first().isVisible()).toBe(true);
});

test('a lunch is booked and cancelled without client JavaScript', async () => {
  const page = await visit('/canteen?date=2026-11-24&at=guangqi', { as: demoPhones.parent, javaScript: false });
  const portions = page.getByRole('spinbutton').first();
  await portions.fill('2');
  await page.getByRole('button', { name: '去确认' }).click();
  await page.getByRole('button', { name: '预订 2 份午餐' }).click();
  await page.getByText('午餐订好了').waitFor();
  const booking = new URL(page.url()).pathname;

  await page.getByRole('link', { name: '取消预约' }).click();
  await page.getByRole('heading', { name: '确定取消这个预约吗？' }).waitFor();
  await page.getByRole('button', { name: '确定取消' }).click();
  await page.getByText('已取消，名额已经退回').waitFor();
  expect(new URL(page.url()).pathname).toBe(booking);

  await page.getByRole('link', { name: '原样再约' }).click();
  expect(await page.getByRole('spinbutton').first().inputValue()).toBe('2');
});

test('a second lunch at the same time is refused, with the way to the first and another time', async () => {
  const context = { as: '13800001001' };
  const first = await visit('/canteen?at=innovation&dish.innovation-mapo=1&confirm=1', context);
  await first.getByRole('button', { name: '预订 1 份午餐' }).click();
  await first.getByText('午餐订好了').waitFor();

  const second = await visit('/canteen?at=zhihui', context);
  await second.getByRole('button', { name: /^增加/ }).first().click();
  await second.getByRole('button', { name: '去确认' }).click();
  await second.getByText(/时间重叠/).waitFor();
  await second.getByRole('button', { name: '预订 1 份午餐' }).click();
  const refusal = second.getByRole('alert');
  await refusal.waitFor();
  expect(await refusal.getByRole('link', { name: '查看那个预约' }).getAttribute('href')).toMatch(/^\/bookings\//);

  await refusal.getByRole('link', { name: /^改为/ }).first().click();
  await refusal.waitFor({ state: 'detached' });
  await second.getByRole('button', { name: '预订 1 份午餐' }).click();
  await second.getByText('午餐订好了').waitFor();
});

test('a weekend says why there is no lunch and leads to a day that has one', async () => {
  const page = await visit('/canteen?date=2026-11-28');
  await page.getByText('双休日，食堂休息').waitFor();
  await page.getByRole('link', { name: '看今天' }).click();
  expect(await isShown(page.getByRole('heading', { name: '创新大楼白领食堂 的菜单' }))).toBe(true);
});

test('a menu that is not out yet says when it comes', async () => {
  const page = await visit('/canteen?date=2026-11-25');
  await page.getByText('菜单 今天 15:00 公布').waitFor();
  expect(await page.getByRole('button', { name: '去确认' }).count()).toBe(0);
});

test('going to review with nothing chosen says what to do', async () => {
  const page = await visit('/canteen', { as: demoPhones.employee });
  await page.getByRole('button', { name: '去确认' }).click();
  await page.getByText('先选一份菜').first().waitFor();
  expect(await isShown(page.getByText('在菜单上按“＋”选好份数，再确认。'))).toBe(true);
});

test('a guest is asked to sign in and comes back to the order', async () => {
  const page = await visit('/canteen?at=innovation&dish.innovation-mapo=1&confirm=1');
  await page.getByRole('button', { name: '登录后预订' }).click();
  await page.waitForURL(/\/sign-in/);
  expect(new URL(page.url()).searchParams.get('to')).toContain('dish.innovation-mapo=1');
});

test('the menu speaks English completely', async () => {
  const page = await visit('/canteen?at=innovation', { lang: 'en' });
  const menu = page.getByRole('main');
  await menu.getByRole('heading', { name: 'Menu of Innovation Building Canteen' }).waitFor();
  expect(await menu.innerText()).not.toMatch(/\p{Script=Han}/u);
  expect(service().log()).not.toContain('a request failed');
});
