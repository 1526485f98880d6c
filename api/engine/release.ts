import type { Db } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import { toTimestamp } from './sql-values.ts';
import type { BookingState } from './types.ts';

/** Bookings to end before their time, and who says so. */
export type ReleaseRequest = {
  siteId: number;
  bookingIds: readonly string[];
  /** Empty when the service itself acts. */
  actorId: string | null;
  at: Instant;
  /** The state that they end in. */
  to: Extract<BookingState, 'cancelled' | 'expired' | 'displaced'>;
  /** What the event of a booking adds. */
  facts?: ReadonlyMap<string, object>;
};

/**
 * Gives the units and claims of held and confirmed bookings back, in the caller's transaction. Their slots must be locked already
 * (`touchedBy`, `lockSlots`). A booking that has ended already is left as it is, so that nothing is
 * given back twice; only a hold whose time is up can expire.
 * @returns the ids of those that were ended now.
 */
export async function release(tx: Db, request: ReleaseRequest): Promise<string[]> {
  const { siteId, bookingIds, actorId, at, to } = request;
  if (bookingIds.length === 0) return [];
  const ended = await tx.query<{ id: string }>(
    `UPDATE booking SET state = $3, changed_at = $4, expires_at = NULL
     WHERE site_id = $1 AND id = ANY($2::uuid[])
       AND (state = 'held' AND ($3 <> 'expired' OR expires_at <= $4) OR state = 'confirmed' AND $3 <> 'expired')
     RETURNING id`,
    [siteId, bookingIds, to, toTimestamp(at)],
  );
  const ids = ended.map(({ id }) => id);
  if (ids.length === 0) return [];
  await Promise.all([
    tx.query(
      `UPDATE slot SET taken = taken - u.units
       FROM (SELECT slot_id, sum(units) AS units FROM booking_line
             WHERE site_id = $1 AND booking_id = ANY($2::uuid[]) GROUP BY slot_id) AS u
       WHERE slot.site_id = $1 AND slot.id = u.slot_id`,
      [siteId, ids],
    ),
    returnDraws(tx, siteId, ids),
    tx.query('DELETE FROM claim WHERE site_id = $1 AND booking_id = ANY($2::uuid[])', [siteId, ids]),
    tx.query(
      `INSERT INTO event (site_id, at, type, actor_id, booking_id, facts)
       SELECT $1, $3, $4, $5, u.id, u.facts FROM unnest($2::uuid[], $6::jsonb[]) AS u(id, facts)`,
      [siteId, ids, toTimestamp(at), `booking.${to}`, actorId, ids.map((id) => factsOf(request, id))],
    ),
  ]);
  return ids;
}

/** Gives back what bookings drew from allotments; of some slots only, where they keep the others. */
export async function returnDraws(
  tx: Db,
  siteId: number,
  bookingIds: readonly string[],
  slotIds: readonly number[] | null = null,
): Promise<void> {
  await tx.query(
    `WITH drawn AS (
       DELETE FROM allotment_draw
       WHERE site_id = $1 AND booking_id = ANY($2::uuid[]) AND ($3::bigint[] IS NULL OR slot_id = ANY($3)) RETURNING *)
     UPDATE allotment SET taken = taken - u.units
     FROM (SELECT slot_id, organisation_id, sum(units) AS units FROM drawn GROUP BY 1, 2) AS u
     WHERE allotment.site_id = $1 AND allotment.slot_id = u.slot_id AND allotment.organisation_id = u.organisation_id`,
    [siteId, bookingIds, slotIds],
  );
}

function factsOf({ facts }: ReleaseRequest, bookingId: string): string | null {
  const own = facts?.get(bookingId);
  return own ? JSON.stringify(own) : null;
}

/**
 * The slots of some bookings, to be locked before they are released, and whose they are. Indexes: the primary keys of booking and
 * booking_line.
 */
export async function touchedBy(
  tx: Db,
  siteId: number,
  bookingIds: readonly string[],
): Promise<{ slotIds: number[]; personIds: string[] }> {
  const rows = await tx.query<{ slotId: number; personId: string }>(
    `SELECT DISTINCT l.slot_id AS "slotId", b.person_id AS "personId" FROM booking b
     JOIN booking_line l ON l.site_id = b.site_id AND l.booking_id = b.id
     WHERE b.site_id = $1 AND b.id = ANY($2::uuid[])`,
    [siteId, bookingIds],
  );
  return {
    slotIds: [...new Set(rows.map(({ slotId }) => slotId))],
    personIds: [...new Set(rows.map(({ personId }) => personId))],
  };
}
