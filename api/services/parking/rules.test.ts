import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCalendarCsv } from '../../calendar/csv.ts';
import { plusDays, toText } from '../../calendar/time.ts';
import { workingDays } from '../../calendar/working-days.ts';
import { readFileSync } from 'node:fs';
import { resources } from '../../../db/seed/caohejing.ts';
import type { Resource, Schedule } from '../service.ts';
import { agreementOf, monthPriceFen, stayRules, staysOf } from './rules.ts';

const zone = 'Asia/Shanghai';
const parsed = parseCalendarCsv(readFileSync(new URL('../../../db/seed/calendar-2026.csv', import.meta.url), 'utf8'));
const calendar = workingDays(parsed.ok ? parsed.days : []);

function anAgreement(id: string): { resource: Resource; schedule: Schedule } {
  const seed = resources().find((resource) => resource.id === id)!;
  const schedule = { id, validFrom: null, validTo: null, publishedFrom: null, publishedTo: null, ...seed.schedule! };
  return { resource: { ...seed, schedules: [schedule] }, schedule };
}

const stays = (id: string, from: string, to = from) => staysOf(anAgreement(id).schedule, { from, to }, calendar, zone);

describe('the stays of an agreement', () => {
  test('of a year join without a gap where days off are all-day, and never overlap', () => {
    const year = stays('guangqi-night', '2026-01-01', '2026-12-31');
    expect(year).toHaveLength(365);
    for (const [index, stay] of year.entries()) {
      const next = year[index + 1];
      if (!next) continue;
      const isJoined = calendar.isOffDay(next.serviceDate);
      expect([stay.serviceDate, next.startsAt === stay.endsAt, next.startsAt >= stay.endsAt]).toEqual([
        stay.serviceDate,
        isJoined,
        true,
      ]);
    }
  });

  test('are booked from 62 days before until an hour before their end, and cancelled until they start', () => {
    const [stay] = stays('guangqi-night', '2026-11-24');
    const times = [stay!.opensAt, stay!.startsAt, stay!.cancelUntil, stay!.closesAt, stay!.endsAt];
    expect(times.map((instant) => toText(instant, zone))).toEqual([
      '2026-09-23T00:00:00+08:00',
      '2026-11-24T18:30:00+08:00',
      '2026-11-24T18:30:00+08:00',
      '2026-11-25T07:00:00+08:00',
      '2026-11-25T08:00:00+08:00',
    ]);
  });

  test('leave by the end of the run that they belong to', () => {
    fc.assert(
      fc.property(fc.nat(360), (days) => {
        const date = plusDays('2026-01-01', days);
        const [stay] = stays('guangqi-night', date);
        let last = stay!;
        for (let next = plusDays(date, 1); calendar.isOffDay(next); next = plusDays(next, 1))
          [last] = stays('guangqi-night', next) as [typeof last];
        expect((stay!.facts as { leaveBy: number }).leaveBy).toBe(last.endsAt);
      }),
      { numRuns: 60 },
    );
  });

  test('by day are not given on days off, and on the street every night is the same', () => {
    expect(stays('sample-compound-day', '2026-10-01', '2026-10-11').map(({ serviceDate }) => serviceDate)).toEqual([
      '2026-10-08',
      '2026-10-09',
      '2026-10-10',
    ]);
    const nights = stays('qinzhou-north-night', '2026-10-01', '2026-10-07');
    expect(new Set(nights.map(({ startsAt, endsAt }) => endsAt - startsAt))).toEqual(new Set([12 * 3_600_000]));
  });
});

test('a month costs its nights, and never more than the price of the month', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 31 }), fc.nat(10_000), fc.nat(100_000), (nights, nightly, monthly) => {
      const price = monthPriceFen(nights, nightly, monthly);
      expect(price <= monthly && price <= nights * nightly).toBe(true);
      expect([monthly, nights * nightly]).toContain(price);
    }),
  );
});

test.each(['guangqi-night', 'institute-21-night', 'qinzhou-north-night', 'sample-compound-day'])(
  'the sentences of %s say its times in both languages',
  (id) => {
    const { resource } = anAgreement(id);
    const { window } = agreementOf(resource).times;
    const rules = stayRules(resource);
    const ofMonths = agreementOf(resource).facts.monthlyFen === null ? [] : ['renewal', 'release'];
    const names = ['window', 'days-off', 'cancellation', 'space', ...ofMonths, 'payment'];
    expect(rules.map(({ name }) => name)).toEqual(names);
    const [first] = rules;
    for (const text of [first!.text.zh, first!.text.en]) expect(text).toContain(window.from);
    expect(first!.text.zh.includes('次日')).toBe(window.to < window.from);
  },
);

test('a cancellation that ends before the stay is said so', () => {
  const { resource, schedule } = anAgreement('guangqi-night');
  const rule = { ...(schedule.rule as object), cancelMinutesBeforeStart: 45 };
  const [stay] = staysOf({ ...schedule, rule }, { from: '2026-11-24', to: '2026-11-24' }, calendar, zone);
  expect(toText(stay!.cancelUntil, zone)).toBe('2026-11-24T17:45:00+08:00');
  const sentence = stayRules({ ...resource, schedules: [{ ...schedule, rule }] }).find(
    ({ name }) => name === 'cancellation',
  );
  expect(sentence?.text.zh).toContain('45');
});
