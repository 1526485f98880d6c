import type { Db } from '../../db/db.ts';

/**
 * Fills a seeded database set-wise with the past of a busy site: `years` of slots before those that are there, people, bookings of
 * five lines each, their claims, events, keys and sessions. For looking at plans: counters do not add up.
 */
export async function fillWithHistory(db: Db, size: { slots: number; bookings: number }): Promise<void> {
  for (const [statement, parameters] of steps(size)) await db.query(statement, parameters);
  await db.query('ANALYZE');
}

const steps = ({ slots, bookings }: { slots: number; bookings: number }): [string, unknown[]][] => [
  [
    `INSERT INTO slot (site_id, resource_id, kind, service_date, part, starts_at, ends_at, capacity, opens_at, closes_at,
       cancel_until, price_fen, is_provisional, facts)
     SELECT site_id, resource_id, kind, service_date - 400 * n, part, starts_at - 400 * n * interval '1 day',
       ends_at - 400 * n * interval '1 day', 1000, opens_at - 400 * n * interval '1 day',
       closes_at - 400 * n * interval '1 day', cancel_until - 400 * n * interval '1 day', price_fen, is_provisional, facts
     FROM slot, generate_series(1, (SELECT $1::int / count(*) FROM slot)::int) n`,
    [slots],
  ],
  [
    `INSERT INTO person (site_id, id, phone, name)
     SELECT 1, gen_random_uuid(), '+86139' || lpad(n::text, 8, '0'), 'person ' || n FROM generate_series(1, $1::int / 10) n`,
    [bookings],
  ],
  [
    `WITH p AS (SELECT id, row_number() OVER () - 1 AS n FROM person),
       s AS (SELECT starts_at, ends_at, service_date, row_number() OVER (ORDER BY starts_at, id) - 1 AS n FROM slot WHERE kind IN ('parking', 'shuttle', 'canteen'))
     INSERT INTO booking (site_id, id, kind, person_id, state, created_at, changed_at, starts_at, ends_at, service_date,
       cancel_until, price_fen, is_provisional, details)
     SELECT 1, gen_random_uuid(), 'shuttle', p.id, 'confirmed', now(), now(), s.starts_at, s.ends_at, s.service_date,
       s.starts_at, 0, false, '{}'
     FROM generate_series(1, $1::int) g JOIN p ON p.n = g % (SELECT count(*) FROM p) JOIN s ON s.n = (g * 7) % (SELECT count(*) FROM s)`,
    [bookings],
  ],
  [
    `WITH b AS (SELECT site_id, id, row_number() OVER () AS n FROM booking),
       s AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM slot)
     INSERT INTO booking_line SELECT b.site_id, b.id, s.id, 1
     FROM b CROSS JOIN generate_series(0, 4) k JOIN s ON s.n = (b.n * 3 + k) % (SELECT count(*) FROM s)`,
    [],
  ],
  [`INSERT INTO claim SELECT site_id, id, gen_random_uuid(), 'ride', tstzrange(starts_at, ends_at) FROM booking`, []],
  [
    `INSERT INTO event (site_id, at, type, actor_id, booking_id)
     SELECT site_id, now(), 'booking.confirmed', person_id, id FROM booking`,
    [],
  ],
  [`INSERT INTO idempotency_key SELECT site_id, gen_random_uuid(), gen_random_uuid(), now(), id FROM booking`, []],
  [`INSERT INTO session SELECT site_id, gen_random_uuid(), id, now(), now() + interval '30 days' FROM person`, []],
];
