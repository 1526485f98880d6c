import type { Instant } from '../calendar/time.ts';
import { unitsOf } from './drafts.ts';
import { Pool, type Allotment, type Draw, type Holder } from './pool.ts';
import type { BookingState, Claim, Line, Slot } from './types.ts';

/** A booking that gave way to a change which is taken back, with what it held. */
export type Restorable = {
  bookingId: string;
  personId: string;
  state: BookingState;
  startsAt: Instant;
  lines: readonly Line[];
  claims: readonly Claim[];
  draws: readonly Draw[];
  /** What was offered instead; null when nothing was, or it was not accepted and is gone. */
  alternative: { bookingId: string; entryId: number; state: 'offered' | 'accepted'; lines: readonly Line[] } | null;
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
  const claims = [...situation.claims];
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
    claims.push(...booking.claims.map((claim) => ({ ...claim, bookingId, personId })));
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
