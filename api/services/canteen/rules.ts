import { z } from 'zod';
import { datesBetween, instantOf, minutesAfter, plusDays, weekdayOf, type IsoDate } from '../../calendar/time.ts';
import { mayStillMove, runsOn, type WorkingDays } from '../../calendar/working-days.ts';
import type { Localized } from '../../http/schemas.ts';
import { arrivalsOf, checkInRule, noShowRule, remindMinutesBefore } from '../arrivals.ts';
import { displaceFirst } from '../nearest.ts';
import type { DateRange, PublishedSlot, Resource, Schedule } from '../service.ts';
import { allergen } from './schemas.ts';

const localTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);

/** What is public of a canteen or partner restaurant beside its times. */
export const canteenPlaceFacts = z.strictObject({ seats: z.int().nullable(), isPartner: z.boolean() });

/** What is public of a dish beside its name, price and stock. */
export const dishFacts = z.strictObject({
  allergens: z.array(allergen),
  diet: z.array(z.enum(['halal', 'vegetarian'])),
  spicy: z.int().min(0).max(3),
  kcal: z.int().nullable(),
});
export type DishFacts = z.infer<typeof dishFacts>;

/** The times of a canteen's lunch, and of its dishes. Local times of the site. */
export const lunchTimes = z.strictObject({
  pickup: z.strictObject({ from: localTime, to: localTime, minutes: z.int().min(5).max(120) }),
  menuPublished: z.strictObject({ daysBefore: z.int().min(0), at: localTime }),
  orderCutoff: localTime,
  /** How long somebody who waited, or was displaced, is offered a meal. */
  offerMinutes: z.int().min(1),
  displaceFirst,
  /** From before a pick-up window begins until after it ends. */
  checkIn: checkInRule,
  remindMinutesBefore,
  /** ISO weekdays on which a dish is cooked; every service day when left out. */
  weekdays: z.array(z.int().min(1).max(7)).optional(),
});
export type LunchTimes = z.infer<typeof lunchTimes>;

/** A canteen out of the catalogue. @throws ZodError when the database holds something else. */
export function canteenOf(resource: Resource) {
  const schedule = resource.schedules[0];
  if (!schedule) throw new Error(`canteen ${resource.id} has no schedule`);
  return { facts: canteenPlaceFacts.parse(resource.facts), times: lunchTimes.parse(schedule.rule) };
}

/** A canteen's pick-up windows, each with its own capacity; for a dish, one slot a day that holds its portions. */
export function lunchSlotsOf(
  resource: Resource,
  schedule: Schedule,
  dates: DateRange,
  calendar: WorkingDays,
  zone: string,
): PublishedSlot[] {
  const times = lunchTimes.parse(schedule.rule);
  return datesBetween(dates.from, dates.to)
    .filter((date) => runsOn(schedule.basis, date, calendar))
    .filter((date) => !times.weekdays || times.weekdays.includes(weekdayOf(date)))
    .flatMap((date) => {
      const windows = resource.kind === 'dish' ? [wholeLunch(times, date, zone)] : pickupWindows(times, date, zone);
      const cutoff = instantOf(date, times.orderCutoff, zone);
      return windows.map((window) => ({
        ...window,
        serviceDate: date,
        capacity: schedule.capacity,
        priceFen: schedule.priceFen,
        opensAt: instantOf(plusDays(date, -times.menuPublished.daysBefore), times.menuPublished.at, zone),
        closesAt: cutoff,
        cancelUntil: cutoff,
        isProvisional: mayStillMove(schedule.basis, date, calendar),
        facts: null,
        // Who collects a dish comes for the window.
        ...(resource.kind !== 'dish' &&
          arrivalsOf(times, { startsAt: window.startsAt, opens: window.startsAt, closes: window.endsAt })),
      }));
    });
}

function pickupWindows({ pickup }: LunchTimes, date: IsoDate, zone: string) {
  const windows: { part: string; startsAt: number; endsAt: number }[] = [];
  const end = instantOf(date, pickup.to, zone);
  let startsAt = instantOf(date, pickup.from, zone);
  while (minutesAfter(startsAt, pickup.minutes) <= end) {
    const endsAt = minutesAfter(startsAt, pickup.minutes);
    windows.push({ part: `window-${windows.length + 1}`, startsAt, endsAt });
    startsAt = endsAt;
  }
  return windows;
}

function wholeLunch({ pickup }: LunchTimes, date: IsoDate, zone: string) {
  return { part: '', startsAt: instantOf(date, pickup.from, zone), endsAt: instantOf(date, pickup.to, zone) };
}

/** The sentences to show before an order is confirmed. */
export function orderRules(resource: Resource): { name: string; text: Localized }[] {
  const { times } = canteenOf(resource);
  const { orderCutoff, pickup } = times;
  return [
    {
      name: 'cancellation',
      text: {
        zh: `当天 ${orderCutoff} 前可免费取消，之后厨房已开始备餐。`,
        en: `Cancel free of charge until ${orderCutoff} on the day; then the kitchen has begun to cook.`,
      },
    },
    {
      name: 'payment',
      text: { zh: '现在不收款，取餐时结算。', en: 'Nothing is charged now; you pay when you collect.' },
    },
    {
      name: 'pick-up',
      text: {
        zh: `请在所选的 ${pickup.minutes} 分钟时段内取餐。`,
        en: `Please collect within the ${pickup.minutes} minutes that you chose.`,
      },
    },
    ...noShowRule(times, (minutes) => ({
      zh: `时段结束 ${minutes} 分钟后仍未取餐，记为一次爽约。`,
      en: `A meal that is not collected ${minutes} minutes after its window counts as missed.`,
    })),
  ];
}

/** Why the canteens refuse, and what to do about it; by rule. */
export const canteenRefusals = {
  'dish-not-on-menu': {
    zh: '这道菜不在当天的菜单上，请重新选择。',
    en: 'That dish is not on this day’s menu. Please choose again.',
  },
} satisfies Record<string, Localized>;
