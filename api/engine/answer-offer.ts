import type { Db } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import { endBookings } from './end-bookings.ts';
import { promote } from './promote.ts';
import { leaveQueue, lockWithQueues, slotsOfEntries, slotsOfOffer, slotsWaitedForBy } from './queue-rows.ts';
import { toTimestamp } from './sql-values.ts';

/** Somebody's answer to an offer, or their leaving of the queue. */
export type OfferAnswer = { siteId: number; personId: string; entryId: number; at: Instant };

export type OfferOutcome =
  | { ok: true; bookingIds: string[] }
  | { ok: false; problem: 'unknown-entry' }
  | { ok: false; problem: 'rule'; rule: 'no-offer' | 'offer-lapsed' | 'already-left' };

type EntryRow = { state: string; bookingIds: string[] | null; expiresAt: Instant | null };

/** Turns the hold of an offer into bookings. Doing so twice is harmless. */
export async function acceptOffer(tx: Db, answer: OfferAnswer): Promise<OfferOutcome> {
  const entry = await lockEntry(tx, answer);
  if (!entry) return { ok: false, problem: 'unknown-entry' };
  const bookingIds = entry.bookingIds ?? [];
  if (entry.state === 'accepted') return { ok: true, bookingIds };
  if (entry.state === 'lapsed') return { ok: false, problem: 'rule', rule: 'offer-lapsed' };
  if (entry.state !== 'offered') return { ok: false, problem: 'rule', rule: 'no-offer' };
  if (entry.expiresAt === null || answer.at >= entry.expiresAt)
    return { ok: false, problem: 'rule', rule: 'offer-lapsed' };
  await confirmHolds(tx, answer, bookingIds);
  await leaveQueue(tx, answer.siteId, [{ id: answer.entryId, bookingId: null }], {
    to: 'accepted',
    actorId: answer.personId,
    at: answer.at,
  });
  return { ok: true, bookingIds };
}

/**
 * Gives an offer back, to be offered to the next, or leaves the queue before there was one: then the units that were kept for the one who
 * leaves go to the next. Doing so twice is harmless.
 */
export async function declineOffer(tx: Db, answer: OfferAnswer): Promise<OfferOutcome> {
  const { siteId, personId, at, entryId } = answer;
  // Slots before entries, in the one lock order: those that are waited for (an offer that is made meanwhile is of them too), those of
  // the offer, and what else its owner waits for.
  const [waitedFor, offered, elsewhere] = await Promise.all([
    slotsOfEntries(tx, siteId, [entryId]),
    slotsOfOffer(tx, siteId, entryId),
    slotsWaitedForBy(tx, siteId, [personId]),
  ]);
  await lockWithQueues(tx, siteId, [...waitedFor, ...offered, ...elsewhere]);
  const entry = await lockEntry(tx, answer);
  if (!entry) return { ok: false, problem: 'unknown-entry' };
  if (entry.state === 'declined' || entry.state === 'withdrawn') return { ok: true, bookingIds: [] };
  if (entry.state !== 'waiting' && entry.state !== 'offered')
    return { ok: false, problem: 'rule', rule: 'already-left' };
  const to = entry.state === 'offered' ? 'declined' : 'withdrawn';
  await leaveQueue(tx, siteId, [{ id: entryId, bookingId: null }], { to, actorId: personId, at });
  if (entry.state === 'waiting') await promote(tx, siteId, waitedFor, at);
  else await endBookings(tx, { siteId, bookingIds: entry.bookingIds ?? [], actorId: personId, at, to: 'cancelled' });
  return { ok: true, bookingIds: [] };
}

/** The entry if it is this person's; it is locked, so that accepting, declining and lapsing come one after the other. */
async function lockEntry(tx: Db, { siteId, personId, entryId }: OfferAnswer): Promise<EntryRow | null> {
  const [entry] = await tx.query<EntryRow>(
    `SELECT e.state, b.expires_at AS "expiresAt", to_jsonb(ARRAY(
         SELECT p.id FROM booking p WHERE p.site_id = e.site_id
           AND (p.id = e.offer_booking_id OR p.bundle_id = e.offer_booking_id) ORDER BY p.id)) AS "bookingIds"
     FROM waitlist_entry e
     LEFT JOIN booking b ON b.site_id = e.site_id AND b.id = e.offer_booking_id
     WHERE e.site_id = $1 AND e.id = $2 AND e.person_id = $3 FOR UPDATE OF e`,
    [siteId, entryId, personId],
  );
  return entry ?? null;
}

async function confirmHolds(
  tx: Db,
  { siteId, personId, at }: OfferAnswer,
  bookingIds: readonly string[],
): Promise<void> {
  await tx.query(
    `WITH confirmed AS (
       UPDATE booking SET state = 'confirmed', expires_at = NULL, changed_at = $3
       WHERE site_id = $1 AND id = ANY($2::uuid[]) AND state = 'held' RETURNING id)
     INSERT INTO event (site_id, at, type, actor_id, booking_id)
     SELECT $1, $3, 'booking.confirmed', $4, id FROM confirmed`,
    [siteId, bookingIds, toTimestamp(at), personId],
  );
}
