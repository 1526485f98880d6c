import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseCalendarCsv } from './csv.ts';
import { datesBetween, weekdayOf } from './time.ts';
import type { IsoDate } from './time.ts';
import { mayStillMove, runsOn, workingDays } from './working-days.ts';
import type { CalendarDay } from './working-days.ts';

const result = parseCalendarCsv(readFileSync(new URL('../../db/seed/calendar-2026.csv', import.meta.url), 'utf8'));
if (!result.ok) throw new Error('db/seed/calendar-2026.csv cannot be read');
const official = result.days;
const calendar = workingDays(official);

describe('the official calendar of 2026', () => {
  test.each(['2026-01-04', '2026-02-14', '2026-02-28', '2026-05-09', '2026-09-20', '2026-10-10'])(
    'the make-up weekend day %s is a working day',
    (date) => {
      expect(weekdayOf(date)).toBeGreaterThan(5);
      expect(calendar.isWorkday(date)).toBe(true);
      expect(calendar.isOffDay(date)).toBe(false);
    },
  );

  test('a holiday on a weekday is a day off', () => {
    expect(calendar.isOffDay('2026-10-01')).toBe(true);
    expect(calendar.isWorkday('2026-10-01')).toBe(false);
  });

  test('unlisted days follow Monday to Friday', () => {
    expect(calendar.isWorkday('2026-11-23')).toBe(true);
    expect(calendar.isOffDay('2026-11-28')).toBe(true);
  });

  test('the year has 117 days off and 248 working days', () => {
    const year = datesBetween('2026-01-01', '2026-12-31');
    expect(year.filter((date) => calendar.isOffDay(date))).toHaveLength(117);
    expect(year.filter((date) => calendar.isWorkday(date))).toHaveLength(248);
  });

  test('a listed day is answered as listed, an unlisted one says that it rests on the weekday', () => {
    expect(calendar.day('2026-02-14')).toEqual(official.find((day) => day.date === '2026-02-14'));
    expect(calendar.day('2026-11-28')).toEqual({
      date: '2026-11-28',
      kind: 'off',
      name: null,
      source: 'weekend-rule',
      status: 'published',
    });
  });
});

describe('what is not published yet', () => {
  test('a year without published days is provisional and follows Monday to Friday', () => {
    expect(calendar.isProvisional('2026-12-31')).toBe(false);
    expect(calendar.isProvisional('2027-01-01')).toBe(true);
    expect(calendar.isWorkday('2027-01-01')).toBe(true);
    expect(calendar.isOffDay('2027-01-02')).toBe(true);
    expect(calendar.day('2027-01-02')).toMatchObject({ kind: 'off', status: 'provisional' });
  });

  test('a provisional day is believed, but neither it nor the rest of its year is published', () => {
    const guessed = workingDays([...official, aDay('2027-01-01', 'off', 'provisional')]);
    expect(guessed.isOffDay('2027-01-01')).toBe(true);
    expect(guessed.isProvisional('2027-01-01')).toBe(true);
    expect(guessed.isProvisional('2027-06-01')).toBe(true);
  });

  test('a provisional day in a published year stays provisional', () => {
    const mixed = workingDays([...official, aDay('2026-12-25', 'off', 'provisional')]);
    expect(mixed.isProvisional('2026-12-25')).toBe(true);
    expect(mixed.isProvisional('2026-12-24')).toBe(false);
  });

  test('only what rests on the official calendar may still move', () => {
    expect(mayStillMove('workday', '2027-01-01', calendar)).toBe(true);
    expect(mayStillMove('workday', '2026-10-01', calendar)).toBe(false);
    expect(mayStillMove('weekday', '2027-01-01', calendar)).toBe(false);
    expect(mayStillMove('daily', '2027-01-01', calendar)).toBe(false);
  });
});

test.each([
  ['a make-up Saturday', '2026-02-14', { workday: true, weekday: false, daily: true }],
  ['a holiday on a Thursday', '2026-10-01', { workday: false, weekday: true, daily: true }],
  ['an ordinary Monday', '2026-11-23', { workday: true, weekday: true, daily: true }],
  ['an ordinary Sunday', '2026-11-29', { workday: false, weekday: false, daily: true }],
])('%s is a day of service by the official calendar, the street sign or always', (_day, date, expected) => {
  expect({
    workday: runsOn('workday', date, calendar),
    weekday: runsOn('weekday', date, calendar),
    daily: runsOn('daily', date, calendar),
  }).toEqual(expected);
});

test('a date that is listed twice is an error, not a matter of order', () => {
  const twice = [aDay('2027-01-01', 'off', 'published'), aDay('2027-01-01', 'workday', 'published')];
  expect(() => workingDays(twice)).toThrow('twice');
});

function aDay(date: IsoDate, kind: CalendarDay['kind'], status: CalendarDay['status']): CalendarDay {
  return { date, kind, name: null, source: 'test', status };
}
