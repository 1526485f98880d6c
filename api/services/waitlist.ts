import type { Db } from '../../db/db.ts';
import type { waitlistStates } from '../../db/schema/index.ts';
import type { Instant } from '../calendar/time.ts';
import { acceptOffer, declineOffer, type OfferOutcome } from '../engine/answer-offer.ts';
import { once, type Once } from '../engine/once.ts';
import type { BookingDraft, Idempotency } from '../engine/types.ts';
import type { Caller } from '../people/caller.ts';
import { bookingsById, type KeptBooking } from './bookings.ts';
import { serviceOfKind } from './registry.ts';
import type { Context, WishRefusal } from './service.ts';

/** Somebody's place in the queue, as it is kept. */
export type KeptEntry = {
  id: number;
  kind: string;
  state: (typeof waitlistStates)[number];
  createdAt: Instant;
  closesAt: Instant;
  /** 1 is next; null for one that waits no more. */
  position: number | null;
  /** What it waits for: the first choice. */
  drafts: BookingDraft[];
  /** What is held for it, or came of it. */
  booking: KeptBooking | null;
  offerExpiresAt: Instant | null;
};

type EntryRow = Omit<KeptEntry, 'booking' | 'drafts'> & { drafts: BookingDraft[]; offerBookingId: string | null };

const columns = `e.id, e.kind, e.state, e.created_at AS "createdAt", e.closes_at AS "closesAt",
  e.wish->'choices'->0 AS drafts, e.offer_booking_id AS "offerBookingId", b.expires_at AS "offerExpiresAt",
  (SELECT max(ahead.place)::int FROM waitlist_slot mine, LATERAL (
     SELECT count(*) AS place FROM waitlist_slot other
     WHERE other.site_id = mine.site_id AND other.slot_id = mine.slot_id AND other.entry_id <= mine.entry_id) AS ahead
   WHERE mine.site_id = e.site_id AND mine.entry_id = e.id) AS position`;
const source = `waitlist_entry e LEFT JOIN booking b ON b.site_id = e.site_id AND b.id = e.offer_booking_id`;

/** One page of a person's entries, latest first. Index: waitlist_entry_by_person. */
export async function entriesOf(
  db: Db,
  siteId: number,
  personId: string,
  page: { state: string | null; before: number | null; limit: number },
): Promise<KeptEntry[]> {
  const rows = await db.query<EntryRow>(
    `SELECT ${columns} FROM ${source}
     WHERE e.site_id = $1 AND e.person_id = $2 AND ($3::text IS NULL OR e.state = $3)
       AND ($4::bigint IS NULL OR e.id < $4) ORDER BY e.id DESC LIMIT $5`,
    [siteId, personId, page.state, page.before, page.limit],
  );
  return withBookings(db, siteId, rows);
}

/** One entry of a person's; null when there is none, or it is somebody else's. */
export async function entryOf(db: Db, siteId: number, personId: string, entryId: number): Promise<KeptEntry | null> {
  const rows = await db.query<EntryRow>(
    `SELECT ${columns} FROM ${source} WHERE e.site_id = $1 AND e.id = $3 AND e.person_id = $2`,
    [siteId, personId, entryId],
  );
  const [entry] = await withBookings(db, siteId, rows);
  return entry ?? null;
}

async function withBookings(db: Db, siteId: number, rows: readonly EntryRow[]): Promise<KeptEntry[]> {
  const ids = rows.flatMap(({ offerBookingId }) => offerBookingId ?? []);
  const bookings = ids.length > 0 ? await bookingsById(db, siteId, ids) : [];
  return rows.map(({ offerBookingId, ...entry }) => ({
    ...entry,
    booking: bookings.find(({ id }) => id === offerBookingId) ?? null,
  }));
}

/** Accepts or declines an offer, or leaves the queue; once per retry key. A rule of the service may not let it be accepted. */
export async function answerOffer(
  context: Context,
  caller: Caller,
  entryId: number,
  answer: 'accept' | 'decline',
  idempotency: Idempotency | null,
): Promise<Once<OfferOutcome> | WishRefusal> {
  const { db, site, now } = context;
  const refusal = answer === 'accept' ? await mayNotAccept(context, caller, entryId) : null;
  if (refusal) return refusal;
  const call = { siteId: site.id, personId: caller.personId, entryId, at: now };
  const work = answer === 'accept' ? acceptOffer : declineOffer;
  return once<OfferOutcome>(
    db,
    { siteId: site.id, at: now, idempotency },
    (tx) => work(tx, call),
    ({ ok }) => ok,
  );
}

async function mayNotAccept(context: Context, { personId }: Caller, entryId: number): Promise<WishRefusal | null> {
  const entry = await entryOf(context.db, context.site.id, personId, entryId);
  if (entry?.state !== 'offered' || entry.booking === null) return null;
  return (await serviceOfKind(entry.kind)?.mayNotTake?.(context, personId, entry.booking)) ?? null;
}
