import { expect } from 'vitest';
import type { Db } from '../../db/db.ts';

/** A row that breaks an invariant of the inventory, and how. */
export type BrokenRow = { invariant: string; row: string; found: string };

const live = `('held', 'confirmed', 'checked_in', 'completed')`;

/** Each names its rule; together they read every table once, whatever its size. */
const checks: Record<string, string> = {
  'taken lies between nothing and the capacity': `
    SELECT 'slot ' || id AS row, taken || ' of ' || capacity AS found FROM slot WHERE taken < 0 OR taken > capacity`,

  'taken equals the units of live bookings': `
    SELECT 'slot ' || s.id AS row, s.taken || ' taken, ' || coalesce(l.units, 0) || ' in lines' AS found
    FROM slot s LEFT JOIN (
      SELECT l.site_id, l.slot_id, sum(l.units) AS units
      FROM booking_line l JOIN booking b ON b.site_id = l.site_id AND b.id = l.booking_id
      WHERE b.state IN ${live} GROUP BY l.site_id, l.slot_id) l ON l.site_id = s.site_id AND l.slot_id = s.id
    WHERE s.taken <> coalesce(l.units, 0)`,

  'a claimant is in one place at a time': `
    SELECT 'claimant ' || claimant_id AS row, scope || ' ' || during || ' meets ' || before AS found FROM (
      SELECT claimant_id, scope, during, lag(during) OVER (PARTITION BY site_id, claimant_id, scope ORDER BY during) AS before
      FROM claim) c
    WHERE before && during`,

  'an idempotency key makes one booking, which is there': `
    SELECT 'key ' || k.key AS row, count(*) || ' answers, ' || count(b.id) || ' bookings' AS found
    FROM idempotency_key k LEFT JOIN booking b ON b.site_id = k.site_id AND b.id = k.booking_id
    WHERE k.booking_id IS NOT NULL GROUP BY k.site_id, k.key HAVING count(*) <> 1 OR count(b.id) <> 1`,

  'a booking has its lines': `
    SELECT 'booking ' || b.id AS row, b.state || ' without a line' AS found FROM booking b
    WHERE NOT EXISTS (SELECT 1 FROM booking_line l WHERE l.site_id = b.site_id AND l.booking_id = b.id)`,

  'a live booking has its claims': `
    SELECT 'booking ' || b.id AS row, b.state || ' without a claim' AS found
    FROM booking b LEFT JOIN claim c ON c.site_id = b.site_id AND c.booking_id = b.id
    WHERE b.state IN ${live} AND c.booking_id IS NULL`,

  'a claim belongs to a live booking': `
    SELECT 'claim of booking ' || c.booking_id AS row, coalesce(b.state, 'no such booking') AS found
    FROM claim c LEFT JOIN booking b ON b.site_id = c.site_id AND b.id = c.booking_id
    WHERE b.state IS NULL OR b.state NOT IN ${live}`,

  'a booking was confirmed once': `
    SELECT 'booking ' || b.id AS row, count(e.id) || ' confirmations' AS found
    FROM booking b LEFT JOIN event e ON e.site_id = b.site_id AND e.booking_id = b.id AND e.type = 'booking.confirmed'
    WHERE b.state IN ('confirmed', 'checked_in', 'completed', 'no_show') GROUP BY b.site_id, b.id HAVING count(e.id) <> 1`,

  'the last event of a booking says its state': `
    SELECT 'booking ' || b.id AS row, b.state || ', but the last event is ' || coalesce(e.type, 'none') AS found
    FROM booking b LEFT JOIN (
      SELECT DISTINCT ON (site_id, booking_id) site_id, booking_id, type
      FROM event WHERE booking_id IS NOT NULL ORDER BY site_id, booking_id, id DESC) e
      ON e.site_id = b.site_id AND e.booking_id = b.id
    WHERE e.type IS DISTINCT FROM 'booking.' || b.state`,

  'an offer holds something, and a hold of the queue is offered': `
    SELECT 'entry ' || e.id AS row, e.state || ' with ' || coalesce(b.state, 'no booking') AS found
    FROM waitlist_entry e LEFT JOIN booking b ON b.site_id = e.site_id AND b.id = e.offer_booking_id
    WHERE (e.state = 'offered') IS DISTINCT FROM (b.state = 'held') AND (e.state = 'offered' OR b.state = 'held')`,

  'who waits is in the queue of a slot, and nobody else is': `
    SELECT 'entry ' || e.id AS row, e.state || ' in ' || count(w.slot_id) || ' queues' AS found
    FROM waitlist_entry e LEFT JOIN waitlist_slot w ON w.site_id = e.site_id AND w.entry_id = e.id
    GROUP BY e.site_id, e.id, e.state HAVING (e.state = 'waiting') <> (count(w.slot_id) > 0)`,

  'a queue head that fits has been offered its units': `
    SELECT 'entry ' || e.id AS row, 'waits although it fits' AS found FROM waitlist_entry e
    WHERE e.state = 'waiting'
      AND NOT EXISTS (
        SELECT 1 FROM waitlist_slot mine
        JOIN waitlist_slot ahead ON ahead.site_id = mine.site_id AND ahead.slot_id = mine.slot_id
          AND ahead.entry_id < mine.entry_id
        WHERE mine.site_id = e.site_id AND mine.entry_id = e.id)
      AND NOT EXISTS (
        SELECT 1 FROM jsonb_array_elements(e.wish->'choices'->0) draft, jsonb_array_elements(draft->'lines') line
        JOIN slot s ON s.id = (line->>'slotId')::bigint
        WHERE s.site_id = e.site_id AND s.capacity - s.taken < (line->>'units')::int)
      AND NOT EXISTS (
        SELECT 1 FROM jsonb_array_elements(e.wish->'choices'->0) draft, jsonb_array_elements(draft->'claims') wanted
        JOIN claim c ON c.claimant_id = (wanted->>'claimantId')::uuid AND c.scope = wanted->>'scope'
        WHERE c.site_id = e.site_id AND c.during && tstzrange(
          to_timestamp((wanted->'during'->>'startsAt')::float8 / 1000), to_timestamp((wanted->'during'->>'endsAt')::float8 / 1000)))`,

  'a day plan stands or falls as one when it is made': `
    SELECT 'plan ' || b.bundle_id AS row, count(DISTINCT b.created_at) || ' instants' AS found
    FROM booking b WHERE b.bundle_id IS NOT NULL GROUP BY b.site_id, b.bundle_id
    HAVING count(*) < 2 OR count(DISTINCT b.created_at) > 1`,
};

/** Every row that breaks an invariant, at most a hundred of each; set-wise, so that it serves a large database too. */
export async function brokenInvariants(db: Db): Promise<BrokenRow[]> {
  const broken: BrokenRow[] = [];
  for (const [invariant, sql] of Object.entries(checks)) {
    const rows = await db.query<{ row: string; found: string }>(`${sql} LIMIT 100`);
    broken.push(...rows.map((row) => ({ invariant, ...row })));
  }
  return broken;
}

/** Fails with the rows that break an invariant. */
export async function expectInvariants(db: Db): Promise<void> {
  expect(await brokenInvariants(db)).toEqual([]);
}
