import { transactionWithRetry, type Db } from '../../../../db/db.ts';
import { dateOf, type Instant } from '../../../calendar/time.ts';
import { balancesOf, lockAccount, movedFor, postTransfer } from '../../../ledger/accounts.ts';
import { holdingStates, type BookingState } from '../../../engine/types.ts';
import type { Context } from '../../service.ts';
import type { StayDetails } from '../stay-details.ts';
import { monthBefore, monthOf } from './month-rules.ts';

/** Why money moves between a lender and the credit of somebody who holds a month there. */
const reasons = {
  /** A night was given back. */
  released: 'parking.night-released',
  /** The booking of that night was cancelled before it began. */
  reclaimed: 'parking.credit-reclaimed',
  /** A month was paid by credit. */
  spent: 'parking.credit-spent',
  /** That month was cancelled. */
  returned: 'parking.credit-returned',
} as const;

/** Somebody's credit with one lender. */
type Credit = { siteId: number; personId: string; lender: string };

const ownerOf = ({ personId, lender }: Omit<Credit, 'siteId'>): string => `${personId}@${lender}`;

/** What a person has to spend on months of a lender. Fen. */
export async function creditOf({ db, site }: Context, personId: string, lender: string): Promise<number> {
  return (await creditsOf({ db, site }, personId, [lender])).get(lender) ?? 0;
}

/** The same for some lenders; those without any are missing. */
export async function creditsOf(
  { db, site }: Pick<Context, 'db' | 'site'>,
  personId: string,
  lenders: readonly string[],
): Promise<Map<string, number>> {
  const balances = await balancesOf(
    db,
    site.id,
    'parking-credit',
    lenders.map((lender) => ownerOf({ personId, lender })),
  );
  return new Map(
    lenders.flatMap((lender) => {
      const balance = balances.get(ownerOf({ personId, lender })) ?? 0;
      return balance > 0 ? [[lender, balance]] : [];
    }),
  );
}

/** What some people have to spend on months of one lender; those without any are missing. Fen. */
export async function creditsOfPeople(
  { db, site }: Pick<Context, 'db' | 'site'>,
  personIds: readonly string[],
  lender: string,
): Promise<Map<string, number>> {
  const owners = new Map(personIds.map((personId) => [ownerOf({ personId, lender }), personId]));
  const balances = await balancesOf(db, site.id, 'parking-credit', [...owners.keys()]);
  return new Map([...balances].map(([owner, balanceFen]) => [owners.get(owner) ?? '', balanceFen]));
}

/** Credits a holder for nights of a booking that they gave back, in the transaction that gave them back. */
export async function creditNights(
  tx: Db,
  credit: Credit,
  { bookingId, amountFen, at }: { bookingId: string; amountFen: number; at: Instant },
): Promise<void> {
  if (amountFen === 0) return;
  await move(tx, credit, { amountFen, reason: reasons.released, bookingId, at });
}

type Movement = { amountFen: number; reason: string; bookingId: string; at: Instant };

/** Brings fen from a lender to somebody's credit, or back if it is negative. */
async function move(tx: Db, credit: Credit, { amountFen, reason, bookingId, at }: Movement): Promise<void> {
  const { own, provider } = await lockBoth(tx, credit);
  const entries = [
    { accountId: own.id, amountFen },
    { accountId: provider.id, amountFen: -amountFen },
  ];
  await postTransfer(tx, { siteId: credit.siteId, at, reason, bookingId, entries });
}

/** The person's account first, everywhere. */
async function lockBoth(tx: Db, credit: Credit) {
  const own = await lockAccount(tx, credit.siteId, { kind: 'parking-credit', owner: ownerOf(credit), floorFen: 0 });
  const provider = await lockAccount(tx, credit.siteId, {
    kind: 'parking-provider',
    owner: credit.lender,
    floorFen: null,
  });
  return { own, provider };
}

type MonthBooking = { id: string; personId: string; state: BookingState; details: StayDetails };

/**
 * Brings the ledger in line with a month that is paid by credit: takes what was promised when it was booked, once, as far as it is still
 * there; gives it back when the booking has ended otherwise. What it comes to follows from the rows alone, so that it may be called at any
 * time, by many at once, and again after a crash.
 */
async function settleWithin(tx: Db, context: Context, bookingId: string): Promise<void> {
  const siteId = context.site.id;
  const [booking] = await tx.query<MonthBooking>(
    `SELECT id, person_id AS "personId", state, details FROM booking WHERE site_id = $1 AND id = $2 FOR UPDATE`,
    [siteId, bookingId],
  );
  const promised = booking?.details.creditFen ?? 0;
  const lot = context.catalogue.get(booking?.details.resourceId ?? '');
  if (!booking || !lot || promised === 0) return;
  const credit: Credit = { siteId, personId: booking.personId, lender: lot.organisationId };
  const { own } = await lockBoth(tx, credit);
  const taken = -(await movedFor(tx, siteId, {
    bookingId,
    accountId: own.id,
    reasons: [reasons.spent, reasons.returned],
  }));
  const isHeld = booking.state !== 'held' && holdingStates.includes(booking.state);
  const missing = (isHeld ? promised : 0) - taken;
  const at = context.now;
  if (missing < 0) await move(tx, credit, { amountFen: -missing, reason: reasons.returned, bookingId, at });
  if (missing <= 0) return;
  const amount = Math.min(missing, own.balanceFen);
  if (amount > 0) await move(tx, credit, { amountFen: -amount, reason: reasons.spent, bookingId, at });
  if (amount < missing) {
    await tx.query(
      `UPDATE booking SET details = details || jsonb_build_object('creditFen', $3::int8) WHERE site_id = $1 AND id = $2`,
      [siteId, bookingId, taken + amount],
    );
  }
}

/** Settles some bookings, each in a transaction of its own. */
export async function settleCredit(context: Context, bookingIds: readonly string[]): Promise<void> {
  for (const id of bookingIds) await transactionWithRetry(context.db, (tx) => settleWithin(tx, context, id));
}

const batch = 200;

/**
 * Settles what is not settled yet: offers that were accepted, months that were drawn or had to give way, what a crash left behind. A month
 * that is long over cannot change any more and is not looked at. Index: booking_of_parking_month.
 */
export async function settleOpenCredit(context: Context): Promise<void> {
  const lots = [...context.catalogue.values()].filter(({ kind }) => kind === 'parking').map(({ id }) => id);
  const open = await context.db.query<{ id: string }>(
    `SELECT id FROM (
       SELECT b.id, CASE WHEN b.state = ANY($3::text[]) THEN (b.details->>'creditFen')::int8 ELSE 0 END AS promised,
         (SELECT coalesce(-sum(e.amount_fen), 0) FROM transfer t
          JOIN transfer_entry e ON e.site_id = t.site_id AND e.transfer_id = t.id
          JOIN account a ON a.site_id = e.site_id AND a.id = e.account_id AND a.kind = 'parking-credit'
          WHERE t.site_id = b.site_id AND t.booking_id = b.id AND t.reason = ANY($4::text[])) AS taken
       FROM booking b
       WHERE b.site_id = $1 AND b.kind = 'parking' AND b.details->>'month' IS NOT NULL
         AND b.details->>'resourceId' = ANY($2::text[]) AND b.details->>'month' >= $5
         AND (b.details->>'creditFen')::int8 > 0) AS months
     WHERE promised <> taken LIMIT ${batch}`,
    [
      context.site.id,
      lots,
      holdingStates.filter((state) => state !== 'held'),
      [reasons.spent, reasons.returned],
      monthBefore(monthOf(dateOf(context.now, context.site.timeZone))),
    ],
  );
  await settleCredit(
    context,
    open.map(({ id }) => id),
  );
}

/**
 * What a cancelled month comes to: credit that it was paid by comes back; credit for nights of it that were given back before it began goes
 * back, since nothing is paid for it then. In the transaction that cancels it.
 * @returns the rule that is in the way: that credit is spent already. Then nothing of the transaction may stand.
 */
export async function creditOfCancelled(
  tx: Db,
  context: Context,
  { id: bookingId }: { id: string },
): Promise<'credit-spent' | null> {
  // Nights may have been given back while the cancellation waited for its slots: read anew, now that nobody else can change it.
  const [booking] = await tx.query<{ personId: string; cancelUntil: Instant; details: StayDetails }>(
    `SELECT person_id AS "personId", cancel_until AS "cancelUntil", details FROM booking WHERE site_id = $1 AND id = $2 FOR UPDATE`,
    [context.site.id, bookingId],
  );
  const lot = context.catalogue.get(booking?.details.resourceId ?? '');
  if (!booking || !lot || booking.details.month === null) return null;
  const { personId, cancelUntil, details } = booking;
  await settleWithin(tx, context, bookingId);
  if ((details.releasedNights ?? []).length === 0 || context.now >= cancelUntil) return null;
  const credit: Credit = { siteId: context.site.id, personId, lender: lot.organisationId };
  const { own } = await lockBoth(tx, credit);
  const earned = await movedFor(tx, context.site.id, {
    bookingId,
    accountId: own.id,
    reasons: [reasons.released, reasons.reclaimed],
  });
  if (earned > own.balanceFen) return 'credit-spent';
  if (earned > 0) await move(tx, credit, { amountFen: -earned, reason: reasons.reclaimed, bookingId, at: context.now });
  return null;
}
