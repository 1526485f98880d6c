import { and, eq, isNull } from '../../../db/orm.ts';
import { vehicle } from '../../../db/schema/index.ts';
import type { BookingDraft, Slot } from '../../engine/types.ts';
import { holdsRole, type Caller } from '../../people/caller.ts';
import { isUuid, joinRanges, lineOf, notFound, refuse, resourceOf, slotsOfKind, spanOf } from '../drafting.ts';
import type { Context, Resource, Wish, WishRefusal } from '../service.ts';
import { creditOf } from './months/credit.ts';
import { maskPlate } from '../../people/plate.ts';
import { refuseSuspended } from './overstays/refuse-suspended.ts';
import { isToBeDrawn, monthsOf, nightsAhead, obstaclesOf, spacesToLeave } from './months/month-nights.ts';
import { monthOf } from './months/month-rules.ts';
import { agreementOf, monthPriceFen, type AgreementFacts } from './rules.ts';
import type { ParkingBookingRequest } from './schemas.ts';
import { stayScope, type StayDetails } from './stay-details.ts';

/** Nights in order, and of what month they are, and what of it is missing, if they are a month. */
type BookedNights = { slots: Slot[]; missing: string[]; month: string | null };
type OwnNights = BookedNights & { vehicleId: string };
type Nights = BookedNights & { ok: true };

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
  for (const month of monthsOf(nights.slots)) if (await isToBeDrawn(context, lot, month)) return refuse('draw-open');
  const stay = stayOn(lot, nights, { vehicleId: car.id, plateMasked: maskPlate(car.plate) });
  const draft = await leavingToRenewals(context, lot, stay, { ...nights, vehicleId: car.id });
  const credit = nights.month === null ? 0 : await creditOf(context, caller.personId, lot.organisationId);
  return { ok: true, offerMinutes: times.offerMinutes, draft: spending(draft, credit) };
}

/** A draft whose price is paid by credit, as far as there is some. Fen. */
export function spending(draft: BookingDraft, creditFen: number): BookingDraft {
  return { ...draft, details: { ...draft.details, creditFen: Math.min(creditFen, draft.priceFen) } };
}

/** A stay of a car on some nights of a lot: units of each night's slot, and one claim of the car per joined stay. */
export function stayOn(
  lot: Resource,
  nights: BookedNights,
  car: Pick<StayDetails, 'vehicleId' | 'plateMasked'>,
): BookingDraft {
  const details: StayDetails = {
    title: lot.name,
    ...car,
    nights: nights.slots.length,
    month: nights.month,
    missingNights: nights.missing,
    resourceId: lot.id,
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

/** A car of the caller's; null for one that is not. */
export async function ownVehicle({ db, site }: Context, caller: Caller, vehicleId: string) {
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
  const ahead = await nightsAhead(context, request);
  if (!ahead.ok) return ahead;
  const { month } = request;
  if (!request.allowPartial) return { ok: true, slots: ahead.slots, missing: [], month };
  const { slots, isKept } = await nightsToBeHad(context, ahead, { month, vehicleId });
  if (slots.length === 0) return refuse(isKept ? 'kept-for-renewal' : 'month-full');
  const missing = ahead.slots.filter((slot) => !slots.includes(slot)).map((slot) => slot.serviceDate);
  return { ok: true, slots, missing, month };
}

/** The free nights on which the car stands nowhere else; if it does on all of them, all: the engine then names the booking. */
async function nightsToBeHad(
  context: Context,
  { lot, slots }: { lot: Resource; slots: readonly Slot[] },
  wish: { month: string; vehicleId: string },
): Promise<{ slots: Slot[]; isKept: boolean }> {
  const obstacles = await obstaclesOf(context, lot, slots, wish);
  const free = slots.filter(({ id }) => !obstacles.has(id));
  return {
    slots: free.length > 0 ? free : slots.filter(({ id }) => obstacles.get(id) === 'elsewhere'),
    isKept: [...obstacles.values()].includes('kept'),
  };
}

/** Makes each night leave the spaces that are kept for those who may still renew. */
async function leavingToRenewals(context: Context, lot: Resource, draft: BookingDraft, nights: OwnNights) {
  const { slots, month } = nights;
  const leaves = await spacesToLeave(context, lot, monthsOf(slots), month === null ? null : nights.vehicleId);
  if (leaves.size === 0) return draft;
  const spacesOf = new Map(slots.map((slot) => [slot.id, leaves.get(monthOf(slot.serviceDate)) ?? 0]));
  return {
    ...draft,
    lines: draft.lines.map((line) => ({
      ...line,
      leaves: { units: spacesOf.get(line.slotId) ?? 0, rule: 'kept-for-renewal' },
    })),
  };
}

/** Whether somebody belongs to the group that an agreement is for. */
export function isBeneficiary(caller: Pick<Caller, 'roles'>, { beneficiary }: AgreementFacts): boolean {
  switch (beneficiary.group) {
    case 'compound':
      return holdsRole(caller, ['resident'], beneficiary.organisationId);
    case 'any-resident':
      return caller.roles.some(({ role }) => role === 'resident');
    case 'any-employee':
      return caller.roles.some(({ role }) => role === 'employee');
  }
}

function priceFen(nights: BookedNights, facts: AgreementFacts): number {
  const total = nights.slots.reduce((sum, slot) => sum + slot.priceFen, 0);
  const nightly = nights.slots[0]?.priceFen ?? 0;
  if (nights.month === null || facts.monthlyFen === null) return total;
  return monthPriceFen(nights.slots.length, nightly, facts.monthlyFen);
}
