import type { Check } from './invariants.ts';
import { holdingStates } from './types.ts';

const holding = `(${holdingStates.map((state) => `'${state}'`).join(', ')})`;

/** Invariants 1 to 4: what rows say of one another. */
export const rowChecks: readonly Check[] = [
  {
    invariant: 1,
    rule: 'taken lies between nothing and the capacity',
    sql: `SELECT site_id AS "siteId", 'slot ' || id AS row, taken || ' of ' || capacity AS found
      FROM slot WHERE taken < 0 OR taken > capacity`,
  },
  {
    invariant: 1,
    rule: 'taken equals the units that bookings hold',
    sql: `SELECT s.site_id AS "siteId", 'slot ' || s.id AS row, s.taken || ' taken, ' || coalesce(l.units, 0) || ' in lines' AS found
      FROM slot s LEFT JOIN (
        SELECT l.site_id, l.slot_id, sum(l.units) AS units
        FROM booking_line l JOIN booking b ON b.site_id = l.site_id AND b.id = l.booking_id
        WHERE b.state IN ${holding} GROUP BY l.site_id, l.slot_id) l ON l.site_id = s.site_id AND l.slot_id = s.id
      WHERE s.taken <> coalesce(l.units, 0)`,
  },
  {
    invariant: 1,
    rule: 'what is gone of an allotment equals what bookings drew that hold it, and is no more than it holds',
    sql: `SELECT a.site_id AS "siteId", 'allotment of ' || a.organisation_id || ' in slot ' || a.slot_id AS row,
        a.taken || ' of ' || a.units || ' taken, ' || coalesce(d.units, 0) || ' drawn' AS found
      FROM allotment a LEFT JOIN (
        SELECT d.site_id, d.slot_id, d.organisation_id, sum(d.units) AS units
        FROM allotment_draw d JOIN booking b ON b.site_id = d.site_id AND b.id = d.booking_id
        WHERE b.state IN ${holding} GROUP BY d.site_id, d.slot_id, d.organisation_id) d
        ON d.site_id = a.site_id AND d.slot_id = a.slot_id AND d.organisation_id = a.organisation_id
      WHERE a.taken <> coalesce(d.units, 0) OR a.taken NOT BETWEEN 0 AND a.units`,
  },
  {
    invariant: 2,
    rule: 'a claimant is in one place at a time',
    sql: `SELECT site_id AS "siteId", 'claim of booking ' || booking_id AS row,
        'claimant ' || claimant_id || ' is in another ' || scope || ' until ' || busy_until AS found
      FROM (SELECT site_id, booking_id, claimant_id, scope, during, max(upper(during)) OVER (
          PARTITION BY site_id, claimant_id, scope ORDER BY during ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS busy_until
        FROM claim) c
      WHERE busy_until > lower(during)`,
  },
  {
    invariant: 2,
    rule: 'a booking that holds units and is not over has its claims, and no other has any',
    sql: `SELECT coalesce(b.site_id, c.site_id) AS "siteId", 'booking ' || coalesce(b.id, c.booking_id) AS row,
        coalesce(b.state, 'missing') || CASE WHEN c.booking_id IS NULL THEN ' without a claim' ELSE ' with a claim' END AS found
      FROM booking b FULL JOIN (SELECT DISTINCT site_id, booking_id FROM claim) c
        ON c.site_id = b.site_id AND c.booking_id = b.id
      WHERE c.booking_id IS NULL AND b.state IN ${holding} AND b.ends_at > now()
        OR c.booking_id IS NOT NULL AND (b.state IN ${holding}) IS NOT TRUE`,
  },
  {
    invariant: 3,
    rule: 'a booking that was told of is there',
    sql: `SELECT e.site_id AS "siteId", 'booking ' || e.booking_id AS row, count(*) || ' events, but no booking' AS found
      FROM event e LEFT JOIN booking b ON b.site_id = e.site_id AND b.id = e.booking_id
      WHERE e.booking_id IS NOT NULL AND b.id IS NULL GROUP BY e.site_id, e.booking_id`,
  },
  {
    invariant: 3,
    rule: 'a booking has its lines',
    sql: `SELECT b.site_id AS "siteId", 'booking ' || b.id AS row, b.state || ' without a line' AS found FROM booking b
      WHERE NOT EXISTS (SELECT 1 FROM booking_line l WHERE l.site_id = b.site_id AND l.booking_id = b.id)`,
  },
  {
    invariant: 3,
    rule: 'a booking is of a person who is there',
    sql: `SELECT b.site_id AS "siteId", 'booking ' || b.id AS row, 'no such person' AS found FROM booking b
      WHERE NOT EXISTS (SELECT 1 FROM person p WHERE p.site_id = b.site_id AND p.id = b.person_id)`,
  },
  {
    invariant: 3,
    rule: 'a line is of a booking and a slot that are there',
    sql: `SELECT l.site_id AS "siteId", 'line of booking ' || l.booking_id || ' in slot ' || l.slot_id AS row,
        CASE WHEN b.id IS NULL THEN 'no such booking' ELSE 'no such slot' END AS found
      FROM booking_line l LEFT JOIN booking b ON b.site_id = l.site_id AND b.id = l.booking_id
      LEFT JOIN slot s ON s.site_id = l.site_id AND s.id = l.slot_id
      WHERE b.id IS NULL OR s.id IS NULL`,
  },
  {
    invariant: 3,
    rule: 'who has come was checked in, and nobody else was',
    sql: `SELECT coalesce(b.site_id, c.site_id) AS "siteId", 'booking ' || coalesce(b.id, c.booking_id) AS row,
        coalesce(b.state, 'missing') || CASE WHEN c.booking_id IS NULL THEN ' without a check-in' ELSE ' with a check-in' END AS found
      FROM (SELECT site_id, id, state FROM booking WHERE state IN ('checked_in', 'completed')) b
      FULL JOIN check_in c ON c.site_id = b.site_id AND c.booking_id = b.id
      WHERE b.id IS NULL OR c.booking_id IS NULL AND b.state = 'checked_in'`,
  },
  {
    invariant: 3,
    rule: 'a retry key has one answer, and what it answers with is there',
    sql: `SELECT k.site_id AS "siteId", 'key ' || k.key AS row, count(*) || ' answers, of which ' ||
        count(*) FILTER (WHERE k.booking_id IS NOT NULL AND b.id IS NULL) || ' lack their booking and ' ||
        count(*) FILTER (WHERE k.answer ? 'entryId' AND e.id IS NULL) || ' their place in the queue' AS found
      FROM idempotency_key k
      LEFT JOIN booking b ON b.site_id = k.site_id AND b.id = k.booking_id
      LEFT JOIN waitlist_entry e ON e.site_id = k.site_id AND e.id = (k.answer->>'entryId')::bigint
      GROUP BY k.site_id, k.key
      HAVING count(*) <> 1 OR bool_or(k.booking_id IS NOT NULL AND b.id IS NULL) OR bool_or(k.answer ? 'entryId' AND e.id IS NULL)`,
  },
  {
    invariant: 3,
    rule: 'a day plan is made as one',
    sql: `SELECT b.site_id AS "siteId", 'plan ' || b.bundle_id AS row,
        count(*) || ' bookings, made at ' || count(DISTINCT b.created_at) || ' instants' AS found
      FROM booking b WHERE b.bundle_id IS NOT NULL GROUP BY b.site_id, b.bundle_id
      HAVING count(*) < 2 OR count(DISTINCT b.created_at) > 1`,
  },
  {
    invariant: 4,
    rule: 'a transfer has two sides and sums to zero',
    sql: `SELECT t.site_id AS "siteId", 'transfer ' || t.id AS row,
        count(e.account_id) || ' entries, together ' || coalesce(sum(e.amount_fen), 0) || ' fen' AS found
      FROM transfer t LEFT JOIN transfer_entry e ON e.site_id = t.site_id AND e.transfer_id = t.id
      GROUP BY t.site_id, t.id HAVING count(e.account_id) < 2 OR sum(e.amount_fen) <> 0`,
  },
  {
    invariant: 4,
    rule: 'an account holds what its entries add up to, and no less than its floor',
    sql: `SELECT a.site_id AS "siteId", 'account ' || a.id AS row, a.balance_fen || ' fen, ' || coalesce(e.amount_fen, 0)
        || ' by its entries, floor ' || coalesce(a.floor_fen::text, 'none') AS found
      FROM account a LEFT JOIN (
        SELECT site_id, account_id, sum(amount_fen) AS amount_fen FROM transfer_entry GROUP BY site_id, account_id) e
        ON e.site_id = a.site_id AND e.account_id = a.id
      WHERE a.balance_fen <> coalesce(e.amount_fen, 0) OR a.balance_fen < a.floor_fen`,
  },
];
