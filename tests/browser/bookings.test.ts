import { expect, test } from 'vitest';
import { demoPhones } from '../support/running-service.ts';
import { isShown, useBrowser } from '../support/browser-page.ts';

const { visit } = useBrowser();

test('who has booked nothing is shown what will be here and where to go', async () => {
  const page = await visit('/bookings', { as: '13800001010' });
  await page.getByText('接下来没有预约').waitFor();
  await page.getByRole('link', { name: '历史' }).click();
  await page.getByText('还没有历史记录').waitFor();
  await page.getByRole('link', { name: '白领食堂' }).click();
  await page.getByText('没有白领食堂的预约').waitFor();
  expect(await page.getByRole('link', { name: '去约白领食堂' }).getAttribute('href')).toBe('/canteen');
});

test('a booking moves from what is ahead to the history when it is cancelled', async () => {
  const page = await visit('/canteen?at=innovation&dish.innovation-mapo=1&confirm=1', { as: demoPhones.employee });
  await page.getByRole('button', { name: '预订 1 份午餐' }).click();
  await page.getByText('午餐订好了').waitFor();

  await page.getByRole('link', { name: '返回' }).click();
  const row = page.getByRole('link', { name: /创新大楼白领食堂/ });
  await row.getByText('已预约').waitFor();
  await row.click();
  await page.getByText('今天 10:00 前可免费取消').or(page.getByText('10:00 前可免费取消')).first().waitFor();
  await page.getByRole('link', { name: '取消预约' }).click();
  await page.getByRole('button', { name: '确定取消' }).click();
  await page.getByText('已取消，名额已经退回').waitFor();

  await page.getByRole('link', { name: '返回' }).click();
  await page.getByText('接下来没有预约').waitFor();
  await page.getByRole('link', { name: '历史' }).click();
  expect(await isShown(row.getByText('已取消'))).toBe(true);
});

test('a booking can be kept after all', async () => {
  const page = await visit('/canteen?at=innovation&dish.innovation-mapo=1&confirm=1', { as: '13800001011' });
  await page.getByRole('button', { name: '预订 1 份午餐' }).click();
  await page.getByText('午餐订好了').waitFor();
  await page.getByRole('link', { name: '取消预约' }).click();
  await page.getByRole('link', { name: '保留预约' }).click();
  await page.getByRole('heading', { name: '确定取消这个预约吗？' }).waitFor({ state: 'detached' });
  expect(await page.getByText('已预约').first().isVisible()).toBe(true);
});

test('a weekend of parking says when the car has to leave, and goes into a calendar', async () => {
  const page = await visit('/', { as: demoPhones.resident });
  const { request } = page.context();
  const origin = new URL(page.url()).origin;
  const query = 'kind=parking&resourceId=guangqi-night&from=2026-11-27&to=2026-11-29';
  const slots = (await (await request.get(`${origin}/api/v1/slots?${query}`)).json()) as { items: { id: string }[] };
  const me = (await (await request.get(`${origin}/api/v1/me`)).json()) as { vehicles: { id: string }[] };
  const answer = await request.post(`${origin}/api/v1/bookings`, {
    data: { kind: 'parking', slotIds: slots.items.map(({ id }) => id), vehicleId: me.vehicles[0]?.id },
  });
  const booking = (await answer.json()) as { id: string };

  await page.goto(`${origin}/bookings/${booking.id}`);
  await page.getByText('2026年11月30日 星期一 08:00').first().waitFor();
  await page.getByText('沪A·***45').first().waitFor();
  await page.getByText('3 晚').first().waitFor();

  const file = await request.get(`${origin}/bookings/${booking.id}/event.ics`);
  expect(file.headers()['content-type']).toContain('text/calendar');
  const text = await file.text();
  expect(text).toContain('DTSTART:20261127T103000Z\r\n');
  expect(text).toContain('DTEND:20261130T000000Z\r\n');
});

test('somebody else’s booking is not found', async () => {
  const mine = await visit('/canteen?at=zhihui', { as: '13800001012' });
  await mine.getByRole('button', { name: /^增加/ }).first().click();
  await mine.getByRole('button', { name: '去确认' }).click();
  await mine.getByRole('button', { name: '预订 1 份午餐' }).click();
  await mine.getByText('午餐订好了').waitFor();
  const { pathname } = new URL(mine.url());

  const theirs = await visit(pathname, { as: '13800001013' });
  expect(await isShown(theirs.getByText('没有找到这个页面'))).toBe(true);
});

test('a guest is sent to sign in and back', async () => {
  const page = await visit('/bookings?when=past');
  expect(new URL(page.url()).pathname).toBe('/sign-in');
  expect(new URL(page.url()).searchParams.get('to')).toBe('/bookings?when=past');
});
