import type { Pool } from './pool.ts';
import type { BookingDraft, Claim, Limit } from './types.ts';

export type Limited = { ok: true; drafts: BookingDraft[] } | { ok: false; problem: 'rule'; rule: string };

/** Gives each draft a place in every limit that it falls under; refused by the limit's rule when there is none left. */
export function withPlaces(drafts: readonly BookingDraft[], pool: Pool): Limited {
  const taken: Claim[] = [];
  const limited: BookingDraft[] = [];
  for (const draft of drafts) {
    const places: Claim[] = [];
    for (const limit of draft.limits ?? []) {
      const place = placesOf(limit).find((claim) => pool.clash([...taken, claim]) === null);
      if (!place) return { ok: false, problem: 'rule', rule: limit.rule };
      taken.push(place);
      places.push(place);
    }
    limited.push(places.length > 0 ? { ...draft, claims: [...draft.claims, ...places] } : draft);
  }
  return { ok: true, drafts: limited };
}

/** Everything whose holders must be known before some drafts are decided: their claims, and all places of their limits. */
export function claimsToRead(drafts: readonly BookingDraft[]): Claim[] {
  return drafts.flatMap(({ claims, limits = [] }) => [...claims, ...limits.flatMap((limit) => placesOf(limit))]);
}

/** The places of a limit, as the claims that take them. */
function placesOf({ personId, scope, max, during }: Limit): Claim[] {
  return Array.from({ length: max }, (_, place) => ({ claimantId: personId, scope: `${scope}#${place + 1}`, during }));
}
