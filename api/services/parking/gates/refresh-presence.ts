import type { Queries } from '../../../../db/db.ts';
import { presenceOf, recordPresence, type Movement } from './presence.ts';

/**
 * Writes down anew whether the cars of some bookings are in a lot, from all that its gate saw of them. The caller holds the lot.
 * Index: gate_event_by_booking.
 */
export async function refreshPresence(
  tx: Queries,
  siteId: number,
  lotId: string,
  bookingIds: Iterable<string>,
): Promise<void> {
  const wanted = [...new Set(bookingIds)];
  if (wanted.length === 0) return;
  const movements = await tx.query<Movement & { bookingId: string }>(
    `SELECT booking_id AS "bookingId", id, kind, at FROM gate_event
     WHERE site_id = $1 AND booking_id IS NOT NULL AND booking_id = ANY($2::uuid[])`,
    [siteId, wanted],
  );
  const presences = [...Map.groupBy(movements, ({ bookingId }) => bookingId)].flatMap(([bookingId, own]) => {
    const presence = presenceOf(own);
    return presence ? [{ bookingId, lotId, ...presence }] : [];
  });
  await recordPresence(tx, siteId, presences);
}
