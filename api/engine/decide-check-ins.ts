import type { HalfOpen, Instant } from '../calendar/time.ts';
import type { BookingState } from './types.ts';
import type { GivenAway } from './yield-units.ts';

/** Who scanned: somebody with an account, or the holder of a driver's link. */
export type ScannedBy = { actorId: string } | { driverLinkId: string };

/** One scan of a booking's pass. */
export type Scan = {
  bookingId: string;
  /** The scanner's own name of the scan: sent again, it has no second effect. */
  nonce: string;
  /** When it was scanned; not after it is told of. */
  at: Instant;
  by: ScannedBy;
};

export type CheckedIn =
  /** `retakes`: the units that were given away are taken back with it. */
  | { ok: true; at: Instant; replayed: boolean; retakes?: true }
  | { ok: false; problem: 'not-found' }
  | { ok: false; problem: 'already-checked-in' }
  | {
      ok: false;
      problem: 'rule';
      rule: 'not-confirmed' | 'check-in-not-open' | 'check-in-closed' | 'nonce-used' | 'seat-given-away';
    };

/** A check-in that is written down already. */
export type KnownCheckIn = { bookingId: string; nonce: string; at: Instant };

/** What some scans meet: their bookings, and every check-in of these or under a name of theirs. */
export type Situation = {
  bookings: ReadonlyMap<string, { state: BookingState; times: HalfOpen }>;
  known: readonly KnownCheckIn[];
  /** What bookings gave away because nobody had come; left out, none did. */
  givenAway?: ReadonlyMap<string, GivenAway>;
  /** Units of the slots of these. */
  free?: ReadonlyMap<number, number>;
  /** When they are told of. */
  now: Instant;
};

/**
 * Answers scans as they arrive, each knowing of those before it. Who gave units away takes them back if they are still free. Else they are
 * turned away, unless they were scanned before the moment to give way, or the scan is told of when it is too late to turn anybody away
 * (a scanner without a network): then they are written down without units. Pure.
 */
export function decideCheckIns(situation: Situation, scans: readonly Scan[]): CheckedIn[] {
  const { bookings, known, givenAway, now } = situation;
  const free = new Map(situation.free);
  const ofBooking = new Map(known.map((checkIn) => [checkIn.bookingId, checkIn]));
  const usedNonces = new Set(known.map(({ nonce }) => nonce));
  return scans.map((scan) => {
    const { bookingId, nonce, at } = scan;
    const booking = bookings.get(bookingId);
    if (!booking) return { ok: false, problem: 'not-found' };
    const earlier = ofBooking.get(bookingId);
    if (earlier?.nonce === nonce) return { ok: true, at: earlier.at, replayed: true };
    if (earlier) return { ok: false, problem: 'already-checked-in' };
    if (booking.state !== 'confirmed' && booking.state !== 'no_show') return refuse('not-confirmed');
    if (at < booking.times.startsAt) return refuse('check-in-not-open');
    if (at >= booking.times.endsAt) return refuse('check-in-closed');
    if (usedNonces.has(nonce)) return refuse('nonce-used');
    const given = givenAway?.get(bookingId);
    const retakes = given !== undefined && given.lines.every(({ slotId, units }) => (free.get(slotId) ?? 0) >= units);
    if (given && !retakes && at >= given.yieldsAt && now < booking.times.endsAt) return refuse('seat-given-away');
    if (retakes) for (const { slotId, units } of given.lines) free.set(slotId, (free.get(slotId) ?? 0) - units);
    ofBooking.set(bookingId, { bookingId, nonce, at });
    usedNonces.add(nonce);
    return { ok: true, at, replayed: false, ...(retakes && { retakes }) };
  });
}

const refuse = <Rule extends string>(rule: Rule) => ({ ok: false, problem: 'rule', rule }) as const;
