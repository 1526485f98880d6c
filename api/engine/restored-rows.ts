import type { Db } from '../../db/db.ts';
import type { ChangeReceipt } from './capacity-change-rows.ts';
import type { ChangeStamp } from './slot-targets.ts';
import type { Restorable, RestoreDecision } from './restore.ts';
import { toTimestamp } from './sql-values.ts';
import type { Line } from './types.ts';
import { takeHoldings } from './write-bookings.ts';

type StateRow = {
  bookingId: string;
  state: Restorable['state'];
  lines: Line[];
  insteadId: string | null;
  entryId: number | null;
  entryState: string | null;
  insteadLines: Line[] | null;
};

const openStates = ['waiting', 'offered', 'accepted'] as const;

const linesOf = (booking: string): string =>
  `(SELECT jsonb_agg(jsonb_build_object('slotId', l.slot_id, 'units', l.units)) FROM booking_line l
    WHERE l.site_id = $1 AND l.booking_id = ${booking})`;

/**
 * The bookings that gave way to a change as they are now, with what is held for their owners instead, in the order of the receipt. Their
 * offers are locked, so that none is accepted meanwhile; only under the slots' locks. Indexes: the primary keys.
 */
export async function restorablesOf(tx: Db, siteId: number, lost: ChangeReceipt['displaced']): Promise<Restorable[]> {
  const ids = lost.map(({ bookingId }) => bookingId);
  // By their entries and not by their holds: an offer that had to give way as well is followed by another.
  const instead = lost.map(({ alternative }) => alternative?.entryId ?? null);
  await tx.query(`SELECT id FROM waitlist_entry WHERE site_id = $1 AND id = ANY($2::bigint[]) ORDER BY id FOR UPDATE`, [
    siteId,
    instead.filter((id) => id !== null),
  ]);
  const rows = await tx.query<StateRow>(
    `SELECT b.id AS "bookingId", b.state, ${linesOf('b.id')} AS lines, e.offer_booking_id AS "insteadId", e.id AS "entryId",
       e.state AS "entryState", ${linesOf('e.offer_booking_id')} AS "insteadLines"
     FROM unnest($2::uuid[], $3::bigint[]) AS u(id, instead)
     JOIN booking b ON b.site_id = $1 AND b.id = u.id
     LEFT JOIN waitlist_entry e ON e.site_id = $1 AND e.id = u.instead`,
    [siteId, ids, instead],
  );
  const rowOf = new Map(rows.map((row) => [row.bookingId, row]));
  return lost.flatMap(({ bookingId, personId, startsAt, claims, draws }) => {
    const row = rowOf.get(bookingId);
    if (!row) return [];
    return [{ bookingId, personId, startsAt, claims, draws, state: row.state, lines: row.lines, ...insteadOf(row) }];
  });
}

function insteadOf({ insteadId, entryId, entryState, insteadLines }: StateRow): Pick<Restorable, 'alternative'> {
  const state = openStates.find((open) => open === entryState);
  if (entryId === null || !state) return { alternative: null };
  return { alternative: { entryId, state, bookingId: insteadId, lines: insteadLines ?? [] } };
}

/** Makes displaced bookings what they were, with their claims, units and draws; each with its event. The slots are locked already. */
export async function writeRestored(
  tx: Db,
  { siteId, actorId, at, reason, changeId }: ChangeStamp,
  restored: RestoreDecision['restored'],
): Promise<void> {
  if (restored.length === 0) return;
  await Promise.all([
    tx.query(
      `WITH back AS (
         UPDATE booking SET state = 'confirmed', changed_at = $3 WHERE site_id = $1 AND id = ANY($2::uuid[]) RETURNING id)
       INSERT INTO event (site_id, at, type, actor_id, booking_id, facts)
       SELECT $1, $3, 'booking.restored', $4, id, jsonb_build_object('changeId', $5::uuid, 'reason', $6::text) FROM back`,
      [siteId, restored.map(({ booking }) => booking.bookingId), toTimestamp(at), actorId, changeId, reason],
    ),
    ...takeHoldings(
      tx,
      siteId,
      restored.map(({ booking: { bookingId, lines, claims }, draws }) => ({ id: bookingId, lines, claims, draws })),
    ),
  ]);
}
