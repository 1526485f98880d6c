import type { Queries } from '../../../../db/db.ts';
import { dateOf, plusDays, type HalfOpen, type Instant } from '../../../calendar/time.ts';
import { joinRanges } from '../../drafting.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';
import type { Stay } from './match-sight.ts';

/** Days of service before and after a range that can join a run in it: more than the longest run of days off has. */
const runDays = 12;
/** More lines than all lots of a park have in so many days. */
const maxLines = 100_000;

type StayLine = HalfOpen & {
  bookingId: string;
  resourceId: string;
  plate: string;
  endedAt: Instant | null;
};

type StaySearch = {
  site: { id: number; timeZone: string };
  resourceIds: readonly string[];
  range: HalfOpen;
  /** Those of some cars only. */
  plates?: readonly string[];
};

/**
 * The stays of some agreements around a range of time: those that hold, and those that ended when they had begun. Runs that reach beyond two
 * weeks around it are cut there. A car whose plate was changed in that range has a stay of each plate that opened gates in it
 * (`platesAt`). Indexes: slot_once_per_part, booking_line_by_slot, the primary keys of booking, vehicle and vehicle_plate.
 */
export async function staysAround(db: Queries, { site, resourceIds, range, plates }: StaySearch): Promise<Stay[]> {
  if (resourceIds.length === 0) return [];
  const lines = await db.query<StayLine>(
    `SELECT b.id AS "bookingId", s.resource_id AS "resourceId", p.plate, s.starts_at AS "startsAt", s.ends_at AS "endsAt",
       CASE WHEN b.state IN ('cancelled', 'displaced') THEN b.changed_at END AS "endedAt"
     FROM slot s
     JOIN booking_line l ON l.site_id = s.site_id AND l.slot_id = s.id
     JOIN booking b ON b.site_id = l.site_id AND b.id = l.booking_id
     JOIN vehicle v ON v.site_id = b.site_id AND v.id = (b.details->>'vehicleId')::uuid
     CROSS JOIN LATERAL (
       SELECT k.plate FROM vehicle_plate k WHERE k.site_id = v.site_id AND k.vehicle_id = v.id
         AND k.valid_from < $7 AND (k.valid_to IS NULL OR k.valid_to > $6)
       UNION SELECT v.plate WHERE v.verified_at IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM vehicle_plate k WHERE k.site_id = v.site_id AND k.vehicle_id = v.id)) AS p
     WHERE s.site_id = $1 AND s.resource_id = ANY($2::text[]) AND s.service_date BETWEEN $3 AND $4
       AND (b.state IN ('confirmed', 'checked_in', 'completed', 'no_show')
         OR (b.state IN ('cancelled', 'displaced') AND b.changed_at > s.starts_at))
       AND ($5::text[] IS NULL OR p.plate = ANY($5))
     ORDER BY b.id, s.starts_at LIMIT ${maxLines}`,
    [
      site.id,
      resourceIds,
      plusDays(dateOf(range.startsAt, site.timeZone), -runDays),
      plusDays(dateOf(range.endsAt, site.timeZone), runDays),
      plates ?? null,
      toTimestamp(range.startsAt),
      toTimestamp(range.endsAt),
    ],
  );
  return [...Map.groupBy(lines, ({ bookingId, plate }) => `${bookingId} ${plate}`).values()].map((own) => ({
    bookingId: own[0]?.bookingId ?? '',
    resourceId: own[0]?.resourceId ?? '',
    plate: own[0]?.plate ?? '',
    endedAt: own[0]?.endedAt ?? null,
    runs: joinRanges(own.map(({ startsAt, endsAt }) => ({ startsAt, endsAt }))),
  }));
}
