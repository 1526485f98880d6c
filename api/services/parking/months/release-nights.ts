import type { Db } from '../../../../db/db.ts';
import { slotsById } from '../../../engine/find-slots.ts';
import { once } from '../../../engine/once.ts';
import { releaseLines, type Reshaped } from '../../../engine/release-lines.ts';
import type { BookingState, Idempotency, Slot } from '../../../engine/types.ts';
import type { Caller } from '../../../people/caller.ts';
import { isUuid, notFound, parseRowId, refuse } from '../../drafting.ts';
import type { Context, Resource, WishRefusal } from '../../service.ts';
import { creditNights, creditOf } from './credit.ts';
import { stayOn } from '../draft-stay.ts';
import { nightShareFen } from './month-rules.ts';
import { agreementOf } from '../rules.ts';
import type { StayDetails } from '../stay-details.ts';

/** What giving nights back came to; money in fen. */
export type NightsReleased = {
  ok: true;
  bookingId: string;
  released: string[];
  nights: number;
  creditFen: number;
  balanceFen: number;
};
type Outcome = NightsReleased | WishRefusal;

/**
 * Gives nights of a stay of the caller's back, before they begin: whoever waits for them is offered them at once. A night of a month is
 * credited as the agreement says; a stay of single nights costs those that it keeps.
 */
export async function releaseNights(
  context: Context,
  caller: Caller,
  wish: { bookingId: string; slotIds: readonly string[] },
  idempotency: Idempotency | null,
): Promise<(Outcome & { replayed?: boolean }) | { ok: false; problem: 'key-reused' }> {
  const { bookingId } = wish;
  const slotIds = new Set(wish.slotIds.map(parseRowId));
  if (!isUuid(bookingId) || slotIds.has(null)) return notFound;
  const call = { siteId: context.site.id, at: context.now, idempotency };
  const done = await once<Outcome>(
    context.db,
    call,
    (tx) => releaseWithin(tx, context, caller, { bookingId, slotIds: [...slotIds] as number[] }),
    ({ ok }) => ok,
  );
  if (!done.ok) return done;
  return { ...done.result, replayed: done.replayed };
}

type StayRow = { kind: string; state: BookingState; priceFen: number; details: StayDetails };

async function releaseWithin(
  tx: Db,
  context: Context,
  caller: Caller,
  { bookingId, slotIds }: { bookingId: string; slotIds: readonly number[] },
): Promise<Outcome> {
  const siteId = context.site.id;
  const [stay] = await tx.query<StayRow>(
    `SELECT kind, state, price_fen AS "priceFen", details FROM booking
     WHERE site_id = $1 AND id = $2 AND person_id = $3`,
    [siteId, bookingId, caller.personId],
  );
  if (stay?.kind !== 'parking') return notFound;
  const slots = await slotsById(tx, siteId, slotIds);
  const lot = context.catalogue.get(slots[0]?.resourceId ?? '');
  if (!lot || slots.length !== slotIds.length) return refuse('night-not-held');
  if (slots.some((slot) => context.now >= slot.cancelUntil)) return refuse('night-begun');
  const done = await releaseLines(tx, {
    siteId,
    bookingId,
    slotIds,
    actorId: caller.personId,
    at: context.now,
    reshape: (kept, now) => reshapedStay(lot, kept, slots, now),
  });
  if (!done.ok) return refuse(ruleOf[done.problem]);
  const creditFen = creditFor(lot, stay, slots.length);
  await creditNights(
    tx,
    { siteId, personId: caller.personId, lender: lot.organisationId },
    { bookingId, amountFen: creditFen, at: context.now },
  );
  return {
    ok: true,
    bookingId,
    released: slots.map(({ serviceDate }) => serviceDate).toSorted(),
    nights: (done.reshaped.details as StayDetails).nights,
    creditFen,
    balanceFen: await creditOf({ ...context, db: tx }, caller.personId, lot.organisationId),
  };
}

const ruleOf = {
  'not-confirmed': 'not-releasable',
  'not-its-lines': 'night-not-held',
  'nothing-stays': 'last-night',
} as const;

/** What a stay comes to with the nights that it keeps. A month keeps its price: its nights are credited instead. */
function reshapedStay(
  lot: Resource,
  kept: readonly Slot[],
  released: readonly Slot[],
  { details, priceFen }: { details: unknown; priceFen: number },
): Reshaped {
  const before = details as StayDetails;
  const { vehicleId, plateMasked, month, missingNights: missing } = before;
  const draft = stayOn(lot, { slots: [...kept], month, missing }, { vehicleId, plateMasked });
  const releasedNights = [
    ...(before.releasedNights ?? []),
    ...released.map(({ serviceDate }) => serviceDate),
  ].toSorted();
  return {
    ...draft,
    priceFen: month === null ? draft.priceFen : priceFen,
    details: { ...before, nights: kept.length, releasedNights },
  };
}

/** The share of the nights in what the month cost when it was booked. Fen. */
function creditFor(lot: Resource, { priceFen, details }: StayRow, nights: number): number {
  if (details.month === null || agreementOf(lot).facts.releaseCredit === 'none') return 0;
  return nights * nightShareFen(priceFen, details.nights + (details.releasedNights ?? []).length);
}
