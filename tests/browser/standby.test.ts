import { expect, test } from 'vitest';
import { parseInstant } from '../../api/calendar/time.ts';
import { sweep } from '../../api/sweep.ts';
import { openDb } from '../../db/open.ts';
import { siteRow } from '../../db/seed/caohejing.ts';
import { useBrowser } from '../support/browser-page.ts';
import { accessibilityFaults, isWiderThanScreen, tooSmallForElders } from '../support/page-look.ts';
import { employees, processOver, seededDatabase, signIn } from '../support/racing.ts';
import { demoPhones } from '../support/running-service.ts';

const ride = { boardStopId: 'metro-l9', alightStopId: 'guangqi' };

/** The employee missed Monday's bus; on Tuesday's next the riders who booked have not come, and the one after is full. */
async function missedAndFull(): Promise<string> {
  const url = await seededDatabase();
  let present = parseInstant('2026-11-23T07:00:00+08:00');
  const process = processOver(await openDb({ url }), { clock: { now: () => present } });
  const { db, call } = process;
  const [mine, ...others] = await signIn(process, [demoPhones.employee, ...employees(12)]);
  const book = (token: string | undefined, runId: string, serviceDate: string, seats: number) =>
    call('/bookings', { token, body: { kind: 'shuttle', runId, serviceDate, seats, ...ride } });
  const made = [await book(mine, 'run-2', '2026-11-23', 1)];
  for (const [index, token] of others.slice(0, 6).entries()) {
    for (const runId of ['run-2', 'run-3']) made.push(await book(token, runId, '2026-11-24', index < 5 ? 4 : 2));
  }
  if (made.some(({ status }) => status !== 201)) throw new Error(JSON.stringify(made.map(({ body }) => body)));
  present = parseInstant('2026-11-23T08:12:00+08:00');
  await sweep(db, { now: () => present }, siteRow.code);
  await process.close();
  return url;
}

const { visit } = useBrowser('2026-11-24T08:08:01', missedAndFull);

test('a rider stands by, gets a seat at once in the last minutes, and the dispatcher excuses the ride missed before', async () => {
  const page = await visit('/shuttle/standby', { as: demoPhones.employee });
  await page.getByRole('link', { name: /08:10 班车/ }).click();
  await page.getByRole('button', { name: '加入候补' }).click();
  await page.getByText('有座位了').waitFor();
  await page.getByRole('link', { name: '查看座位和乘车码' }).click();
  await page.getByRole('heading', { name: /08:10 班车/ }).waitFor();

  const record = await visit('/me', { as: demoPhones.employee });
  await record.getByRole('link', { name: '班车履约记录' }).click();
  await record.getByText('最近 30 天爽约 1 次。').waitFor();

  const desk = await visit('/desk/no-shows?date=2026-11-23', { as: demoPhones.dispatcher });
  await desk.getByRole('link', { name: '免除' }).click();
  await desk.getByLabel('原因').fill('班车早开了');
  await desk.getByRole('button', { name: '确认免除' }).click();
  await desk.getByText('已免除').first().waitFor();
  await record.reload();
  await record.getByText('原因：班车早开了').waitFor();
  await record.getByText('最近 30 天没有爽约。').waitFor();
  await desk.getByRole('button', { name: '撤回免除' }).click();
  await desk.getByText('已撤回，这次重新计入').waitFor();
});

test('without scripts one joins the line of a full run, sees the place, and leaves it', async () => {
  const page = await visit('/shuttle/standby?run=run-3', { as: demoPhones.resident, javaScript: false });
  await page.getByRole('button', { name: '加入候补' }).click();
  await page.getByText('第 1 位，共 1 组在排').waitFor();
  await page.getByText('08:33 出结果，08:35 发车').waitFor();
  await page.getByRole('button', { name: '退出候补' }).click();
  await page.getByText('已退出候补').first().waitFor();
});

test('the pages fit a wide screen, and a phone of elders in English', async () => {
  for (const [path, as] of [
    ['/shuttle/standby?run=run-3', demoPhones.employee],
    ['/me/rides', demoPhones.employee],
    ['/desk/no-shows?date=2026-11-23&excuse=none', demoPhones.dispatcher],
  ] as const)
    for (const look of [{ width: 1280 }, { isElder: true, lang: 'en' }] as const) {
      const page = await visit(path, { as, ...look });
      expect(await accessibilityFaults(page), path).toEqual([]);
      expect(await isWiderThanScreen(page), path).toBe(false);
      expect('isElder' in look ? await tooSmallForElders(page) : [], path).toEqual([]);
    }
});
