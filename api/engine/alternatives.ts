import { minutesAfter, type Instant } from '../calendar/time.ts';
import { isOnOffer } from './decide-queue.ts';
import { claimsOf, unitsOf } from './drafts.ts';
import { withPlaces } from './limits.ts';
import { Pool, type Allotment, type Draw, type Holder } from './pool.ts';
import type { BookingDraft, Claim, Slot } from './types.ts';

/** What a service would offer instead of a booking: nearest first, and how long it is held, in minutes. */
export type Alternatives = { drafts: readonly BookingDraft[]; offerMinutes: number };

/** Somebody who gives way and may be offered something else. */
export type Wanting = { bookingId: string; personId: string; alternatives: Alternatives };

/** What alternatives are decided on: the inventory as it is once the displaced have given their units and claims back. */
export type AlternativesSituation = {
  slots: ReadonlyMap<number, Slot>;
  allotments: readonly Allotment[];
  claims: readonly (Claim & Holder)[];
  /** Slots that somebody waits for: nobody is put before those who wait. */
  queued: ReadonlySet<number>;
  at: Instant;
};

/** An alternative that fits, until when it is held, and when it cannot be booked any more. */
export type HeldAlternative = {
  draft: BookingDraft;
  draws: readonly Draw[];
  offerMinutes: number;
  until: Instant;
  closesAt: Instant;
};

/**
 * The nearest alternative that fits for each, in this order, so that nobody is given what somebody before them got. A hold never lasts
 * past the moment when booking closes. Whoever is missing in the answer gets none. Pure.
 */
export function decideAlternatives(
  wanting: readonly Wanting[],
  situation: AlternativesSituation,
): Map<string, HeldAlternative> {
  const { slots, queued, at } = situation;
  const pool = new Pool(slots.values(), situation.allotments, situation.claims);
  const held = new Map<string, HeldAlternative>();
  for (const { bookingId, personId, alternatives } of wanting) {
    for (const wished of alternatives.drafts) {
      const units = unitsOf([wished]);
      if (!isOnOffer([wished], situation) || [...units.keys()].some((slotId) => queued.has(slotId))) continue;
      const limited = withPlaces([wished], pool);
      const draft = limited.ok ? limited.drafts[0] : undefined;
      // What is kept for groups stays theirs: a booking does not say on whose behalf it was made.
      if (!draft || pool.clash(claimsOf([draft])) !== null || pool.lacking(units, [], at) !== null) continue;
      pool.claim(draft.claims, { bookingId, personId });
      const closesAt = Math.min(...[...units.keys()].flatMap((slotId) => slots.get(slotId)?.closesAt ?? []));
      const { offerMinutes } = alternatives;
      const until = Math.min(minutesAfter(at, offerMinutes), closesAt);
      held.set(bookingId, { draft, draws: pool.take(units, [], at), offerMinutes, until, closesAt });
      break;
    }
  }
  return held;
}
