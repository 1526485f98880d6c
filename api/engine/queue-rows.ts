import type { Queries } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import type { WaitingEntry } from './decide-queue.ts';
import { unitsOf } from './drafts.ts';
import { lockSlots } from './slot-rows.ts';
import { toTimestamp } from './sql-values.ts';
import type { BookingDraft, Slot } from './types.ts';

/** What an entry waits for, as it is kept. */
export type Wish = {
  choices: readonly (readonly BookingDraft[])[];
  groups: readonly string[];
  /** How long an offer is held, in minutes. */
  offerMinutes: number;
};

/** An entry of the queue with how long its offer is held. */
export type QueuedEntry = WaitingEntry & Pick<Wish, 'offerMinutes'>;

const maxEntriesPerRound = 500;

/** The head of the queue for any of these slots, in order of arrival. Index: the primary key of waitlist_slot. */
export async function waitingFor(tx: Queries, siteId: number, slotIds: readonly number[]): Promise<QueuedEntry[]> {
  const rows = await tx.query<{ id: number; personId: string; bypassed: number; wish: Wish }>(
    `SELECT e.id, e.person_id AS "personId", e.bypassed, e.wish FROM waitlist_entry e
     WHERE e.site_id = $1 AND e.id IN (
       SELECT entry_id FROM waitlist_slot WHERE site_id = $1 AND slot_id = ANY($2::bigint[])
       ORDER BY entry_id LIMIT ${maxEntriesPerRound})
     ORDER BY e.id`,
    [siteId, slotIds],
  );
  return rows.map(({ wish, ...entry }) => ({ ...entry, ...wish }));
}

/** Every slot that somebody waits for, in any of their choices. */
export function slotsWantedBy({ choices }: Pick<Wish, 'choices'>): number[] {
  return [...new Set(choices.flatMap((drafts) => [...unitsOf(drafts).keys()]))];
}

/**
 * All slots that can matter when the queues of some slots are served, these included: those who wait for one of them wait for others too,
 * for which somebody else waits, and so on. They have to be locked before the queues are served, in one go, so that the one lock order is
 * kept. Indexes: the primary key of waitlist_slot, waitlist_slot_by_entry.
 */
export async function slotsOfQueues(tx: Queries, siteId: number, slotIds: readonly number[]): Promise<number[]> {
  const rows = await tx.query<{ slotId: number }>(
    `WITH RECURSIVE reached(slot_id) AS (
       SELECT unnest($2::bigint[])
       UNION
       SELECT other.slot_id FROM reached
       JOIN waitlist_slot mine ON mine.site_id = $1 AND mine.slot_id = reached.slot_id
       JOIN waitlist_slot other ON other.site_id = mine.site_id AND other.entry_id = mine.entry_id)
     SELECT slot_id AS "slotId" FROM reached`,
    [siteId, slotIds],
  );
  return rows.map(({ slotId }) => slotId);
}

/**
 * Thrown when somebody came in between looking and locking who needs other slots than those that were locked. Locking them now would break
 * the one lock order: the transaction is done again, as after any serialization failure.
 */
export class MovedMeanwhile extends Error {
  override name = 'MovedMeanwhile';
  readonly code = '40001';
}

/**
 * Locks slots and all that can matter when their queues are served, in one go; nobody joins those queues from now on.
 * @returns all that are locked. @throws MovedMeanwhile when somebody joined them just before.
 */
export async function lockWithQueues(
  tx: Queries,
  siteId: number,
  slotIds: readonly number[],
): Promise<Map<number, Slot>> {
  const reached = await slotsOfQueues(tx, siteId, slotIds);
  // The second is carried out when the locks are there.
  const [slots] = await Promise.all([
    lockSlots(tx, siteId, reached),
    expectQueuesWithin(tx, siteId, slotIds, new Set(reached)),
  ]);
  return slots;
}

/** @throws MovedMeanwhile when those who wait for some slots wait for others too than those that are locked. */
export async function expectQueuesWithin(
  tx: Queries,
  siteId: number,
  slotIds: readonly number[],
  locked: { has: (slotId: number) => boolean },
): Promise<void> {
  if ((await slotsOfQueues(tx, siteId, slotIds)).some((slotId) => !locked.has(slotId)))
    throw new MovedMeanwhile('somebody came in who needs slots which are not locked');
}

/** The slots that some people wait for. Index: waitlist_entry_by_person. */
export async function slotsWaitedForBy(tx: Queries, siteId: number, personIds: readonly string[]): Promise<number[]> {
  const rows = await tx.query<{ slotId: number }>(
    `SELECT DISTINCT w.slot_id AS "slotId" FROM waitlist_entry e
     JOIN waitlist_slot w ON w.site_id = e.site_id AND w.entry_id = e.id
     WHERE e.site_id = $1 AND e.person_id = ANY($2::uuid[]) AND e.state = 'waiting'`,
    [siteId, personIds],
  );
  return rows.map(({ slotId }) => slotId);
}

/** The slots that some entries wait for. Index: waitlist_slot_by_entry. */
export async function slotsOfEntries(tx: Queries, siteId: number, entryIds: readonly number[]): Promise<number[]> {
  const rows = await tx.query<{ slotId: number }>(
    'SELECT DISTINCT slot_id AS "slotId" FROM waitlist_slot WHERE site_id = $1 AND entry_id = ANY($2::bigint[])',
    [siteId, entryIds],
  );
  return rows.map(({ slotId }) => slotId);
}

/** The slots of what an entry is offered. Indexes: the primary keys of waitlist_entry and booking_line, booking_by_bundle. */
export async function slotsOfOffer(tx: Queries, siteId: number, entryId: number): Promise<number[]> {
  const rows = await tx.query<{ slotId: number }>(
    `SELECT DISTINCT l.slot_id AS "slotId" FROM waitlist_entry e
     JOIN booking b ON b.site_id = e.site_id AND (b.id = e.offer_booking_id OR b.bundle_id = e.offer_booking_id)
     JOIN booking_line l ON l.site_id = b.site_id AND l.booking_id = b.id
     WHERE e.site_id = $1 AND e.id = $2 AND e.state = 'offered'`,
    [siteId, entryId],
  );
  return rows.map(({ slotId }) => slotId);
}

/** Slots after `after`, in id order, that have units to spare while somebody waits for them. Index: the primary key of waitlist_slot. */
export async function freeSlotsWithQueue(
  tx: Queries,
  siteId: number,
  search: { after: number; at: Instant; limit: number },
): Promise<number[]> {
  const rows = await tx.query<{ slotId: number }>(
    `SELECT s.id AS "slotId" FROM (SELECT DISTINCT slot_id FROM waitlist_slot WHERE site_id = $1 AND slot_id > $2) w
     JOIN slot s ON s.site_id = $1 AND s.id = w.slot_id
     WHERE s.state = 'active' AND s.taken < s.capacity AND s.opens_at <= $3 AND s.closes_at > $3
     ORDER BY s.id LIMIT $4`,
    [siteId, search.after, toTimestamp(search.at), search.limit],
  );
  return rows.map(({ slotId }) => slotId);
}

/** Somebody to put at the end of the queue. */
export type NewEntry = {
  personId: string;
  kind: string;
  at: Instant;
  closesAt: Instant;
  /** How often it was passed by those behind it in its own batch. */
  bypassed: number;
  wish: Wish;
};

/** Puts people at the end of the queue, in this order, under the slots' locks; returns their ids in the same order. */
export async function enqueue(tx: Queries, siteId: number, entries: readonly NewEntry[]): Promise<number[]> {
  if (entries.length === 0) return [];
  const rows = await tx.query<{ id: number }>(
    `WITH joined AS (
       INSERT INTO waitlist_entry (site_id, person_id, kind, state, created_at, changed_at, closes_at, wish, bypassed)
       SELECT $1, u.person_id, u.kind, 'waiting', u.at, u.at, u.closes_at, u.wish, u.bypassed
       FROM unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::jsonb[], $7::int[])
         WITH ORDINALITY AS u(person_id, kind, at, closes_at, wish, bypassed, place)
       ORDER BY u.place RETURNING id, person_id, created_at)
     , told AS (
       INSERT INTO event (site_id, at, type, actor_id, facts)
       SELECT $1, j.created_at, 'waitlist.joined', j.person_id, jsonb_build_object('entryId', j.id) FROM joined j)
     SELECT id FROM joined ORDER BY id`,
    [
      siteId,
      entries.map(({ personId }) => personId),
      entries.map(({ kind }) => kind),
      entries.map(({ at }) => toTimestamp(at)),
      entries.map(({ closesAt }) => toTimestamp(closesAt)),
      entries.map(({ wish }) => JSON.stringify(wish)),
      entries.map(({ bypassed }) => bypassed),
    ],
  );
  const ids = rows.map(({ id }) => id);
  const waits = entries.flatMap(({ wish }, index) =>
    slotsWantedBy(wish).map((slotId) => ({ slotId, entryId: ids[index] ?? 0 })),
  );
  await tx.query(
    `INSERT INTO waitlist_slot (site_id, slot_id, entry_id)
     SELECT $1, u.slot_id, u.entry_id FROM unnest($2::bigint[], $3::bigint[]) AS u(slot_id, entry_id)`,
    [siteId, waits.map(({ slotId }) => slotId), waits.map(({ entryId }) => entryId)],
  );
  return ids;
}

/** Notes that entries were passed by somebody behind them, so many times each. */
export async function noteBypasses(tx: Queries, siteId: number, passed: ReadonlyMap<number, number>): Promise<void> {
  if (passed.size === 0) return;
  await tx.query(
    `UPDATE waitlist_entry SET bypassed = bypassed + u.times
     FROM unnest($2::bigint[], $3::int[]) AS u(id, times)
     WHERE waitlist_entry.site_id = $1 AND waitlist_entry.id = u.id AND waitlist_entry.state = 'waiting'`,
    [siteId, [...passed.keys()], [...passed.values()]],
  );
}

/** Takes entries out of the queue into another state, with the booking that came of it, if any; each with its event. */
export async function leaveQueue(
  tx: Queries,
  siteId: number,
  entries: readonly { id: number; bookingId: string | null }[],
  change: { to: 'offered' | 'accepted' | 'declined' | 'lapsed' | 'withdrawn'; actorId: string | null; at: Instant },
): Promise<void> {
  if (entries.length === 0) return;
  const ids = entries.map(({ id }) => id);
  await Promise.all([
    tx.query(
      `UPDATE waitlist_entry SET state = $4, changed_at = $5, offer_booking_id = coalesce(u.booking_id, offer_booking_id)
       FROM unnest($2::bigint[], $3::uuid[]) AS u(id, booking_id)
       WHERE waitlist_entry.site_id = $1 AND waitlist_entry.id = u.id`,
      [siteId, ids, entries.map(({ bookingId }) => bookingId), change.to, toTimestamp(change.at)],
    ),
    tx.query('DELETE FROM waitlist_slot WHERE site_id = $1 AND entry_id = ANY($2::bigint[])', [siteId, ids]),
    tx.query(
      `INSERT INTO event (site_id, at, type, actor_id, facts)
       SELECT $1, $3, $4, $5, jsonb_build_object('entryId', u.id) FROM unnest($2::bigint[]) AS u(id)`,
      [siteId, ids, toTimestamp(change.at), `waitlist.${change.to}`, change.actorId],
    ),
  ]);
}

/** Thrown when somebody was passed too often, because others passed them at the same moment by another slot: to be decided again. */
export class PassedTooOften extends Error {
  override name = 'PassedTooOften';
}

/**
 * Notes that those who wait for some of these slots (all of a batch) were passed by newcomers, so many times each.
 * @throws PassedTooOften
 */
export async function noteBypassesOfQueues(
  tx: Queries,
  siteId: number,
  passed: readonly { slotIds: readonly number[]; times: number }[],
  { slotIds, maxBypasses }: { slotIds: readonly number[]; maxBypasses: number },
): Promise<void> {
  if (passed.length === 0) return;
  const rows = await tx.query<{ bypassed: number }>(
    `UPDATE waitlist_entry SET bypassed = bypassed + p.times
     FROM (SELECT entry_id, array_agg(slot_id ORDER BY slot_id)::text AS slot_ids FROM waitlist_slot
           WHERE site_id = $1 AND slot_id = ANY($2::bigint[]) GROUP BY entry_id) AS queue
     JOIN unnest($3::text[], $4::int[]) AS p(slot_ids, times) ON p.slot_ids = queue.slot_ids
     WHERE waitlist_entry.site_id = $1 AND waitlist_entry.id = queue.entry_id RETURNING bypassed`,
    [siteId, slotIds, passed.map((queue) => `{${queue.slotIds.join()}}`), passed.map(({ times }) => times)],
  );
  if (rows.some(({ bypassed }) => bypassed > maxBypasses))
    throw new PassedTooOften('a queue was passed by two at once');
}

/** Which of some slots have units that are kept for a queue: somebody who waits for them was passed as often as may be. */
export async function slotsKeptForQueues(
  db: Queries,
  siteId: number,
  slotIds: readonly number[],
  maxBypasses: number,
): Promise<number[]> {
  const rows = await db.query<{ slotId: number }>(
    `SELECT DISTINCT w.slot_id AS "slotId" FROM waitlist_slot w
     JOIN waitlist_entry e ON e.site_id = w.site_id AND e.id = w.entry_id
     WHERE w.site_id = $1 AND w.slot_id = ANY($2::bigint[]) AND e.bypassed >= $3`,
    [siteId, slotIds, maxBypasses],
  );
  return rows.map(({ slotId }) => slotId);
}
