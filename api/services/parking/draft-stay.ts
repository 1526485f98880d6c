import { and, eq, isNull } from 'drizzle-orm';
import { vehicle } from '../../../db/schema/index.ts';
import { dateOf, monthDates } from '../../calendar/time.ts';
import { claimsDuring } from '../../engine/find-claims.ts';
import { slotsOfResources } from '../../engine/find-slots.ts';
import type { BookingDraft, Slot } from '../../engine/types.ts';
import { holdsRole, type Caller } from '../../people/caller.ts';
import { isUuid, joinRanges, lineOf, notFound, refuse, resourceOf, slotsOfKind, spanOf } from '../drafting.ts';
import type { Context, Resource, Wish, WishRefusal } from '../service.ts';
import { maskPlate } from '../../people/plate.ts';
import { refuseSuspended } from './refuse-suspended.ts';
import { agreementOf, monthPriceFen, type AgreementFacts } from './rules.ts';
import type { ParkingBookingRequest } from './schemas.ts';

/** What is kept of a stay, to show it as it was booked. */
export type StayDetails = {
  title: { zh: string; en: string };
  vehicleId: string;
  plateMasked: string;
  /** The plate that the vehicle has now, while it waits to be verified; the one above opens the gate until then. */
  plateWaiting?: string | null;
  nights: number;
  month: string | null;
  missingNights: string[];
};

/** A vehicle stands in one place at a time. */
const stayScope = 'stay';

type Nights = { ok: true; slots: Slot[]; missing: string[]; month: string | null };

/** Turns a wish for nights, or for a month, into units of each night's slot and one claim of the car per joined stay. */
export async function draftStay(context: Context, caller: Caller, request: ParkingBookingRequest): Promise<Wish> {
  const car = await ownVehicle(context, caller, request.vehicleId);
  if (!car) return notFound;
  const nights =
    'month' in request ? await nightsOfMonth(context, request, car.id) : await namedNights(context, request.slotIds);
  if (!nights.ok) return nights;
  const lot = resourceOf(context, nights.slots[0]?.resourceId ?? '');
  const { facts, times } = agreementOf(lot);
  if (car.verifiedAt === null) return refuse('vehicle-unverified');
  if (!isBeneficiary(caller, facts)) return refuse('not-a-beneficiary');
  const suspended = await refuseSuspended(context, caller.personId, lot);
  if (suspended) return suspended;
  const parked = { vehicleId: car.id, plateMasked: maskPlate(car.plate) };
  return { ok: true, offerMinutes: times.offerMinutes, draft: stayOn(lot, nights, parked) };
}

/** A stay of a car on some nights of a lot: units of each night's slot, and one claim of the car per joined stay. */
export function stayOn(
  lot: Resource,
  nights: Omit<Nights, 'ok'>,
  car: Pick<StayDetails, 'vehicleId' | 'plateMasked'>,
): BookingDraft {
  const details: StayDetails = {
    title: lot.name,
    ...car,
    nights: nights.slots.length,
    month: nights.month,
    missingNights: nights.missing,
  };
  return {
    kind: 'parking',
    ...spanOf(nights.slots),
    lines: nights.slots.map((slot) => lineOf(slot, 1)),
    claims: joinRanges(nights.slots).map((during) => ({ claimantId: car.vehicleId, scope: stayScope, during })),
    priceFen: priceFen(nights, agreementOf(lot).facts),
    details,
  };
}

async function ownVehicle({ db, site }: Context, caller: Caller, vehicleId: string) {
  if (!isUuid(vehicleId)) return null;
  const rows = await db.orm
    .select()
    .from(vehicle)
    .where(
      and(
        eq(vehicle.siteId, site.id),
        eq(vehicle.id, vehicleId),
        eq(vehicle.personId, caller.personId),
        isNull(vehicle.removedAt),
      ),
    );
  return rows[0] ?? null;
}

async function namedNights(context: Context, slotIds: readonly string[]): Promise<Nights | WishRefusal> {
  const slots = await slotsOfKind(context, 'parking', slotIds);
  if (!slots) return notFound;
  if (new Set(slots.map((slot) => slot.resourceId)).size > 1) return refuse('one-lot');
  return { ok: true, slots, missing: [], month: null };
}

type MonthRequest = Extract<ParkingBookingRequest, { month: string }>;

/** The nights of a month that have not passed yet; with `allowPartial`, only those that can be had. */
async function nightsOfMonth(
  context: Context,
  request: MonthRequest,
  vehicleId: string,
): Promise<Nights | WishRefusal> {
  const lot = context.catalogue.get(request.resourceId);
  if (lot?.kind !== 'parking') return notFound;
  const { facts, schedule } = agreementOf(lot);
  if (facts.monthlyFen === null) return refuse('no-monthly');
  const dates = monthDates(request.month);
  const lastDate = dates.at(-1) ?? '';
  if (lastDate < dateOf(context.now, context.site.timeZone)) return refuse('month-past');
  if (schedule.publishedTo === null || schedule.publishedTo < lastDate) return refuse('month-not-open');
  const published = await slotsOfResources(context.db, context.site.id, [lot.id], dates);
  const ahead = published.filter((slot) => slot.closesAt > context.now);
  if (ahead.length === 0) return refuse('month-past');
  const slots = request.allowPartial ? await nightsToBeHad(context, ahead, vehicleId) : ahead;
  if (slots.length === 0) return refuse('month-full');
  const missing = ahead.filter((slot) => !slots.includes(slot)).map((slot) => slot.serviceDate);
  return { ok: true, slots, missing, month: request.month };
}

/** The free nights on which the car stands nowhere else; if it does on all of them, all: the engine then names the booking. */
async function nightsToBeHad({ db, site }: Context, ahead: readonly Slot[], vehicleId: string): Promise<Slot[]> {
  const free = ahead.filter(isFree);
  if (free.length === 0) return [];
  const stays = await claimsDuring(db, site.id, { claimantId: vehicleId, scope: stayScope }, spanOf(free));
  const unclaimed = free.filter(
    (slot) => !stays.some((stay) => stay.startsAt < slot.endsAt && slot.startsAt < stay.endsAt),
  );
  return unclaimed.length > 0 ? unclaimed : free;
}

function isFree(slot: Slot): boolean {
  return slot.state === 'active' && slot.taken < slot.capacity;
}

function isBeneficiary(caller: Caller, { beneficiary }: AgreementFacts): boolean {
  switch (beneficiary.group) {
    case 'compound':
      return holdsRole(caller, ['resident'], beneficiary.organisationId);
    case 'any-resident':
      return caller.roles.some(({ role }) => role === 'resident');
    case 'any-employee':
      return caller.roles.some(({ role }) => role === 'employee');
  }
}

function priceFen(nights: Omit<Nights, 'ok'>, facts: AgreementFacts): number {
  const total = nights.slots.reduce((sum, slot) => sum + slot.priceFen, 0);
  const nightly = nights.slots[0]?.priceFen ?? 0;
  if (nights.month === null || facts.monthlyFen === null) return total;
  return monthPriceFen(nights.slots.length, nightly, facts.monthlyFen);
}
