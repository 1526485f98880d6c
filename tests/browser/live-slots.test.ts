import { expect, test } from 'vitest';
import { demoCaller } from '../support/demo-caller.ts';
import { useBrowser } from '../support/browser-page.ts';

const { visit, service } = useBrowser();
const serviceDate = '2026-11-26';
const ride = {
  kind: 'shuttle',
  runId: 'run-2',
  serviceDate,
  boardStopId: 'metro-l9',
  alightStopId: 'guangqi',
  seats: 4,
};

test('what others book is seen without a reload, and neither the focus nor the place on the page is lost', async () => {
  const listening = Promise.withResolvers<void>();
  const page = await visit('/');
  page.on('response', (response) => {
    if (response.url().includes('/api/v1/events')) listening.resolve();
  });
  await page.goto(`${service().url}/shuttle?date=${serviceDate}&from=metro-l9&to=guangqi`);
  await listening.promise;
  const run = page.getByRole('region', { name: '班次' }).getByRole('link', { name: /^08:10/ });
  expect(await run.innerText()).toContain('22');
  await page.evaluate(() => {
    Object.assign(window, { isSamePage: true });
    window.scrollTo(0, 120);
  });
  await run.focus();
  const before = await page.evaluate(() => window.scrollY);

  await (await demoCaller(service().url, '13800001060')).post('/bookings', ride);
  await run.filter({ hasText: '18' }).waitFor();
  const after = await page.evaluate(() => ({
    scrollY: window.scrollY,
    isSamePage: (window as { isSamePage?: boolean }).isSamePage,
    focused: document.activeElement?.textContent?.includes('08:10') ?? false,
  }));
  expect(after).toEqual({ scrollY: before, isSamePage: true, focused: true });
});

test('portions that are chosen and not sent stay when others order', async () => {
  const page = await visit('/');
  await page.addInitScript(() => {
    const Original = window.EventSource;
    window.EventSource = class extends Original {
      constructor(url: string | URL) {
        super(url);
        this.addEventListener('ready', () => (document.documentElement.dataset['feed'] = 'ready'));
        this.addEventListener('slot', () => (document.documentElement.dataset['feed'] = 'slot'));
      }
    };
  });
  const renewals: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('__data.json')) renewals.push(request.url());
  });
  await page.goto(`${service().url}/canteen?date=2026-11-24&at=guangqi`);
  await page.locator('html[data-feed="ready"]').waitFor();
  await page.clock.install();
  const portions = page.getByRole('spinbutton').first();
  await page.getByRole('button', { name: /^增加/ }).first().click();
  const order = async (phone: string) => {
    const caller = await demoCaller(service().url, phone);
    const { items } = await caller.get<{ items: { id: string; state: string }[] }>(
      '/slots?resourceId=guangqi&from=2026-11-24&to=2026-11-24',
    );
    const slotId = items.find(({ state }) => state === 'open')?.id;
    const menu = await caller.get<{ items: { id: string }[] }>(`/menus?slotId=${slotId}`);
    await caller.post('/bookings', { kind: 'canteen', slotId, items: [{ dishId: menu.items[1]?.id, quantity: 1 }] });
  };
  await order('13800001061');
  await page.locator('html[data-feed="slot"]').waitFor();
  await page.clock.runFor(10_000);
  expect({ portions: await portions.inputValue(), renewals }).toEqual({ portions: '1', renewals: [] });

  await page.getByRole('button', { name: /^减少/ }).first().click();
  const renewed = page.waitForRequest(/__data\.json/);
  await page.clock.runFor(10_000);
  await renewed;
});
