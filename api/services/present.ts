import { dateOf, toText } from '../calendar/time.ts';
import { slotStateAt } from '../engine/find-slots.ts';
import type { Slot } from '../engine/types.ts';
import type { z } from 'zod';
import type { KeptBooking } from './bookings.ts';
import type { KeptDisplacement } from './displacements.ts';
import { serviceOfKind, type BookingAnswer, type ResourceAnswer, type WaitlistAnswer } from './registry.ts';
import type { DisplacementAnswer, slotAnswer } from './schemas.ts';
import type { Context, Resource } from './service.ts';
import type { KeptEntry } from './waitlist.ts';

/** A resource as the API shows it. */
export function presentResource({ site, now }: Context, resource: Resource): ResourceAnswer {
  const own = serviceOfKind(resource.kind)?.presentResource(resource, dateOf(now, site.timeZone));
  return {
    kind: resource.kind,
    id: resource.id,
    siteId: site.code,
    name: resource.name,
    place: resource.place,
    currency: site.currency,
    ...own,
  } as ResourceAnswer;
}

/** A slot as the API shows it at this instant. */
export function presentSlot({ site, now }: Context, slot: Slot): z.infer<typeof slotAnswer> {
  const zone = site.timeZone;
  return {
    id: String(slot.id),
    kind: slot.kind as z.infer<typeof slotAnswer>['kind'],
    resourceId: slot.resourceId,
    startsAt: toText(slot.startsAt, zone),
    endsAt: toText(slot.endsAt, zone),
    serviceDate: slot.serviceDate,
    capacity: slot.capacity,
    remaining: slot.capacity - slot.taken,
    state: slotStateAt(slot, now),
    opensAt: toText(slot.opensAt, zone),
    closesAt: toText(slot.closesAt, zone),
    priceFen: slot.priceFen,
    currency: site.currency,
    provisional: slot.isProvisional,
    closedReason: slot.closedReason,
    ...serviceOfKind(slot.kind)?.presentSlot(slot, zone),
  };
}

/** A booking as the API shows it; `asMade` shows it as it was when it was acknowledged, for a retry. */
export function presentBooking({ site }: Context, booking: KeptBooking, asMade = false): BookingAnswer {
  const zone = site.timeZone;
  const own = serviceOfKind(booking.kind)?.presentBooking(booking, zone);
  return {
    kind: booking.kind,
    id: booking.id,
    state: asMade ? 'confirmed' : booking.state,
    ...own,
    createdAt: toText(booking.createdAt, zone),
    startsAt: toText(booking.startsAt, zone),
    endsAt: toText(booking.endsAt, zone),
    serviceDate: booking.serviceDate,
    lines: booking.lines.map((line) => ({
      slotId: String(line.slotId),
      resourceId: line.resourceId,
      units: line.units,
      startsAt: toText(line.startsAt, zone),
      endsAt: toText(line.endsAt, zone),
      serviceDate: line.serviceDate,
    })),
    priceFen: booking.priceFen,
    currency: site.currency,
    provisional: booking.isProvisional,
    cancellableUntil: toText(booking.cancelUntil, zone),
    cancelledAt: !asMade && booking.state === 'cancelled' ? toText(booking.changedAt, zone) : null,
    bundleId: booking.bundleId,
    displacement: asMade || !booking.displacement ? null : presentDisplacement(booking.displacement, zone),
  } as BookingAnswer;
}

function presentDisplacement(displacement: KeptDisplacement, zone: string): DisplacementAnswer {
  const { changeId, at, actorRole, reason, position, of, alternative } = displacement;
  return {
    changeId,
    at: toText(at, zone),
    by: actorRole as DisplacementAnswer['by'],
    reason,
    position,
    of,
    alternative: alternative && {
      waitlistId: String(alternative.entryId),
      state: alternative.state,
      bookingId: alternative.bookingId,
      title: serviceOfKind(alternative.kind)?.presentBooking(alternative, zone).title ?? { zh: '', en: '' },
      startsAt: toText(alternative.startsAt, zone),
      endsAt: toText(alternative.endsAt, zone),
      serviceDate: alternative.serviceDate,
      priceFen: alternative.priceFen,
      until: alternative.state === 'offered' && alternative.until !== null ? toText(alternative.until, zone) : null,
    },
  };
}

/** A place in a queue as the API shows it: what it waits for, and what is held for it. */
export function presentEntry(context: Context, entry: KeptEntry): WaitlistAnswer {
  const { site } = context;
  const zone = site.timeZone;
  const [draft] = entry.drafts;
  const own = draft && serviceOfKind(draft.kind)?.presentBooking(draft, zone);
  if (!draft || !own) throw new Error(`entry ${entry.id} waits for nothing that is known`);
  const isOffered = entry.state === 'offered' && entry.booking !== null && entry.offerExpiresAt !== null;
  return {
    id: String(entry.id),
    kind: draft.kind as WaitlistAnswer['kind'],
    state: entry.state,
    createdAt: toText(entry.createdAt, zone),
    closesAt: toText(entry.closesAt, zone),
    position: entry.position,
    title: own.title,
    startsAt: toText(draft.startsAt, zone),
    endsAt: toText(draft.endsAt, zone),
    serviceDate: draft.serviceDate,
    priceFen: entry.drafts.reduce((sum, { priceFen }) => sum + priceFen, 0),
    currency: site.currency,
    details: own.details as Record<string, unknown>,
    offer: isOffered
      ? {
          expiresAt: toText(entry.offerExpiresAt ?? 0, zone),
          booking: presentBooking(context, entry.booking as KeptBooking),
        }
      : null,
  };
}
