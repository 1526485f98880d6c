import type { Db, Queries } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import { returnDraws } from './release.ts';
import { toTimestamp } from './sql-values.ts';

/** Whose units to give away, and who keeps theirs whatever happens. */
export type YieldRequest = {
  siteId: number;
  /** Locked already; those whose moment has come are found among them. */
  slotIds: readonly number[];
  at: Instant;
  keeps: (details: unknown) => boolean;
};

/** Bookings that gave their units away now, and the slots in which they did. */
export type Yielded = { bookingIds: string[]; slotIds: number[] };

/**
 * Takes the units of those who have not come by the moment that their first slot declares (`yields_at`), in the caller's transaction: their
 * bookings stay, with their claims, and may take them back when they come after all (`retakeUnits`). Not of those who booked after that
 * moment, nor once the slot has begun. Each line leaves an event `booking.units-yielded` with its slot. Idempotent. Indexes: the primary
 * keys of slot and booking, booking_line_by_slot.
 */
export async function yieldUnits(tx: Db, request: YieldRequest): Promise<Yielded> {
  const { siteId, slotIds, at } = request;
  const late = await tx.query<{ id: string; details: unknown }>(
    `SELECT b.id, b.details FROM booking b
     WHERE b.site_id = $1 AND b.state = 'confirmed'
       AND b.id = ANY(ARRAY(
         SELECT l.booking_id FROM slot s JOIN booking_line l ON l.site_id = s.site_id AND l.slot_id = s.id
         JOIN booking own ON own.site_id = l.site_id AND own.id = l.booking_id
         WHERE s.site_id = $1 AND s.id = ANY($2::bigint[]) AND s.yields_at <= $3 AND s.starts_at > $3
           AND l.units > 0 AND own.starts_at = s.starts_at AND own.created_at < s.yields_at))
     ORDER BY b.id FOR UPDATE OF b`,
    [siteId, slotIds, toTimestamp(at)],
  );
  const ids = late.filter(({ details }) => !request.keeps(details)).map(({ id }) => id);
  if (ids.length === 0) return { bookingIds: [], slotIds: [] };
  const lines = await giveAway(tx, siteId, ids, at);
  await returnDraws(tx, siteId, ids);
  return { bookingIds: ids, slotIds: [...new Set(lines)] };
}

/** @returns the slot of each line. */
async function giveAway(tx: Queries, siteId: number, bookingIds: readonly string[], at: Instant): Promise<number[]> {
  const rows = await tx.query<{ slotId: number }>(
    `WITH given AS (
       UPDATE booking_line SET yielded = units, units = 0
       WHERE site_id = $1 AND booking_id = ANY($2::uuid[]) AND units > 0 RETURNING booking_id, slot_id, yielded AS units),
     freed AS (
       UPDATE slot SET taken = taken - g.units FROM (SELECT slot_id, sum(units) AS units FROM given GROUP BY slot_id) AS g
       WHERE slot.site_id = $1 AND slot.id = g.slot_id)
     INSERT INTO event (site_id, at, type, booking_id, slot_id, facts)
     SELECT $1, $3, 'booking.units-yielded', booking_id, slot_id, jsonb_build_object('units', units) FROM given
     ORDER BY booking_id, slot_id RETURNING slot_id AS "slotId"`,
    [siteId, bookingIds, toTimestamp(at)],
  );
  return rows.map(({ slotId }) => slotId);
}

/** What a booking gave away, and when its first slot said so. */
export type GivenAway = { lines: { slotId: number; units: number }[]; yieldsAt: Instant };

/** What some bookings gave away; those that gave nothing are left out. Index: the primary keys. */
export async function givenAway(
  tx: Queries,
  siteId: number,
  bookingIds: readonly string[],
): Promise<Map<string, GivenAway>> {
  const rows = await tx.query<GivenAway & { id: string }>(
    `SELECT l.booking_id AS id, min(s.yields_at) AS "yieldsAt",
       jsonb_agg(jsonb_build_object('slotId', l.slot_id, 'units', l.yielded)) AS lines
     FROM booking_line l JOIN slot s ON s.site_id = l.site_id AND s.id = l.slot_id
     WHERE l.site_id = $1 AND l.booking_id = ANY($2::uuid[]) AND l.yielded > 0 GROUP BY l.booking_id`,
    [siteId, bookingIds],
  );
  return new Map(rows.map(({ id, ...given }) => [id, given]));
}

/** The slots in which some bookings may give units away, or have: to be locked before the bookings. Index: the primary keys. */
export async function yieldingSlots(tx: Queries, siteId: number, bookingIds: readonly string[]): Promise<number[]> {
  const rows = await tx.query<{ slotId: number }>(
    `SELECT DISTINCT l.slot_id AS "slotId" FROM booking_line l JOIN slot s ON s.site_id = l.site_id AND s.id = l.slot_id
     WHERE l.site_id = $1 AND l.booking_id = ANY($2::uuid[]) AND s.yields_at IS NOT NULL`,
    [siteId, bookingIds],
  );
  return rows.map(({ slotId }) => slotId);
}

/**
 * Gives bookings back what they gave away, in the caller's transaction, which holds their slots' locks and has seen that it is free. Each
 * line leaves an event `booking.units-retaken`. What was once drawn from an allotment is not drawn again.
 */
export async function retakeUnits(tx: Queries, siteId: number, bookingIds: readonly string[], at: Instant) {
  if (bookingIds.length === 0) return;
  await tx.query(
    `WITH taken AS (
       UPDATE booking_line SET units = yielded, yielded = 0
       WHERE site_id = $1 AND booking_id = ANY($2::uuid[]) AND yielded > 0 RETURNING booking_id, slot_id, units),
     counted AS (
       UPDATE slot SET taken = taken + t.units FROM (SELECT slot_id, sum(units) AS units FROM taken GROUP BY slot_id) AS t
       WHERE slot.site_id = $1 AND slot.id = t.slot_id)
     INSERT INTO event (site_id, at, type, booking_id, slot_id, facts)
     SELECT $1, $3, 'booking.units-retaken', booking_id, slot_id, jsonb_build_object('units', units) FROM taken
     ORDER BY booking_id, slot_id`,
    [siteId, bookingIds, toTimestamp(at)],
  );
}

/** The next moment after `after` at which somebody may have to give units away; null when none is known. Index: slot_yielding. */
export async function nextYield(db: Queries, siteId: number, after: Instant): Promise<Instant | null> {
  const [next] = await db.query<{ at: Instant | null }>(
    'SELECT min(yields_at) AS at FROM slot WHERE site_id = $1 AND yields_at IS NOT NULL AND yields_at > $2',
    [siteId, toTimestamp(after)],
  );
  return next?.at ?? null;
}

/**
 * Which resources have a slot on which date whose riders give way now: its moment has come and it has not begun. Index: slot_yielding, over
 * the last hour, beyond which no moment lies before its slot's start.
 */
export function yieldingNow(
  db: Queries,
  siteId: number,
  at: Instant,
): Promise<{ resourceId: string; serviceDate: string }[]> {
  return db.query(
    `SELECT DISTINCT resource_id AS "resourceId", service_date AS "serviceDate" FROM slot
     WHERE site_id = $1 AND yields_at IS NOT NULL AND yields_at <= $2 AND yields_at > $2::timestamptz - interval '1 hour 1 minute'
       AND starts_at > $2`,
    [siteId, toTimestamp(at)],
  );
}
