import type { Db } from '../../../../db/db.ts';
import { toText } from '../../../calendar/time.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';
import type { Context, PlacedBooking, Resource, WishRefusal } from '../../service.ts';
import { suspendedUntil } from './overstays.ts';

/** The refusal of somebody whom a lender has suspended after overstays; null for anybody else. It says until when. */
export async function refuseSuspended(context: Context, personId: string, lot: Resource): Promise<WishRefusal | null> {
  const until = await suspendedUntil(context, personId, lot.organisationId);
  if (until === null) return null;
  return { ok: false, problem: 'rule', rule: 'suspended', until: toText(until, context.site.timeZone) };
}

/** The same for what somebody was offered in the queue; not for what is held instead of a booking of theirs that gave way. */
export async function mayNotTake(
  context: Context,
  personId: string,
  offered: PlacedBooking,
): Promise<WishRefusal | null> {
  const lot = context.catalogue.get(offered.lines[0]?.resourceId ?? '');
  const refusal = lot ? await refuseSuspended(context, personId, lot) : null;
  if (!refusal) return null;
  return (await isInstead(context.db, context.site.id, personId, offered)) ? null : refusal;
}

/**
 * What gave way was of the same nights: it began in the month of the offer, or at most two before it, as a month's stay may have.
 * Indexes: booking_by_month_and_person, event_by_booking.
 */
async function isInstead(db: Db, siteId: number, personId: string, offered: PlacedBooking): Promise<boolean> {
  const displaced = await db.query(
    `SELECT 1 FROM booking b JOIN event e ON e.site_id = b.site_id AND e.booking_id = b.id AND e.type = 'booking.displaced'
     WHERE b.site_id = $1 AND b.person_id = $2 AND b.state = 'displaced' AND e.facts->>'insteadId' = $3
       AND date_trunc('month', b.starts_at AT TIME ZONE 'UTC') = ANY(ARRAY(
         SELECT date_trunc('month', $4::timestamptz AT TIME ZONE 'UTC') - make_interval(months => n) FROM generate_series(0, 2) AS n))
     LIMIT 1`,
    [siteId, personId, offered.id, toTimestamp(offered.startsAt)],
  );
  return displaced.length > 0;
}
