import type { Db } from '../../../../db/db.ts';
import type { Instant, IsoDate } from '../../../calendar/time.ts';
import type { BookingState } from '../../../engine/types.ts';
import type { RideDetails } from '../draft-seats.ts';
import { wheelchairPlaceOf } from '../run-rules.ts';

/** A ride that somebody holds on a run's day, and when they were scanned. */
export type Ride = {
  bookingId: string;
  personId: string;
  state: BookingState;
  details: RideDetails;
  boardedAt: Instant | null;
};

/** A run on one date. */
export type RunKey = { siteId: number; runId: string; serviceDate: IsoDate };

/** The rides of a run's day that may board, have, or should have. Indexes: slot_once_per_part, booking_line_by_slot, the primary keys. */
export function ridesOf(db: Db, { siteId, runId, serviceDate }: RunKey): Promise<Ride[]> {
  return db.query<Ride>(
    `SELECT b.id AS "bookingId", b.person_id AS "personId", b.state, b.details, c.at AS "boardedAt"
     FROM booking b LEFT JOIN check_in c ON c.site_id = b.site_id AND c.booking_id = b.id
     WHERE b.site_id = $1 AND b.state IN ('confirmed', 'checked_in', 'completed', 'no_show') AND b.id = ANY(ARRAY(
       SELECT l.booking_id FROM slot s JOIN booking_line l ON l.site_id = s.site_id AND l.slot_id = s.id
       WHERE s.site_id = $1 AND s.resource_id = ANY($2::text[]) AND s.service_date = $3))
     ORDER BY b.created_at, b.id`,
    [siteId, [runId, wheelchairPlaceOf(runId)], serviceDate],
  );
}

/** Which run and date some bookings are of; those that are not there are left out. Index: the primary key. */
export async function runsOfBookings(
  db: Db,
  siteId: number,
  bookingIds: readonly string[],
): Promise<Map<string, { runId: string | null; serviceDate: IsoDate }>> {
  const rows = await db.query<{ id: string; runId: string | null; serviceDate: IsoDate }>(
    `SELECT id, details->>'runId' AS "runId", service_date AS "serviceDate" FROM booking
     WHERE site_id = $1 AND id = ANY($2::uuid[])`,
    [siteId, bookingIds],
  );
  return new Map(rows.map(({ id, ...run }) => [id, run]));
}
