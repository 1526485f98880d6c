import type { HalfOpen, Instant } from '../calendar/time.ts';
import type { BookingState } from './types.ts';

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
  | { ok: true; at: Instant; replayed: boolean }
  | { ok: false; problem: 'not-found' }
  | { ok: false; problem: 'already-checked-in' }
  | { ok: false; problem: 'rule'; rule: 'not-confirmed' | 'check-in-not-open' | 'check-in-closed' | 'nonce-used' };

/** A check-in that is written down already. */
export type KnownCheckIn = { bookingId: string; nonce: string; at: Instant };

/** What some scans meet: their bookings, and every check-in of these or under a name of theirs. */
export type Situation = {
  bookings: ReadonlyMap<string, { state: BookingState; times: HalfOpen }>;
  known: readonly KnownCheckIn[];
};

/** Answers scans as they arrive, each knowing of those before it. Pure. */
export function decideCheckIns({ bookings, known }: Situation, scans: readonly Scan[]): CheckedIn[] {
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
    ofBooking.set(bookingId, { bookingId, nonce, at });
    usedNonces.add(nonce);
    return { ok: true, at, replayed: false };
  });
}

const refuse = <Rule extends string>(rule: Rule) => ({ ok: false, problem: 'rule', rule }) as const;
