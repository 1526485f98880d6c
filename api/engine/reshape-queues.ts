import type { Db } from '../../db/db.ts';
import type { Remade } from './decide-moves.ts';
import { leaveQueue, slotsWantedBy, type Wish } from './queue-rows.ts';
import { toTimestamp } from './sql-values.ts';
import type { ChangeStamp } from './slot-targets.ts';
import type { BookingDraft, Slot } from './types.ts';

/** Somebody who waits for slots, or is offered them, with what they wait for. */
export type EntryAround = { id: number; personId: string; state: 'waiting' | 'offered'; wish: Wish };

/** Somebody who waits, or waited, with the first of what they wait for. */
export type Waiting = { entryId: number; personId: string; draft: BookingDraft };

/** Who is out of the queue because what they waited for is not there any more, as it was; who waits on for another time, as it is now. */
export type ReshapedQueues = { left: Waiting[]; moved: Waiting[] };

/**
 * Locks those who wait for some slots or are offered them, in id order. Only under the slots' locks.
 * Indexes: the primary keys of waitlist_entry and waitlist_slot, waitlist_entry_by_offer, booking_line_by_slot.
 */
export function lockEntriesAround(tx: Db, siteId: number, slotIds: readonly number[]): Promise<EntryAround[]> {
  return tx.query<EntryAround>(
    `SELECT id, person_id AS "personId", state, wish FROM waitlist_entry
     WHERE site_id = $1 AND state IN ('waiting', 'offered') AND (
       id = ANY(ARRAY(SELECT entry_id FROM waitlist_slot WHERE site_id = $1 AND slot_id = ANY($2::bigint[])))
       OR offer_booking_id = ANY(ARRAY(SELECT booking_id FROM booking_line WHERE site_id = $1 AND slot_id = ANY($2::bigint[]))))
     ORDER BY id FOR UPDATE`,
    [siteId, slotIds],
  );
}

/**
 * Draws up anew what people wait for when slots have changed: choices that are not there any more go, and whoever has none left leaves the
 * queue. `slots` are all that are locked, as they are now. Nobody is told: what to say of it is the service's.
 */
export async function reshapeQueues(
  tx: Db,
  stamp: ChangeStamp,
  slotIds: readonly number[],
  slots: ReadonlyMap<number, Slot>,
  remake: (draft: BookingDraft) => Remade | null,
): Promise<ReshapedQueues> {
  const { siteId, actorId, at } = stamp;
  const isReshaped = new Set(slotIds);
  const entries = await lockEntriesAround(tx, siteId, slotIds);
  const remade = entries.map((entry) => ({ entry, wish: remadeWish(entry.wish, isReshaped, remake) }));
  const kept = remade.filter(({ wish }) => wish.choices.length > 0);
  const left = remade.filter(({ entry, wish }) => wish.choices.length === 0 && entry.state === 'waiting');
  await writeWishes(tx, siteId, kept, slots);
  await leaveQueue(
    tx,
    siteId,
    left.map(({ entry }) => ({ id: entry.id, bookingId: null })),
    { to: 'withdrawn', actorId, at },
  );
  const moved = kept.filter(({ entry, wish }) => firstStart(wish) !== firstStart(entry.wish));
  return {
    left: left.flatMap(({ entry }) => waitingFor(entry, entry.wish)),
    moved: moved.flatMap(({ entry, wish }) => waitingFor(entry, wish)),
  };
}

const firstOf = ({ choices }: Wish): BookingDraft | undefined => choices[0]?.[0];
const firstStart = (wish: Wish): number | undefined => firstOf(wish)?.startsAt;

function waitingFor({ id: entryId, personId }: EntryAround, wish: Wish): Waiting[] {
  const draft = firstOf(wish);
  return draft ? [{ entryId, personId, draft }] : [];
}

/** A wish without the choices that are not there any more, the others as they are now. */
function remadeWish(wish: Wish, isReshaped: ReadonlySet<number>, remake: (draft: BookingDraft) => Remade | null): Wish {
  const choices = wish.choices.flatMap((drafts) => {
    const own = drafts.flatMap((draft) => {
      if (!draft.lines.some(({ slotId }) => isReshaped.has(slotId))) return [draft];
      const remade = remake(draft);
      return remade ? [{ ...draft, ...remade }] : [];
    });
    return own.length === drafts.length ? [own] : [];
  });
  return { ...wish, choices };
}

type Redrawn = { entry: EntryAround; wish: Wish };

async function writeWishes(
  tx: Db,
  siteId: number,
  redrawn: readonly Redrawn[],
  slots: ReadonlyMap<number, Slot>,
): Promise<void> {
  if (redrawn.length === 0) return;
  const dropped = redrawn.flatMap(({ entry, wish }) => {
    const wanted = new Set(slotsWantedBy(wish));
    const gone = slotsWantedBy(entry.wish).filter((slotId) => !wanted.has(slotId));
    return gone.map((slotId) => ({ entryId: entry.id, slotId }));
  });
  await tx.query(
    `UPDATE waitlist_entry SET wish = u.wish, closes_at = coalesce(u.closes_at, waitlist_entry.closes_at)
     FROM unnest($2::bigint[], $3::jsonb[], $4::timestamptz[]) AS u(id, wish, closes_at)
     WHERE waitlist_entry.site_id = $1 AND waitlist_entry.id = u.id`,
    [
      siteId,
      redrawn.map(({ entry }) => entry.id),
      redrawn.map(({ wish }) => JSON.stringify(wish)),
      redrawn.map(({ wish }) => closingOf(wish, slots)),
    ],
  );
  await tx.query(
    `DELETE FROM waitlist_slot w USING unnest($2::bigint[], $3::bigint[]) AS u(slot_id, entry_id)
     WHERE w.site_id = $1 AND w.slot_id = u.slot_id AND w.entry_id = u.entry_id`,
    [siteId, dropped.map(({ slotId }) => slotId), dropped.map(({ entryId }) => entryId)],
  );
}

/** When the last of a wish's choices cannot be had any more; null when some of its slots are not known. */
function closingOf({ choices }: Wish, slots: ReadonlyMap<number, Slot>): string | null {
  const closings = choices.map((drafts) => slotsWantedBy({ choices: [drafts] }).map((id) => slots.get(id)?.closesAt));
  const known = closings.map((each) => each.filter((instant) => instant !== undefined));
  if (known.some((each, index) => each.length < (closings[index]?.length ?? 0))) return null;
  return toTimestamp(Math.max(...known.map((each) => Math.min(...each))));
}
