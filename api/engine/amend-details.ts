import type { Db } from '../../db/db.ts';
import type { BookingDraft } from './types.ts';

/** What is to be shown from now on of whatever a claimant holds or waits for: keys that replace those of the details. */
export type Amendment = { claimantId: string; personId: string; details: Readonly<Record<string, string | null>> };

type WaitingWish = { id: number; wish: { choices: BookingDraft[][] } };

/**
 * Changes what live bookings and wishes in a queue show of their claimants, e.g. a car that has a new plate. Units, times and claims stay
 * as they are. Locks in the order of every path: places in the queue, then bookings. Index: claim_no_overlap, waitlist_entry_by_person.
 */
export async function amendDetails(tx: Db, siteId: number, amendments: readonly Amendment[]): Promise<void> {
  if (amendments.length === 0) return;
  await amendWishes(tx, siteId, amendments);
  const claimants = amendments.map(({ claimantId }) => claimantId);
  const details = amendments.map((amendment) => JSON.stringify(amendment.details));
  await tx.query(
    `WITH amended AS (SELECT * FROM unnest($2::uuid[], $3::jsonb[]) AS a(claimant_id, details))
     , locked AS (
       SELECT b.id, a.details FROM booking b
       JOIN (SELECT DISTINCT c.booking_id, a.details FROM amended a JOIN claim c ON c.claimant_id = a.claimant_id AND c.site_id = $1) a
         ON a.booking_id = b.id
       WHERE b.site_id = $1 AND b.state IN ('held', 'confirmed', 'checked_in') ORDER BY b.id FOR UPDATE OF b)
     UPDATE booking b SET details = b.details || locked.details FROM locked WHERE b.site_id = $1 AND b.id = locked.id`,
    [siteId, claimants, details],
  );
}

async function amendWishes(tx: Db, siteId: number, amendments: readonly Amendment[]): Promise<void> {
  const waiting = await tx.query<WaitingWish>(
    `SELECT id, wish FROM waitlist_entry
     WHERE site_id = $1 AND person_id = ANY($2::uuid[]) AND state IN ('waiting', 'offered') ORDER BY id FOR UPDATE`,
    [siteId, amendments.map(({ personId }) => personId)],
  );
  const byClaimant = new Map(amendments.map((amendment) => [amendment.claimantId, amendment.details]));
  const changed = waiting.filter(({ wish }) =>
    wish.choices.flat().some(({ claims }) => claims.some(({ claimantId }) => byClaimant.has(claimantId))),
  );
  if (changed.length === 0) return;
  const amend = (draft: BookingDraft): BookingDraft => {
    const details = draft.claims
      .map(({ claimantId }) => byClaimant.get(claimantId))
      .find((known) => known !== undefined);
    return details ? { ...draft, details: { ...draft.details, ...details } } : draft;
  };
  await tx.query(
    `UPDATE waitlist_entry e SET wish = u.wish FROM unnest($2::bigint[], $3::jsonb[]) AS u(id, wish)
     WHERE e.site_id = $1 AND e.id = u.id`,
    [
      siteId,
      changed.map(({ id }) => id),
      changed.map(({ wish }) => JSON.stringify({ ...wish, choices: wish.choices.map((drafts) => drafts.map(amend)) })),
    ],
  );
}
