import { beforeAll, describe, expect, test } from 'vitest';
import { isShown, useBrowser } from '../support/browser-page.ts';
import { demoCaller } from '../support/demo-caller.ts';
import { gateMessage } from '../support/gate-messages.ts';
import { accessibilityFaults, isWiderThanScreen, tooSmallForElders } from '../support/page-look.ts';
import { demoPhones } from '../support/running-service.ts';

// An evening: tonight's parking has begun and can still be booked.
const { visit, service } = useBrowser('2026-11-24T19:30');

let told = 0;

/** Lets the gate of a lot tell that a car came in a quarter of an hour ago. */
async function seen(plate: string): Promise<void> {
  const sight = {
    serial: 'CAM-1',
    event: String(++told),
    kind: 'entry' as const,
    plate,
    at: '2026-11-24T19:15:00+08:00',
  };
  const site = (await (await fetch(`${service().url}/api/v1/site`)).json()) as { now: string };
  const { body, headers } = gateMessage('guangqi', [sight], Date.parse(site.now));
  const answer = await fetch(`${service().url}/api/v1/gates/events`, { method: 'POST', headers, body });
  expect(answer.status).toBe(200);
}

beforeAll(async () => {
  const resident = await demoCaller(service().url, demoPhones.resident);
  const { items } = await resident.get<{ items: { id: string }[] }>(
    '/slots?resourceId=guangqi-night&from=2026-11-24&to=2026-11-24',
  );
  const { vehicles } = await resident.get<{ vehicles: { id: string }[] }>('/me');
  await resident.post('/bookings', { kind: 'parking', slotIds: [items[0]?.id], vehicleId: vehicles[0]?.id });
});

describe('the provider’s page of a gate', () => {
  test('shows who is expected, then who is in once somebody has said whose a misread plate is', async () => {
    await seen('沪AI2345');
    const page = await visit('/desk/gate?lot=guangqi', { as: demoPhones.provider, javaScript: false });
    await page.getByRole('heading', { name: '24 小时内将到 · 1' }).waitFor();
    await page.getByText('易混字符').waitFor();
    await page.getByRole('button', { name: '就是这个预约' }).first().click();
    await page.getByText('已对上预约').waitFor();
    await page.getByRole('heading', { name: '在场车辆 · 1' }).waitFor();
    await page.getByText('19:15 入场 · 次日08:00 前离场').waitFor();
    expect(await page.content()).not.toContain('12345');
  });

  test('lets a stranger’s plate be seen in full, and set aside with a reason', async () => {
    await seen('沪K88888');
    const page = await visit('/desk/gate?lot=guangqi', { as: demoPhones.provider });
    const row = page.getByRole('listitem').filter({ hasText: '沪K·***88' });
    await row.getByText('其他处理').click();
    await row.getByRole('button', { name: '显示完整车牌' }).click();
    await row.getByText('完整车牌：沪K88888').waitFor();
    await row.getByLabel('原因').selectOption('园区自己的车');
    await row.getByRole('button', { name: '不属于任何预约' }).click();
    await page.getByText('已标记为不属于预约').waitFor();
    await row.waitFor({ state: 'detached' });
  });

  test.each([
    ['Chinese', 'zh-CN', 'light'],
    ['English', 'en', 'dark'],
  ] as const)('has no fault that axe-core knows, and fits a phone and elders, in %s', async (_name, lang, theme) => {
    await seen('沪A1234');
    const page = await visit('/desk/gate', { as: demoPhones.provider, lang, theme, isElder: true });
    await page
      .locator('details')
      .first()
      .evaluate((details: HTMLDetailsElement) => (details.open = true));
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await tooSmallForElders(page)).toEqual([]);
    expect(await isWiderThanScreen(page)).toBe(false);
    await page.evaluate(() => {
      document.documentElement.toggleAttribute('data-elder', false);
      document.documentElement.style.fontSize = '200%';
    });
    expect(await isWiderThanScreen(page)).toBe(false);
  });

  test('is found from the desk, and closed to those who run no lot', async () => {
    const desk = await visit('/desk', { as: demoPhones.provider });
    await desk.getByRole('link', { name: '道闸' }).click();
    await desk.getByRole('heading', { name: '道闸与在场车辆' }).waitFor();
    const other = await visit('/desk/gate', { as: demoPhones.dispatcher });
    expect(await isShown(other.getByText('这里是工作人员的页面'))).toBe(true);
  });
});
