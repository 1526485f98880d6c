import { expect, test } from 'vitest';
import { demoPhones } from '../support/running-service.ts';
import { isShown, useBrowser } from '../support/browser-page.ts';

const { visit } = useBrowser();

test('a parent enrols a child; the same weeks are then closed to that child and open to the other', async () => {
  const page = await visit('/childcare', { as: demoPhones.parent });
  await page.getByText('次年工作日历还没有公布').first().waitFor();
  await page.getByRole('link', { name: /党群服务中心/ }).click();
  await page.getByRole('radio', { name: /陈小二/ }).check();
  await page.getByRole('button', { name: '报名 1 个名额' }).click();
  await page.getByText('名额报上了').waitFor();
  await page.getByText('陈小二').first().waitFor();

  await page.goto(new URL('/childcare', page.url()).href, { waitUntil: 'networkidle' });
  await page.getByRole('link', { name: /实验小学（1班）/ }).click();
  await page.getByText('这段时间已报名').waitFor();
  expect(await page.getByRole('radio', { name: /陈小二/ }).isDisabled()).toBe(true);
  expect(await page.getByRole('radio', { name: /陈一一/ }).isChecked()).toBe(true);
});

test('a child is enrolled without client JavaScript', async () => {
  const page = await visit('/childcare', { as: demoPhones.parent, javaScript: false });
  await page.getByRole('link', { name: /第 2 期/ }).click();
  await page.getByRole('link', { name: /实验小学（2班）/ }).click();
  await page.getByRole('radio', { name: /陈一一/ }).check();
  await page.getByRole('button', { name: '报名 1 个名额' }).click();
  await page.getByText('名额报上了').waitFor();
  expect(await isShown(page.getByText('2027年7月26日 星期一 – 2027年8月13日 星期五'))).toBe(true);
});

test('who has no child on record is told whom to ask', async () => {
  const page = await visit('/childcare', { as: demoPhones.employee });
  await page.getByRole('link', { name: /党群服务中心/ }).click();
  await page.getByText('还没有登记的孩子').waitFor();
  expect(await page.getByRole('button', { name: '报名 1 个名额' }).isDisabled()).toBe(true);
});

test('a guest sees the places and is asked to sign in for one', async () => {
  const page = await visit('/childcare');
  await page.getByRole('link', { name: /党群服务中心/ }).click();
  const signIn = page.getByRole('link', { name: '登录后报名' });
  await signIn.waitFor();
  expect(await signIn.getAttribute('href')).toMatch(/^\/sign-in\?to=%2Fchildcare/);
});

test('the nursery takes no bookings and says who decides', async () => {
  const page = await visit('/childcare');
  await page.getByRole('heading', { name: '托班（2–3 岁）' }).waitFor();
  await page.getByText('是否录取由幼儿园决定').waitFor();
  expect(await page.getByRole('link', { name: /示例幼儿园/ }).count()).toBe(0);
});
