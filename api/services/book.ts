import { answersOfKeys, earlierAnswer } from '../engine/earlier-answers.ts';
import type { Engine } from '../engine/engine.ts';
import { freshSlots } from '../engine/kept-slots.ts';
import type { NoShowBar } from '../engine/types.ts';
import {
  Busy,
  type Admission,
  type BookingDraft,
  type Idempotency,
  type MadeBooking,
  type Refusal,
} from '../engine/types.ts';
import type { Instant } from '../calendar/time.ts';
import type { Caller } from '../people/caller.ts';
import { bookingsById, type KeptBooking } from './bookings.ts';
import { refusedPart } from './refused-part.ts';
import { draftOf, serviceOfKind, type BookingRequest } from './registry.ts';
import type { Context, WishRefusal } from './service.ts';

export type Booked =
  | { ok: true; bookings: KeptBooking[]; replayed: boolean }
  | { ok: true; entryId: number; replayed: boolean }
  | ((Exclude<Refusal, { problem: 'stale-draft' }> | WishRefusal) & PartRefused);

/** Which of the wishes of a day plan was refused, from 0 on. */
type PartRefused = { part?: number };

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
  const admission = await admit(context, engine, { caller, requests, idempotency });
  if (!admission.ok || 'entryId' in admission) return admission;
  const bookings = admission.made
    ? admission.made.map((booking) => keptOf(booking, caller.personId, context.now))
    : await bookingsById(context.db, context.site.id, admission.bookingIds);
  for (const booking of bookings) {
    // What its service does with a booking when it is made, if anything; again on a retry, whose first try may have died in between.
    const settling = serviceOfKind(booking.kind)?.settle?.(context, [booking]);
    if (settling) await settling;
  }
  return { ok: true, bookings, replayed: admission.replayed };
}

/** What was made just now, as it would be read. */
function keptOf({ id, bundleId, draft, lines }: MadeBooking, personId: string, now: Instant): KeptBooking {
  return {
    ...draft,
    id,
    personId,
    state: 'confirmed',
    createdAt: now,
    changedAt: now,
    bundleId,
    lines,
    displacement: null,
  };
}

const maxDrafts = 3;

type Asked = { caller: Caller; requests: readonly BookingRequest[]; idempotency: Idempotency | null };

/** Admits a request; drafts it anew from what is there now if a slot has been edited since its draft was made. */
async function admit(
  context: Context,
  engine: Engine,
  asked: Asked,
  draftsLeft = maxDrafts - 1,
): Promise<Exclude<Admission | WishRefusal, { problem: 'stale-draft' }> & PartRefused> {
  const { caller, requests, idempotency } = asked;
  const wishes = await Promise.all(requests.map((request) => draftOf(context, caller, request)));
  const drafts: BookingDraft[] = [];
  const offers: number[] = [];
  const bars: NoShowBar[] = [];
  for (const [part, wish] of wishes.entries()) {
    // A retry is answered as before, even if by now the rules would turn it down.
    if (!wish.ok) return (await answeredBefore(context, idempotency)) ?? (wishes.length > 1 ? { ...wish, part } : wish);
    drafts.push(wish.draft);
    offers.push(wish.offerMinutes);
    bars.push(...(wish.bars ?? []).map((bar) => (wishes.length > 1 ? { ...bar, part } : bar)));
  }
  const wantsToWait = requests.every(({ joinWaitlist }) => joinWaitlist === true);
  const admission = await engine.admit({
    siteId: context.site.id,
    personId: caller.personId,
    actorId: caller.personId,
    at: context.now,
    drafts,
    groups: caller.roles.flatMap(({ organisationId }) => organisationId ?? []),
    ...(wantsToWait ? { waitlist: { offerMinutes: Math.min(...offers) } } : {}),
    bars,
    idempotency,
  });
  if (admission.ok) return admission;
  if (admission.problem === 'stale-draft') {
    if (draftsLeft === 0) throw new Busy('the slots are being edited');
    const fresh = { ...context, slots: freshSlots(context.db) };
    return admit(fresh, engine, asked, draftsLeft - 1);
  }
  if (drafts.length === 1 || 'part' in admission) return admission;
  const part = await refusedPart(context.db, context.site.id, drafts, admission);
  return part === null ? admission : { ...admission, part };
}

async function answeredBefore({ db, site }: Context, idempotency: Idempotency | null) {
  return idempotency && earlierAnswer(await answersOfKeys(db, site.id, [idempotency.key]), idempotency);
}
