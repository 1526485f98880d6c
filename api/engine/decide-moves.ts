import type { Instant } from '../calendar/time.ts';
import { Pool, type Holder } from './pool.ts';
import type { BookingDraft, BookingState, Claim } from './types.ts';

/** What a booking, or a wish of the queue, comes to on slots that have other terms; its lines and its price stay. */
export type Remade = Pick<BookingDraft, 'claims' | 'startsAt' | 'endsAt' | 'cancelUntil' | 'isProvisional' | 'details'>;

/** What the decision needs to know of a booking, and what it comes to; null: what was booked is not there any more. */
export type Movable = {
  id: string;
  personId: string;
  state: BookingState;
  createdAt: Instant;
  remade: Remade | null;
};

export type Moves<Booking extends Movable> = {
  moved: (Booking & { remade: Remade })[];
  /** Those who cannot move with their slots, oldest booking first: so they choose first among what is offered instead. */
  displaced: Booking[];
};

/**
 * Decides who moves along when slots change their times: whose booking is still there, and whose claimant is nowhere else at its new time.
 * `elsewhere` are the claims of other bookings. Who has booked before who was only offered something, then in order of booking. Pure.
 */
export function decideMoves<Booking extends Movable>(
  bookings: readonly Booking[],
  elsewhere: readonly (Claim & Holder)[],
): Moves<Booking> {
  const pool = new Pool([], [], elsewhere);
  const moves: Moves<Booking> = { moved: [], displaced: [] };
  for (const booking of bookings.toSorted(bookedFirst)) {
    const { id: bookingId, personId, remade } = booking;
    if (remade === null || pool.clash(remade.claims) !== null) {
      moves.displaced.push(booking);
    } else {
      pool.claim(remade.claims, { bookingId, personId });
      moves.moved.push({ ...booking, remade });
    }
  }
  return moves;
}

const bookedFirst = (a: Movable, b: Movable): number =>
  Number(a.state === 'held') - Number(b.state === 'held') || a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
