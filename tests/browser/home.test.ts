import { expect, test } from 'vitest';
import { demoPhones } from '../support/running-service.ts';
import { useBrowser } from '../support/browser-page.ts';
import { tooSmallForElders } from '../support/page-look.ts';

const { visit, service } = useBrowser();

test('who comes first sees the four services in Chinese, each with what is left now', async () => {
  const page = await visit('/');
  expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
  const tiles = page.getByRole('region', { name: '现在能约什么' }).getByRole('article');
  const texts = await tiles.allInnerTexts();
  expect(texts.map((text) => text.split('\n')[0])).toEqual(['错峰停车', '白领食堂', '潮汐班车', '暑托班']);
  expect(texts[0]).toContain('余 95 位');
  expect(texts[1]).toContain('10:00 截止');
  expect(texts[2]).toContain('余 22 座');
  expect(texts[3]).toContain('余 200 位');
});

test('each service is one tap away, and so is the way back', async () => {
  const page = await visit('/');
  for (const service of ['错峰停车', '白领食堂', '潮汐班车', '暑托班']) {
    await page.getByRole('article').getByRole('link', { name: service }).click();
    await page.getByRole('heading', { level: 1, name: service }).waitFor();
    await page.getByRole('link', { name: '返回' }).click();
    await page.getByRole('heading', { name: '现在能约什么' }).waitFor();
  }
});

test('the language is switched in one tap and stays', async () => {
  const page = await visit('/', { as: demoPhones.employee });
  await page.getByRole('link', { name: 'EN', exact: true }).click();
  await page.getByRole('heading', { name: 'Good morning, 小林' }).waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('en');

  await page.goto(`${service().url}/shuttle`);
  await page.getByRole('heading', { level: 1, name: 'Shuttle' }).waitFor();
  // The name on the signs stays beside the English one.
  await page.getByText('地铁9号线漕河泾开发区站', { exact: true }).waitFor();
  await page.getByRole('link', { name: '中文' }).click();
  await page.getByRole('heading', { level: 1, name: '潮汐班车' }).waitFor();
});

test('elder mode enlarges every text and target, and stays', async () => {
  const page = await visit('/', { as: demoPhones.parent });
  expect(await tooSmallForElders(page)).not.toEqual([]);
  await page.getByRole('link', { name: '长辈版', exact: true }).click();
  await page.getByRole('link', { name: '标准版', exact: true }).waitFor();
  for (const path of ['/', '/shuttle', '/parking', '/me']) {
    await page.goto(service().url + path, { waitUntil: 'networkidle' });
    expect(await tooSmallForElders(page), path).toEqual([]);
  }
  await page.getByRole('link', { name: '标准版', exact: true }).click();
  await page.getByRole('link', { name: '长辈版', exact: true }).waitFor();
});

test('in elder mode the four services still stand above the tabs of a phone', async () => {
  const page = await visit('/', { as: demoPhones.employee, isElder: true });
  const tabs = await page.getByRole('navigation', { name: '主导航' }).last().boundingBox();
  const last = await page.getByRole('article').last().boundingBox();
  expect(last!.y + last!.height).toBeLessThanOrEqual(tabs!.y);
});

test('the theme follows the device until one is chosen, which stays', async () => {
  const page = await visit('/', { theme: 'dark' });
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(await paper()).toBe('rgb(12, 23, 32)');
  await page.getByRole('link', { name: '浅色' }).click();
  await page.waitForFunction(() => document.documentElement.dataset['theme'] === 'light');
  expect(await paper()).toBe('rgb(247, 249, 250)');

  await page.goto(`${service().url}/parking`);
  expect(await paper()).toBe('rgb(247, 249, 250)');
  await page.getByRole('link', { name: '深色' }).click();
  await page.waitForFunction(() => document.documentElement.dataset['theme'] === 'dark');
  expect(await paper()).toBe('rgb(12, 23, 32)');
});

test('no page asks another host for anything', async () => {
  const page = await visit('/', { as: demoPhones.employee });
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  for (const path of ['/', '/shuttle', '/parking', '/me', '/gallery']) {
    await page.goto(service().url + path, { waitUntil: 'networkidle' });
  }
  expect(asked.length).toBeGreaterThan(10);
  expect(asked.filter((url) => !url.startsWith(`${service().url}/`) && !url.startsWith('data:'))).toEqual([]);
});

test('nothing jumps while a page comes alive', async () => {
  const page = await visit('/sign-in');
  await page.addInitScript(() => {
    const moves: string[] = [];
    Object.assign(window, { moves });
    const watcher = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) moves.push(JSON.stringify(entry));
    });
    watcher.observe({ type: 'layout-shift', buffered: true });
  });
  for (const path of ['/', '/shuttle', '/parking']) {
    await page.goto(service().url + path, { waitUntil: 'networkidle' });
    expect(await page.evaluate(() => (window as unknown as { moves: string[] }).moves), path).toEqual([]);
  }
});

test('a strip wider than the screen begins at the present and shows on which side there is more', async () => {
  const page = await visit('/');
  const card = page.locator('section.card').filter({ hasText: '各班次余座' });
  const frame = await card.boundingBox();
  const now = await card.getByText('现在', { exact: true }).boundingBox();
  expect(now!.x).toBeGreaterThanOrEqual(frame!.x);
  expect(now!.x + now!.width).toBeLessThan(frame!.x + frame!.width / 2);
  // The word stands above the numbers, not in them.
  const number = await card.getByText('22', { exact: true }).first().boundingBox();
  expect(now!.y + now!.height).toBeLessThanOrEqual(number!.y);
  const faded = await card.locator('.scrolls').evaluate((row) => getComputedStyle(row).maskImage);
  expect(faded).toContain('linear-gradient');
});
