import type { Check } from './invariants.ts';

/**
 * What those who wait want, choice by choice, and what stands in the way of it. The present is the site's last event: what was free then
 * and is not offered by now was forgotten, whatever the clock says.
 */
const choices = `
  WITH waiting AS (SELECT site_id, id, wish FROM waitlist_entry WHERE state = 'waiting'),
  present AS MATERIALIZED (
    SELECT s.id AS site_id, coalesce((
      SELECT max(at) FROM (SELECT at FROM event WHERE site_id = s.id ORDER BY id DESC LIMIT 1000) e), '-infinity') AS at
    FROM site s),
  choice AS (
    SELECT w.site_id, w.id AS entry_id, c.place, c.drafts, w.wish->'groups' AS groups
    FROM waiting w, jsonb_array_elements(w.wish->'choices') WITH ORDINALITY c(drafts, place)),
  wanted AS (
    SELECT site_id, entry_id, place, groups, (line->>'slotId')::bigint AS slot_id, sum((line->>'units')::int) AS units
    FROM choice, jsonb_array_elements(drafts) draft, jsonb_array_elements(draft->'lines') line
    GROUP BY site_id, entry_id, place, groups, line->>'slotId'),
  by_slots AS (
    SELECT w.site_id, w.entry_id, w.place, bool_and(s.state = 'active') AS is_active,
      bool_and(s.state = 'active' AND s.opens_at <= p.at AND s.closes_at > p.at
        AND s.capacity - s.taken - coalesce(kept.units, 0) >= w.units) AS fits
    FROM wanted w JOIN present p ON p.site_id = w.site_id
    JOIN slot s ON s.site_id = w.site_id AND s.id = w.slot_id
    LEFT JOIN LATERAL (
      SELECT sum(a.units - a.taken) AS units FROM allotment a
      WHERE a.site_id = w.site_id AND a.slot_id = w.slot_id AND NOT w.groups ? a.organisation_id) kept ON true
    GROUP BY w.site_id, w.entry_id, w.place),
  booked_elsewhere AS (
    SELECT c.site_id, c.entry_id, c.place
    FROM choice c, jsonb_array_elements(drafts) draft, jsonb_array_elements(draft->'claims') wish
    JOIN claim held ON held.claimant_id = (wish->>'claimantId')::uuid AND held.scope = wish->>'scope' AND held.during && ${range('wish')}
    WHERE held.site_id = c.site_id),
  beyond_limit AS (
    SELECT site_id, entry_id, place FROM (
      SELECT c.site_id, c.entry_id, c.place, l.value AS of_limit, count(*) AS places
      FROM choice c, jsonb_array_elements(drafts) draft, jsonb_array_elements(draft->'limits') l
      GROUP BY c.site_id, c.entry_id, c.place, l.value) asked
    WHERE places > (
      SELECT count(*) FROM generate_series(1, (of_limit->>'max')::int) n WHERE NOT EXISTS (
        SELECT 1 FROM claim held WHERE held.site_id = asked.site_id AND held.claimant_id = (of_limit->>'personId')::uuid
          AND held.scope = (of_limit->>'scope') || '#' || n AND held.during && ${range('of_limit')}))),
  possible AS (
    SELECT b.site_id, b.entry_id, bool_or(b.fits) AS fits FROM by_slots b
    WHERE b.is_active AND (b.site_id, b.entry_id, b.place) NOT IN (
      SELECT site_id, entry_id, place FROM booked_elsewhere UNION ALL SELECT site_id, entry_id, place FROM beyond_limit)
    GROUP BY b.site_id, b.entry_id),
  first_of_slot AS (
    SELECT w.site_id, w.slot_id, min(w.entry_id) AS entry_id
    FROM waitlist_slot w JOIN possible p ON p.site_id = w.site_id AND p.entry_id = w.entry_id GROUP BY w.site_id, w.slot_id)`;

/** The `during` of a claim or a limit as it is kept in a wish: epoch milliseconds. */
function range(of: string): string {
  const instant = (end: string) => `to_timestamp((${of}->'during'->>'${end}')::numeric / 1000)`;
  return `tstzrange(${instant('startsAt')}, ${instant('endsAt')})`;
}

/** Invariant 5: who waits, waits for what is not there. */
export const queueChecks: readonly Check[] = [
  {
    invariant: 5,
    rule: 'a queue head that fits has been offered its units',
    // A head has nobody before it, on any slot that it waits for, who could take it. Somebody who is booked elsewhere by now holds nobody
    // up; whoever waits behind them is served by the next sweep at the latest.
    sql: `${choices}
      SELECT p.site_id AS "siteId", 'entry ' || p.entry_id AS row, 'waits although it fits' AS found FROM possible p
      WHERE p.fits AND NOT EXISTS (
        SELECT 1 FROM waitlist_slot w JOIN first_of_slot f ON f.site_id = w.site_id AND f.slot_id = w.slot_id
        WHERE w.site_id = p.site_id AND w.entry_id = p.entry_id AND f.entry_id < p.entry_id)`,
  },
  {
    invariant: 5,
    rule: 'an offer holds something, and what is held for the queue is offered',
    sql: `SELECT e.site_id AS "siteId", 'entry ' || e.id AS row, e.state || ' with ' || coalesce(b.state, 'no') || ' booking' AS found
      FROM waitlist_entry e LEFT JOIN booking b ON b.site_id = e.site_id AND b.id = e.offer_booking_id
      WHERE (e.state = 'offered') <> (b.state IS NOT NULL AND b.state = 'held')`,
  },
  {
    invariant: 5,
    rule: 'who waits is in the queue of every slot of its wish, and nobody else is in one',
    sql: `SELECT coalesce(w.site_id, q.site_id) AS "siteId", 'entry ' || coalesce(w.entry_id, q.entry_id) AS row,
        CASE WHEN q.entry_id IS NULL THEN 'not in the queue of slot ' || w.slot_id
          ELSE 'in the queue of slot ' || q.slot_id || ' without waiting for it' END AS found
      FROM (
        SELECT DISTINCT e.site_id, e.id AS entry_id, (line->>'slotId')::bigint AS slot_id FROM waitlist_entry e,
          jsonb_array_elements(e.wish->'choices') choice, jsonb_array_elements(choice) draft, jsonb_array_elements(draft->'lines') line
        WHERE e.state = 'waiting') w
      FULL JOIN waitlist_slot q ON q.site_id = w.site_id AND q.entry_id = w.entry_id AND q.slot_id = w.slot_id
      WHERE w.entry_id IS NULL OR q.entry_id IS NULL`,
  },
];
