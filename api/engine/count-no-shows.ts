import type { Db } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import { toTimestamp } from './sql-values.ts';
import { runTimer, type Due } from './timers.ts';

/**
 * Whoever has booked what counts no-shows and has not been checked in by its time did not come. They keep their units: what they booked is
 * over or under way. Idempotent, and safe from many processes at once, also beside check-ins: whichever locks the booking first.
 * @returns how many did not come.
 */
export function countNoShows(db: Db, siteId: number, now: Instant): Promise<number> {
  return runTimer(db, { siteId, name: 'no-show', now }, (tx, due) => countSome(tx, siteId, due, now));
}

/** Indexes: booking_line_by_slot, the primary key of booking. */
async function countSome(tx: Db, siteId: number, { slotIds, limit }: Due, now: Instant) {
  const due = await tx.query<{ id: string }>(
    `SELECT id FROM booking WHERE site_id = $1 AND state = 'confirmed' AND id = ANY(ARRAY(
       SELECT booking_id FROM booking_line WHERE site_id = $1 AND slot_id = ANY($2::bigint[])))
     ORDER BY id LIMIT $3`,
    [siteId, slotIds, limit],
  );
  if (due.length === 0) return { found: 0, done: 0 };
  // By way of arrays, so that the planner expects few rows and takes the index, however small the table still is.
  const missing = await tx.query<{ id: string }>(
    `WITH locked AS (
       SELECT id FROM booking WHERE site_id = $1 AND id = ANY(ARRAY(SELECT unnest($2::uuid[]))) AND state = 'confirmed'
       ORDER BY id FOR UPDATE),
     missing AS (
       UPDATE booking SET state = 'no_show', changed_at = $3
       WHERE site_id = $1 AND id = ANY(ARRAY(SELECT id FROM locked)) RETURNING id)
     INSERT INTO event (site_id, at, type, booking_id) SELECT $1, $3, 'booking.no_show', id FROM missing
     RETURNING booking_id AS id`,
    [siteId, due.map(({ id }) => id), toTimestamp(now)],
  );
  return { found: due.length, done: missing.length };
}
