import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { datesBetween, endOfMonth, instantOf, minutesBefore, plusDays } from '../calendar/time.ts';
import { horizon } from './horizon.ts';

const zone = 'Asia/Shanghai';

test('the horizon goes from yesterday to the end of next month, and never less than 35 days ahead', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3650 }), (days) => {
      const today = plusDays('2024-01-01', days);
      const { from, to } = horizon(instantOf(today, '12:00', zone), zone);
      expect(from).toBe(plusDays(today, -1));
      expect(datesBetween(today, to).length - 1).toBeGreaterThanOrEqual(35);
      const nextMonth = plusDays(endOfMonth(today), 1);
      expect(to === endOfMonth(nextMonth) || to === plusDays(today, 35)).toBe(true);
      expect(to >= endOfMonth(nextMonth)).toBe(true);
    }),
  );
});

test('the horizon moves on at midnight of the site, and never back', () => {
  const midnight = instantOf('2026-11-30', '00:00', zone);
  expect(horizon(minutesBefore(midnight, 1), zone).from).toBe('2026-11-28');
  expect(horizon(midnight, zone).from).toBe('2026-11-29');
  const ends = datesBetween('2026-01-01', '2028-12-31').map((date) => horizon(instantOf(date, '00:00', zone), zone).to);
  expect(ends).toEqual(ends.toSorted());
});
