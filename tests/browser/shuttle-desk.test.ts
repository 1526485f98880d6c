import { expect, test } from 'vitest';
import { useBrowser } from '../support/browser-page.ts';
import { accessibilityFaults, isWiderThanScreen, tooSmallForElders } from '../support/page-look.ts';
import { employees, processOver, seededDatabase, signIn } from '../support/racing.ts';
import { demoPhones } from '../support/running-service.ts';
import { openDb } from '../../db/open.ts';
import { clockFrom } from '../../api/clock.ts';
import { parseInstant } from '../../api/calendar/time.ts';

const day = '2026-11-24';
const [rider = '', other = ''] = employees(2);

/** Two riders on run 2 and one on run 5. */
async function withRiders(): Promise<string> {
  const url = await seededDatabase();
  const clock = clockFrom(parseInstant('2026-11-23T09:00:00+08:00'), () => Date.now());
  const process = processOver(await openDb({ url }), { clock });
  const [first, second] = await signIn(process, [rider, other]);
  const inbound = {
    kind: 'shuttle',
    runId: 'run-2',
    serviceDate: day,
    boardStopId: 'metro-l9',
    alightStopId: 'guangqi',
  };
  for (const token of [first, second]) await process.call('/bookings', { token, body: { ...inbound, seats: 1 } });
  const home = { ...inbound, runId: 'run-5', boardStopId: 'guangqi', alightStopId: 'metro-l9', seats: 2 };
  await process.call('/bookings', { token: first, body: home });
  await process.close();
  return url;
}

const { visit } = useBrowser('2026-11-23T09:00', withRiders);

test('the dispatcher turns a run round and cancels another; riders are told, and one change is taken back', async () => {
  const desk = await visit('/desk/work', { as: demoPhones.dispatcher });
  await desk.getByRole('link', { name: '班车调度' }).click();
  await desk.getByRole('link', { name: '2026年11月24日 星期二' }).click();
  const run = (title: string) => desk.getByRole('article', { name: title });
  await run('08:10 班车（地铁→园区）').getByText('2/22').first().waitFor();
  await run('08:10 班车（地铁→园区）')
    .getByRole('link', { name: /更改这班车/ })
    .click();
  await desk.getByRole('radio', { name: /掉头/ }).check();
  await desk.getByRole('button', { name: '先看影响' }).click();
  await desk.getByText('请写几个字的原因。').waitFor();
  await desk.getByLabel('原因', { exact: true }).fill('会展散场，园区出发的人多');
  await desk.getByRole('button', { name: '先看影响' }).click();
  await desk.getByText('08:10 地铁→园区 改为 08:10 园区→地铁').waitFor();
  await desk.getByText('2 个预约要让出，都留好了另一班的座位。').waitFor();
  await desk
    .getByText(/另备：|07:45 班车（地铁→园区）/)
    .first()
    .waitFor();
  await desk.getByRole('button', { name: '确认更改，并通知 2 位让出者' }).click();
  await desk.getByText('受影响的乘客都已收到通知。').waitFor();
  await run('08:10 班车（园区→地铁）').getByText('当天掉头').waitFor();

  await run('12:10 班车（园区→地铁）')
    .getByRole('link', { name: /更改这班车/ })
    .click();
  await desk.getByRole('radio', { name: /取消这班车/ }).check();
  await desk.getByLabel('原因', { exact: true }).fill('车辆故障');
  await desk.getByRole('button', { name: '先看影响' }).click();
  await desk.getByRole('button', { name: /确认更改，并通知 1 位/ }).click();
  await run('12:10 班车（园区→地铁）').getByText('已取消').waitFor();

  const told = await visit('/notices', { as: rider });
  await told.getByText('08:10 班车（地铁→园区）').first().waitFor();
  await told.getByText('12:10 班车（园区→地铁）').first().waitFor();

  await desk.getByRole('button', { name: /^撤销 当天掉头/ }).click();
  await desk.getByText('2 个预约恢复原样').waitFor();
  await desk.getByRole('button', { name: '确认撤销' }).click();
  await desk.getByText('已撤销，恢复原样').waitFor();
  await run('08:10 班车（地铁→园区）').getByText('2/22').first().waitFor();
});

test('a timetable is made and taken back without client JavaScript; the pages fit phones, elders and readers', async () => {
  const page = await visit('/desk/shuttle/timetables', { as: demoPhones.dispatcher, javaScript: false });
  await page.getByLabel('从哪天起').fill('2026-11-30');
  await page.getByLabel('第 3 班 发车').fill('08:37');
  await page.getByLabel('原因').fill('错开地铁客流');
  await page.getByRole('button', { name: '先看影响' }).click();
  await page.getByText(/没有空闲车辆/).waitFor();
  await page.getByLabel('第 4 班 发车').fill('09:05');
  await page.getByRole('button', { name: '先看影响' }).click();
  await page.getByText('没有乘客受影响。').waitFor();
  await page.getByRole('button', { name: '确认实行' }).click();
  await page.getByText('新时刻表已制定').waitFor();
  await page.getByText('将实行').waitFor();
  await page.getByRole('button', { name: '撤销这份时刻表' }).click();
  await page.getByRole('button', { name: '确认撤销' }).click();
  await page.getByText('新时刻表已撤销').waitFor();

  for (const path of [`/desk/shuttle?date=${day}&run=run-3`, '/desk/shuttle/timetables']) {
    for (const look of [{}, { lang: 'en', isElder: true }] as const) {
      const shown = await visit(path, { as: demoPhones.dispatcher, ...look });
      expect([path, look, await isWiderThanScreen(shown)]).toEqual([path, look, false]);
      expect([path, await accessibilityFaults(shown)]).toEqual([path, []]);
      const tooSmall = 'isElder' in look ? await tooSmallForElders(shown) : [];
      expect([path, tooSmall]).toEqual([path, []]);
    }
  }
});
