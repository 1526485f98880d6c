import { describe, expect, test } from 'vitest';
import { addDays, datesIn, monthRange, weekStart } from './dates.ts';
import { money } from './money.ts';

const zh = datesIn('zh-CN', 'Asia/Shanghai');
const en = datesIn('en', 'Asia/Shanghai');

describe('dates', () => {
  test('are written in full with the weekday', () => {
    expect(zh.dateTime('2026-11-23T18:30:00+08:00')).toBe('2026年11月23日 星期一 18:30');
    expect(en.dateTime('2026-11-23T18:30:00+08:00')).toBe('Monday 23 Nov 2026 18:30');
  });
  test("are the site's, whatever the offset of the text", () => {
    expect(zh.dateTime('2026-11-23T16:30:00Z')).toBe('2026年11月24日 星期二 00:30');
  });
  test('after midnight say that it is the next day', () => {
    expect(zh.timeFrom('2026-11-24T08:00:00+08:00', '2026-11-23')).toBe('次日08:00');
    expect(zh.span('2026-11-23T18:30:00+08:00', '2026-11-24T08:00:00+08:00')).toBe('18:30–次日08:00');
    expect(zh.timeFrom('2026-11-27T08:00:00+08:00', '2026-11-23')).toBe('11月27日 周五 08:00');
  });
  test('have a week that starts on Monday', () => {
    expect(weekStart('2026-11-29')).toBe('2026-11-23');
    expect(weekStart('2026-11-23')).toBe('2026-11-23');
  });
  test('cross the ends of months and years', () => {
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(monthRange('2028-02')).toEqual({ from: '2028-02-01', to: '2028-02-29' });
  });
  test('say today and tomorrow', () => {
    expect(zh.relativeDay('2026-11-24', '2026-11-23')).toBe('明天');
    expect(en.relativeDay('2026-11-23', '2026-11-23')).toBe('Today');
  });
  test('count what is left in the largest fitting words', () => {
    expect(zh.duration(65 * 60_000)).toBe('1 小时 5 分');
    expect(zh.duration(11.2 * 60_000)).toBe('12 分钟');
    expect(en.duration(3 * 86_400_000)).toBe('3 days');
  });
});

describe('money', () => {
  test('shows fen only where there are some', () => {
    expect([1500, 2550, 2505, 0, -800, 123_456_700].map(money)).toEqual([
      '¥15',
      '¥25.50',
      '¥25.05',
      '¥0',
      '−¥8',
      '¥1,234,567',
    ]);
  });
});
