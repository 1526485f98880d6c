import type { Db } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import type { Remade } from './decide-moves.ts';
import { writeNotices } from './notices.ts';
import { toTimestamp } from './sql-values.ts';
import type { ChangeStamp } from './slot-targets.ts';
import type { BookingState } from './types.ts';
import { insertClaims } from './write-bookings.ts';

/** A booking that moves with its slots. */
export type MovingBooking = {
  id: string;
  personId: string;
  state: BookingState;
  startsAt: Instant;
  remade: Remade;
  /** When the first of its slots closes to booking: nothing is held longer. */
  closesAt: Instant;
};

/** States in which somebody has used a booking of a slot, or has missed it. */
const begunStates = ['checked_in', 'completed', 'no_show'];

/**
 * Locks all bookings of some slots in id order, so that nobody is checked in meanwhile. Only under the slots' locks.
 * Indexes: booking_line_by_slot, the primary key of booking. @returns whether somebody has come already, or was missed.
 */
export async function lockBookingsOf(
  tx: Db,
  siteId: number,
  slotIds: readonly number[],
): Promise<{ hasBegun: boolean }> {
  const rows = await tx.query<{ state: BookingState }>(
    `SELECT state FROM booking WHERE site_id = $1
       AND id = ANY(ARRAY(SELECT booking_id FROM booking_line WHERE site_id = $1 AND slot_id = ANY($2::bigint[])))
     ORDER BY id FOR UPDATE`,
    [siteId, slotIds],
  );
  return { hasBegun: rows.some(({ state }) => begunStates.includes(state)) };
}

/**
 * Gives bookings the times of their slots, with claims to match, and tells those who have booked. `changed_at` stays: it is the instant of
 * the last change of state. What those hold who give way must be given back already. Indexes: the primary key, claim_by_booking.
 */
export async function writeMoves(tx: Db, stamp: ChangeStamp, moved: readonly MovingBooking[]): Promise<void> {
  if (moved.length === 0) return;
  const { siteId, actorId, at, reason, changeId } = stamp;
  const ids = moved.map(({ id }) => id);
  await tx.query(
    `WITH moved AS (
       UPDATE booking SET starts_at = u.starts_at, ends_at = u.ends_at, cancel_until = u.cancel_until,
         is_provisional = u.is_provisional, details = u.details, expires_at = least(booking.expires_at, u.held_until)
       FROM unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::boolean[], $7::jsonb[],
         $8::timestamptz[]) AS u(id, starts_at, ends_at, cancel_until, is_provisional, details, held_until)
       WHERE booking.site_id = $1 AND booking.id = u.id)
     INSERT INTO event (site_id, at, type, actor_id, booking_id, facts)
     SELECT $1, $9, 'booking.moved', $10, u.id, u.facts FROM unnest($2::uuid[], $11::jsonb[]) AS u(id, facts)`,
    [
      siteId,
      ids,
      moved.map(({ remade }) => toTimestamp(remade.startsAt)),
      moved.map(({ remade }) => toTimestamp(remade.endsAt)),
      moved.map(({ remade }) => toTimestamp(remade.cancelUntil)),
      moved.map(({ remade }) => remade.isProvisional),
      moved.map(({ remade }) => JSON.stringify(remade.details)),
      moved.map(({ state, closesAt }) => (state === 'held' ? toTimestamp(closesAt) : null)),
      toTimestamp(at),
      actorId,
      moved.map(({ startsAt, remade }) =>
        JSON.stringify({ changeId, reason, from: toTimestamp(startsAt), to: toTimestamp(remade.startsAt) }),
      ),
    ],
  );
  await tx.query('DELETE FROM claim WHERE site_id = $1 AND booking_id = ANY($2::uuid[])', [siteId, ids]);
  await insertClaims(
    tx,
    siteId,
    moved.map(({ id, remade }) => ({ id, claims: remade.claims })),
  );
  await tellMoved(tx, stamp, moved);
}

/** Tells the owners of confirmed bookings that their time has changed; once for each change. */
export function tellMoved(
  tx: Db,
  { siteId, at, changeId }: ChangeStamp,
  bookings: readonly { id: string; personId: string; state: BookingState }[],
): Promise<void> {
  const told = bookings.filter(({ state }) => state === 'confirmed');
  return writeNotices(
    tx,
    siteId,
    { kind: 'moved', at },
    told.map(({ id, personId }) => ({ id, personId, occasion: changeId })),
  );
}
