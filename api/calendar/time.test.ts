import * as fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, test } from 'vitest';
import {
  dateOf,
  datesBetween,
  endOfMonth,
  instantOf,
  InvalidTimeText,
  minutesAfter,
  minutesBefore,
  monthDates,
  NonexistentLocalTime,
  parseInstant,
  plusDays,
  startOfDay,
  toText,
  weekdayOf,
} from './time.ts';

const SHANGHAI = 'Asia/Shanghai';
const BERLIN = 'Europe/Berlin';
const NEW_YORK = 'America/New_York';

/** Summer time by the hour, by the half hour, at midnight, at a minute past midnight; a negative and a three-quarter offset. */
const zones = fc.constantFrom(
  SHANGHAI,
  BERLIN,
  NEW_YORK,
  'Australia/Lord_Howe',
  'America/Havana',
  'America/St_Johns',
  'Pacific/Chatham',
  'UTC',
);
const instants = fc.integer({ min: Date.parse('1972-06-01T00:00:00Z'), max: Date.parse('2100-01-01T00:00:00Z') });
const dates = instants.map((instant) => dateOf(instant, 'UTC'));
const times = fc.integer({ min: 0, max: 24 * 60 - 1 }).map((minutes) => {
  const hour = String(Math.floor(minutes / 60)).padStart(2, '0');
  return `${hour}:${String(minutes % 60).padStart(2, '0')}`;
});

describe('a local time becomes an instant', () => {
  test('in Shanghai it is eight hours ahead of UTC', () => {
    expect(instantOf('2026-11-23', '18:30', SHANGHAI)).toBe(Date.parse('2026-11-23T10:30:00Z'));
  });

  test.each([
    ['2026-07-01', '12:00', BERLIN, '2026-07-01T10:00:00Z'],
    ['2026-12-01', '12:00', BERLIN, '2026-12-01T11:00:00Z'],
    ['2026-07-01', '12:00', NEW_YORK, '2026-07-01T16:00:00Z'],
    ['2026-12-01', '12:00', NEW_YORK, '2026-12-01T17:00:00Z'],
  ])('%s %s in %s follows summer time', (date, time, zone, utc) => {
    expect(instantOf(date, time, zone)).toBe(Date.parse(utc));
  });

  test.each([
    ['2026-03-29', '02:30', BERLIN],
    ['2026-03-08', '02:00', NEW_YORK],
    ['2026-03-08', '00:30', 'America/Havana'],
    ['2026-10-04', '02:15', 'Australia/Lord_Howe'],
    ['2011-12-30', '12:00', 'Pacific/Apia'],
  ])('%s %s, which the clocks of %s skip, is an error', (date, time, zone) => {
    expect(() => instantOf(date, time, zone)).toThrow(NonexistentLocalTime);
  });

  test.each([
    ['2026-10-25', '02:30', BERLIN, '2026-10-25T02:30:00+02:00'],
    ['2026-11-01', '01:00', NEW_YORK, '2026-11-01T01:00:00-04:00'],
    ['2026-04-05', '01:45', 'Australia/Lord_Howe', '2026-04-05T01:45:00+11:00'],
  ])('%s %s, which the clocks of %s show twice, is the first', (date, time, zone, text) => {
    expect(toText(instantOf(date, time, zone), zone)).toBe(text);
  });

  test.each(['24:00', '7:30', '18:60', '18:30:00', '１８:30', ''])('%o is not a local time', (time) => {
    expect(() => instantOf('2026-11-23', time, SHANGHAI)).toThrow(InvalidTimeText);
  });

  test.each(['2026-02-29', '2026-13-01', '2026-1-1', '20261123', '2026-W48-1', '+002026-11-23', ''])(
    '%o is not a date',
    (date) => {
      expect(() => instantOf(date, '18:30', SHANGHAI)).toThrow(InvalidTimeText);
    },
  );

  test('an unknown zone is an error', () => {
    expect(() => instantOf('2026-11-23', '18:30', 'Asia/Caohejing')).toThrow(RangeError);
  });

  test('read back in its zone it is the same date and time, wherever it exists', () => {
    fc.assert(
      fc.property(dates, times, zones, (date, time, zone) => {
        const instant = instantOrNull(date, time, zone);
        fc.pre(instant !== null);
        expect(toText(instant, zone).slice(0, 16)).toBe(`${date}T${time}`);
        expect(dateOf(instant, zone)).toBe(date);
      }),
    );
  });

  test.each([BERLIN, NEW_YORK, 'Australia/Lord_Howe', 'America/Havana'])(
    'all through 2026 in %s it is the first instant that shows it, and refused only when none does',
    (zone) => {
      const shown = new Map<string, number>();
      const start = Date.parse('2026-01-01T00:00:00Z');
      for (let at = start; at < start + 366 * 86_400_000; at += 15 * 60_000) {
        const local = DateTime.fromMillis(at, { zone }).toFormat('yyyy-MM-dd HH:mm');
        if (!shown.has(local)) shown.set(local, at);
      }
      const wrong = [];
      for (const date of datesBetween('2026-01-02', '2026-12-30')) {
        for (const time of ['00:00', '00:30', '01:00', '01:30', '01:45', '02:00', '02:15', '02:30', '03:00']) {
          if ((shown.get(`${date} ${time}`) ?? null) !== instantOrNull(date, time, zone)) wrong.push(`${date} ${time}`);
        }
      }
      expect(wrong).toEqual([]);
    },
  );
});

describe('an instant becomes text', () => {
  test("it carries the zone's offset and no empty milliseconds", () => {
    expect(toText(Date.parse('2026-11-23T10:30:00Z'), SHANGHAI)).toBe('2026-11-23T18:30:00+08:00');
  });

  test('milliseconds are shown when there are any', () => {
    expect(toText(Date.parse('2026-11-23T10:30:00.007Z'), SHANGHAI)).toBe('2026-11-23T18:30:00.007+08:00');
  });

  test('UTC is +00:00 and western offsets are negative', () => {
    const instant = Date.parse('2026-11-23T10:30:00Z');
    expect(toText(instant, 'UTC')).toBe('2026-11-23T10:30:00+00:00');
    expect(toText(instant, 'America/St_Johns')).toBe('2026-11-23T07:00:00-03:30');
  });

  test('the offset changes in the very millisecond in which the clocks do, in either order of asking', () => {
    const change = Date.parse('2026-03-29T01:00:00Z');
    expect(toText(change, BERLIN)).toBe('2026-03-29T03:00:00+02:00');
    expect(toText(change - 1, BERLIN)).toBe('2026-03-29T01:59:59.999+01:00');
    expect(toText(change, BERLIN)).toBe('2026-03-29T03:00:00+02:00');
  });

  test('it is what luxon writes, in every zone', () => {
    fc.assert(
      fc.property(instants, zones, (instant, zone) => {
        const luxonText = DateTime.fromMillis(instant, { zone }).toISO({ suppressMilliseconds: true });
        expect(toText(instant, zone)).toBe(luxonText.replace(/Z$/, '+00:00'));
      }),
      { numRuns: 1_000 },
    );
  });

  test('read again it is the same instant, also where the offset once had seconds', () => {
    const sinceEarly = fc.integer({ min: Date.parse('1850-01-01T00:00:00Z'), max: Date.parse('2200-01-01T00:00:00Z') });
    fc.assert(
      fc.property(sinceEarly, zones, (instant, zone) => {
        expect(parseInstant(toText(instant, zone))).toBe(instant);
      }),
    );
  });
});

describe('text becomes an instant', () => {
  test.each([
    ['2026-11-23T18:30:00+08:00', '2026-11-23T10:30:00.000Z'],
    ['2026-11-23T10:30:00Z', '2026-11-23T10:30:00.000Z'],
    ['2026-11-23t10:30:00z', '2026-11-23T10:30:00.000Z'],
    ['2026-11-23T10:30:00.5Z', '2026-11-23T10:30:00.500Z'],
    ['2026-11-23T10:30:00.123999Z', '2026-11-23T10:30:00.123Z'],
    ['2026-11-23T23:30:00-05:30', '2026-11-24T05:00:00.000Z'],
  ])('%s is read', (text, utc) => {
    expect(parseInstant(text)).toBe(Date.parse(utc));
  });

  test.each([
    ['no offset', '2026-11-23T18:30:00'],
    ['no time', '2026-11-23'],
    ['no seconds', '2026-11-23T18:30+08:00'],
    ['a space instead of T', '2026-11-23 18:30:00+08:00'],
    ['a short offset', '2026-11-23T18:30:00+08'],
    ['an offset of 24 hours', '2026-11-23T18:30:00+24:00'],
    ['hour 24', '2026-11-23T24:00:00Z'],
    ['a date that is none', '2026-02-30T10:00:00Z'],
    ['a leap second', '2016-12-31T23:59:60Z'],
    ['a week date', '2026-W48-1T10:00:00Z'],
    ['full-width digits', '２０２６-11-23T18:30:00Z'],
    ['something behind it', '2026-11-23T18:30:00Z\n'],
    ['a number', '1795000000000'],
    ['nothing', ''],
  ])('%s is refused', (_reason, text) => {
    expect(() => parseInstant(text)).toThrow(InvalidTimeText);
  });
});

describe('dates', () => {
  test('the date is the one of the zone, not of UTC', () => {
    const instant = Date.parse('2026-11-23T16:00:00Z');
    expect(dateOf(instant, SHANGHAI)).toBe('2026-11-24');
    expect(dateOf(instant - 1, SHANGHAI)).toBe('2026-11-23');
    expect(dateOf(instant, NEW_YORK)).toBe('2026-11-23');
  });

  test('a day begins where the date changes, also where the clocks skip or repeat midnight', () => {
    fc.assert(
      fc.property(dates, zones, (date, zone) => {
        const start = startOfDay(date, zone);
        expect(dateOf(start, zone)).toBe(date);
        expect(dateOf(start - 1, zone)).toBe(plusDays(date, -1));
      }),
    );
    expect(toText(startOfDay('2026-03-08', 'America/Havana'), 'America/Havana')).toBe('2026-03-08T01:00:00-04:00');
    expect(toText(startOfDay('2026-11-01', 'America/Havana'), 'America/Havana')).toBe('2026-11-01T00:00:00-04:00');
  });

  test('adding days crosses months, leap days and years', () => {
    expect(plusDays('2028-02-28', 1)).toBe('2028-02-29');
    expect(plusDays('2026-02-28', 1)).toBe('2026-03-01');
    expect(plusDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(plusDays('2026-01-01', -1)).toBe('2025-12-31');
  });

  test('adding days and luxon agree, and going back comes home', () => {
    fc.assert(
      fc.property(dates, fc.integer({ min: -5_000, max: 5_000 }), (date, days) => {
        expect(plusDays(date, days)).toBe(DateTime.fromISO(date, { zone: 'utc' }).plus({ days }).toISODate());
        expect(plusDays(plusDays(date, days), -days)).toBe(date);
      }),
    );
  });

  test('a date past the year 9999 is an error, not a longer text', () => {
    expect(() => plusDays('9999-12-31', 1)).toThrow(RangeError);
  });

  test('weekdays count from Monday, before 1970 as well', () => {
    expect(weekdayOf('2026-11-23')).toBe(1);
    expect(weekdayOf('2026-11-29')).toBe(7);
    expect(weekdayOf('1970-01-01')).toBe(4);
    expect(weekdayOf('1969-12-28')).toBe(7);
    fc.assert(
      fc.property(dates, (date) => {
        expect(weekdayOf(date)).toBe(DateTime.fromISO(date, { zone: 'utc' }).weekday);
      }),
    );
  });

  test('a list of dates includes both ends and is empty backwards', () => {
    expect(datesBetween('2026-12-30', '2027-01-02')).toEqual(['2026-12-30', '2026-12-31', '2027-01-01', '2027-01-02']);
    expect(datesBetween('2026-12-30', '2026-12-30')).toEqual(['2026-12-30']);
    expect(datesBetween('2026-12-30', '2026-12-29')).toEqual([]);
  });

  test('a list of more than ten years is refused', () => {
    expect(datesBetween('2026-01-01', '2035-12-31')).toHaveLength(3_652);
    expect(() => datesBetween('2026-01-01', '9026-01-01')).toThrow(RangeError);
  });

  test('a month has all its dates', () => {
    expect(monthDates('2026-12')).toHaveLength(31);
    expect(monthDates('2028-02').at(-1)).toBe('2028-02-29');
    expect(monthDates('2026-12')[0]).toBe('2026-12-01');
    expect(endOfMonth('2026-02-05')).toBe('2026-02-28');
    expect(endOfMonth('2026-12-31')).toBe('2026-12-31');
  });

  test.each(['2026-13', '2026-00', '2026-1', '2026-12-01', ''])('%o is not a month', (month) => {
    expect(() => monthDates(month)).toThrow(InvalidTimeText);
  });
});

test('minutes are elapsed time, also over a change of the clocks', () => {
  const departure = instantOf('2026-03-29', '03:10', BERLIN);
  expect(toText(minutesBefore(departure, 30), BERLIN)).toBe('2026-03-29T01:40:00+01:00');
  expect(minutesAfter(minutesBefore(departure, 30), 30)).toBe(departure);
});

function instantOrNull(date: string, time: string, zone: string): number | null {
  try {
    return instantOf(date, time, zone);
  } catch (error) {
    if (error instanceof NonexistentLocalTime) return null;
    throw error;
  }
}
