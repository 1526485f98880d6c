import type { Db } from '../../db/db.ts';
import type { Instant, IsoDate } from '../calendar/time.ts';
import type { Alternatives, HeldAlternative } from './alternatives.ts';
import type { Draw } from './pool.ts';
import { withoutTerms } from './drafts.ts';
import { slotsWantedBy, type Wish } from './queue-rows.ts';
import { toTimestamp } from './sql-values.ts';
import type { BookingState, Claim, Line } from './types.ts';

/** A live booking of a slot that has to give units back. */
export type BookingInTheWay = {
  id: string;
  kind: string;
  personId: string;
  state: Extract<BookingState, 'held' | 'confirmed'>;
  createdAt: Instant;
  startsAt: Instant;
  endsAt: Instant;
  serviceDate: IsoDate;
  details: unknown;
  lines: Line[];
  /** The place in the queue that it was offered to, with what is waited for there. */
  entryId: number | null;
  wish: Wish | null;
};

/** Bookings and offers that hold units of some slots and have not been used. Indexes: booking_line_by_slot, the primary key of booking. */
export function bookingsInTheWay(
  tx: Db,
  siteId: number,
  slotIds: readonly number[],
  limit: number,
): Promise<BookingInTheWay[]> {
  return tx.query<BookingInTheWay>(
    `SELECT b.id, b.kind, b.person_id AS "personId", b.state, b.created_at AS "createdAt", b.starts_at AS "startsAt",
       b.ends_at AS "endsAt", b.service_date AS "serviceDate", b.details, e.id AS "entryId", e.wish,
       (SELECT jsonb_agg(jsonb_build_object('slotId', l.slot_id, 'units', l.units)) FROM booking_line l
        WHERE l.site_id = b.site_id AND l.booking_id = b.id) AS lines
     FROM booking b
     LEFT JOIN waitlist_entry e ON e.site_id = b.site_id AND e.offer_booking_id = b.id AND e.state = 'offered'
     WHERE b.site_id = $1 AND b.state IN ('held', 'confirmed')
       AND b.id = ANY(ARRAY(SELECT booking_id FROM booking_line WHERE site_id = $1 AND slot_id = ANY($2::bigint[])))
     ORDER BY b.id LIMIT $3`,
    [siteId, slotIds, limit],
  );
}

/** Locks the offers of some slots, so that none is accepted meanwhile. Only under the slots' locks. Index: waitlist_entry_by_offer. */
export async function lockOffersOf(tx: Db, siteId: number, slotIds: readonly number[]): Promise<void> {
  await tx.query(
    `SELECT id FROM waitlist_entry WHERE site_id = $1 AND state = 'offered'
       AND offer_booking_id = ANY(ARRAY(SELECT booking_id FROM booking_line WHERE site_id = $1 AND slot_id = ANY($2::bigint[])))
     ORDER BY id FOR UPDATE`,
    [siteId, slotIds],
  );
}

/** What some bookings hold beside their units, to be given back with them. */
export type Holdings = { claims: Claim[]; draws: Draw[] };

/** The claims and draws of some bookings. Indexes: claim_by_booking, the primary key of allotment_draw. */
export async function holdingsOf(
  tx: Db,
  siteId: number,
  bookingIds: readonly string[],
): Promise<Map<string, Holdings>> {
  const [claims, draws] = await Promise.all([
    tx.query<{ bookingId: string; claimantId: string; scope: string; startsAt: Instant; endsAt: Instant }>(
      `SELECT booking_id AS "bookingId", claimant_id AS "claimantId", scope, lower(during) AS "startsAt",
         upper(during) AS "endsAt" FROM claim WHERE site_id = $1 AND booking_id = ANY($2::uuid[])`,
      [siteId, bookingIds],
    ),
    tx.query<Draw & { bookingId: string }>(
      `SELECT booking_id AS "bookingId", slot_id AS "slotId", organisation_id AS "organisationId", units
       FROM allotment_draw WHERE site_id = $1 AND booking_id = ANY($2::uuid[])`,
      [siteId, bookingIds],
    ),
  ]);
  const holdings = new Map(bookingIds.map((id): [string, Holdings] => [id, { claims: [], draws: [] }]));
  for (const { bookingId, startsAt, endsAt, ...claim } of claims) {
    holdings.get(bookingId)?.claims.push({ ...claim, during: { startsAt, endsAt } });
  }
  for (const { bookingId, ...draw } of draws) holdings.get(bookingId)?.draws.push(draw);
  return holdings;
}

/** An alternative that is held for somebody who was displaced. */
export type OfferedInstead = HeldAlternative & {
  /** The hold. */
  bookingId: string;
  personId: string;
  /** The booking that gave way. */
  displacedBookingId: string;
};

/**
 * Writes an offer for each alternative, in these places of the queue that begin with an offer: accepted, declined and lapsed as any other.
 * The holds are there already.
 * @returns the entries' ids by the hold's.
 */
export async function offerInstead(
  tx: Db,
  siteId: number,
  offers: readonly OfferedInstead[],
  at: Instant,
): Promise<Map<string, number>> {
  if (offers.length === 0) return new Map();
  const rows = await tx.query<{ id: number; bookingId: string }>(
    `WITH offered AS (
       INSERT INTO waitlist_entry
         (site_id, person_id, kind, state, created_at, changed_at, closes_at, offer_booking_id, wish)
       SELECT $1, u.person_id, u.kind, 'offered', $2, $2, u.closes_at, u.booking_id, u.wish
       FROM unnest($3::uuid[], $4::text[], $5::timestamptz[], $6::uuid[], $7::jsonb[])
         AS u(person_id, kind, closes_at, booking_id, wish)
       RETURNING id, offer_booking_id)
     , told AS (
       INSERT INTO event (site_id, at, type, facts)
       SELECT $1, $2, 'waitlist.offered', jsonb_build_object('entryId', o.id, 'insteadOf', u.displaced)
       FROM offered o JOIN unnest($6::uuid[], $8::uuid[]) AS u(booking_id, displaced) ON u.booking_id = o.offer_booking_id)
     SELECT id, offer_booking_id AS "bookingId" FROM offered`,
    [
      siteId,
      toTimestamp(at),
      offers.map(({ personId }) => personId),
      offers.map(({ draft }) => draft.kind),
      offers.map(({ closesAt }) => toTimestamp(closesAt)),
      offers.map(({ bookingId }) => bookingId),
      offers.map(({ draft, offerMinutes }) =>
        JSON.stringify({ choices: [[withoutTerms(draft)]], groups: [], offerMinutes } satisfies Wish),
      ),
      offers.map(({ displacedBookingId }) => displacedBookingId),
    ],
  );
  return new Map(rows.map(({ id, bookingId }) => [bookingId, id]));
}

/** Whose offer was withdrawn goes back to their place in the queue. */
export async function returnToQueue(
  tx: Db,
  siteId: number,
  entries: readonly { id: number; wish: Wish }[],
  change: { actorId: string; at: Instant },
): Promise<void> {
  if (entries.length === 0) return;
  const waits = entries.flatMap(({ id, wish }) => slotsWantedBy(wish).map((slotId) => ({ id, slotId })));
  await Promise.all([
    tx.query(
      `WITH returned AS (
         UPDATE waitlist_entry SET state = 'waiting', changed_at = $3, offer_booking_id = NULL
         WHERE site_id = $1 AND id = ANY($2::bigint[]) RETURNING id)
       INSERT INTO event (site_id, at, type, actor_id, facts)
       SELECT $1, $3, 'waitlist.returned', $4, jsonb_build_object('entryId', id) FROM returned`,
      [siteId, entries.map(({ id }) => id), toTimestamp(change.at), change.actorId],
    ),
    tx.query(
      `INSERT INTO waitlist_slot (site_id, slot_id, entry_id)
       SELECT $1, u.slot_id, u.entry_id FROM unnest($2::bigint[], $3::bigint[]) AS u(slot_id, entry_id)`,
      [siteId, waits.map(({ slotId }) => slotId), waits.map(({ id }) => id)],
    ),
  ]);
}

/** The slots of alternatives of all those bookings together. */
export function slotsOfAlternatives(alternatives: Iterable<Alternatives>): number[] {
  const drafts = [...alternatives].flatMap((each) => each.drafts);
  return [...new Set(drafts.flatMap(({ lines }) => lines.map(({ slotId }) => slotId)))];
}
