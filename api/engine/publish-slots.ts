import type { Db } from '../../db/db.ts';
import type { HalfOpen, Instant } from '../calendar/time.ts';
import { toTimestamp } from './sql-values.ts';
import type { Slot } from './types.ts';

/** What time does to the bookings of a slot. */
export type SlotTimers = {
  /** When those who booked it may be checked in, and whether who was not by then is a no-show; left out: while the booking lasts. */
  checkIn?: HalfOpen & { countsNoShows: boolean };
  /** When those whose booking begins with it are reminded. */
  remindAt?: Instant;
  /** When those whose booking begins with it, and who have not been checked in, give their units away. */
  yieldsAt?: Instant;
};

/** A slot that a schedule calls for. */
export type SlotDraft = Omit<Slot, 'id' | 'taken' | 'state' | 'closedReason' | 'version'> & SlotTimers;

/**
 * Makes the slots that do not exist yet; those that do are left alone, whatever their schedule says now, since people may have
 * booked them. Each that is made has its event. Safe to run twice and from many processes.
 * @returns how many were made.
 */
export async function publishSlots(db: Db, siteId: number, drafts: readonly SlotDraft[], at: Instant): Promise<number> {
  if (drafts.length === 0) return 0;
  const rows = await db.query<{ count: number }>(
    `WITH made AS (
       INSERT INTO slot (site_id, resource_id, kind, service_date, part, starts_at, ends_at, capacity, opens_at, closes_at,
         cancel_until, price_fen, is_provisional, facts, check_in_from, check_in_until, counts_no_shows, remind_at, yields_at)
       SELECT $1, u.* FROM unnest($2::text[], $3::text[], $4::date[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::int[],
         $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::int[], $13::boolean[], $14::jsonb[],
         $16::timestamptz[], $17::timestamptz[], $18::boolean[], $19::timestamptz[], $20::timestamptz[]) AS u
       ON CONFLICT ON CONSTRAINT slot_once_per_part DO NOTHING RETURNING id),
     told AS (
       INSERT INTO event (site_id, at, type, slot_id) SELECT $1, $15::timestamptz, 'slot.published', id FROM made)
     SELECT count(*)::int AS count FROM made`,
    [
      siteId,
      drafts.map((draft) => draft.resourceId),
      drafts.map((draft) => draft.kind),
      drafts.map((draft) => draft.serviceDate),
      drafts.map((draft) => draft.part),
      drafts.map((draft) => toTimestamp(draft.startsAt)),
      drafts.map((draft) => toTimestamp(draft.endsAt)),
      drafts.map((draft) => draft.capacity),
      drafts.map((draft) => toTimestamp(draft.opensAt)),
      drafts.map((draft) => toTimestamp(draft.closesAt)),
      drafts.map((draft) => toTimestamp(draft.cancelUntil)),
      drafts.map((draft) => draft.priceFen),
      drafts.map((draft) => draft.isProvisional),
      drafts.map((draft) => (draft.facts === null ? null : JSON.stringify(draft.facts))),
      toTimestamp(at),
      drafts.map(({ checkIn }) => (checkIn ? toTimestamp(checkIn.startsAt) : null)),
      drafts.map(({ checkIn }) => (checkIn ? toTimestamp(checkIn.endsAt) : null)),
      drafts.map(({ checkIn }) => checkIn?.countsNoShows ?? false),
      drafts.map(({ remindAt }) => (remindAt === undefined ? null : toTimestamp(remindAt))),
      drafts.map(({ yieldsAt }) => (yieldsAt === undefined ? null : toTimestamp(yieldsAt))),
    ],
  );
  return rows[0]?.count ?? 0;
}
