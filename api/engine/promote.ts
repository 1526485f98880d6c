import { newId } from '../new-id.ts';
import type { Db } from '../../db/db.ts';
import { minutesAfter, type Instant } from '../calendar/time.ts';
import { decideQueue } from './decide-queue.ts';
import { unitsOf } from './drafts.ts';
import { claimsToRead } from './limits.ts';
import { writeNotices } from './notices.ts';
import { leaveQueue, noteBypasses, slotsWantedBy, waitingFor, type QueuedEntry } from './queue-rows.ts';
import { allotmentsOf, claimsInTheWay } from './read-situation.ts';
import { lockSlots } from './slot-rows.ts';
import type { BookingDraft, Slot } from './types.ts';
import type { NewBooking } from './booking-statement.ts';
import { writeBookings } from './write-bookings.ts';

/** How a queue is served (domain.md, Waiting lists). */
export type QueueRules = {
  /** After so many bypasses nobody behind an entry is served before it. */
  maxBypasses: number;
};
export const defaultQueueRules: QueueRules = { maxBypasses: 3 };

/** A hold that was made for the head of the queue. */
export type Offer = { entryId: number; personId: string; bookingIds: string[]; until: Instant };

/**
 * Offers what has come free to those who wait for it, in the transaction that freed it: so the head of a queue never waits for units that
 * are there (invariant 5). Whoever is served leaves the queues of other slots as well, for which units may have been kept for them: those
 * are looked at next, until nobody is served any more. `slotIds` must be locked already, together with all slots of their queues
 * (`lockWithQueues`).
 */
export async function promote(
  tx: Db,
  siteId: number,
  slotIds: readonly number[],
  at: Instant,
  rules: QueueRules = defaultQueueRules,
): Promise<Offer[]> {
  const offers: Offer[] = [];
  for (let changed = slotIds; changed.length > 0;) {
    const round = await promoteOnce(tx, siteId, changed, at, rules);
    offers.push(...round.offers);
    changed = round.leftSlots;
  }
  return offers;
}

/** One round over the queues of some slots; `leftSlots` are those whose queues somebody left. */
async function promoteOnce(
  tx: Db,
  siteId: number,
  slotIds: readonly number[],
  at: Instant,
  rules: QueueRules,
): Promise<{ offers: Offer[]; leftSlots: number[] }> {
  const served = await waitingFor(tx, siteId, slotIds);
  if (served.length === 0) return { offers: [], leftSlots: [] };
  // Who waits for none of these slots is not served now, but others may be behind them in the queue of another slot that they want.
  const inLine = await waitingFor(tx, siteId, [...new Set(served.flatMap(slotsWantedBy))]);
  const entries = [...new Map([...served, ...inLine].map((entry) => [entry.id, entry])).values()];
  const needed = new Set(entries.flatMap(slotsWantedBy));
  const [slots, allotments, claims] = await Promise.all([
    lockSlots(tx, siteId, needed),
    allotmentsOf(tx, siteId, [...needed], at),
    claimsInTheWay(
      tx,
      siteId,
      entries.flatMap(({ choices }) => choices.flatMap((drafts) => claimsToRead(drafts))),
    ),
  ]);
  const { promotions, passed } = decideQueue(entries, {
    slots,
    allotments,
    claims,
    at,
    servedSlots: new Set(slotIds),
    ...rules,
  });
  const made = promotions.map(({ entry, parts }) => {
    const until = offerUntil(entry, parts, slots, at);
    const bookingIds = parts.map(() => newId());
    const bookings = parts.map(({ draft, draws }, index): NewBooking => ({
      id: bookingIds[index] ?? '',
      personId: entry.personId,
      actorId: null,
      at,
      draft,
      draws,
      heldUntil: until,
      bundleId: parts.length > 1 ? (bookingIds[0] ?? null) : null,
    }));
    return { offer: { entryId: entry.id, personId: entry.personId, bookingIds, until }, bookings };
  });
  await Promise.all(
    writeBookings(
      tx,
      siteId,
      made.flatMap(({ bookings }) => bookings),
    ),
  );
  await noteBypasses(tx, siteId, passed);
  await leaveQueue(
    tx,
    siteId,
    made.map(({ offer }) => ({ id: offer.entryId, bookingId: offer.bookingIds[0] ?? null })),
    { to: 'offered', actorId: null, at },
  );
  await writeNotices(
    tx,
    siteId,
    { kind: 'offer', at },
    made.map(({ offer }) => ({ id: offer.bookingIds[0] ?? '', personId: offer.personId })),
  );
  const leftSlots = new Set(promotions.flatMap(({ entry }) => slotsWantedBy(entry)));
  return { offers: made.map(({ offer }) => offer), leftSlots: [...leftSlots] };
}

/** An offer stands for its time, but never past the moment when one of its slots closes. */
function offerUntil(
  { offerMinutes }: QueuedEntry,
  parts: readonly { draft: BookingDraft }[],
  slots: ReadonlyMap<number, Slot>,
  at: Instant,
): Instant {
  const slotIds = [...unitsOf(parts.map(({ draft }) => draft)).keys()];
  const closings = slotIds.flatMap((slotId) => slots.get(slotId)?.closesAt ?? []);
  return Math.min(minutesAfter(at, offerMinutes), ...closings);
}
