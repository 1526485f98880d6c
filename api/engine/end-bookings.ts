import type { Db } from '../../db/db.ts';
import { promote, type Offer } from './promote.ts';
import { leaveQueue, slotsOfQueues, slotsWaitedForBy } from './queue-rows.ts';
import { release, touchedBy, type ReleaseRequest } from './release.ts';
import { lockSlots } from './slot-rows.ts';

/** Bookings that were ended, and what those who waited were offered of it. */
export type Ended = { bookingIds: string[]; offers: Offer[] };

/**
 * Ends bookings and offers what comes free to those who wait for it, in one transaction of the caller's. Not only units come free:
 * somebody who was booked elsewhere at the time of what they wait for can be served now, if it is there.
 */
export async function endBookings(tx: Db, request: ReleaseRequest): Promise<Ended> {
  const { siteId } = request;
  const { slotIds, personIds } = await touchedBy(tx, siteId, request.bookingIds);
  const freed = [...slotIds, ...(await slotsWaitedForBy(tx, siteId, personIds))];
  await lockSlots(tx, siteId, await slotsOfQueues(tx, siteId, freed));
  const bookingIds = await release(tx, request);
  if (bookingIds.length === 0) return { bookingIds, offers: [] };
  await endOffers(tx, request, bookingIds);
  return { bookingIds, offers: await promote(tx, siteId, freed, request.at) };
}

/** Who was offered what has ended is out of the queue, whichever way it ended. Index: waitlist_entry_by_offer. */
async function endOffers(tx: Db, request: ReleaseRequest, bookingIds: readonly string[]): Promise<void> {
  const { siteId, actorId, at, to } = request;
  const entries = await tx.query<{ id: number }>(
    `SELECT id FROM waitlist_entry WHERE site_id = $1 AND state = 'offered' AND offer_booking_id = ANY($2::uuid[])`,
    [siteId, bookingIds],
  );
  const left = entries.map(({ id }) => ({ id, bookingId: null }));
  await leaveQueue(tx, siteId, left, { to: to === 'expired' ? 'lapsed' : 'declined', actorId, at });
}
