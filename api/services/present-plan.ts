import { toText } from '../calendar/time.ts';
import type { Displaced } from '../engine/displace-bookings.ts';
import type { PlannedChange } from '../engine/plan-capacity-change.ts';
import type { PlannedSlot } from '../engine/slot-targets.ts';
import type { Offer } from '../engine/promote.ts';
import type { Localized } from '../http/schemas.ts';
import { maskedPeople, type MaskedPerson } from '../people/masked.ts';
import type { CapacityPlanAnswer } from './capacity-schemas.ts';
import type { Context } from './service.ts';

/** Who is not there any more. */
export const nobody: MaskedPerson = { name: '*', phone: '****' };

/** What a booking is called: the service that it belongs to says so. */
export type TitleOf = (draft: NonNullable<Displaced['alternative']>['draft']) => Localized;

/** A plan as the API shows it; what a dry run did and undid has no ids. */
export async function presentPlan(
  context: Context,
  plan: PlannedChange,
  titleOf: TitleOf,
): Promise<CapacityPlanAnswer> {
  const { applied, changeId, changes, displaced, promoted } = plan;
  const people = await peopleOf(context, displaced);
  const shown = displaced.map((each) => presentDisplaced(context, each, { people, titleOf, isMade: applied }));
  return {
    applied,
    changeId: applied ? changeId : null,
    changes: changes.map((slot) => presentSlotChange(context, slot)),
    promoted: promoted.map((offer) => presentPromoted(context, offer, applied)),
    displaced: shown,
    offered: shown.flatMap(({ bookingId, alternative }) =>
      alternative ? [{ bookingId, waitlistId: alternative.waitlistId, until: alternative.until }] : [],
    ),
  };
}

/** The people whom some rows are of, masked. */
export function peopleOf(
  { db, site }: Context,
  owned: readonly { personId: string }[],
): Promise<Map<string, MaskedPerson>> {
  return maskedPeople(
    db,
    site.id,
    owned.map(({ personId }) => personId),
  );
}

/** A slot before and after a change. */
export function presentSlotChange({ site }: Context, slot: PlannedSlot): CapacityPlanAnswer['changes'][number] {
  const { resourceId, serviceDate, before, after, booked, excess } = slot;
  return {
    slotId: String(slot.slotId),
    resourceId,
    serviceDate,
    startsAt: toText(slot.startsAt, site.timeZone),
    before,
    after,
    closedBefore: slot.stateBefore === 'closed',
    closedAfter: slot.stateAfter === 'closed',
    booked,
    excess,
  };
}

/** Who is offered what came free; a dry run has made no booking. */
export function presentPromoted(
  { site }: Context,
  { entryId, bookingIds: [bookingId], until }: Offer,
  isMade: boolean,
) {
  return {
    waitlistId: String(entryId),
    bookingId: (isMade && bookingId) || null,
    until: toText(until, site.timeZone),
  };
}

/** Who gives way, masked, and what is held instead. */
export function presentDisplaced(
  { site }: Context,
  displaced: Displaced,
  {
    people,
    titleOf,
    isMade,
  }: {
    people: ReadonlyMap<string, MaskedPerson>;
    titleOf: TitleOf;
    /** Whether it was done, or only tried. */ isMade: boolean;
  },
): CapacityPlanAnswer['displaced'][number] {
  const zone = site.timeZone;
  const { bookingId, personId, state, position, of, serviceDate, units, alternative } = displaced;
  return {
    bookingId,
    person: people.get(personId) ?? nobody,
    state,
    position,
    of,
    bookedAt: toText(displaced.bookedAt, zone),
    startsAt: toText(displaced.startsAt, zone),
    endsAt: toText(displaced.endsAt, zone),
    serviceDate,
    units,
    alternative: alternative && {
      bookingId: isMade ? alternative.bookingId : null,
      waitlistId: isMade ? String(alternative.entryId) : null,
      title: titleOf(alternative.draft),
      startsAt: toText(alternative.draft.startsAt, zone),
      endsAt: toText(alternative.draft.endsAt, zone),
      serviceDate: alternative.draft.serviceDate,
      priceFen: alternative.draft.priceFen,
      currency: site.currency,
      until: toText(alternative.until, zone),
    },
  };
}
