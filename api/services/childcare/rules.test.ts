import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plusDays, toText, weekdayOf } from '../../calendar/time.ts';
import { workingDays } from '../../calendar/working-days.ts';
import type { Schedule } from '../service.ts';
import {
  isGradeEligible,
  nextSessions,
  sessionSlotsOf,
  sessionsOfYear,
  type ClassFacts,
  type SessionTimes,
} from './rules.ts';

const zone = 'Asia/Shanghai';
const times: SessionTimes = {
  hours: { from: '08:30', to: '16:30' },
  firstMonday: { month: 7, day: 1 },
  sessions: [
    { startWeek: 0, weeks: 3 },
    { startWeek: 3, weeks: 3 },
  ],
  enrolmentOpens: { month: 7, day: 1, at: '09:00' },
  cancelDaysBefore: 3,
  offerMinutes: 1440,
};

describe('the sessions of a year', () => {
  test('are those of the city’s practice in 2027', () => {
    expect(sessionsOfYear(times, 2027)).toEqual([
      { firstDay: '2027-07-05', lastDay: '2027-07-23' },
      { firstDay: '2027-07-26', lastDay: '2027-08-13' },
    ]);
  });

  test.each([
    [2024, '2024-07-01'],
    [2026, '2026-07-06'],
    [2028, '2028-07-03'],
    [2029, '2029-07-02'],
  ])('of %d begin on the first Monday of July, %s', (year, firstDay) => {
    expect(sessionsOfYear(times, year)[0]?.firstDay).toBe(firstDay);
  });

  test('go from a Monday to a Friday three weeks on, one after the other, in any year', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2000, max: 2150 }), (year) => {
        const [first, second] = sessionsOfYear(times, year);
        for (const { firstDay, lastDay } of [first!, second!]) {
          expect([weekdayOf(firstDay), weekdayOf(lastDay), plusDays(firstDay, 18)]).toEqual([1, 5, lastDay]);
        }
        expect(plusDays(first!.lastDay, 3)).toBe(second!.firstDay);
        expect(first!.firstDay >= `${year}-07-01` && first!.firstDay <= `${year}-07-07`).toBe(true);
      }),
    );
  });
});

test.each([
  ['2027-01-01', '2027'],
  ['2027-07-25', '2027'],
  ['2027-07-26', '2028'],
  ['2027-12-31', '2028'],
])('on %s the next sessions are those of %s', (today, year) => {
  expect(nextSessions(times, today).map(({ firstDay }) => firstDay.slice(0, 4))).toEqual([year, year]);
});

describe('the places of a class', () => {
  const schedule: Schedule = {
    id: 's',
    basis: 'workday',
    validFrom: null,
    validTo: null,
    capacity: 35,
    priceFen: 60_000,
    publishedFrom: null,
    publishedTo: null,
    rule: times,
  };
  const places = (from: string, to: string) => sessionSlotsOf(schedule, { from, to }, workingDays([]), zone);

  test('are sold from July of the year before until the session begins, and can be given back until three days before', () => {
    const [place] = places('2026-11-22', '2026-12-31');
    expect(
      [place!.opensAt, place!.closesAt, place!.cancelUntil, place!.endsAt].map((instant) => toText(instant, zone)),
    ).toEqual([
      '2026-07-01T09:00:00+08:00',
      '2027-07-05T08:30:00+08:00',
      '2027-07-02T00:00:00+08:00',
      '2027-07-23T16:30:00+08:00',
    ]);
    expect(place).toMatchObject({
      isProvisional: true,
      capacity: 35,
      facts: { firstDay: '2027-07-05', lastDay: '2027-07-23' },
    });
  });

  test('of the summer after are there once the dates reach past the last session’s first day', () => {
    expect(places('2026-11-22', '2026-12-31').map(({ serviceDate }) => serviceDate)).toEqual([
      '2027-07-05',
      '2027-07-26',
    ]);
    expect(places('2027-06-30', '2027-08-31').map(({ serviceDate }) => serviceDate)).toEqual([
      '2027-07-05',
      '2027-07-26',
      '2028-07-03',
      '2028-07-24',
    ]);
    expect(places('2027-07-26', '2027-08-31')).toHaveLength(2);
  });
});

test.each<[number | null, ClassFacts['grades'], boolean]>([
  [1, { from: 1, to: 5 }, true],
  [5, { from: 1, to: 5 }, true],
  [6, { from: 1, to: 5 }, false],
  [null, { from: 1, to: 5 }, false],
  [null, null, true],
  [9, null, true],
])('a child of grade %j in a class of %j: %s', (grade, grades, isEligible) => {
  const facts: ClassFacts = { type: 'summer', grades, ageMonths: null, extendedTo: null };
  expect(isGradeEligible(facts, grade)).toBe(isEligible);
});
