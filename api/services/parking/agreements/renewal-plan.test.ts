import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCalendarCsv } from '../../../calendar/csv.ts';
import { readFileSync } from 'node:fs';
import { workingDays } from '../../../calendar/working-days.ts';
import type { Slot } from '../../../engine/types.ts';
import type { Schedule } from '../../service.ts';
import { planRenewal } from './renewal-plan.ts';
import { staysOf, type AgreementTimes } from '../rules.ts';

const zone = 'Asia/Shanghai';
const parsed = parseCalendarCsv(
  readFileSync(new URL('../../../../db/seed/calendar-2026.csv', import.meta.url), 'utf8'),
);
const calendar = workingDays(parsed.ok ? parsed.days : []);
const dates = { from: '2026-09-18', to: '2026-10-12' };

function aSchedule(window: AgreementTimes['window'], daysOff: AgreementTimes['daysOff'], priceFen: number): Schedule {
  const rule: AgreementTimes = {
    ...{
      window,
      daysOff,
      opensDaysBefore: 62,
      closesMinutesBeforeEnd: 60,
      cancelMinutesBeforeStart: 0,
      offerMinutes: 60,
    },
  };
  const never = { validFrom: null, validTo: null, publishedFrom: null, publishedTo: null };
  return { id: 'lot-night', basis: 'workday', capacity: 3, priceFen, rule, ...never };
}

function slotsOf(schedule: Schedule, taken: readonly number[]): Slot[] {
  return staysOf(schedule, dates, calendar, zone).map((stay, index) => ({
    ...stay,
    ...{ id: index + 1, resourceId: 'lot-night', kind: 'parking', taken: taken[index] ?? 0, version: 1 },
    ...{ state: 'active' as const, closedReason: null },
  }));
}

const someTime = fc
  .nat(47)
  .map((half) => `${String(Math.floor(half / 2)).padStart(2, '0')}:${half % 2 === 0 ? '00' : '30'}`);
const someSchedule = fc
  .tuple(someTime, someTime, fc.constantFrom('all-day' as const, 'night-only' as const, 'closed' as const), fc.nat(2))
  .filter(([from, to]) => from !== to)
  .map(([from, to, daysOff, price]) => aSchedule({ from, to }, daysOff, price));
const someTaken = fc.array(fc.constantFrom(0, 0, 0, 1), { minLength: 25, maxLength: 25 });

test('whatever the terms were and become: no two nights overlap, who has booked keeps the night, and each other one is renewed, kept or new', () => {
  fc.assert(
    fc.property(someSchedule, someSchedule, someTaken, someTaken, (before, after, taken, waiting) => {
      const slots = slotsOf(before, taken);
      const drafts = new Map(staysOf(after, dates, calendar, zone).map((stay) => [stay.serviceDate, stay]));
      const waitedFor = new Set(slots.filter((_slot, index) => waiting[index] === 1).map(({ id }) => id));
      // As after the change of numbers: what is not lent and nobody has is closed.
      const seen = slots.map((slot) =>
        drafts.has(slot.serviceDate) || slot.taken > 0 || waitedFor.has(slot.id)
          ? slot
          : { ...slot, state: 'closed' as const },
      );
      const plan = planRenewal({ slots: seen, drafts, waitedFor, fixed: [] });

      const renewed = new Map(plan.renewed.map(({ slot, draft }) => [slot.id, draft]));
      for (const { slot } of plan.renewed) expect([slot.taken, waitedFor.has(slot.id)]).toEqual([0, false]);
      const nights = [
        ...seen.filter(({ state }) => state === 'active').map((slot) => renewed.get(slot.id) ?? slot),
        ...plan.published,
      ].toSorted((a, b) => a.startsAt - b.startsAt);
      for (const [index, night] of nights.entries())
        expect(night.startsAt).toBeGreaterThanOrEqual(nights[index - 1]?.endsAt ?? 0);

      const keptDates = new Set(plan.kept.map(({ serviceDate }) => serviceDate));
      const unanswered = [...drafts].filter(([date, draft]) => {
        if (keptDates.has(date) || plan.published.includes(draft)) return false;
        const slot = seen.find(({ serviceDate }) => serviceDate === date);
        if (!slot) return true;
        const isAsCalledFor =
          slot.startsAt === draft.startsAt && slot.endsAt === draft.endsAt && slot.priceFen === draft.priceFen;
        return !renewed.has(slot.id) && !isAsCalledFor;
      });
      expect(unanswered).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('the same terms renew nothing', () => {
  const schedule = aSchedule({ from: '18:30', to: '08:00' }, 'all-day', 1_500);
  const drafts = new Map(staysOf(schedule, dates, calendar, zone).map((stay) => [stay.serviceDate, stay]));
  const plan = planRenewal({ slots: slotsOf(schedule, []), drafts, waitedFor: new Set(), fixed: [] });
  expect(plan).toEqual({ renewed: [], published: [], kept: [] });
});
