import { bookingStates, waitlistStates } from '../../db/schema/index.ts';
import type { Check } from './invariants.ts';

/** Which states may follow a state. */
type Steps = Readonly<Record<string, readonly string[]>>;

const bookingSteps: Steps = {
  nothing: ['held', 'confirmed'],
  held: ['confirmed', 'cancelled', 'expired', 'displaced'],
  confirmed: ['checked_in', 'cancelled', 'no_show', 'displaced'],
  displaced: ['confirmed'],
  checked_in: ['completed'],
  // Scanned in time, told of too late.
  no_show: ['checked_in'],
};

const waitlistSteps: Steps = {
  nothing: ['waiting', 'offered'],
  waiting: ['offered', 'lapsed', 'withdrawn'],
  offered: ['accepted', 'declined', 'lapsed', 'withdrawn', 'waiting'],
};

/**
 * Replays the events of one kind of thing in the order of their ids: each may only follow what came before it, and what they come to
 * (state, first and last instant) must be what the row says. `events` selects site_id, thing, id, at and state.
 */
function replayed(table: 'booking' | 'waitlist_entry', name: string, events: string, steps: Steps): string {
  const allowed = Object.entries(steps).flatMap(([from, tos]) => tos.map((to) => `('${from}', '${to}')`));
  return `WITH step AS (
      SELECT site_id, thing, at, state, coalesce(lag(state) OVER history, 'nothing') AS before, lead(id) OVER history IS NULL AS is_last
      FROM (${events}) e WINDOW history AS (PARTITION BY site_id, thing ORDER BY id)),
    told AS (
      SELECT site_id, thing, max(state) FILTER (WHERE is_last) AS state, max(at) FILTER (WHERE before = 'nothing') AS created_at,
        max(at) FILTER (WHERE is_last) AS changed_at,
        min(before || ' to ' || state) FILTER (WHERE (before, state) NOT IN (VALUES ${allowed.join(', ')})) AS impossible
      FROM step GROUP BY site_id, thing)
    SELECT r.site_id AS "siteId", '${name} ' || r.id AS row, CASE
        WHEN t.thing IS NULL THEN r.state || ', but there is no event'
        WHEN t.impossible IS NOT NULL THEN 'its events go from ' || t.impossible
        WHEN t.state <> r.state THEN r.state || ', but its events come to ' || t.state
        ELSE 'from ' || r.created_at || ' to ' || r.changed_at || ', but its events are from ' || t.created_at || ' to ' || t.changed_at
      END AS found
    FROM ${table} r LEFT JOIN told t ON t.site_id = r.site_id AND t.thing = r.id
    WHERE t.thing IS NULL OR t.impossible IS NOT NULL OR (t.state, t.created_at, t.changed_at) <> (r.state, r.created_at, r.changed_at)`;
}

const quoted = (names: readonly string[]) => names.map((name) => `'${name}'`).join(', ');

/** Invariant 6: events told in order come to what there is. */
export const replayChecks: readonly Check[] = [
  {
    invariant: 6,
    rule: 'the events of a booking come to its state',
    sql: replayed(
      'booking',
      'booking',
      `SELECT site_id, booking_id AS thing, id, at,
         CASE type WHEN 'booking.restored' THEN 'confirmed' ELSE substr(type, 9) END AS state FROM event
       WHERE booking_id IS NOT NULL
         AND type IN (${quoted(['booking.restored', ...bookingStates.map((state) => `booking.${state}`)])})`,
      bookingSteps,
    ),
  },
  {
    invariant: 6,
    rule: 'the events of a place in a queue come to its state',
    sql: replayed(
      'waitlist_entry',
      'entry',
      `SELECT site_id, (facts->>'entryId')::bigint AS thing, id, at,
         CASE WHEN type IN ('waitlist.joined', 'waitlist.returned') THEN 'waiting' ELSE substr(type, 10) END AS state FROM event
       WHERE type IN (${quoted(['waitlist.joined', 'waitlist.returned', ...waitlistStates.map((state) => `waitlist.${state}`)])})`,
      waitlistSteps,
    ),
  },
  {
    invariant: 6,
    rule: 'a line that was given back is not there',
    sql: `SELECT e.site_id AS "siteId", 'booking ' || e.booking_id AS row, 'holds slot ' || e.slot_id || ', which it gave back' AS found
      FROM event e JOIN booking_line l ON l.site_id = e.site_id AND l.booking_id = e.booking_id AND l.slot_id = e.slot_id
      WHERE e.type = 'booking.lines-released'`,
  },
  {
    invariant: 6,
    rule: 'what a line gave away is what its events say',
    sql: `WITH told AS (
        SELECT DISTINCT ON (site_id, booking_id, slot_id) site_id, booking_id, slot_id,
          CASE type WHEN 'booking.units-yielded' THEN (facts->>'units')::int ELSE 0 END AS yielded
        FROM event WHERE type IN ('booking.units-yielded', 'booking.units-retaken')
        ORDER BY site_id, booking_id, slot_id, id DESC)
      SELECT l.site_id AS "siteId", 'booking ' || l.booking_id AS row,
        l.yielded || ' given away of slot ' || l.slot_id || ', but its events come to ' || coalesce(t.yielded, 0) AS found
      FROM booking_line l LEFT JOIN told t ON t.site_id = l.site_id AND t.booking_id = l.booking_id AND t.slot_id = l.slot_id
      WHERE l.yielded <> coalesce(t.yielded, 0)`,
  },
  {
    invariant: 6,
    rule: 'the events of a slot come to its capacity and state',
    // The event of its publishing does not tell a slot's capacity: the first is what its first change says that it was.
    // What was renewed has other terms and the same capacity and state: its event only says that it was edited.
    sql: `WITH units AS (
        SELECT site_id, slot_id, id, type, CASE type WHEN 'slot.capacity-changed' THEN 1 WHEN 'slot.renewed' THEN 2 ELSE 3 END AS what,
          CASE type WHEN 'slot.capacity-changed' THEN (facts->>'before')::int END AS before,
          CASE type WHEN 'slot.capacity-changed' THEN (facts->>'after')::int END AS after
        FROM event WHERE type IN ('slot.capacity-changed', 'slot.closed', 'slot.reopened', 'slot.renewed')),
      step AS (
        SELECT site_id, slot_id, id, type, before, after,
          lag(after) OVER history AS after_last, lead(id) OVER history IS NULL AS is_last
        FROM units WINDOW history AS (PARTITION BY site_id, slot_id, what ORDER BY id)),
      told AS (
        SELECT site_id, slot_id, max(after) FILTER (WHERE is_last) AS capacity,
          min(after_last || ' to ' || before) FILTER (WHERE after_last <> before) AS gap,
          coalesce(bool_or(type = 'slot.closed') FILTER (WHERE is_last AND type IN ('slot.closed', 'slot.reopened')), false) AS is_closed
        FROM step GROUP BY site_id, slot_id)
      SELECT s.site_id AS "siteId", 'slot ' || s.id AS row, CASE
          WHEN t.gap IS NOT NULL THEN 'its capacity went from ' || t.gap || ' without an event'
          WHEN t.capacity <> s.capacity THEN s.capacity || ' units, but its events come to ' || t.capacity
          WHEN t.slot_id IS NULL AND s.version > 1 THEN 'edited ' || s.version - 1 || ' times without an event'
          ELSE s.state || ', which its events do not say'
        END AS found
      FROM slot s LEFT JOIN told t ON t.site_id = s.site_id AND t.slot_id = s.id
      WHERE t.gap IS NOT NULL OR t.capacity <> s.capacity OR (t.slot_id IS NULL AND s.version > 1)
        OR (s.state = 'closed') <> coalesce(t.is_closed, false)`,
  },
];
