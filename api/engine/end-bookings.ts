import type { Db } from '../../db/db.ts';
import { promote, type Offer } from './promote.ts';
import { leaveQueue, lockWithQueues, slotsWaitedForBy } from './queue-rows.ts';
import { release, touchedBy, type ReleaseRequest } from './release.ts';

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
  await lockWithQueues(tx, siteId, freed);
  const offers = await lockOffers(tx, request);
  const bookingIds = await release(tx, request);
  if (bookingIds.length === 0) return { bookingIds, offers: [] };
  await endOffers(tx, request, offers, bookingIds);
  return { bookingIds, offers: await promote(tx, siteId, freed, request.at) };
}

type OpenOffer = { id: number; bookingId: string };

/** Entries before bookings, as whoever accepts does, so that the two cannot wait for each other. Index: waitlist_entry_by_offer. */
function lockOffers(tx: Db, { siteId, bookingIds }: ReleaseRequest): Promise<OpenOffer[]> {
  return tx.query<OpenOffer>(
    `SELECT id, offer_booking_id AS "bookingId" FROM waitlist_entry
     WHERE site_id = $1 AND state = 'offered' AND offer_booking_id = ANY($2::uuid[]) ORDER BY id FOR UPDATE`,
    [siteId, bookingIds],
  );
}

/** Who was offered what has ended is out of the queue, whichever way it ended. */
async function endOffers(
  tx: Db,
  request: ReleaseRequest,
  offers: readonly OpenOffer[],
  ended: readonly string[],
): Promise<void> {
  const { siteId, actorId, at, to } = request;
  const left = offers.filter(({ bookingId }) => ended.includes(bookingId)).map(({ id }) => ({ id, bookingId: null }));
  await leaveQueue(tx, siteId, left, { to: to === 'expired' ? 'lapsed' : 'declined', actorId, at });
}
