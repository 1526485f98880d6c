import { randomUUID } from 'node:crypto';
import type { Candidate } from '../../api/engine/decide.ts';
import type { BookingDraft, Slot } from '../../api/engine/types.ts';
import { siteRow } from '../../db/seed/caohejing.ts';

/** When such requests are made: slots of the next day are open. */
export const at = Date.parse('2026-11-23T09:00:00+08:00');

/** A person's request for one seat of a slot as it is, with a retry key of its own; `of` changes its draft. */
export function rideCandidate(
  personId: string,
  slot: Slot,
  change: Partial<Candidate> = {},
  of: Partial<BookingDraft> = {},
): Candidate {
  const { startsAt, endsAt, serviceDate, cancelUntil, priceFen, isProvisional } = slot;
  const draft: BookingDraft = {
    kind: 'shuttle',
    lines: [{ slotId: slot.id, units: 1, terms: slot }],
    claims: [{ claimantId: personId, scope: 'ride', during: { startsAt, endsAt } }],
    ...{ priceFen, startsAt, endsAt, serviceDate, cancelUntil, isProvisional, details: {} },
    ...of,
  };
  return {
    siteId: siteRow.id,
    personId,
    actorId: personId,
    at,
    bookingIds: [randomUUID()],
    drafts: [draft],
    idempotency: { key: randomUUID(), request: randomUUID() },
    ...change,
  };
}
