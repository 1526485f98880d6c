import { expect, test } from 'vitest';
import { openDb } from '../../db/open.ts';
import { siteRow } from '../../db/seed/caohejing.ts';
import { useBrowser } from '../support/browser-page.ts';
import { accessibilityFaults, isWiderThanScreen, tooSmallForElders } from '../support/page-look.ts';
import { seededDatabase } from '../support/racing.ts';
import { demoPhones } from '../support/running-service.ts';

/** Three weeks in which many come after nine and leave before six, and were refused or looked in vain. */
async function threeWeeks(): Promise<string> {
  const url = await seededDatabase();
  const db = await openDb({ url });
  await db.query(
    `INSERT INTO ride_demand
     SELECT $1, day::date, quarter, origin, target, kind, seats FROM generate_series('2026-11-02'::date, '2026-11-20'::date, '1 day') AS day,
       (VALUES (31, 'metro-l9', 'hq', 'refusal', 6), (33, 'metro-l9', 'guangqi', 'refusal', 8), (35, 'metro-l9', 'zhihui', 'refusal', 12),
         (37, 'metro-l9', 'hq', 'refusal', 15), (39, 'metro-l9', 'xinhui', 'refusal', 11), (40, 'innovation', 'hongqin', 'search', 40),
         (69, 'guangqi', 'metro-l9', 'refusal', 9), (71, 'hq', 'metro-l9', 'refusal', 14), (73, 'zhihui', 'metro-l9', 'refusal', 16),
         (75, 'xinhui', 'metro-l9', 'refusal', 7), (80, 'guangqi', 'metro-l9', 'search', 60)
       ) AS wished(quarter, origin, target, kind, seats) WHERE extract(isodow FROM day) < 6`,
    [siteRow.id],
  );
  await db.close();
  return url;
}

const { visit, service } = useBrowser('2026-11-23T09:00', threeWeeks);

test('the dispatcher sees today’s timetable beside the proposed one, without scripts too, and chooses other dates', async () => {
  const desk = await visit('/desk', { as: demoPhones.dispatcher });
  await desk.getByRole('link', { name: '班次建议' }).click();
  await desk.getByText(/改用建议的时刻，平均每天多载 [\d.]+ 人/).waitFor();

  const page = await visit('/desk/advisor', { as: demoPhones.dispatcher, javaScript: false });
  const proposed = page.locator('section', { hasText: '建议的时刻' }).first();
  await proposed.getByText('不变').first().waitFor();
  expect(await proposed.getByText(/原 \d\d:\d\d/).count()).toBeGreaterThan(0);
  await page.getByText('满员未约上 1470 座').waitFor();
  await page.getByLabel('从', { exact: true }).fill('2026-11-16');
  await page.getByRole('button', { name: '按这些日期计算' }).click();
  await page.getByText('这段日期里有 5 天有需求，至少要 10 天才能给出建议。').waitFor();
  await page.getByLabel('从', { exact: true }).fill('2026-11-29');
  await page.getByRole('button', { name: '按这些日期计算' }).click();
  await page.getByText('开始日期须早于结束日期').waitFor();

  await page.goto(page.url().split('?')[0]!);
  const times = await proposed.locator('li strong').allInnerTexts();
  await page.getByLabel('从哪天开始').fill('2026-11-25');
  await page.getByRole('button', { name: '查看影响' }).click();
  await page.getByText(/10 班中有 \d+ 班变更/).waitFor();
  await page.getByText('没有人失去座位。').waitFor();
  await page.getByRole('button', { name: '采用建议的时刻' }).click();
  await page.getByText('新的时刻从 2026年11月25日 星期三 开始').waitFor();
  const runs = await fetch(`${service().url}/api/v1/shuttle/runs?date=2026-11-25`);
  const { items } = (await runs.json()) as { items: { departsAt: string }[] };
  expect(items.map(({ departsAt }) => departsAt.slice(11, 16))).toEqual(times);

  const other = await visit('/desk/advisor', { as: demoPhones.provider });
  await other.getByText('这里是工作人员的页面').waitFor();
});

test.each([
  ['Chinese', 'zh-CN', 'light'],
  ['English', 'en', 'dark'],
] as const)('it has no fault that axe-core knows, and fits a phone and elders, in %s', async (_name, lang, theme) => {
  const page = await visit('/desk/advisor', { as: demoPhones.administrator, lang, theme, isElder: true });
  expect(await accessibilityFaults(page)).toEqual([]);
  expect(await tooSmallForElders(page)).toEqual([]);
  expect(await isWiderThanScreen(page)).toBe(false);
});
