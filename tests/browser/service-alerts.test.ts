import { describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { useBrowser } from '../support/browser-page.ts';
import { accessibilityFaults, isWiderThanScreen, tooSmallForElders } from '../support/page-look.ts';
import { demoPhones } from '../support/running-service.ts';

const { visit } = useBrowser('2026-11-24T07:00');

/** Fills in a detour, as far as the preview. */
async function fillIn(page: Page, change: Readonly<Record<string, string>> = {}): Promise<void> {
  const fields = { '标题（中文）': '虹钦园站临时改道', '标题（英文）': 'Detour at Hongqin Park', ...change };
  for (const [label, text] of Object.entries(fields)) await page.getByLabel(label).fill(text);
  await page.getByRole('button', { name: '下一步：预览' }).click();
}

test('a dispatcher tells riders of a detour, ends it, and takes the ending back; without scripts', async () => {
  const start = await visit('/desk', { as: demoPhones.dispatcher, javaScript: false });
  await start.getByRole('link', { name: '班车提醒' }).click();
  await start.getByText('一切照常').waitFor();
  const desk = start;
  await fillIn(desk, { '说明（中文，可不填）': '请到新汇园站上车' });
  await desk.getByText('说明请中英文都填，或都不填。').waitFor();
  await desk.getByLabel('说明（英文，可不填）').fill('Please board at Xinhui Park');
  await desk.getByLabel('虹钦园', { exact: true }).check();
  await desk.getByLabel('结束时间').fill('2026-11-24T20:00');
  await desk.getByRole('button', { name: '下一步：预览' }).click();
  await desk.getByText('随时可以结束').waitFor();
  await desk.getByRole('button', { name: '回去修改' }).click();
  expect(await desk.getByLabel('虹钦园', { exact: true }).isChecked()).toBe(true);
  await desk.getByRole('button', { name: '下一步：预览' }).click();
  await desk.getByRole('button', { name: '发布' }).click();
  await desk.getByText('提醒已发布').waitFor();

  const rider = await visit('/shuttle', { lang: 'en' });
  const alert = rider.getByRole('region', { name: 'Shuttle alerts' });
  await alert.getByText('Detour at Hongqin Park').waitFor();
  await alert.getByText('Stops: Hongqin Park').waitFor();
  expect(await alert.innerText()).toMatch(/Please board at Xinhui Park[^]*Detour · Road works · Until .*20:00/);

  await desk.getByRole('button', { name: '结束这条提醒' }).click();
  await desk.getByText('提醒已结束').waitFor();
  await rider.reload();
  await rider.getByRole('heading', { name: 'Shuttle' }).first().waitFor();
  expect(await rider.getByText('Detour at Hongqin Park').count()).toBe(0);
  await desk.getByRole('button', { name: '恢复这条提醒' }).first().click();
  await desk.getByText('提醒已恢复').waitFor();
  await rider.reload();
  await rider.getByText('Detour at Hongqin Park').waitFor();
});

test('a period that makes no sense is refused in words, and what was filled in stays; the page is closed to riders', async () => {
  const desk = await visit('/desk/alerts', { as: demoPhones.administrator });
  await fillIn(desk, { 结束时间: '2026-11-23T20:00' });
  await desk.getByRole('button', { name: '发布' }).click();
  await desk.getByText('结束时间须晚于现在和开始时间').waitFor();
  expect(await desk.getByLabel('标题（英文）').inputValue()).toBe('Detour at Hongqin Park');
  const rider = await visit('/desk/alerts', { as: demoPhones.employee });
  await rider.getByText('这里是工作人员的页面').waitFor();
});

describe('both pages', () => {
  test.each([
    ['Chinese', 'zh-CN', 'light'],
    ['English', 'en', 'dark'],
  ] as const)('have no fault that axe-core knows, and fit a phone and elders, in %s', async (_name, lang, theme) => {
    for (const [path, as] of [
      ['/desk/alerts', demoPhones.dispatcher],
      ['/shuttle', undefined],
    ] as const) {
      const page = await visit(path, { ...(as && { as }), lang, theme, isElder: true });
      await page
        .getByText(lang === 'en' ? 'Detour at Hongqin Park' : '虹钦园站临时改道')
        .first()
        .waitFor();
      expect(await accessibilityFaults(page), path).toEqual([]);
      expect(await tooSmallForElders(page), path).toEqual([]);
      expect(await isWiderThanScreen(page), path).toBe(false);
    }
  });
});
