import { answersOfKeys, earlierAnswer } from '../engine/earlier-answers.ts';
import type { Engine } from '../engine/engine.ts';
import type { Admission, BookingDraft, Idempotency, Refusal } from '../engine/types.ts';
import type { Caller } from '../people/caller.ts';
import { bookingsById, type KeptBooking } from './bookings.ts';
import { draftOf, type BookingRequest } from './registry.ts';
import type { Context, WishRefusal } from './service.ts';

export type Booked =
  | { ok: true; bookings: KeptBooking[]; replayed: boolean }
  | { ok: true; entryId: number; replayed: boolean }
  | Refusal
  | WishRefusal;

/**
 * Books one wish, or a day plan of several, all or nothing: asks each service what it takes, then the engine for all of it. If the
 * caller said so, a wish that cannot be had now gets a place in the queue.
 */
export async function book(
  context: Context,
  engine: Engine,
  caller: Caller,
  requests: readonly BookingRequest[],
  idempotency: Idempotency | null,
): Promise<Booked> {
  const admission = await admit(context, engine, caller, requests, idempotency);
  if (!admission.ok || 'entryId' in admission) return admission;
  const bookings = await bookingsById(context.db, context.site.id, admission.bookingIds);
  return { ok: true, bookings, replayed: admission.replayed };
}

async function admit(
  context: Context,
  engine: Engine,
  caller: Caller,
  requests: readonly BookingRequest[],
  idempotency: Idempotency | null,
): Promise<Admission | WishRefusal> {
  const wishes = await Promise.all(requests.map((request) => draftOf(context, caller, request)));
  const drafts: BookingDraft[] = [];
  const offers: number[] = [];
  for (const wish of wishes) {
    // A retry is answered as before, even if by now the rules would turn it down.
    if (!wish.ok) return (await answeredBefore(context, idempotency)) ?? wish;
    drafts.push(wish.draft);
    offers.push(wish.offerMinutes);
  }
  const wantsToWait = requests.every(({ joinWaitlist }) => joinWaitlist === true);
  return engine.admit({
    siteId: context.site.id,
    personId: caller.personId,
    actorId: caller.personId,
    at: context.now,
    drafts,
    groups: caller.roles.flatMap(({ organisationId }) => organisationId ?? []),
    ...(wantsToWait ? { waitlist: { offerMinutes: Math.min(...offers) } } : {}),
    idempotency,
  });
}

async function answeredBefore({ db, site }: Context, idempotency: Idempotency | null): Promise<Admission | null> {
  return idempotency && earlierAnswer(await answersOfKeys(db, site.id, [idempotency.key]), idempotency);
}
