import { describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { demoCaller } from '../support/demo-caller.ts';
import { demoPhones } from '../support/running-service.ts';
import { useBrowser } from '../support/browser-page.ts';

const toGuangqi = '/shuttle?date=2026-11-24&from=metro-l9&to=guangqi';
const sheetOf = (run: string, date = '2026-11-24') =>
  `/shuttle?date=${date}&from=metro-l9&to=guangqi&run=${run}&confirm=1`;
const runs = (page: Page) => page.getByRole('region', { name: '班次' });

describe('on a working day at half past eight', () => {
  const { visit, service } = useBrowser();

  test('a seat is booked in three taps and is the next booking on the home page', async () => {
    const page = await visit('/', { as: demoPhones.employee });
    await page.getByRole('link', { name: '潮汐班车' }).first().click();
    await runs(page)
      .getByRole('link', { name: /^09:00/ })
      .click();
    await page.getByText('与您已有的预约不冲突').waitFor();
    await page.getByRole('button', { name: '预约 1 座' }).click();
    await page.getByText('座位订好了').waitFor();

    await page.getByRole('link', { name: '首页' }).last().click();
    const next = page.getByRole('region', { name: '下一个预约' }).getByRole('link');
    expect(await next.innerText()).toMatch(/分钟后\s+09:00\s+地铁9号线漕河泾开发区站 → 光启园\s+11月24日 周二 · 1 座/);
    await next.click();
    await page.getByText('已预约').first().waitFor();
  });

  test('a second seat at the same time is refused, with the way to the first', async () => {
    const as = '13800001040';
    const first = await visit(sheetOf('run-6'), { as });
    await first.getByRole('button', { name: '预约 1 座' }).click();
    await first.getByText('座位订好了').waitFor();
    const { pathname } = new URL(first.url());

    const second = await visit(sheetOf('run-6'), { as });
    await second.getByText('与您 13:00 的「地铁9号线漕河泾开发区站 → 光启园」时间重叠').waitFor();
    await second.getByRole('button', { name: '预约 1 座' }).click();
    const refusal = second.getByRole('alert').filter({ hasText: '这个时间您已有预约' });
    await refusal.waitFor();
    await second.waitForFunction(() => document.activeElement?.getAttribute('role') === 'alert');
    expect(await refusal.getByRole('link', { name: '查看那个预约' }).getAttribute('href')).toBe(pathname);
  });

  test('a full run offers the next one that has a seat', async () => {
    for (const [index, seats] of [4, 4, 4, 4, 4, 2].entries()) {
      const rider = await demoCaller(service().url, `1380000105${index}`);
      await rider.post('/bookings', {
        kind: 'shuttle',
        runId: 'run-2',
        serviceDate: '2026-11-25',
        boardStopId: 'metro-l9',
        alightStopId: 'guangqi',
        seats,
      });
    }
    const page = await visit('/shuttle?date=2026-11-25&from=metro-l9&to=guangqi', { as: '13800001041' });
    const full = runs(page).getByRole('link', { name: /^08:10/ });
    expect(await full.innerText()).toContain('已满');
    await full.click();
    await page.getByText('08:10 这班已约满').waitFor();
    await page.getByText('后一班 08:35 还有 22 座。').waitFor();
    await page.getByRole('link', { name: '改约 08:35' }).click();
    await page.getByRole('button', { name: '预约 1 座' }).click();
    await page.getByText('座位订好了').waitFor();
    await page.getByText('08:35').first().waitFor();
  });

  test('the last seat taken meanwhile: the refusal says so and offers the next run', async () => {
    const page = await visit(sheetOf('run-3', '2026-11-25'), { as: '13800001042' });
    const free = await seatsLeft(service().url, 'run-3', '2026-11-25');
    for (let left = free, rider = 60; left > 0; left -= 4, rider += 1) {
      const other = await demoCaller(service().url, `138000010${rider}`);
      const seats = Math.min(4, left);
      const ride = { runId: 'run-3', serviceDate: '2026-11-25', boardStopId: 'metro-l9', alightStopId: 'guangqi' };
      await other.post('/bookings', { kind: 'shuttle', ...ride, seats });
    }
    await page.getByRole('button', { name: '预约 1 座' }).click();
    await page.getByText('08:35 这班已约满').waitFor();
    await page.getByRole('link', { name: '改约 09:00' }).waitFor();
    await page.getByRole('button', { name: '预约 1 座' }).waitFor({ state: 'detached' });
  });

  test('a run that is closed for booking but has not left can be stood by for', async () => {
    const page = await visit(sheetOf('run-3', '2026-11-24'), { as: '13800001043' });
    await page.getByText('08:35 这班已停止预约').waitFor();
    await page.getByRole('button', { name: '加入候补' }).click();
    await page.waitForURL(/\/shuttle\/standby\?done=/);
  });

  test('runs that have left are folded away, and open without client JavaScript', async () => {
    const page = await visit(toGuangqi, { javaScript: false });
    const gone = page.getByText('已发车 2 班');
    expect(await page.getByText('08:10', { exact: true }).last().isVisible()).toBe(false);
    await gone.click();
    expect(await page.getByText('08:10', { exact: true }).last().isVisible()).toBe(true);
    const first = runs(page).getByRole('link').first();
    expect(await first.innerText()).toMatch(/^08:35/);
  });

  test.each([
    ['zh-CN', false],
    ['zh-CN', true],
    ['en', false],
  ] as const)('the whole name of each stop can be read (%s, elder mode: %s)', async (lang, isElder) => {
    const page = await visit('/shuttle', { lang, isElder });
    const cut = await page.locator('select').evaluateAll((selects) =>
      (selects as HTMLSelectElement[]).flatMap((select) => {
        const style = getComputedStyle(select);
        const pen = document.createElement('canvas').getContext('2d')!;
        pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
        const arrow = 20;
        const room =
          select.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight) - arrow;
        return [...select.options].map(({ text }) => text).filter((text) => pen.measureText(text).width > room);
      }),
    );
    expect(cut).toEqual([]);
  });

  test('the way is turned round in one tap', async () => {
    const page = await visit(toGuangqi);
    await page.getByRole('link', { name: '园区 → 地铁' }).click();
    await page.waitForURL(/from=guangqi&to=metro-l9/);
    expect(await page.getByLabel('从').locator('option:checked').innerText()).toBe('光启园');
    await runs(page)
      .getByRole('link', { name: /^12:10/ })
      .waitFor();
  });

  test('choosing a run leads the focus to what it opens', async () => {
    const page = await visit(toGuangqi, { as: '13800001043' });
    await runs(page)
      .getByRole('link', { name: /^13:00/ })
      .click();
    await page.getByRole('heading', { name: /^13:00/ }).waitFor();
    await page.waitForFunction(() => document.activeElement?.textContent?.startsWith('13:00'));
  });

  test('while booking takes time the button says so and cannot be pressed again', async () => {
    const page = await visit(sheetOf('run-6'), { as: '13800001044' });
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await page.route('**/shuttle?/book*', async (route) => {
      await held;
      await route.continue();
    });
    await page.getByRole('button', { name: '预约 1 座' }).click();
    const busy = page.getByRole('button', { name: '正在预约…' });
    await busy.waitFor();
    expect(await busy.isDisabled()).toBe(true);
    release();
    await page.getByText('座位订好了').waitFor();
  });
});

describe('in the week of a holiday', () => {
  const { visit } = useBrowser('2026-10-05T09:00');
  const day = (page: Page, name: RegExp) =>
    page.getByRole('navigation', { name: '乘车日期' }).getByRole('link', { name });

  test('a day off has no shuttle and says which holiday it is', async () => {
    const page = await visit('/shuttle?date=2026-10-05');
    expect(await day(page, /10月5日/).innerText()).toContain('国庆节');
    await page.getByText('这天没有班车').waitFor();
    await page.getByRole('link', { name: /看.*的班次/ }).click();
    await runs(page).waitFor();
    expect(await day(page, /10月8日/).getAttribute('aria-current')).toBe('date');
  });

  test('a Saturday that makes up for it has its runs, the Sunday after it has none', async () => {
    const page = await visit('/shuttle');
    await day(page, /10月10日 星期六/).click();
    await runs(page)
      .getByRole('link', { name: /^07:45/ })
      .waitFor();
    await day(page, /10月11日 星期日/).click();
    await page.getByText('这天没有班车').waitFor();
  });

  test('the home page leads to the next day that has something', async () => {
    const page = await visit('/');
    const shuttle = page.getByRole('article').filter({ hasText: '潮汐班车' });
    expect(await shuttle.innerText()).toMatch(/余 22 座\s+10月8日 周四 · 07:45/);
    const lunch = page.getByRole('article').filter({ hasText: '白领食堂' });
    expect(await lunch.innerText()).not.toContain('今天');
  });
});

describe('early on a working day', () => {
  const { visit, service } = useBrowser('2026-11-23T07:00');

  test('a seat is booked without client JavaScript, from the stop that was chosen last time', async () => {
    const page = await visit('/shuttle?from=innovation&to=guangqi&date=2026-11-24', {
      as: '13800001071',
      javaScript: false,
    });
    await runs(page)
      .getByRole('link', { name: /^08:12/ })
      .click();
    await page.getByText('可取消至 07:42，不收费、不计爽约').waitFor();
    await page.getByText('预约在 08:07 截止').waitFor();
    await page.getByRole('spinbutton', { name: '座位' }).fill('2');
    await page.getByLabel('其中一位坐轮椅').check();
    await page.getByRole('button', { name: '预约' }).click();
    await page.getByText('座位订好了').waitFor();
    await page.goto(new URL('/shuttle?date=2026-11-24', page.url()).href);
    await page.getByLabel('从').waitFor();
    expect(await page.getByLabel('从').locator('option:checked').innerText()).toBe('创新大楼');
    const row = runs(page).getByRole('link', { name: /^08:12/ });
    expect(await row.innerText()).toMatch(/余 21[^]*轮椅位已被预约/);
  });

  test('a regular ride is set up in two steps, and its days are booked; ending it gives them back', async () => {
    const page = await visit('/shuttle?from=metro-l9&to=guangqi', { as: '13800001072', lang: 'en', width: 1280 });
    await page.getByRole('link', { name: 'Regular rides' }).click();
    await page.getByRole('link', { name: 'New regular ride' }).click();
    await page.getByText('08:10').click();
    await page.getByRole('button', { name: 'See what each day comes to' }).click();
    await page.getByText('5 days will be booked at once; 15 days more as soon as they open').waitFor();
    await page.getByRole('button', { name: 'Confirm and book from now on' }).click();
    await page.getByText('It is set up').waitFor();
    expect(await page.getByRole('link', { name: 'Booked' }).count()).toBe(5);
    await page.getByRole('link', { name: 'End', exact: true }).click();
    await page.getByLabel('Cancel the 5 rides').check();
    await page.getByRole('button', { name: 'End', exact: true }).click();
    await page.getByText('Ended').first().waitFor();
    await page.goto(new URL('/bookings', page.url()).href);
    await page.getByText('Nothing booked ahead').first().waitFor();
  });

  test('a day is planned in one form, refused as a whole with the part in the way, booked and cancelled together', async () => {
    const page = await visit('/day-plan?date=2026-11-23', { as: '13800001073' });
    await page.getByRole('button', { name: '看合计' }).click();
    await page.getByText('请至少选两样').waitFor({ state: 'detached' });
    await page.getByRole('link', { name: '改选' }).click();
    await page.getByLabel('麻婆豆腐套餐').check();
    await page.getByRole('button', { name: '看合计' }).click();
    await page.getByText('一起预订 3 样').waitFor();
    for (const [index, seats] of [4, 4, 4, 4, 4, 2].entries()) {
      const rider = await demoCaller(service().url, `1380000108${index}`);
      const ride = { runId: 'run-10', serviceDate: '2026-11-23', boardStopId: 'guangqi', alightStopId: 'metro-l9' };
      await rider.post('/bookings', { kind: 'shuttle', ...ride, seats });
    }
    await page.getByRole('button', { name: '一起预订 3 样' }).click();
    await page.getByRole('alert').filter({ hasText: '「回程班车」订不上' }).waitFor();
    await page.getByRole('link', { name: '改选' }).first().click();
    await page.getByLabel('坐哪一班回').selectOption('run-8');
    await page.waitForURL(/home=run-8/);
    await page.getByRole('button', { name: '看合计' }).click();
    await page.getByRole('button', { name: '一起预订 3 样' }).click();
    await page.getByText('行程订好了').waitFor();
    await page.getByRole('link', { name: '全部取消' }).click();
    await page.getByRole('button', { name: '全部取消' }).click();
    await page.getByText('已取消 3 项').waitFor();
  });
});

async function seatsLeft(url: string, runId: string, date: string): Promise<number> {
  const answer = await fetch(`${url}/api/v1/slots?kind=shuttle&resourceId=${runId}&from=${date}&to=${date}`);
  const { items } = (await answer.json()) as { items: { remaining: number }[] };
  return Math.min(...items.map(({ remaining }) => remaining));
}
