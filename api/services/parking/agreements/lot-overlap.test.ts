import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { datesBetween, plusDays, startOfDay, type IsoDate } from '../../../calendar/time.ts';
import { windowFor } from '../../../calendar/windows.ts';
import { workingDays, type CalendarDay } from '../../../calendar/working-days.ts';
import { peakOf, type Lending } from './lot-overlap.ts';

const zone = 'Asia/Shanghai';
const from = '2026-11-23';
/** Long enough for every change of validity below, and a week after the last one. */
const horizonDays = 24;
const gridMinutes = 30;

const aLending = (changes: Partial<Lending> = {}): Lending => ({
  id: 'night',
  quota: 30,
  window: { from: '18:30', to: '08:00' },
  basis: 'workday',
  daysOff: 'all-day',
  validFrom: null,
  validTo: null,
  ...changes,
});

/** The most that is lent at any half hour of any date, tried with each date and the one before as working days and as days off. */
function peakByGrid(lendings: readonly Lending[]): number {
  let most = 0;
  for (const date of datesBetween(from, plusDays(from, horizonDays)))
    for (const kinds of [
      ['off', 'off'],
      ['off', 'workday'],
      ['workday', 'off'],
      ['workday', 'workday'],
    ] as const) {
      const before = plusDays(date, -1);
      const calendar = workingDays([listed(before, kinds[0]), listed(date, kinds[1])]);
      const midnight = startOfDay(date, zone);
      const slots = lendings.flatMap((lending) =>
        [before, date].flatMap((on) => {
          const isValid = (lending.validFrom ?? on) <= on && on <= (lending.validTo ?? on);
          const slot = isValid ? windowFor({ ...lending, ...lending.window }, on, calendar, zone) : null;
          return slot ? [{ ...slot, quota: lending.quota }] : [];
        }),
      );
      for (let minute = 0; minute < 1440; minute += gridMinutes) {
        const instant = midnight + minute * 60_000;
        const lent = slots.filter((slot) => slot.startsAt <= instant && instant < slot.endsAt);
        most = Math.max(
          most,
          lent.reduce((sum, { quota }) => sum + quota, 0),
        );
      }
    }
  return most;
}

const listed = (date: IsoDate, kind: CalendarDay['kind']): CalendarDay => ({
  ...{ date, kind, name: null, source: 'test', status: 'published' },
});

function someLending(): fc.Arbitrary<Lending> {
  const time = fc.nat(47).map((halfHours) => {
    const hour = String(Math.floor(halfHours / 2)).padStart(2, '0');
    return `${hour}:${halfHours % 2 === 0 ? '00' : '30'}`;
  });
  const date = fc.option(fc.integer({ min: -3, max: 14 }).map((days) => plusDays(from, days)));
  return fc
    .record({
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      quota: fc.integer({ min: 1, max: 9 }),
      window: fc.record({ from: time, to: time }),
      basis: fc.constantFrom('workday' as const, 'weekday' as const, 'daily' as const),
      daysOff: fc.constantFrom('all-day' as const, 'night-only' as const, 'closed' as const),
      validFrom: date,
      validTo: date,
    })
    .filter(({ window }) => window.from !== window.to);
}

test('the peak is what a grid of half hours over every kind of day finds', () => {
  fc.assert(
    fc.property(fc.array(someLending(), { minLength: 1, maxLength: 4 }), (lendings) => {
      expect(peakOf(lendings, from)?.spaces ?? 0).toBe(peakByGrid(lendings));
    }),
    { numRuns: 150 },
  );
}, 60_000);

describe('two agreements of one lot', () => {
  const byDay = aLending({ id: 'day', quota: 12, window: { from: '08:30', to: '17:30' }, daysOff: 'closed' });
  const spaces = (...lendings: Lending[]) => peakOf(lendings, from)?.spaces;

  test('night and day after each other take the larger of both', () => expect(spaces(aLending(), byDay)).toBe(30));

  test('that meet for half an hour in the morning take both', () => {
    expect(spaces(aLending({ window: { from: '18:30', to: '09:00' } }), byDay)).toBe(42);
  });

  test('that end and begin at the same time do not meet', () => {
    expect(spaces(aLending({ window: { from: '17:30', to: '08:30' } }), byDay)).toBe(30);
  });

  test('on different bases meet on a holiday, which is a weekday on the street sign', () => {
    const found = peakOf([aLending(), { ...byDay, basis: 'weekday' }], from);
    expect(found).toMatchObject({ spaces: 42, ids: ['night', 'day'] });
  });

  test('one after the other in the year meet where a night goes over the date of change', () => {
    const last = aLending({ validTo: '2026-12-31' });
    expect(spaces(last, aLending({ id: 'next', validFrom: '2027-01-01' }))).toBe(30);
    const early = { ...byDay, window: { from: '07:00', to: '17:30' }, validFrom: '2027-01-01' };
    expect(spaces(last, early)).toBe(42);
    expect(spaces(last, { ...early, validFrom: '2027-01-02' })).toBe(30);
  });

  test('what is over is not counted', () => {
    expect(spaces(aLending({ validTo: '2026-11-01' }), byDay)).toBe(12);
  });
});
