import { claimsInTheWay } from '../engine/read-situation.ts';
import type { Db } from '../../db/db.ts';
import type { BookingDraft, Claim, Refusal } from '../engine/types.ts';

/**
 * Which part of a day plan the engine refused it for, from 0 on: the one that needs the slot, or whose claim is in the way of a booking or of a
 * part before it; null when it cannot be told. One query at most.
 */
export async function refusedPart(
  db: Db,
  siteId: number,
  drafts: readonly BookingDraft[],
  refusal: Refusal,
): Promise<number | null> {
  if ('slotId' in refusal && refusal.slotId !== undefined) {
    const { slotId } = refusal;
    return found(drafts.findLastIndex(({ lines }) => lines.some((line) => line.slotId === slotId)));
  }
  if (refusal.problem === 'rule')
    return found(drafts.findIndex(({ limits = [] }) => limits.some(({ rule }) => rule === refusal.rule)));
  if (refusal.problem !== 'overlap') return null;
  const held = await claimsInTheWay(
    db,
    siteId,
    drafts.flatMap(({ claims }) => claims),
  );
  return found(
    drafts.findIndex(({ claims }, index) => {
      const before = drafts.slice(0, index).flatMap((draft) => draft.claims);
      return claims.some((claim) => [...held, ...before].some((other) => isInTheWay(claim, other)));
    }),
  );
}

const found = (index: number): number | null => (index < 0 ? null : index);

const isInTheWay = (claim: Claim, other: Claim): boolean =>
  claim.claimantId === other.claimantId &&
  claim.scope === other.scope &&
  claim.during.startsAt < other.during.endsAt &&
  other.during.startsAt < claim.during.endsAt;
