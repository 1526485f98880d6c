import { dateOf, monthDates, type IsoDate } from '../../../calendar/time.ts';
import { claimsDuring } from '../../../engine/find-claims.ts';
import { slotsOfResources } from '../../../engine/find-slots.ts';
import { slotsKeptForQueues } from '../../../engine/queue-rows.ts';
import { defaultQueueRules } from '../../../engine/promote.ts';
import type { Slot } from '../../../engine/types.ts';
import { notFound, refuse, spanOf } from '../../drafting.ts';
import type { Context, Resource, WishRefusal } from '../../service.ts';
import { carsToRenew } from './holders.ts';
import { drawWindow, monthBefore, monthOf, renewalWindow } from './month-rules.ts';
import { roundOf } from './round-rows.ts';
import { agreementOf, monthPriceFen } from '../rules.ts';
import { stayScope } from '../stay-details.ts';

/** Why a night of a month cannot be had: its spaces are gone, it is not lent, the car stands elsewhere, its spaces are kept for renewals. */
export const failingReasons = ['full', 'closed', 'elsewhere', 'kept'] as const;
export type FailingReason = (typeof failingReasons)[number];

/** What of a month can be had, and what not. Money in fen. */
export type MonthReport = {
  nights: number;
  priceFen: number;
  failing: { date: IsoDate; reason: FailingReason }[];
  rest: { nights: number; priceFen: number };
};

export type MonthWish = { resourceId: string; month: string; vehicleId: string };

/** The nights of a month that have not passed yet, in order; refused by the rule that is in the way of all of them. */
export async function nightsAhead(
  context: Context,
  { resourceId, month }: Omit<MonthWish, 'vehicleId'>,
): Promise<{ ok: true; lot: Resource; slots: Slot[] } | WishRefusal> {
  const lot = context.catalogue.get(resourceId);
  if (lot?.kind !== 'parking') return notFound;
  const { facts, schedule } = agreementOf(lot);
  if (facts.monthlyFen === null) return refuse('no-monthly');
  const dates = monthDates(month);
  const lastDate = dates.at(-1) ?? '';
  if (lastDate < dateOf(context.now, context.site.timeZone)) return refuse('month-past');
  if (schedule.publishedTo === null || schedule.publishedTo < lastDate) return refuse('month-not-open');
  const published = await slotsOfResources(context.db, context.site.id, [lot.id], dates);
  const slots = published.filter((slot) => slot.closesAt > context.now);
  return slots.length === 0 ? refuse('month-past') : { ok: true, lot, slots };
}

/** What of a month can be had by a car, looked at without a lock: what a booking would be refused for now. */
export async function monthReport(
  context: Context,
  wish: MonthWish,
  refusedSlotId: number | null = null,
): Promise<MonthReport | WishRefusal> {
  const ahead = await nightsAhead(context, wish);
  if (!ahead.ok) return ahead;
  const { lot, slots } = ahead;
  const obstacles = await obstaclesOf(context, lot, slots, wish);
  // Another one may have been there a moment before the look: who was refused for a night reads of that night.
  if (refusedSlotId !== null && obstacles.size === 0) obstacles.set(refusedSlotId, 'full');
  const rest = slots.filter(({ id }) => !obstacles.has(id));
  return {
    nights: slots.length,
    priceFen: priceOf(lot, slots),
    failing: slots.flatMap(({ id, serviceDate: date }) => {
      const reason = obstacles.get(id);
      return reason ? [{ date, reason }] : [];
    }),
    rest: { nights: rest.length, priceFen: priceOf(lot, rest) },
  };
}

function priceOf(lot: Resource, slots: readonly Slot[]): number {
  const { monthlyFen } = agreementOf(lot).facts;
  return monthPriceFen(slots.length, slots[0]?.priceFen ?? 0, monthlyFen ?? 0);
}

/** Which nights of a month a car cannot have, and why. */
export async function obstaclesOf(
  context: Context,
  lot: Resource,
  slots: readonly Slot[],
  { month, vehicleId }: Pick<MonthWish, 'month' | 'vehicleId'>,
): Promise<Map<number, FailingReason>> {
  const { db, site } = context;
  const slotIds = slots.map(({ id }) => id);
  const [stays, keptForQueues, leaves] = await Promise.all([
    claimsDuring(db, site.id, { claimantId: vehicleId, scope: stayScope }, spanOf(slots)),
    slotsKeptForQueues(db, site.id, slotIds, defaultQueueRules.maxBypasses),
    spacesToLeave(context, lot, [month], vehicleId),
  ]);
  const kept = leaves.get(month) ?? 0;
  const reasonFor = (slot: Slot): FailingReason | null => {
    if (slot.state !== 'active') return 'closed';
    if (stays.some((stay) => stay.startsAt < slot.endsAt && slot.startsAt < stay.endsAt)) return 'elsewhere';
    const free = slot.capacity - slot.taken;
    if (free < 1 || keptForQueues.includes(slot.id)) return 'full';
    return free - kept < 1 ? 'kept' : null;
  };
  return new Map(
    slots.flatMap((slot) => {
      const reason = reasonFor(slot);
      return reason ? [[slot.id, reason] as const] : [];
    }),
  );
}

/**
 * How many spaces of each month a request has to leave to those who may still renew, by month; the months that keep none are missing. A car
 * that may renew itself has to leave nothing. `vehicleId`: null for single nights, which are no renewal.
 */
export async function spacesToLeave(
  context: Context,
  lot: Resource,
  months: readonly string[],
  vehicleId: string | null,
): Promise<Map<string, number>> {
  const { db, site, now } = context;
  const { facts } = agreementOf(lot);
  const keeping = months.filter((month) => {
    const window = renewalWindow(facts, month, site.timeZone);
    return window !== null && now < window.closesAt;
  });
  const kept = await Promise.all(
    keeping.map(async (month) => {
      const cars = await carsToRenew(db, { siteId: site.id, resourceId: lot.id, month }, monthBefore(month));
      const isRenewal = vehicleId !== null && cars.includes(vehicleId);
      return [month, isRenewal ? 0 : cars.length] as const;
    }),
  );
  return new Map(kept.filter(([, spaces]) => spaces > 0));
}

/** Whether a month of a lot is still to be drawn: its round is not over, or will be held. */
export async function isToBeDrawn({ db, site, now }: Context, lot: Resource, month: string): Promise<boolean> {
  const window = drawWindow(agreementOf(lot).facts, month, site.timeZone);
  if (window === null) return false;
  const round = await roundOf(db, site.id, lot.id, month);
  return round === null ? now < window.closesAt : round.state !== 'done';
}

/** The months that some nights belong to. */
export function monthsOf(slots: readonly Slot[]): string[] {
  return [...new Set(slots.map(({ serviceDate }) => monthOf(serviceDate)))];
}
