import type { z } from 'zod';
import { dateOf, toText } from '../../../calendar/time.ts';
import type { Caller } from '../../../people/caller.ts';
import { isUuid, notFound } from '../../drafting.ts';
import type { Context, Resource, WishRefusal } from '../../service.ts';
import { creditOf, creditsOf } from './credit.ts';
import { isBeneficiary, ownVehicle } from '../draft-stay.ts';
import { entitlementsOf, monthsHad, type Entitlement } from './holders.ts';
import { isToBeDrawn, monthReport, type MonthReport, type MonthWish } from './month-nights.ts';
import { monthAfter, monthBefore, monthOf, nightShareFen, renewalWindow } from './month-rules.ts';
import type { entitlementsAnswer } from './month-schemas.ts';
import { agreementOf } from '../rules.ts';

type Answer = z.infer<typeof entitlementsAnswer>;

/** What a month would be for a car of the caller's, looked at without booking it; refused by the rules by which a booking would be. */
export async function offerOfMonth(
  context: Context,
  caller: Caller,
  wish: MonthWish,
): Promise<(MonthReport & { ok: true; creditFen: number; payableFen: number }) | WishRefusal> {
  const car = isUuid(wish.vehicleId) ? await ownVehicle(context, caller, wish.vehicleId) : null;
  const lot = context.catalogue.get(wish.resourceId);
  if (!car || lot?.kind !== 'parking') return notFound;
  const refused = (rule: string): WishRefusal => ({ ok: false, problem: 'rule', rule });
  if (car.verifiedAt === null) return refused('vehicle-unverified');
  if (!isBeneficiary(caller, agreementOf(lot).facts)) return refused('not-a-beneficiary');
  const report = await monthReport(context, wish);
  if ('ok' in report) return report;
  if (await isToBeDrawn(context, lot, wish.month)) return refused('draw-open');
  const price = report.failing.length === 0 ? report.priceFen : report.rest.priceFen;
  const creditFen = Math.min(await creditOf(context, caller.personId, lot.organisationId), price);
  return { ok: true, ...report, creditFen, payableFen: price - creditFen };
}

/** The months that the caller holds, with what may be given back and when to renew, and what they have to spend. */
export async function entitlementsFor(context: Context, caller: Caller): Promise<Omit<Answer, 'currency'>> {
  const { db, site, catalogue, now } = context;
  const lots = [...catalogue.values()].filter(({ kind }) => kind === 'parking');
  const month = monthOf(dateOf(now, site.timeZone));
  // From the one before, whose last night may still be under way, to the last that can be booked.
  const months = [monthBefore(month), month, monthAfter(month), monthAfter(monthAfter(month))];
  const lenders = [...new Set(lots.map(({ organisationId }) => organisationId))];
  const [held, credits] = await Promise.all([
    entitlementsOf(
      db,
      { siteId: site.id, personId: caller.personId, resourceIds: lots.map(({ id }) => id), months },
      now,
    ),
    creditsOf(context, caller.personId, lenders),
  ]);
  const items = await Promise.all(
    held.map(async (entitlement) => {
      const lot = catalogue.get(entitlement.details.resourceId ?? '');
      return lot ? [await presented(context, lot, entitlement)] : [];
    }),
  );
  const credit = [...credits].map(([lender, balanceFen]) => ({
    lender,
    resourceIds: lots.filter(({ organisationId }) => organisationId === lender).map(({ id }) => id),
    balanceFen,
  }));
  return { items: items.flat(), credit };
}

async function presented(
  context: Context,
  lot: Resource,
  { bookingId, state, details, priceFen, nights }: Entitlement,
): Promise<Answer['items'][number]> {
  const zone = context.site.timeZone;
  const { facts } = agreementOf(lot);
  const releasedNights = details.releasedNights ?? [];
  const share = facts.releaseCredit === 'none' ? 0 : nightShareFen(priceFen, details.nights + releasedNights.length);
  const month = details.month ?? '';
  return {
    bookingId,
    resourceId: lot.id,
    title: details.title,
    month,
    vehicleId: details.vehicleId,
    plateMasked: details.plateMasked,
    priceFen,
    nights: nights.map(({ slotId, serviceDate, startsAt, endsAt, cancelUntil }) => ({
      slotId: String(slotId),
      serviceDate,
      startsAt: toText(startsAt, zone),
      endsAt: toText(endsAt, zone),
      releasable: state === 'confirmed' && nights.length > 1 && context.now < cancelUntil,
      creditFen: share,
    })),
    releasedNights,
    renewal: await renewalOf(context, lot, month, details.vehicleId),
  };
}

async function renewalOf(
  { db, site, now }: Context,
  lot: Resource,
  month: string,
  vehicleId: string,
): Promise<Answer['items'][number]['renewal']> {
  const next = monthAfter(month);
  const window = renewalWindow(agreementOf(lot).facts, next, site.timeZone);
  if (window === null) return null;
  const had = await monthsHad(db, { siteId: site.id, resourceId: lot.id, month: next }, [vehicleId]);
  const state = now < window.opensAt ? 'upcoming' : now < window.closesAt ? 'open' : 'over';
  return {
    month: next,
    opensAt: toText(window.opensAt, site.timeZone),
    closesAt: toText(window.closesAt, site.timeZone),
    state: had.length > 0 ? 'renewed' : state,
  };
}
