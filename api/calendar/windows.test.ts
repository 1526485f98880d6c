import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCsv } from './csv-records.ts';
import { parseCalendarCsv } from './csv.ts';
import { datesBetween, instantOf, NonexistentLocalTime, plusDays, toText } from './time.ts';
import type { HalfOpen, IsoDate } from './time.ts';
import { leaveBy, windowFor } from './windows.ts';
import type { WindowRule } from './windows.ts';
import { runsOn, workingDays } from './working-days.ts';
import type { Basis, CalendarDay, WorkingDays } from './working-days.ts';

const SHANGHAI = 'Asia/Shanghai';
const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

const result = parseCalendarCsv(read('../../db/seed/calendar-2026.csv'));
if (!result.ok) throw new Error('db/seed/calendar-2026.csv cannot be read');
const official = workingDays(result.days);
const year = datesBetween('2026-01-01', '2026-12-31');

/** Guangqi Park's agreement unless told otherwise. */
const aRule = (changes: Partial<WindowRule> = {}): WindowRule => ({
  from: '18:30',
  to: '08:00',
  basis: 'workday',
  daysOff: 'all-day',
  ...changes,
});

describe('the test vectors for overnight windows', () => {
  const vectors = readCsv(read('../../tests/vectors/windows.csv').replace(/^#.*\n/gm, '')).records.slice(1);

  test('every listed day of the year lies in one of the official basis, and the street sign has its own', () => {
    const spans = (basis: Basis) =>
      vectors.filter(({ fields }) => fields[0] === basis).map(({ fields }) => fields.slice(2));
    const listed = result.ok ? result.days.map(({ date }) => date) : [];
    const isSeen = (date: IsoDate) =>
      spans('workday').some(([enter = '', leave = '']) => enter.slice(0, 10) <= date && date <= leave);
    expect(listed).toHaveLength(39);
    expect(listed.filter((date) => !isSeen(date))).toEqual([]);
    expect(spans('weekday')).toHaveLength(15);
  });

  test.each(vectors.map((vector) => vector.fields as [Basis, string, string, string]))(
    '%s %s: the slot that begins %s belongs to a run that ends %s',
    (basis, window, enter, leave) => {
      const [from, to] = window.split('-') as [string, string];
      const rule = aRule({ from, to, basis });
      const date = enter.slice(0, 10);
      expect(wallClock(windowFor(rule, date, official, SHANGHAI)).from).toBe(enter);
      expect(toText(leaveBy(rule, date, official, SHANGHAI)!, SHANGHAI).slice(0, 16)).toBe(leave);
    },
  );
});

describe('an all-day overnight agreement around a weekend', () => {
  test.each([
    ['Friday', '2026-11-27', '2026-11-27T18:30', '2026-11-28T08:00'],
    ['Saturday', '2026-11-28', '2026-11-28T08:00', '2026-11-29T08:00'],
    ['Sunday', '2026-11-29', '2026-11-29T08:00', '2026-11-30T08:00'],
    ['Monday', '2026-11-30', '2026-11-30T18:30', '2026-12-01T08:00'],
  ])("%s's slot", (_weekday, date, from, to) => {
    expect(wallClock(windowFor(aRule(), date, official, SHANGHAI))).toEqual({ from, to });
  });

  test('whichever slot of the run is held, the run ends on Monday morning', () => {
    const ends = ['2026-11-27', '2026-11-28', '2026-11-29'].map((date) => leaveBy(aRule(), date, official, SHANGHAI));
    expect(new Set(ends)).toEqual(new Set([instantOf('2026-11-30', '08:00', SHANGHAI)]));
  });
});

describe('the official calendar against the street sign', () => {
  test('on a make-up Saturday the workday basis has an evening slot, the weekday basis a whole day', () => {
    expect(wallClock(windowFor(aRule(), '2026-02-14', official, SHANGHAI)).from).toBe('2026-02-14T18:30');
    const byWeekday = aRule({ basis: 'weekday' });
    expect(wallClock(windowFor(byWeekday, '2026-02-14', official, SHANGHAI)).from).toBe('2026-02-14T08:00');
  });

  test('during National Day the weekday basis sends the car away every weekday morning', () => {
    const byWeekday = leaveBy(aRule({ basis: 'weekday' }), '2026-09-30', official, SHANGHAI);
    expect(toText(byWeekday!, SHANGHAI)).toBe('2026-10-01T08:00:00+08:00');
  });

  test('a daily basis has no days off', () => {
    const daily = aRule({ basis: 'daily' });
    expect(wallClock(windowFor(daily, '2026-10-03', official, SHANGHAI)).from).toBe('2026-10-03T18:30');
  });
});

describe('what an agreement gives on days off', () => {
  test('night-only keeps to the night, and its nights do not join', () => {
    const rule = aRule({ from: '19:00', to: '07:00', basis: 'weekday', daysOff: 'night-only' });
    expect(wallClock(windowFor(rule, '2026-11-28', official, SHANGHAI))).toEqual({
      from: '2026-11-28T19:00',
      to: '2026-11-29T07:00',
    });
    expect(leaveBy(rule, '2026-11-28', official, SHANGHAI)).toBe(instantOf('2026-11-29', '07:00', SHANGHAI));
  });

  test('closed gives neither a slot nor a leave-by on a day off', () => {
    const rule = aRule({ from: '08:30', to: '17:30', daysOff: 'closed' });
    expect(windowFor(rule, '2026-11-28', official, SHANGHAI)).toBeNull();
    expect(leaveBy(rule, '2026-11-28', official, SHANGHAI)).toBeNull();
  });

  test('closed on days off still gives the night from Friday to Saturday, and no more', () => {
    const rule = aRule({ daysOff: 'closed' });
    expect(wallClock(windowFor(rule, '2026-11-27', official, SHANGHAI)).to).toBe('2026-11-28T08:00');
    expect(leaveBy(rule, '2026-11-27', official, SHANGHAI)).toBe(instantOf('2026-11-28', '08:00', SHANGHAI));
  });

  test('a day window is within its date, make-up days included', () => {
    const rule = aRule({ from: '08:30', to: '17:30', daysOff: 'closed' });
    const expected = { from: '2026-02-14T08:30', to: '2026-02-14T17:30' };
    expect(wallClock(windowFor(rule, '2026-02-14', official, SHANGHAI))).toEqual(expected);
    expect(leaveBy(rule, '2026-02-14', official, SHANGHAI)).toBe(instantOf('2026-02-14', '17:30', SHANGHAI));
  });

  test('a day window that is all-day on days off has whole dates there, which join each other only', () => {
    const rule = aRule({ from: '08:30', to: '17:30' });
    expect(wallClock(windowFor(rule, '2026-11-28', official, SHANGHAI))).toEqual({
      from: '2026-11-28T00:00',
      to: '2026-11-29T00:00',
    });
    expect(leaveBy(rule, '2026-11-27', official, SHANGHAI)).toBe(instantOf('2026-11-27', '17:30', SHANGHAI));
    expect(leaveBy(rule, '2026-11-28', official, SHANGHAI)).toBe(instantOf('2026-11-30', '00:00', SHANGHAI));
  });

  test('an empty window is an error', () => {
    expect(() => windowFor(aRule({ from: '08:00', to: '08:00' }), '2026-11-23', official, SHANGHAI)).toThrow(
      RangeError,
    );
  });
});

describe.each(['workday', 'weekday'] as const)('all of 2026 on the %s basis', (basis) => {
  const rule = aRule({ basis });
  const runs = runsOfDaysOff(basis);
  const daysOfService = year.filter((date) => runsOn(basis, date, official));

  test('the year has a run of days off for each of its 52 weekends, but for the two that Spring Festival joins', () => {
    expect(runs).toHaveLength(basis === 'workday' ? 51 : 52);
  });

  test.each(runs)(
    'the run of days off from $first to $last joins from the evening before it to the next morning of service',
    ({ first, last }) => {
      const dates = datesBetween(plusDays(first, -1), last);
      const slots = dates.map((date) => slotOf(rule, date));
      expect(slots.slice(1).map((slot) => slot.startsAt)).toEqual(slots.slice(0, -1).map((slot) => slot.endsAt));

      const leave = instantOf(plusDays(last, 1), '08:00', SHANGHAI);
      expect(slots[0]?.startsAt).toBe(instantOf(plusDays(first, -1), '18:30', SHANGHAI));
      expect(slots.at(-1)?.endsAt).toBe(leave);
      expect(new Set(dates.map((date) => leaveBy(rule, date, official, SHANGHAI)))).toEqual(new Set([leave]));
    },
  );

  test("every car is gone at the window's end of a day of service, when the provider needs the space", () => {
    const mornings = new Set([...daysOfService, '2027-01-01'].map((date) => instantOf(date, '08:00', SHANGHAI)));
    const stranded = year.filter((date) => !mornings.has(leaveBy(rule, date, official, SHANGHAI)!));
    expect(stranded).toEqual([]);
  });

  test('on a day of service nothing is let between 08:00 and 18:30', () => {
    const slots = datesBetween('2025-12-25', '2026-12-31').map((date) => slotOf(rule, date));
    const intruded = daysOfService.filter((date) => {
      const providersOwn = { from: instantOf(date, '08:00', SHANGHAI), to: instantOf(date, '18:30', SHANGHAI) };
      return slots.some((slot) => slot.startsAt < providersOwn.to && slot.endsAt > providersOwn.from);
    });
    expect(intruded).toEqual([]);
  });
});

/**
 * Leave-by told another way, on the clock of Shanghai without the calendar's code: the lender needs the space in the open part of each day
 * of service, and a car may stay until it does.
 */
describe.each(['workday', 'weekday'] as const)(
  'every date of 2026 against the lender’s hours, on the %s basis',
  (basis) => {
    const shanghaiMilliseconds = 8 * 3_600_000;
    const stepMilliseconds = 30 * 60_000;
    const lines = read('../../db/seed/calendar-2026.csv').trim().split('\n').slice(1);
    const kinds = new Map(lines.map((line) => line.split(',').slice(0, 2) as [string, string]));
    const isService = (date: string): boolean => {
      const isMondayToFriday = ![0, 6].includes(new Date(`${date}T00:00:00Z`).getUTCDay());
      if (basis === 'weekday') return isMondayToFriday;
      return kinds.has(date) ? kinds.get(date) === 'workday' : isMondayToFriday;
    };
    const wallAt = (instant: number) => new Date(instant + shanghaiMilliseconds).toISOString();

    test.each([
      ['18:30', '08:00', 'all-day'],
      ['19:00', '07:00', 'all-day'],
      ['17:30', '09:30', 'all-day'],
      ['18:30', '08:00', 'night-only'],
      ['18:30', '08:00', 'closed'],
    ] as const)('%s–%s, %s', (from, to, daysOff) => {
      const isLent = (instant: number): boolean => {
        const [date = '', time = ''] = wallAt(instant).split('T');
        const isNight = time.slice(0, 5) >= from || time.slice(0, 5) < to;
        if (daysOff === 'night-only') return isNight;
        const yesterday = wallAt(instant - 86_400_000).slice(0, 10);
        if (daysOff === 'closed') return time.slice(0, 5) >= from ? isService(date) : isNight && isService(yesterday);
        return isNight || !isService(date);
      };
      const wrong = year.flatMap((date) => {
        const slot = windowFor(aRule({ from, to, basis, daysOff }), date, official, SHANGHAI);
        const isOffered = daysOff !== 'closed' || isService(date);
        if (!slot) return isOffered ? [date] : [];
        const starts = wallAt(slot.startsAt).slice(0, 16);
        const expected = isService(date) || daysOff === 'night-only' ? `${date}T${from}` : `${date}T${to}`;
        let leaves = slot.startsAt;
        while (isLent(leaves)) leaves += stepMilliseconds;
        const found = leaveBy(aRule({ from, to, basis, daysOff }), date, official, SHANGHAI);
        return isOffered && starts === expected && found === leaves ? [] : [date];
      });
      expect(wrong).toEqual([]);
    });
  },
);

describe('any window, calendar and zone', () => {
  test('slots of consecutive dates never overlap, and are never empty', () => {
    fc.assert(
      fc.property(someRule(), someCalendar(), someZone(), (rule, calendar, zone) => {
        const slots = slotsOfMarchToApril(rule, calendar, zone);
        const ends = slots.flatMap((slot) => [slot.startsAt, slot.endsAt]);
        expect(ends).toEqual(ends.toSorted((a, b) => a - b));
        expect(slots.filter((slot) => slot.startsAt === slot.endsAt)).toEqual([]);
      }),
    );
  });

  test('leave-by is where one arrives by going from slot to slot as long as they join', () => {
    fc.assert(
      fc.property(someRule(), someCalendar(), someZone(), (rule, calendar, zone) => {
        const dates = datesBetween('2027-03-10', '2027-03-24');
        expect(dates.map((date) => leaveBy(rule, date, calendar, zone))).toEqual(
          dates.map((date) => endByWalking(rule, date, calendar, zone)),
        );
      }),
    );
  });

  test('a window whose end the clocks skip is an error', () => {
    const rule = aRule({ to: '02:30', basis: 'daily' });
    expect(() => windowFor(rule, '2026-03-28', official, 'Europe/Berlin')).toThrow(NonexistentLocalTime);
  });

  test('the night in which the clocks change is an hour shorter, its ends stay on the clock', () => {
    const slot = slotOf(aRule({ basis: 'daily' }), '2026-03-28', 'Europe/Berlin');
    expect(wallClock(slot, 'Europe/Berlin')).toEqual({ from: '2026-03-28T18:30', to: '2026-03-29T08:00' });
    expect((slot.endsAt - slot.startsAt) / 3_600_000).toBe(12.5);
  });
});

function slotOf(rule: WindowRule, date: IsoDate, zone = SHANGHAI): HalfOpen {
  return windowFor(rule, date, official, zone)!;
}

function wallClock(slot: HalfOpen | null, zone = SHANGHAI): { from: string; to: string } {
  if (slot === null) throw new Error('there is no slot');
  return { from: toText(slot.startsAt, zone).slice(0, 16), to: toText(slot.endsAt, zone).slice(0, 16) };
}

/** The runs of days off that begin in 2026 or on its first day. */
function runsOfDaysOff(basis: Basis): { first: IsoDate; last: IsoDate }[] {
  const isOff = (date: IsoDate) => !runsOn(basis, date, official);
  return year
    .filter((date) => isOff(date) && !isOff(plusDays(date, -1)))
    .map((first) => {
      let last = first;
      while (isOff(plusDays(last, 1))) last = plusDays(last, 1);
      return { first, last };
    });
}

function endByWalking(rule: WindowRule, date: IsoDate, calendar: WorkingDays, zone: string): number | null {
  const slot = windowFor(rule, date, calendar, zone);
  if (slot === null) return null;
  const next = windowFor(rule, plusDays(date, 1), calendar, zone);
  return next?.startsAt === slot.endsAt ? endByWalking(rule, plusDays(date, 1), calendar, zone) : slot.endsAt;
}

function slotsOfMarchToApril(rule: WindowRule, calendar: WorkingDays, zone: string): HalfOpen[] {
  return datesBetween('2027-03-01', '2027-04-10')
    .map((date) => windowFor(rule, date, calendar, zone))
    .filter((slot) => slot !== null);
}

/** Hours from four in the morning, so that no zone's change of the clocks is in the way. */
function someRule(): fc.Arbitrary<WindowRule> {
  const time = fc.integer({ min: 4 * 60, max: 24 * 60 - 1 }).map((minutes) => {
    const hour = String(Math.floor(minutes / 60)).padStart(2, '0');
    return `${hour}:${String(minutes % 60).padStart(2, '0')}`;
  });
  return fc
    .record({
      from: time,
      to: time,
      basis: fc.constantFrom('workday' as const, 'weekday' as const, 'daily' as const),
      daysOff: fc.constantFrom('all-day' as const, 'night-only' as const, 'closed' as const),
    })
    .filter((rule) => rule.from !== rule.to);
}

/** A calendar that has turned some days of March 2027 into days off and some weekends into working days. */
function someCalendar(): fc.Arbitrary<WorkingDays> {
  return fc
    .array(fc.constantFrom('off' as const, 'workday' as const, null), { minLength: 31, maxLength: 31 })
    .map((kinds) => {
      const march = datesBetween('2027-03-01', '2027-03-31');
      const listed = march.flatMap((date, index): CalendarDay[] => {
        const kind = kinds[index];
        return kind ? [{ date, kind, name: null, source: 'test', status: 'published' }] : [];
      });
      return workingDays(listed);
    });
}

function someZone(): fc.Arbitrary<string> {
  return fc.constantFrom(SHANGHAI, 'Europe/Berlin', 'America/New_York');
}
