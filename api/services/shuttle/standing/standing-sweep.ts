import type { Db } from '../../../../db/db.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';
import type { Context } from '../../service.ts';
import { bookDays, bookingTransaction, type DueRide } from './book-days.ts';
import { rideColumns } from './standing-rows.ts';

const ridesPerBatch = 100;

/**
 * Books the days of standing rides whose seats have begun to be sold. Idempotent; a ride goes to whoever locks it first, and its bookings, its
 * report and when it is due next are written in one transaction, so that many processes may do it at once and a crash leaves nothing half done.
 * @returns how many rides were looked at.
 */
export async function sweepStandingRides(context: Context): Promise<number> {
  for (let total = 0; ;) {
    const done = await bookingTransaction(context.db, (tx) => sweepSome({ ...context, db: tx }));
    total += done;
    if (done < ridesPerBatch) return total;
  }
}

async function sweepSome(context: Context): Promise<number> {
  const rides = await dueRides(context.db, context.site.id, toTimestamp(context.now));
  if (rides.length > 0) await bookDays(context, rides, { tells: true });
  return rides.length;
}

/** In the order in which they were made: who asked first is served first. Index: standing_ride_due. */
function dueRides(tx: Db, siteId: number, now: string): Promise<DueRide[]> {
  return tx.query<DueRide>(
    `SELECT ${rideColumns}, coalesce((SELECT jsonb_agg(jsonb_build_object('role', p.role, 'organisationId', p.organisation_id))
       FROM person_role p WHERE p.site_id = r.site_id AND p.person_id = r.person_id), '[]') AS roles
     FROM standing_ride r WHERE r.site_id = $1 AND r.due_at <= $2 AND r.state = 'active'
     ORDER BY r.due_at, r.id LIMIT ${ridesPerBatch} FOR UPDATE OF r SKIP LOCKED`,
    [siteId, now],
  );
}
