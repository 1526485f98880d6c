import type { Queries } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import { unitsOf } from './drafts.ts';
import type { Draw } from './pool.ts';
import { toRange, toTimestamp } from './sql-values.ts';
import type { BookingDraft, Claim, Line } from './types.ts';

/** A booking that has been decided on and is to be written. */
export type NewBooking = {
  id: string;
  personId: string;
  /** Empty when the service itself acts, e.g. for an offer to a queue's head. */
  actorId: string | null;
  at: Instant;
  draft: BookingDraft;
  /** What it takes from allotments. */
  draws: readonly Draw[];
  /** When it lapses unless it is confirmed; null for one that is confirmed now. */
  heldUntil: Instant | null;
  bundleId: string | null;
};

/** The answer to a request with a retry key, which is written down with it. */
export type NewKey = {
  key: string;
  request: string;
  at: Instant;
  /** The first of the bookings that came of it, or the place in the queue. */
  bookingId: string | null;
  entryId: number | null;
};

/**
 * Writes bookings with their events, lines and claims, and takes their units, set-wise: sends the statements together, to be carried out in
 * this order, and leaves it to the caller to wait for them. The slots are locked already; the constraints are the last word all the same.
 */
export function writeBookings(
  tx: Queries,
  siteId: number,
  bookings: readonly NewBooking[],
  keys: readonly NewKey[] = [],
): Promise<unknown>[] {
  if (bookings.length === 0 && keys.length === 0) return [];
  const holdings = bookings.map(({ id, draft: { lines, claims }, draws }) => ({ id, lines, claims, draws }));
  return [writeAtOnce(tx, siteId, bookings, holdings, keys), drawFromAllotments(tx, siteId, holdings)];
}

/** One statement: what a statement costs by itself, whatever it writes, was a third of a batch's time in the database. */
function writeAtOnce(
  tx: Queries,
  siteId: number,
  bookings: readonly NewBooking[],
  holdings: readonly Holding[],
  keys: readonly NewKey[],
) {
  const lines = bookings.flatMap(({ id, draft }) => draft.lines.map((line) => ({ id, ...line })));
  const claims = inClaimantOrder(holdings);
  const units = unitsOf(holdings);
  return tx.query(
    `WITH claimed AS (
       INSERT INTO claim (site_id, booking_id, claimant_id, scope, during)
       SELECT $1, u.* FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::tstzrange[]) AS u)
     , made AS (
       INSERT INTO booking (site_id, id, kind, person_id, state, created_at, changed_at, expires_at, starts_at, ends_at,
         service_date, cancel_until, price_fen, is_provisional, bundle_id, details)
       SELECT $1, u.id, u.kind, u.person_id, CASE WHEN u.expires_at IS NULL THEN 'confirmed' ELSE 'held' END, u.at, u.at,
         u.expires_at, u.starts_at, u.ends_at, u.service_date, u.cancel_until, u.price_fen, u.is_provisional, u.bundle_id,
         u.details
       FROM unnest($6::uuid[], $7::text[], $8::uuid[], $9::timestamptz[], $10::timestamptz[], $11::timestamptz[],
         $12::timestamptz[], $13::date[], $14::timestamptz[], $15::int[], $16::boolean[], $17::uuid[], $18::jsonb[])
         AS u(id, kind, person_id, at, expires_at, starts_at, ends_at, service_date, cancel_until, price_fen,
           is_provisional, bundle_id, details))
     , told AS (
       INSERT INTO event (site_id, at, type, actor_id, booking_id)
       SELECT $1, e.at, CASE WHEN e.expires_at IS NULL THEN 'booking.confirmed' ELSE 'booking.held' END, e.actor_id, e.id
       FROM unnest($6::uuid[], $9::timestamptz[], $10::timestamptz[], $19::uuid[]) AS e(id, at, expires_at, actor_id))
     , lined AS (
       INSERT INTO booking_line (site_id, booking_id, slot_id, units)
       SELECT $1, u.* FROM unnest($20::uuid[], $21::bigint[], $22::int[]) AS u)
     , answered AS (
       INSERT INTO idempotency_key (site_id, key, request, created_at, booking_id, answer)
       SELECT $1, u.* FROM unnest($23::uuid[], $24::uuid[], $25::timestamptz[], $26::uuid[], $27::jsonb[]) AS u)
     UPDATE slot SET taken = taken + u.units
     FROM unnest($28::bigint[], $29::int[]) AS u(id, units) WHERE slot.site_id = $1 AND slot.id = u.id`,
    [
      siteId,
      claims.map(({ id }) => id),
      claims.map(({ claimantId }) => claimantId),
      claims.map(({ scope }) => scope),
      claims.map(({ during }) => toRange(during)),
      bookings.map(({ id }) => id),
      bookings.map(({ draft }) => draft.kind),
      bookings.map(({ personId }) => personId),
      bookings.map(({ at }) => toTimestamp(at)),
      bookings.map(({ heldUntil }) => (heldUntil === null ? null : toTimestamp(heldUntil))),
      bookings.map(({ draft }) => toTimestamp(draft.startsAt)),
      bookings.map(({ draft }) => toTimestamp(draft.endsAt)),
      bookings.map(({ draft }) => draft.serviceDate),
      bookings.map(({ draft }) => toTimestamp(draft.cancelUntil)),
      bookings.map(({ draft }) => draft.priceFen),
      bookings.map(({ draft }) => draft.isProvisional),
      bookings.map(({ bundleId }) => bundleId),
      bookings.map(({ draft }) => JSON.stringify(draft.details)),
      bookings.map(({ actorId }) => actorId),
      lines.map(({ id }) => id),
      lines.map(({ slotId }) => slotId),
      lines.map((line) => line.units),
      keys.map(({ key }) => key),
      keys.map(({ request }) => request),
      keys.map(({ at }) => toTimestamp(at)),
      keys.map(({ bookingId }) => bookingId),
      keys.map(({ entryId }) => (entryId === null ? null : JSON.stringify({ entryId }))),
      [...units.keys()],
      [...units.values()],
    ],
  );
}

/** What a booking holds while it is live. */
export type Holding = { id: string; lines: readonly Line[]; claims: readonly Claim[]; draws: readonly Draw[] };

/** Takes the claims, units and allotments of bookings that are live from now on; sends the statements and leaves the waiting to the caller. */
export function takeHoldings(tx: Queries, siteId: number, holdings: readonly Holding[]): Promise<unknown>[] {
  return [
    insertClaims(tx, siteId, holdings),
    takeUnits(tx, siteId, holdings),
    drawFromAllotments(tx, siteId, holdings),
  ];
}

/** Claims in claimant order, so that two transactions that meet while they write them wait in one direction only. */
function inClaimantOrder(holdings: readonly Pick<Holding, 'id' | 'claims'>[]) {
  return holdings
    .flatMap(({ id, claims }) => claims.map((claim) => ({ id, ...claim })))
    .toSorted((a, b) => (a.claimantId < b.claimantId ? -1 : a.claimantId > b.claimantId ? 1 : 0));
}

export async function insertClaims(tx: Queries, siteId: number, holdings: readonly Pick<Holding, 'id' | 'claims'>[]) {
  const claims = inClaimantOrder(holdings);
  if (claims.length === 0) return;
  await tx.query(
    `INSERT INTO claim (site_id, booking_id, claimant_id, scope, during)
     SELECT $1, u.booking_id, u.claimant_id, u.scope, u.during
     FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::tstzrange[]) AS u(booking_id, claimant_id, scope, during)`,
    [
      siteId,
      claims.map(({ id }) => id),
      claims.map(({ claimantId }) => claimantId),
      claims.map(({ scope }) => scope),
      claims.map(({ during }) => toRange(during)),
    ],
  );
}

function takeUnits(tx: Queries, siteId: number, holdings: readonly Holding[]) {
  const units = unitsOf(holdings);
  return tx.query(
    `UPDATE slot SET taken = taken + u.units
     FROM unnest($2::bigint[], $3::int[]) AS u(id, units) WHERE slot.site_id = $1 AND slot.id = u.id`,
    [siteId, [...units.keys()], [...units.values()]],
  );
}

async function drawFromAllotments(tx: Queries, siteId: number, holdings: readonly Holding[]) {
  const draws = holdings.flatMap(({ id, draws: own }) => own.map((draw) => ({ id, ...draw })));
  if (draws.length === 0) return;
  await tx.query(
    `WITH drawn AS (
       INSERT INTO allotment_draw (site_id, booking_id, slot_id, organisation_id, units)
       SELECT $1, u.* FROM unnest($2::uuid[], $3::bigint[], $4::text[], $5::int[]) AS u
       RETURNING slot_id, organisation_id, units)
     UPDATE allotment SET taken = taken + u.units
     FROM (SELECT slot_id, organisation_id, sum(units) AS units FROM drawn GROUP BY 1, 2) AS u
     WHERE allotment.site_id = $1 AND allotment.slot_id = u.slot_id AND allotment.organisation_id = u.organisation_id`,
    [
      siteId,
      draws.map(({ id }) => id),
      draws.map(({ slotId }) => slotId),
      draws.map(({ organisationId }) => organisationId),
      draws.map(({ units }) => units),
    ],
  );
}
