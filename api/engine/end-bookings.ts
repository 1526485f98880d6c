import type { Db } from '../../db/db.ts';
import { promote, type Offer } from './promote.ts';
import { slotsOfQueues } from './queue-rows.ts';
import { release, slotsOfBookings, type ReleaseRequest } from './release.ts';
import { lockSlots } from './slot-rows.ts';

/** Bookings that were ended, and what those who waited were offered of it. */
export type Ended = { bookingIds: string[]; offers: Offer[] };

/** Ends bookings and offers what comes free to those who wait for it, in one transaction of the caller's. */
export async function endBookings(tx: Db, request: ReleaseRequest): Promise<Ended> {
  const freed = await slotsOfBookings(tx, request.siteId, request.bookingIds);
  await lockSlots(tx, request.siteId, await slotsOfQueues(tx, request.siteId, freed));
  const bookingIds = await release(tx, request);
  if (bookingIds.length === 0) return { bookingIds, offers: [] };
  return { bookingIds, offers: await promote(tx, request.siteId, freed, request.at) };
}
