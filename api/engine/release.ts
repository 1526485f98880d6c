import type { Db } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import { lockSlots } from './slot-rows.ts';
import { toTimestamp } from './sql-values.ts';
import type { BookingState } from './types.ts';

/** A booking to end before its time, and who says so. */
export type ReleaseRequest = {
  siteId: number;
  bookingId: string;
  actorId: string | null;
  at: Instant;
  /** The state that it ends in. */
  to: Extract<BookingState, 'cancelled' | 'expired' | 'displaced'>;
};

export type Release = { ok: true; changed: boolean } | { ok: false; problem: 'unknown-booking' };

/**
 * Gives a live booking's units and claims back, once, in the caller's transaction: a booking that has ended already is left as it is
 * (`changed: false`).
 */
export async function release(tx: Db, { siteId, bookingId, actorId, at, to }: ReleaseRequest): Promise<Release> {
  const lines = await tx.query<{ slotId: number }>(
    'SELECT slot_id AS "slotId" FROM booking_line WHERE site_id = $1 AND booking_id = $2',
    [siteId, bookingId],
  );
  if (lines.length === 0) return { ok: false, problem: 'unknown-booking' };
  // Slots before the booking, as admission does, or the two could wait for each other.
  await lockSlots(
    tx,
    siteId,
    lines.map(({ slotId }) => slotId),
  );
  const ended = await tx.query(
    `UPDATE booking SET state = $3, changed_at = $4, expires_at = NULL
     WHERE site_id = $1 AND id = $2 AND state IN ('held', 'confirmed') RETURNING id`,
    [siteId, bookingId, to, toTimestamp(at)],
  );
  if (ended.length === 0) return { ok: true, changed: false };
  await Promise.all([
    tx.query(
      `UPDATE slot SET taken = taken - l.units FROM booking_line l
       WHERE l.site_id = $1 AND l.booking_id = $2 AND slot.site_id = l.site_id AND slot.id = l.slot_id`,
      [siteId, bookingId],
    ),
    tx.query('DELETE FROM claim WHERE site_id = $1 AND booking_id = $2', [siteId, bookingId]),
    tx.query('INSERT INTO event (site_id, at, type, actor_id, booking_id) VALUES ($1, $2, $3, $4, $5)', [
      siteId,
      toTimestamp(at),
      `booking.${to}`,
      actorId,
      bookingId,
    ]),
  ]);
  return { ok: true, changed: true };
}
