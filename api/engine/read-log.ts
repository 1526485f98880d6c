import type { Db } from '../../db/db.ts';
import { parseSnapshot, startMark, wantsNumber, type LogMark, type Look } from './log-mark.ts';
import { slotColumns } from './slot-rows.ts';
import type { Slot } from './types.ts';

/** More events than this are not looked at one by one. */
export const maxEvents = 10_000;

/** What a look found, and which bookings and slots its events speak of, as PostgreSQL's array texts. */
export type LogRows = Look & { isTooMany: boolean; slotIds: string | null; bookingIds: string | null };

/** Begins to read a site's log after everything that is committed now. Index: the primary key of event. */
export async function startOfLog(db: Db, siteId: number): Promise<LogMark> {
  const [last] = await db.query<{ newest: number }>(
    'SELECT coalesce(max(id), 0) AS newest FROM event WHERE site_id = $1',
    [siteId],
  );
  // In this order, one statement after the other: see startMark.
  const [own] = await db.query<{ drawn: string }>('SELECT pg_current_xact_id()::text AS drawn');
  const [now] = await db.query<{ snapshot: string }>('SELECT pg_current_snapshot()::text AS snapshot');
  return startMark(last?.newest ?? 0, Number(own?.drawn), parseSnapshot(now?.snapshot ?? ''));
}

/**
 * What has become visible since a mark, in one statement and so in one snapshot. Index: the primary key of event; it spans the ids above
 * the mark's `low` only.
 */
export async function lookAtLog(db: Db, siteId: number, mark: LogMark): Promise<LogRows> {
  const [row] = await db.query<{
    snapshot: string;
    drawn: string | null;
    events: number;
    newest: number | null;
    slotIds: string | null;
    bookingIds: string | null;
  }>(
    `SELECT pg_current_snapshot()::text AS snapshot,
       CASE WHEN $4::boolean THEN pg_current_xact_id()::text END AS drawn,
       count(*)::int AS events, max(id) AS newest,
       array_agg(slot_id) FILTER (WHERE slot_id IS NOT NULL)::text AS "slotIds",
       array_agg(booking_id) FILTER (WHERE booking_id IS NOT NULL)::text AS "bookingIds"
     FROM (
       SELECT id, slot_id, booking_id FROM event
       WHERE site_id = $1 AND id > $2 AND NOT pg_visible_in_snapshot(xact_id, $3::text::pg_snapshot)
       ORDER BY id DESC LIMIT ${maxEvents + 1}) AS fresh`,
    [siteId, mark.low, mark.snapshot.text, wantsNumber(mark)],
  );
  if (!row) throw new Error('a look at the log gave no row');
  return {
    snapshot: parseSnapshot(row.snapshot),
    drawn: row.drawn === null ? null : Number(row.drawn),
    newest: row.newest,
    isTooMany: row.events > maxEvents,
    slotIds: row.slotIds,
    bookingIds: row.bookingIds,
  };
}

/** The present values of the slots that events speak of. Indexes: the primary keys of booking_line and slot. */
export function slotsOfEvents(
  db: Db,
  siteId: number,
  { slotIds, bookingIds }: Pick<LogRows, 'slotIds' | 'bookingIds'>,
): Promise<Slot[]> {
  return db.query<Slot>(
    `SELECT ${slotColumns} FROM slot WHERE site_id = $1 AND id = ANY(ARRAY(
       SELECT unnest($2::text::bigint[])
       UNION SELECT slot_id FROM booking_line WHERE site_id = $1 AND booking_id = ANY($3::text::uuid[])))
     ORDER BY id`,
    [siteId, slotIds, bookingIds],
  );
}

/** A slot with its present values, and the last event that speaks of it. */
export type ReplayedSlot = Slot & { lastEventId: number };

/** What happened above `from`: where the replay was asked to begin, or below it there were too many events to look at. */
export type Replay = { from: number; slots: ReplayedSlot[] };

/** The slots that the events above `after` speak of, in one snapshot. Indexes: the primary keys of event, booking_line and slot. */
export async function replayLog(db: Db, siteId: number, after: number): Promise<Replay> {
  const rows = await db.query<ReplayedSlot & { from: number }>(
    `WITH bound AS MATERIALIZED (
       SELECT coalesce(
         (SELECT id FROM event WHERE site_id = $1 AND id > $2 ORDER BY id DESC OFFSET ${maxEvents} LIMIT 1), $2) AS "from"),
     told AS MATERIALIZED (
       SELECT id, slot_id, booking_id FROM event WHERE site_id = $1 AND id > (SELECT "from" FROM bound)
       ORDER BY id DESC LIMIT ${maxEvents}),
     touched AS MATERIALIZED (
       SELECT slot_id, max(told_id) AS "lastEventId" FROM (
         SELECT id AS told_id, slot_id FROM told WHERE slot_id IS NOT NULL
         UNION ALL
         SELECT told.id, line.slot_id FROM told
         JOIN booking_line line ON line.site_id = $1 AND line.booking_id = told.booking_id) AS pairs
       GROUP BY slot_id)
     SELECT "from", "lastEventId", ${slotColumns}
     FROM bound LEFT JOIN (touched JOIN slot ON slot.site_id = $1 AND slot.id = touched.slot_id) ON true
     ORDER BY id`,
    [siteId, after],
  );
  const slots = rows.filter(({ id }) => id !== null);
  return { from: rows[0]?.from ?? after, slots };
}
