import type { Instant } from '../calendar/time.ts';
import { unitsOf } from './drafts.ts';
import { Pool, type Allotment, type Draw, type Holder } from './pool.ts';
import type { BookingState, Claim, Line, Slot } from './types.ts';

/** What was offered instead: its hold, with its lines; or none, if the hold had to give way as well and its owner waits in line again. */
export type Alternative = {
  entryId: number;
  state: 'waiting' | 'offered' | 'accepted';
  bookingId: string | null;
  lines: readonly Line[];
};

/** A booking that gave way to a change which is taken back, with what it held. */
export type Restorable = {
  bookingId: string;
  personId: string;
  state: BookingState;
  startsAt: Instant;
  lines: readonly Line[];
  claims: readonly Claim[];
  draws: readonly Draw[];
  /** The place in the queue of what was offered instead; null when nothing was, or it was not accepted and is gone. */
  alternative: Alternative | null;
};

/** Why a booking cannot be given back to its owner. */
export type NotRestored = 'accepted-alternative' | 'ended' | 'begun' | 'closed' | 'full' | 'overlap';

export type RestoreSituation = {
  /** The slots as they are once the change is taken back. */
  slots: ReadonlyMap<number, Slot>;
  allotments: readonly Allotment[];
  claims: readonly (Claim & Holder)[];
  at: Instant;
};

export type RestoreDecision = {
  restored: { booking: Restorable; draws: readonly Draw[] }[];
  notRestored: { bookingId: string; why: NotRestored }[];
};

/**
 * Decides which bookings come back when a change is taken back, in this order: whose owner has not accepted something else, and whose
 * units and claims are free. What is held for its owner instead is given up for it. Pure.
 */
export function decideRestored(bookings: readonly Restorable[], situation: RestoreSituation): RestoreDecision {
  const pool = new Pool(situation.slots.values(), situation.allotments);
  const decision: RestoreDecision = { restored: [], notRestored: [] };
  let claims = [...situation.claims];
  for (const booking of bookings) {
    const { bookingId, personId, alternative } = booking;
    const units = unitsOf([booking]);
    const groups = [...new Set(booking.draws.map(({ organisationId }) => organisationId))];
    const givenUp = alternative ? unitsOf([alternative]) : new Map<number, number>();
    const obstacle = obstacleTo(booking, situation) ?? clashOf(booking, claims);
    if (obstacle !== null) {
      decision.notRestored.push({ bookingId, why: obstacle });
      continue;
    }
    pool.give(givenUp);
    if (pool.lacking(units, groups, situation.at) !== null) {
      pool.take(givenUp, [], situation.at);
      decision.notRestored.push({ bookingId, why: 'full' });
      continue;
    }
    const own = booking.claims.map((claim) => ({ ...claim, bookingId, personId }));
    claims = [...claims.filter((claim) => claim.bookingId !== alternative?.bookingId), ...own];
    decision.restored.push({ booking, draws: pool.take(units, groups, situation.at) });
  }
  return decision;
}

function obstacleTo({ state, startsAt, lines, alternative }: Restorable, { slots, at }: RestoreSituation) {
  if (alternative?.state === 'accepted') return 'accepted-alternative';
  if (state !== 'displaced') return 'ended';
  if (startsAt <= at) return 'begun';
  return lines.every(({ slotId }) => slots.get(slotId)?.state === 'active') ? null : 'closed';
}

/** Whether its owner is somewhere else by now; what is held instead does not count, since it is given up. */
function clashOf({ claims, alternative }: Restorable, held: readonly (Claim & Holder)[]): 'overlap' | null {
  const inTheWay = new Pool(
    [],
    [],
    held.filter(({ bookingId }) => bookingId !== alternative?.bookingId),
  );
  return inTheWay.clash(claims) ? 'overlap' : null;
}
