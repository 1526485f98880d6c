import { expect, test } from 'vitest';
import { demoPhones } from '../support/running-service.ts';
import { useBrowser } from '../support/browser-page.ts';

const { visit } = useBrowser();

test('a guest is asked to sign in and comes back', async () => {
  const page = await visit('/me');
  await page.getByRole('link', { name: '登录', exact: true }).click();
  await page.getByRole('button', { name: '以王阿姨的身份进入' }).click();
  await page.getByRole('heading', { level: 1, name: '王阿姨' }).waitFor();
  await page.getByText('138****0001').waitFor();
});

test('a resident sees the verified car, a parent the children and the meal card', async () => {
  const resident = await visit('/me', { as: demoPhones.resident });
  const cars = resident.locator('section', { has: resident.getByRole('heading', { name: '车辆' }) });
  expect(await cars.getByRole('listitem').innerText()).toMatch(/^沪A12345\s+已核验$/);

  const parent = await visit('/me', { as: demoPhones.parent });
  const children = parent.locator('section', { has: parent.getByRole('heading', { name: '孩子' }) });
  expect(await children.getByRole('listitem').allInnerTexts()).toEqual([
    expect.stringMatching(/陈一一 2 年级\s+已核验/),
    expect.stringMatching(/陈小二 4 年级\s+已核验/),
  ]);
  await parent.getByText('¥80', { exact: false }).first().waitFor();
});

test('a changed name is kept and greeted', async () => {
  const page = await visit('/me', { as: '13800001030' });
  await page.getByLabel('姓名').fill('小海');
  await page.getByRole('button', { name: '保存' }).click();
  await page.getByText('已保存').waitFor();
  await page.getByRole('link', { name: '首页' }).last().click();
  await page.getByRole('heading', { name: '上午好，小海' }).waitFor();
});

test('a name is changed without client JavaScript', async () => {
  const page = await visit('/me', { as: '13800001031', javaScript: false });
  await page.getByLabel('姓名').fill('老海');
  await page.getByRole('button', { name: '保存' }).click();
  await page.getByRole('heading', { level: 1, name: '老海' }).waitFor();
});

test('signing out leaves nothing of the person behind', async () => {
  const page = await visit('/me', { as: demoPhones.parent });
  await page.getByRole('button', { name: '退出登录' }).click();
  await page.getByText('登录后，下一个预约会在这里').waitFor();
  await page.getByRole('link', { name: '我的' }).last().click();
  await page.getByText('还没有登录').waitFor();
  expect(await page.getByText('陈一一').count()).toBe(0);
});

test('the settings say what is on', async () => {
  const page = await visit('/me');
  const size = page.getByRole('list', { name: '字号' });
  expect(await size.locator('[aria-current]').innerText()).toBe('标准');
  await size.getByRole('link', { name: '长辈版（大字）' }).click();
  await page.waitForFunction(() => document.documentElement.hasAttribute('data-elder'));
  expect(await size.locator('[aria-current]').innerText()).toBe('长辈版（大字）');
  await page.getByRole('list', { name: '语言' }).getByRole('link', { name: 'English' }).click();
  await page.getByRole('heading', { level: 1, name: 'Me' }).waitFor();
  expect(await page.getByRole('list', { name: 'Text size' }).locator('[aria-current]').innerText()).toBe(
    'Large (elder mode)',
  );
});

test('the desk is offered to those who manage something only', async () => {
  const manager = await visit('/me', { as: demoPhones.canteenManager });
  expect(await manager.getByRole('link', { name: /管理台/ }).getAttribute('href')).toBe('/desk');
  const employee = await visit('/me', { as: demoPhones.employee });
  await employee.getByRole('link', { name: '我的预约' }).waitFor();
  expect(await employee.getByRole('link', { name: /管理台/ }).count()).toBe(0);
});
