import type { z } from 'zod';
import { toText } from '../calendar/time.ts';
import type { ChangeReceipt, KeptChange } from '../engine/capacity-change-rows.ts';
import type { Displaced } from '../engine/displace-bookings.ts';
import type { PlannedChange } from '../engine/plan-capacity-change.ts';
import type { PlannedSlot } from '../engine/slot-targets.ts';
import type { Offer } from '../engine/promote.ts';
import type { Undone } from '../engine/undo-capacity-change.ts';
import { maskedPeople, type MaskedPerson } from '../people/masked.ts';
import type { RoleName } from '../people/schemas.ts';
import type { capacityChangeReceipt, CapacityChangeAnswer, CapacityPlanAnswer, undoPlan } from './capacity-schemas.ts';
import { serviceOfKind } from './registry.ts';
import type { Context } from './service.ts';

const nobody: MaskedPerson = { name: '*', phone: '****' };

/** A plan as the API shows it; what a dry run did and undid has no ids. */
export async function presentPlan(context: Context, plan: PlannedChange): Promise<CapacityPlanAnswer> {
  const { applied, changeId, changes, displaced, promoted } = plan;
  const people = await peopleOf(context, displaced);
  const shown = displaced.map((each) => presentDisplaced(context, each, people, applied));
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

/** What taking a change back does, as the API shows it. */
export async function presentUndo(context: Context, undone: Undone): Promise<z.infer<typeof undoPlan>> {
  const { applied, changeId, undoes, changes, restored, notRestored, promoted } = undone;
  const people = await peopleOf(context, [...restored, ...notRestored]);
  const personOf = (id: string): MaskedPerson => people.get(id) ?? nobody;
  return {
    applied,
    changeId: applied ? changeId : null,
    undoes,
    changes: changes.map((slot) => presentSlotChange(context, slot)),
    restored: restored.map(({ bookingId, personId }) => ({ bookingId, person: personOf(personId) })),
    notRestored: notRestored.map(({ bookingId, personId, why }) => ({ bookingId, person: personOf(personId), why })),
    promoted: promoted.map((offer) => presentPromoted(context, offer, applied)),
  };
}

/** Some changes of the record. */
export async function presentChanges(
  context: Context,
  changes: readonly KeptChange[],
): Promise<CapacityChangeAnswer[]> {
  const ids = changes.map(({ actorId }) => actorId);
  const people = await maskedPeople(context.db, context.site.id, ids);
  return changes.map(({ id, at, actorId, actorRole, reason, resourceIds, summary, undoes, undoneBy }) => ({
    id,
    at: toText(at, context.site.timeZone),
    actor: { role: actorRole as RoleName, person: people.get(actorId) ?? nobody },
    reason,
    resourceIds,
    ...summary,
    undoes,
    undoneBy,
  }));
}

/** One change with its receipt. */
export async function presentReceipt(
  context: Context,
  change: KeptChange & { receipt: ChangeReceipt },
): Promise<z.infer<typeof capacityChangeReceipt>> {
  const { changes, displaced, promoted } = change.receipt;
  const [[answer], people] = await Promise.all([presentChanges(context, [change]), peopleOf(context, displaced)]);
  if (!answer) throw new Error('a change is presented as nothing');
  return {
    ...answer,
    receipt: {
      changes: changes.map((slot) => presentSlotChange(context, slot)),
      displaced: displaced.map((each) => presentDisplaced(context, each, people, true)),
      promoted: promoted.map((offer) => presentPromoted(context, offer, true)),
    },
  };
}

function peopleOf({ db, site }: Context, owned: readonly { personId: string }[]): Promise<Map<string, MaskedPerson>> {
  return maskedPeople(
    db,
    site.id,
    owned.map(({ personId }) => personId),
  );
}

function presentSlotChange({ site }: Context, slot: PlannedSlot): CapacityPlanAnswer['changes'][number] {
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

function presentPromoted({ site }: Context, { entryId, bookingIds: [bookingId], until }: Offer, isMade: boolean) {
  return {
    waitlistId: String(entryId),
    bookingId: (isMade && bookingId) || null,
    until: toText(until, site.timeZone),
  };
}

function presentDisplaced(
  { site }: Context,
  displaced: Displaced,
  people: ReadonlyMap<string, MaskedPerson>,
  isMade: boolean,
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
      title: serviceOfKind(alternative.draft.kind)?.presentBooking(alternative.draft, zone).title ?? { zh: '', en: '' },
      startsAt: toText(alternative.draft.startsAt, zone),
      endsAt: toText(alternative.draft.endsAt, zone),
      serviceDate: alternative.draft.serviceDate,
      priceFen: alternative.draft.priceFen,
      currency: site.currency,
      until: toText(alternative.until, zone),
    },
  };
}
