import type { Slot } from '../../engine/types.ts';
import { mainResourceOf, metresBetween, nearest, slotsAround, type AlternativesOf } from '../nearest.ts';
import type { Context, Resource, PlacedBooking } from '../service.ts';
import { stayOn } from './draft-stay.ts';
import { agreementOf, type AgreementFacts } from './rules.ts';
import type { StayDetails } from './stay-details.ts';

/**
 * What is offered to drivers who have to give way: the other lots for the same group, nearest first, for all nights that are still ahead.
 */
export async function otherLots(context: Context, bookings: readonly PlacedBooking[]): Promise<AlternativesOf> {
  const lots = [...context.catalogue.values()].filter(({ kind }) => kind === 'parking');
  const choices = bookings.flatMap((booking) => {
    const own = mainResourceOf(context, booking);
    return own ? [{ booking, own, lots: lotsNear(own, lots) }] : [];
  });
  const slots = await slotsAround(context, [...new Set(choices.flatMap((choice) => choice.lots))], bookings);
  return new Map(
    choices.map(({ booking, own, lots: near }) => {
      const drafts = near.flatMap((lot) => staysInstead(context, booking, lot, slots.get(lot.id) ?? []));
      return [booking.id, { drafts, offerMinutes: agreementOf(own).times.offerMinutes }];
    }),
  );
}

function lotsNear(own: Resource, lots: readonly Resource[]): Resource[] {
  const { facts } = agreementOf(own);
  const open = lots.filter((lot) => lot.id !== own.id && takesIn(agreementOf(lot).facts, facts));
  return nearest(open, (lot) => metresBetween(own, lot));
}

/** Whether everybody whom one agreement is for may use another: the same group, or any resident where a compound's may. */
function takesIn({ beneficiary: to }: AgreementFacts, { beneficiary: from }: AgreementFacts): boolean {
  if (from.group === 'compound' && to.group === 'compound') return from.organisationId === to.organisationId;
  return from.group === to.group || (from.group === 'compound' && to.group === 'any-resident');
}

/** The same nights in another lot; nothing if it does not lend all of them. */
function staysInstead({ now }: Context, booking: PlacedBooking, lot: Resource, slots: readonly Slot[]) {
  const ahead = booking.lines.filter(({ endsAt }) => endsAt > now);
  const nights = ahead.flatMap(({ serviceDate, startsAt, endsAt }) =>
    slots.filter((slot) => slot.serviceDate === serviceDate && slot.startsAt < endsAt && startsAt < slot.endsAt),
  );
  if (nights.length === 0 || nights.length !== ahead.length) return [];
  const { vehicleId, plateMasked, month, missingNights } = booking.details as StayDetails;
  return [stayOn(lot, { slots: nights, month, missing: missingNights }, { vehicleId, plateMasked })];
}
