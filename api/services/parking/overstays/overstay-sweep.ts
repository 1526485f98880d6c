import { transactionWithRetry, type Db } from '../../../../db/db.ts';
import type { HalfOpen, Instant } from '../../../calendar/time.ts';
import { writeNotices } from '../../../engine/notices.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';
import { newId } from '../../../new-id.ts';
import { joinRanges } from '../../drafting.ts';
import type { Catalogue, Site } from '../../service.ts';
import { settle, visitsOf, type KnownOverstay, type Movement, type Settled, type Stay } from './overstay-settle.ts';
import { agreementOf } from '../rules.ts';
import { writeSettled, type SettledStay } from './overstay-rows.ts';

const staysPerBatch = 200;

/**
 * Looks at the cars whose moment has come: tells drivers who are inside to leave in time, notes who is late, and corrects what was noted by
 * what the gates have told since. Idempotent; rows go to whoever locks them first, so many processes may do it at once.
 * @returns how many stays were looked at.
 */
export async function sweepOverstays(
  db: Db,
  { site, catalogue }: { site: Site; catalogue: Catalogue },
  now: Instant,
): Promise<number> {
  for (let total = 0; ;) {
    const done = await transactionWithRetry(db, (tx) => sweepSome(tx, site.id, catalogue, now));
    total += done;
    if (done < staysPerBatch) return total;
  }
}

/** Index: stay_watch_due. */
async function sweepSome(tx: Db, siteId: number, catalogue: Catalogue, now: Instant): Promise<number> {
  const due = await tx.query<{ id: string }>(
    `SELECT booking_id AS id FROM stay_watch WHERE site_id = $1 AND due_at <= $2 ORDER BY due_at
     LIMIT ${staysPerBatch} FOR UPDATE SKIP LOCKED`,
    [siteId, toTimestamp(now)],
  );
  if (due.length === 0) return 0;
  const ids = due.map(({ id }) => id);
  const stays = await staysOfBookings(tx, siteId, catalogue, ids);
  const known = await knownOverstays(tx, siteId, ids);
  const settled = stays.map((stay) => ({ ...stay, ...settle(stay, known.get(stay.bookingId) ?? [], now) }));
  await writeSettled(tx, siteId, settled.map(withIds), now);
  await tell(tx, siteId, settled, now);
  await watchAgain(tx, siteId, ids, settled);
  return due.length;
}

/** Notices of one kind at a time; a stay has several moments, each is told once. */
async function tell(tx: Db, siteId: number, settled: readonly (WatchedStay & Settled)[], now: Instant): Promise<void> {
  const told = (leaveBys: (stay: Settled) => readonly Instant[]) =>
    settled.flatMap((stay) =>
      leaveBys(stay).map((at) => ({ id: stay.bookingId, personId: stay.personId, occasion: toTimestamp(at) })),
    );
  const soon = told(({ leaveBySoon }) => (leaveBySoon === null ? [] : [leaveBySoon]));
  const late = told(({ opened }) => opened.map(({ leaveBy }) => leaveBy));
  await writeNotices(tx, siteId, { kind: 'leave-by', at: now }, soon);
  await writeNotices(tx, siteId, { kind: 'overstay', at: now }, late);
}

const withIds = (stay: WatchedStay & Settled): SettledStay => ({
  ...stay,
  opened: stay.opened.map((overstay) => ({ id: newId(), ...overstay })),
});

/** Under the locks of the rows: what a gate tells meanwhile waits for them, and has the stay looked at again. */
async function watchAgain(
  tx: Db,
  siteId: number,
  ids: readonly string[],
  settled: readonly (WatchedStay & Settled)[],
): Promise<void> {
  const later = settled.flatMap(({ bookingId, dueAt }) => (dueAt === null ? [] : [{ bookingId, dueAt }]));
  const again = new Set(later.map(({ bookingId }) => bookingId));
  await tx.query(
    `UPDATE stay_watch w SET due_at = u.due_at FROM unnest($2::uuid[], $3::timestamptz[]) AS u(booking_id, due_at)
     WHERE w.site_id = $1 AND w.booking_id = u.booking_id`,
    [siteId, [...again], later.map(({ dueAt }) => toTimestamp(dueAt))],
  );
  await tx.query('DELETE FROM stay_watch WHERE site_id = $1 AND booking_id = ANY($2::uuid[])', [
    siteId,
    ids.filter((id) => !again.has(id)),
  ]);
}

type WatchedStay = Stay & { bookingId: string; personId: string; resourceId: string; organisationId: string };

/**
 * What is known of some bookings' cars: their joined stays and their visits. Bookings that ended otherwise, and agreements that are not
 * offered any more, are left out. Indexes: the primary keys, gate_event_by_booking.
 */
async function staysOfBookings(
  tx: Db,
  siteId: number,
  catalogue: Catalogue,
  ids: readonly string[],
): Promise<WatchedStay[]> {
  const bookings = await tx.query<{ bookingId: string; personId: string; inAt: Instant | null; outAt: Instant | null }>(
    `SELECT b.id AS "bookingId", b.person_id AS "personId", p.last_in_at AS "inAt", p.left_at AS "outAt"
     FROM booking b JOIN stay_presence p ON p.site_id = b.site_id AND p.booking_id = b.id
     WHERE b.site_id = $1 AND b.id = ANY($2::uuid[]) AND b.kind = 'parking'
       AND b.state IN ('confirmed', 'checked_in', 'completed', 'no_show') ORDER BY b.id`,
    [siteId, ids],
  );
  const lines = await tx.query<HalfOpen & { bookingId: string; resourceId: string }>(
    `SELECT l.booking_id AS "bookingId", s.resource_id AS "resourceId", s.starts_at AS "startsAt", s.ends_at AS "endsAt"
     FROM booking_line l JOIN slot s ON s.site_id = l.site_id AND s.id = l.slot_id
     WHERE l.site_id = $1 AND l.booking_id = ANY($2::uuid[])`,
    [siteId, ids],
  );
  const movements = await tx.query<Movement & { bookingId: string }>(
    `SELECT booking_id AS "bookingId", kind, at FROM gate_event
     WHERE site_id = $1 AND booking_id = ANY($2::uuid[]) AND state = 'matched'`,
    [siteId, ids],
  );
  const linesOf = Map.groupBy(lines, ({ bookingId }) => bookingId);
  const movementsOf = Map.groupBy(movements, ({ bookingId }) => bookingId);
  return bookings.flatMap(({ bookingId, personId, inAt, outAt }) => {
    const slots = linesOf.get(bookingId) ?? [];
    const lot = catalogue.get(slots[0]?.resourceId ?? '');
    if (!lot) return [];
    const seen = movementsOf.get(bookingId) ?? lastVisit(inAt, outAt);
    const visits = visitsOf(seen);
    const knownFrom = seen.length === 0 ? null : Math.min(...seen.map(({ at }) => at));
    const runs = joinRanges(slots.map(({ startsAt, endsAt }) => ({ startsAt, endsAt })));
    const { overstay: terms } = agreementOf(lot).facts;
    const { organisationId } = lot;
    return [{ bookingId, personId, resourceId: lot.id, organisationId, runs, visits, knownFrom, terms }];
  });
}

/** What a presence says where the events that it came of are forgotten. */
function lastVisit(inAt: Instant | null, outAt: Instant | null): Movement[] {
  const entry = inAt === null ? [] : [{ kind: 'entry' as const, at: inAt }];
  return outAt === null ? entry : [...entry, { kind: 'exit' as const, at: outAt }];
}

/** Index: overstay_once_per_stay. */
async function knownOverstays(tx: Db, siteId: number, ids: readonly string[]): Promise<Map<string, KnownOverstay[]>> {
  const rows = await tx.query<KnownOverstay & { bookingId: string }>(
    `SELECT id, booking_id AS "bookingId", leave_by AS "leaveBy", ended_at AS "endedAt", minutes_late AS "minutesLate",
       charge_fen AS "chargeFen", voided_at IS NOT NULL AS "isVoid", terms
     FROM overstay WHERE site_id = $1 AND booking_id = ANY($2::uuid[]) ORDER BY leave_by FOR UPDATE`,
    [siteId, ids],
  );
  return Map.groupBy(rows, ({ bookingId }) => bookingId);
}
