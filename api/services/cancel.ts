import type { Db } from '../../db/db.ts';
import { once } from '../engine/once.ts';
import { endBookings } from '../engine/end-bookings.ts';
import type { Idempotency } from '../engine/types.ts';
import type { Caller } from '../people/caller.ts';
import { isUuid } from './drafting.ts';
import { bookingsById, type KeptBooking } from './bookings.ts';
import { managesBooking } from './manages.ts';
import { serviceOfKind } from './registry.ts';
import type { Context } from './service.ts';

export type Cancelled =
  | { ok: true; booking: KeptBooking; replayed: boolean }
  | { ok: false; problem: 'not-found' }
  | { ok: false; problem: 'key-reused' }
  | { ok: false; problem: 'rule'; rule: string };

type Outcome = Exclude<Cancelled, { ok: true } | { problem: 'key-reused' }> | { ok: true };

/**
 * Cancels a booking of the caller's, or one of a resource that the caller manages, and gives its units back. What is cancelled
 * already stays so. The owner has until the booking's free-cancellation instant; staff have until its end.
 */
export async function cancelBooking(
  context: Context,
  caller: Caller,
  bookingId: string,
  idempotency: Idempotency | null,
): Promise<Cancelled> {
  if (!isUuid(bookingId)) return { ok: false, problem: 'not-found' };
  const call = { siteId: context.site.id, at: context.now, idempotency };
  const done = await once<Outcome>(
    context.db,
    call,
    (tx) => cancelWithin(tx, context, caller, bookingId),
    isDone,
  ).catch(forbidden);
  if (!done.ok) return done;
  if (!done.result.ok) return done.result;
  const [booking] = await bookingsById(context.db, context.site.id, [bookingId]);
  return booking ? { ok: true, booking, replayed: done.replayed } : { ok: false, problem: 'not-found' };
}

/** A service's rule against a cancellation that was made already: thrown, so that nothing of it stands. */
class Forbidden extends Error {
  override name = 'Forbidden';
  readonly rule: string;

  constructor(rule: string) {
    super(`${rule} forbids the cancellation`);
    this.rule = rule;
  }
}

function forbidden(error: unknown): { ok: false; problem: 'rule'; rule: string } {
  if (error instanceof Forbidden) return { ok: false, problem: 'rule', rule: error.rule };
  throw error;
}

const isDone = (outcome: Outcome): boolean => outcome.ok;

async function cancelWithin(tx: Db, context: Context, caller: Caller, bookingId: string): Promise<Outcome> {
  const booking = await bookingNow(tx, context, bookingId);
  const isOwn = booking?.personId === caller.personId;
  if (!booking || (!isOwn && !managesBooking(context, caller, booking))) return { ok: false, problem: 'not-found' };
  if (booking.state === 'cancelled') return { ok: true };
  if (booking.state !== 'confirmed' && booking.state !== 'held')
    return { ok: false, problem: 'rule', rule: 'already-over' };
  if (context.now >= booking.endsAt) return { ok: false, problem: 'rule', rule: 'already-over' };
  if (isOwn && context.now >= booking.cancelUntil) return { ok: false, problem: 'rule', rule: 'cancel-too-late' };
  const ended = await endBookings(tx, {
    siteId: context.site.id,
    bookingIds: [bookingId],
    actorId: caller.personId,
    at: context.now,
    to: 'cancelled',
  });
  if (ended.bookingIds.length > 0) {
    const rule = await serviceOfKind(booking.kind)?.cancelled?.(tx, context, booking);
    if (rule) throw new Forbidden(rule);
    return { ok: true };
  }
  // It ended otherwise while this waited for its slots, e.g. it gave way to a cut: that stands.
  const after = await bookingNow(tx, context, bookingId);
  return after?.state === 'cancelled' ? { ok: true } : { ok: false, problem: 'rule', rule: 'already-over' };
}

async function bookingNow(tx: Db, { site }: Context, bookingId: string): Promise<KeptBooking | undefined> {
  return (await bookingsById(tx, site.id, [bookingId]))[0];
}
