import { answerOfKey } from '../engine/known-answers.ts';
import type { Engine } from '../engine/engine.ts';
import type { Idempotency, Refusal } from '../engine/types.ts';
import type { Caller } from '../people/caller.ts';
import { bookingsById, type KeptBooking } from './bookings.ts';
import { draftOf, type BookingRequest } from './registry.ts';
import type { Context, WishRefusal } from './service.ts';

export type Booked = { ok: true; bookings: KeptBooking[]; replayed: boolean } | Refusal | WishRefusal;

/** Books one wish, or a day plan of several, all or nothing: asks each service what it takes, then the engine for all of it. */
export async function book(
  context: Context,
  engine: Engine,
  caller: Caller,
  requests: readonly BookingRequest[],
  idempotency: Idempotency | null,
): Promise<Booked> {
  const wishes = await Promise.all(requests.map((request) => draftOf(context, caller, request)));
  const drafts = [];
  for (const wish of wishes) {
    // What a rule refuses now may be what was booked then, e.g. the last free nights of a month: a retry gets its first answer.
    if (!wish.ok) return (await replay(context, idempotency)) ?? wish;
    drafts.push(wish.draft);
  }
  const admission = await engine.admit({
    siteId: context.site.id,
    personId: caller.personId,
    actorId: caller.personId,
    at: context.now,
    drafts,
    idempotency,
  });
  if (!admission.ok) return admission;
  const bookings = await bookingsById(context.db, context.site.id, admission.bookingIds);
  return { ok: true, bookings, replayed: admission.replayed };
}

async function replay(context: Context, idempotency: Idempotency | null): Promise<Booked | null> {
  const answer = idempotency && (await answerOfKey(context.db, context.site.id, idempotency));
  if (!answer?.ok) return answer;
  return { ok: true, bookings: await bookingsById(context.db, context.site.id, answer.bookingIds), replayed: true };
}
