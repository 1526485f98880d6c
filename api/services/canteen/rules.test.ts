import { describe, expect, test } from 'vitest';
import { datesBetween, toText, weekdayOf } from '../../calendar/time.ts';
import { workingDays } from '../../calendar/working-days.ts';
import type { Resource, Schedule } from '../service.ts';
import { lunchSlotsOf, orderRules, type LunchTimes } from './rules.ts';

const zone = 'Asia/Shanghai';
const calendar = workingDays([]);
const times: LunchTimes = {
  pickup: { from: '11:00', to: '13:15', minutes: 15 },
  menuPublished: { daysBefore: 1, at: '15:00' },
  orderCutoff: '10:00',
  offerMinutes: 15,
};

function slots(kind: 'canteen' | 'dish', change: Partial<LunchTimes>, from = '2026-11-23', to = from) {
  const schedule: Schedule = {
    id: 's',
    basis: 'workday',
    validFrom: null,
    validTo: null,
    capacity: 60,
    priceFen: kind === 'dish' ? 2500 : 0,
    publishedFrom: null,
    publishedTo: null,
    rule: { ...times, ...change },
  };
  const resource = { id: 'r', kind, schedules: [schedule] } as unknown as Resource;
  return lunchSlotsOf(resource, schedule, { from, to }, calendar, zone);
}

describe('who comes for lunch', () => {
  const checkIn = { opensMinutesBefore: 5, closesMinutesAfter: 30, isRequired: true };

  test('is checked in from before the window until after it, and not for each dish', () => {
    const [window] = slots('canteen', { checkIn, remindMinutesBefore: 15 });
    const { startsAt, endsAt } = window!;
    expect(window).toMatchObject({
      checkIn: { startsAt: startsAt - 300_000, endsAt: endsAt + 1_800_000, countsNoShows: true },
      remindAt: startsAt - 900_000,
    });
    for (const slot of slots('dish', { checkIn, remindMinutesBefore: 15 }))
      expect([slot.checkIn, slot.remindAt]).toEqual([undefined, undefined]);
  });

  test('is no no-show where nobody scans, and reminded of nothing where no rule says so', () => {
    expect(slots('canteen', { checkIn: { ...checkIn, isRequired: false } })[0]!.checkIn?.countsNoShows).toBe(false);
    expect([slots('canteen', {})[0]!.checkIn, slots('canteen', {})[0]!.remindAt]).toEqual([undefined, undefined]);
  });

  test('reads before confirming that a meal may be missed, where that is counted', () => {
    const rulesWith = (rule: Partial<LunchTimes>) =>
      orderRules({ facts: { seats: 1, isPartner: false }, schedules: [{ rule: { ...times, ...rule } }] } as never);
    expect(rulesWith({ checkIn }).map(({ name }) => name)).toContain('no-show');
    expect(rulesWith({}).map(({ name }) => name)).not.toContain('no-show');
  });
});

describe('pick-up windows', () => {
  test('fill the time of pick-up without a gap, and have names of their own', () => {
    const windows = slots('canteen', {});
    expect(windows).toHaveLength(9);
    expect(new Set(windows.map(({ part }) => part)).size).toBe(9);
    expect(windows.slice(1).map(({ startsAt }) => startsAt)).toEqual(windows.slice(0, -1).map(({ endsAt }) => endsAt));
    expect(
      [windows[0]!.startsAt, windows.at(-1)!.endsAt].map((instant) => toText(instant, zone).slice(11, 16)),
    ).toEqual(['11:00', '13:15']);
  });

  test('that would end after the time of pick-up are not given', () => {
    const windows = slots('canteen', { pickup: { from: '11:00', to: '12:00', minutes: 25 } });
    expect(windows.map(({ endsAt }) => toText(endsAt, zone).slice(11, 16))).toEqual(['11:25', '11:50']);
  });

  test('are ordered from the menu’s publication until the cut-off, which also ends cancelling', () => {
    const [window] = slots('canteen', { menuPublished: { daysBefore: 2, at: '16:30' }, orderCutoff: '09:45' });
    expect([window!.opensAt, window!.closesAt, window!.cancelUntil].map((instant) => toText(instant, zone))).toEqual([
      '2026-11-21T16:30:00+08:00',
      '2026-11-23T09:45:00+08:00',
      '2026-11-23T09:45:00+08:00',
    ]);
  });
});

describe('a dish', () => {
  test('is one slot a day that holds its portions for the whole of lunch', () => {
    const [dish, ...others] = slots('dish', {});
    expect(others).toEqual([]);
    expect(dish).toMatchObject({ part: '', capacity: 60, priceFen: 2500 });
    expect([dish!.startsAt, dish!.endsAt].map((instant) => toText(instant, zone).slice(11, 16))).toEqual([
      '11:00',
      '13:15',
    ]);
  });

  test('is cooked on its weekdays, as far as they are days of service', () => {
    const dates = slots('dish', { weekdays: [1, 3, 6] }, '2026-11-23', '2026-12-06').map(
      ({ serviceDate }) => serviceDate,
    );
    expect(dates).toEqual(datesBetween('2026-11-23', '2026-12-06').filter((date) => [1, 3].includes(weekdayOf(date))));
  });
});
