import type { Engine } from '../engine/engine.ts';
import type { AdmissionRequest, BookingDraft, Idempotency, Refusal } from '../engine/types.ts';
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
  const wishes = await Promise.all(requests.map((request) => draftOf(context, caller, request)));
  const drafts: BookingDraft[] = [];
  const offers: number[] = [];
  for (const wish of wishes) {
    if (!wish.ok) return wish;
    drafts.push(wish.draft);
    offers.push(wish.offerMinutes);
  }
  const wantsToWait = requests.every(({ joinWaitlist }) => joinWaitlist === true);
  const request: AdmissionRequest = {
    siteId: context.site.id,
    personId: caller.personId,
    actorId: caller.personId,
    at: context.now,
    drafts,
    groups: caller.roles.flatMap(({ organisationId }) => organisationId ?? []),
    heldUntil: null,
    waitlist: wantsToWait ? { offerMinutes: Math.min(...offers) } : null,
    idempotency,
  };
  const admission = await engine.admit(request);
  if (!admission.ok || 'entryId' in admission) return admission;
  const bookings = await bookingsById(context.db, context.site.id, admission.bookingIds);
  return { ok: true, bookings, replayed: admission.replayed };
}
