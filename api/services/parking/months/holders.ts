import type { Queries } from '../../../../db/db.ts';
import type { Instant } from '../../../calendar/time.ts';
import { holdingStates, type BookingState } from '../../../engine/types.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';
import type { StayDetails } from '../stay-details.ts';

/** The states in which somebody holds a month; what is only offered is nobody's yet. */
const heldForGood = holdingStates.filter((state) => state !== 'held');

type MonthOfLot = { siteId: number; resourceId: string; month: string };

/**
 * The cars that hold `before` and have not had a booking of `month` yet: those whose space is kept. Whoever cancels their renewal gives the
 * space up, so that it becomes only fewer while others book. Index: booking_of_parking_month.
 */
export async function carsToRenew(
  db: Queries,
  { siteId, resourceId, month }: MonthOfLot,
  before: string,
): Promise<string[]> {
  const rows = await db.query<{ vehicleId: string }>(
    `SELECT DISTINCT b.details->>'vehicleId' AS "vehicleId" FROM booking b
     WHERE b.site_id = $1 AND b.kind = 'parking' AND b.details->>'month' IS NOT NULL
       AND b.details->>'resourceId' = $2 AND b.details->>'month' = $3 AND b.state = ANY($5::text[])
       AND b.details->>'vehicleId' NOT IN (
         SELECT n.details->>'vehicleId' FROM booking n
         WHERE n.site_id = $1 AND n.kind = 'parking' AND n.details->>'month' IS NOT NULL
           AND n.details->>'resourceId' = $2 AND n.details->>'month' = $4)`,
    [siteId, resourceId, before, month, heldForGood],
  );
  return rows.map(({ vehicleId }) => vehicleId);
}

/** A month that somebody holds, with its nights in order. */
export type Entitlement = {
  bookingId: string;
  state: BookingState;
  priceFen: number;
  details: StayDetails;
  nights: { slotId: number; serviceDate: string; startsAt: Instant; endsAt: Instant; cancelUntil: Instant }[];
};

/** Who holds months of which lots. */
type Holder = { siteId: number; personId: string; resourceIds: readonly string[]; months: readonly string[] };

/** The months of a person that are not over. Indexes: booking_of_parking_month, the primary keys of booking_line and slot. */
export async function entitlementsOf(
  db: Queries,
  { siteId, personId, resourceIds, months }: Holder,
  now: Instant,
): Promise<Entitlement[]> {
  const rows = await db.query<Omit<Entitlement, 'nights'>>(
    `SELECT id AS "bookingId", state, price_fen AS "priceFen", details FROM booking
     WHERE site_id = $1 AND kind = 'parking' AND details->>'month' IS NOT NULL
       AND details->>'resourceId' = ANY($2::text[]) AND details->>'month' = ANY($3::text[])
       AND person_id = $4 AND ends_at > $5 AND state = ANY($6::text[]) ORDER BY starts_at, id LIMIT 50`,
    [siteId, resourceIds, months, personId, toTimestamp(now), heldForGood],
  );
  const nights = await db.query<Entitlement['nights'][number] & { bookingId: string }>(
    `SELECT l.booking_id AS "bookingId", s.id AS "slotId", s.service_date AS "serviceDate", s.starts_at AS "startsAt",
       s.ends_at AS "endsAt", s.cancel_until AS "cancelUntil"
     FROM booking_line l JOIN slot s ON s.site_id = l.site_id AND s.id = l.slot_id
     WHERE l.site_id = $1 AND l.booking_id = ANY($2::uuid[]) ORDER BY s.starts_at`,
    [siteId, rows.map(({ bookingId }) => bookingId)],
  );
  const nightsOf = Map.groupBy(nights, ({ bookingId }) => bookingId);
  return rows.map((row) => ({ ...row, nights: nightsOf.get(row.bookingId) ?? [] }));
}

/** The months that a car has had a booking of in a lot, from one on; what was cancelled counts. Index: booking_of_parking_month. */
export async function monthsHad(
  db: Queries,
  { siteId, resourceId, month }: MonthOfLot,
  vehicleIds: readonly string[],
): Promise<string[]> {
  const rows = await db.query<{ vehicleId: string }>(
    `SELECT DISTINCT details->>'vehicleId' AS "vehicleId" FROM booking
     WHERE site_id = $1 AND kind = 'parking' AND details->>'month' IS NOT NULL
       AND details->>'resourceId' = $2 AND details->>'month' = $3 AND details->>'vehicleId' = ANY($4::text[])
       AND state = ANY($5::text[])`,
    [siteId, resourceId, month, vehicleIds, [...heldForGood, 'held']],
  );
  return rows.map(({ vehicleId }) => vehicleId);
}
