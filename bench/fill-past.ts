import type { Db } from '../db/db.ts';
import { siteRow } from '../db/seed/caohejing.ts';

const chunk = 500_000;

/** A time-ordered id (uuid version 7) as the service would have drawn it then. */
const idAt = (instant: string, n: string): string =>
  `(lpad(to_hex((extract(epoch FROM ${instant}) * 1000)::bigint), 12, '0') || '7' || substr(md5(${n}::text), 1, 3) || '8' ||
     substr(md5(${n}::text), 4, 15))::uuid`;

/**
 * Fills in bookings of past rides, set-wise: each with its line, its event, and no claim, since claims go when their time is over. Slots of
 * 400 past days carry them; the riders are those who are there.
 */
export async function fillPast(db: Db, count: number): Promise<void> {
  const siteId = siteRow.id;
  await db.query(
    `INSERT INTO slot (site_id, resource_id, kind, service_date, part, starts_at, ends_at, capacity, opens_at, closes_at, cancel_until,
       price_fen, is_provisional, facts)
     SELECT site_id, resource_id, kind, service_date - 500 - n, part, starts_at - (500 + n) * interval '1 day',
       ends_at - (500 + n) * interval '1 day', $2::int, opens_at - (500 + n) * interval '1 day',
       closes_at - (500 + n) * interval '1 day', cancel_until - (500 + n) * interval '1 day', price_fen, false, facts
     FROM slot, generate_series(1, 400) n
     WHERE site_id = $1 AND kind = 'shuttle' AND service_date = '2026-11-24'`,
    [siteId, count],
  );
  for (let from = 0; from < count; from += chunk) {
    await db.query(
      `WITH s AS (SELECT id, starts_at, ends_at, service_date, row_number() OVER (ORDER BY starts_at, id) - 1 AS n FROM slot
                  WHERE site_id = $1 AND service_date < '2026-01-01')
       , p AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM person WHERE site_id = $1)
       , made AS (
         INSERT INTO booking (site_id, id, kind, person_id, state, created_at, changed_at, starts_at, ends_at, service_date,
           cancel_until, price_fen, is_provisional, details)
         SELECT $1, ${idAt('s.starts_at', 'g')}, 'shuttle', p.id, 'confirmed', s.starts_at, s.starts_at, s.starts_at, s.ends_at, s.service_date,
           s.starts_at, 0, false,
           jsonb_build_object('title', jsonb_build_object('zh', '08:10 班车', 'en', '08:10 shuttle'), 'runId', 'run-2', 'seats', 1,
             'slotId', s.id)
         FROM generate_series($2::bigint, $3::bigint - 1) g
         JOIN s ON s.n = g * (SELECT count(*) FROM s) / $4 JOIN p ON p.n = (g * 7919) % (SELECT count(*) FROM p)
         RETURNING id, person_id, created_at, (details->>'slotId')::bigint AS slot_id)
       , lines AS (INSERT INTO booking_line (site_id, booking_id, slot_id, units) SELECT $1, id, slot_id, 1 FROM made)
       INSERT INTO event (site_id, at, type, actor_id, booking_id)
       SELECT $1, created_at, 'booking.confirmed', person_id, id FROM made`,
      [siteId, from, Math.min(count, from + chunk), count],
    );
  }
  await db.query(
    `UPDATE slot SET taken = l.units FROM (SELECT slot_id, sum(units) AS units FROM booking_line WHERE site_id = $1 GROUP BY slot_id) l
     WHERE slot.site_id = $1 AND slot.id = l.slot_id AND slot.service_date < '2026-01-01'`,
    [siteId],
  );
  await db.query('VACUUM ANALYZE');
  await db.query('CHECKPOINT');
}
