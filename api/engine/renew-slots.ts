import type { Db } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import type { SlotDraft } from './publish-slots.ts';
import { toTimestamp } from './sql-values.ts';
import type { Slot } from './types.ts';

/** A slot with the terms that it shall have. */
export type Renewal = { slot: Slot; draft: Omit<SlotDraft, 'resourceId' | 'kind' | 'capacity'> };

/**
 * Gives slots that nobody has booked and nobody waits for the times and the price that their schedule calls for now, in the caller's
 * transaction, which holds their locks; one that somebody has meanwhile is left as it is, unless `evenIfBooked`: then the caller sees to
 * those who have it. Their capacity and state stay: those are changed
 * by a capacity change only. Each that is renewed has its event, and whoever has drafted a booking from its old terms drafts anew.
 * Indexes: the primary keys of slot and waitlist_slot. @returns the ids of those that were renewed.
 */
export async function renewSlots(
  tx: Db,
  change: { siteId: number; actorId: string; at: Instant; reason: string },
  renewals: readonly Renewal[],
  evenIfBooked = false,
): Promise<number[]> {
  if (renewals.length === 0) return [];
  const drafts = renewals.map(({ draft }) => draft);
  const instants = (of: (draft: Renewal['draft']) => Instant | undefined) =>
    drafts.map((draft) => {
      const instant = of(draft);
      return instant === undefined ? null : toTimestamp(instant);
    });
  const rows = await tx.query<{ id: number }>(
    `WITH wanted AS (
       SELECT * FROM unnest($2::bigint[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[],
         $7::timestamptz[], $8::int[], $9::boolean[], $10::jsonb[], $11::timestamptz[], $12::timestamptz[], $13::boolean[],
         $14::timestamptz[], $15::timestamptz[], $16::jsonb[])
       AS u(id, starts_at, ends_at, opens_at, closes_at, cancel_until, price_fen, is_provisional, facts, check_in_from,
         check_in_until, counts_no_shows, remind_at, yields_at, told)),
     renewed AS (
       UPDATE slot SET starts_at = w.starts_at, ends_at = w.ends_at, opens_at = w.opens_at, closes_at = w.closes_at,
         cancel_until = w.cancel_until, price_fen = w.price_fen, is_provisional = w.is_provisional, facts = w.facts,
         check_in_from = w.check_in_from, check_in_until = w.check_in_until, counts_no_shows = w.counts_no_shows,
         remind_at = w.remind_at, yields_at = w.yields_at, version = slot.version + 1
       FROM wanted w WHERE slot.site_id = $1 AND slot.id = w.id AND ($19::boolean OR slot.taken = 0
         AND NOT EXISTS (SELECT 1 FROM waitlist_slot q WHERE q.site_id = $1 AND q.slot_id = w.id))
       RETURNING slot.id, w.told),
     events AS (
       INSERT INTO event (site_id, at, type, actor_id, slot_id, facts)
       SELECT $1, $17::timestamptz, 'slot.renewed', $18::uuid, id, told FROM renewed)
     SELECT id FROM renewed ORDER BY id`,
    [
      change.siteId,
      renewals.map(({ slot }) => slot.id),
      instants(({ startsAt }) => startsAt),
      instants(({ endsAt }) => endsAt),
      instants(({ opensAt }) => opensAt),
      instants(({ closesAt }) => closesAt),
      instants(({ cancelUntil }) => cancelUntil),
      drafts.map(({ priceFen }) => priceFen),
      drafts.map(({ isProvisional }) => isProvisional),
      drafts.map(({ facts }) => (facts === null ? null : JSON.stringify(facts))),
      instants(({ checkIn }) => checkIn?.startsAt),
      instants(({ checkIn }) => checkIn?.endsAt),
      drafts.map(({ checkIn }) => checkIn?.countsNoShows ?? false),
      instants(({ remindAt }) => remindAt),
      instants(({ yieldsAt }) => yieldsAt),
      renewals.map(({ slot, draft }) =>
        JSON.stringify({ reason: change.reason, before: termsIn(slot), after: termsIn(draft) }),
      ),
      toTimestamp(change.at),
      change.actorId,
      evenIfBooked,
    ],
  );
  return rows.map(({ id }) => id);
}

/** What an event tells of a slot's terms. Not `before` and `after` in units: those are of a capacity change. */
const termsIn = ({ startsAt, endsAt, priceFen }: Pick<Slot, 'startsAt' | 'endsAt' | 'priceFen'>) => ({
  startsAt: toTimestamp(startsAt),
  endsAt: toTimestamp(endsAt),
  priceFen,
});
