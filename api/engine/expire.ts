import { isOvertaken, transactionWithRetry, type Db } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import { endBookings } from './end-bookings.ts';
import { promote } from './promote.ts';
import { freeSlotsWithQueue, leaveQueue, lockWithQueues, slotsOfEntries } from './queue-rows.ts';
import { toTimestamp } from './sql-values.ts';

const batch = 200;

/**
 * What time does by itself: holds lapse and go to the next in line, people whose slots have closed leave the queue, allotments that are
 * released go to whoever waits, and queues are served of what is free. Idempotent, and safe from many processes at once: each row is done by who locks it first.
 * @returns how many of each were done.
 */
export async function expire(
  db: Db,
  siteId: number,
  now: Instant,
): Promise<{ holds: number; entries: number; allotments: number; offers: number }> {
  return {
    holds: await repeated(() => transactionWithRetry(db, (tx) => expireHolds(tx, siteId, now))),
    entries: await repeated(() => transactionWithRetry(db, (tx) => lapseEntries(tx, siteId, now))),
    allotments: await repeated(() => transactionWithRetry(db, (tx) => releaseAllotments(tx, siteId, now))),
    offers: await serveQueues(db, siteId, now),
  };
}

/** Does batch after batch until one comes out less than full. */
async function repeated(work: () => Promise<number>): Promise<number> {
  let total = 0;
  for (;;) {
    const done = await unlessOvertaken(work);
    total += done;
    if (done < batch) return total;
  }
}

/** What others were in the way of time and again is left to the next sweep; the rest of this one goes on. */
async function unlessOvertaken(work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (!isOvertaken(error)) throw error;
    return 0;
  }
}

/** Index: booking_hold_expiring. */
async function expireHolds(tx: Db, siteId: number, now: Instant): Promise<number> {
  const due = await tx.query<{ id: string }>(
    `SELECT id FROM booking WHERE site_id = $1 AND state = 'held' AND expires_at <= $2
     ORDER BY expires_at LIMIT $3`,
    [siteId, toTimestamp(now), batch],
  );
  if (due.length === 0) return 0;
  const bookingIds = due.map(({ id }) => id);
  await endBookings(tx, { siteId, bookingIds, actorId: null, at: now, to: 'expired' });
  return due.length;
}

/** Whoever waits for what has closed leaves the queue; what was kept for them goes to the next. Index: waitlist_entry_closing. */
async function lapseEntries(tx: Db, siteId: number, now: Instant): Promise<number> {
  const due = await tx.query<{ id: number }>(
    `SELECT id FROM waitlist_entry WHERE site_id = $1 AND state = 'waiting' AND closes_at <= $2
     ORDER BY closes_at LIMIT $3`,
    [siteId, toTimestamp(now), batch],
  );
  if (due.length === 0) return 0;
  const entryIds = due.map(({ id }) => id);
  const slotIds = await slotsOfEntries(tx, siteId, entryIds);
  await lockWithQueues(tx, siteId, slotIds);
  // Served, declined or lapsed by somebody else meanwhile: theirs.
  const lapsed = await tx.query<{ id: number }>(
    `SELECT id FROM waitlist_entry WHERE site_id = $1 AND id = ANY($2::bigint[]) AND state = 'waiting' ORDER BY id FOR UPDATE`,
    [siteId, entryIds],
  );
  await leaveQueue(
    tx,
    siteId,
    lapsed.map(({ id }) => ({ id, bookingId: null })),
    { to: 'lapsed', actorId: null, at: now },
  );
  await promote(tx, siteId, slotIds, now);
  return due.length;
}

/**
 * Serves every queue of which units are free. What frees units serves its queue at once; this is for what frees nothing by itself, e.g.
 * when the one for whom units were kept is booked elsewhere by now.
 * @returns how many were offered something.
 */
async function serveQueues(db: Db, siteId: number, now: Instant): Promise<number> {
  let offered = 0;
  for (let after = 0; ;) {
    const slotIds = await freeSlotsWithQueue(db, siteId, { after, at: now, limit: batch });
    const last = slotIds.at(-1);
    if (last === undefined) return offered;
    const serve = async (tx: Db) => {
      await lockWithQueues(tx, siteId, slotIds);
      return (await promote(tx, siteId, slotIds, now)).length;
    };
    offered += await unlessOvertaken(() => transactionWithRetry(db, serve));
    after = last;
  }
}

/** What was kept for a group and not taken belongs to everybody from now on. */
async function releaseAllotments(tx: Db, siteId: number, now: Instant): Promise<number> {
  const due = await tx.query<{ slotId: number }>(
    `SELECT DISTINCT slot_id AS "slotId" FROM allotment WHERE site_id = $1 AND release_at <= $2 LIMIT $3`,
    [siteId, toTimestamp(now), batch],
  );
  if (due.length === 0) return 0;
  const slotIds = due.map(({ slotId }) => slotId);
  await lockWithQueues(tx, siteId, slotIds);
  await tx.query(
    `WITH released AS (
       DELETE FROM allotment WHERE site_id = $1 AND slot_id = ANY($2::bigint[]) AND release_at <= $3
       RETURNING slot_id, organisation_id, units, taken)
     INSERT INTO event (site_id, at, type, slot_id, facts)
     SELECT $1, $3, 'slot.allotment-released', slot_id,
       jsonb_build_object('organisationId', organisation_id, 'units', units, 'taken', taken) FROM released`,
    [siteId, slotIds, toTimestamp(now)],
  );
  await promote(tx, siteId, slotIds, now);
  return due.length;
}
