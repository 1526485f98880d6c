import type { Queries } from '../../db/db.ts';
import { nothing, writeAtOnce, type NewBooking, type NewKey, type Writing } from './booking-statement.ts';
import { unitsOf } from './drafts.ts';
import type { Draw } from './pool.ts';
import type { Claim, Line } from './types.ts';

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
  return [
    writeAtOnce(tx, siteId, { ...nothing, ...writingOf(bookings, keys) }),
    drawFromAllotments(tx, siteId, holdings),
  ];
}

/**
 * Writes bookings that draw on no allotments, if all is as it was expected to be when they were decided; else nothing. To be sent right
 * behind `holdSlots`, whose locks it looks under. @returns whether it was so.
 */
export function writeForeseen(
  tx: Queries,
  siteId: number,
  bookings: readonly NewBooking[],
  keys: readonly NewKey[],
  expected: Pick<Writing, 'slots' | 'suspicion'>,
): Promise<boolean> {
  return writeAtOnce(tx, siteId, { ...writingOf(bookings, keys), ...expected });
}

function writingOf(bookings: readonly NewBooking[], keys: readonly NewKey[]) {
  return {
    bookings,
    keys,
    claims: inClaimantOrder(bookings.map(({ id, draft }) => ({ id, claims: draft.claims }))),
    lines: bookings.flatMap(({ id, draft }) => draft.lines.map(({ slotId, units }) => ({ id, slotId, units }))),
    units: unitsOf(bookings.map(({ draft }) => draft)),
  };
}

/** What a booking holds while it is live. */
export type Holding = { id: string; lines: readonly Line[]; claims: readonly Claim[]; draws: readonly Draw[] };

/** Takes the claims, units and allotments of bookings that are live from now on; sends the statements and leaves the waiting to the caller. */
export function takeHoldings(tx: Queries, siteId: number, holdings: readonly Holding[]): Promise<unknown>[] {
  return [
    writeAtOnce(tx, siteId, { ...nothing, claims: inClaimantOrder(holdings), units: unitsOf(holdings) }),
    drawFromAllotments(tx, siteId, holdings),
  ];
}

export async function insertClaims(tx: Queries, siteId: number, holdings: readonly Pick<Holding, 'id' | 'claims'>[]) {
  const claims = inClaimantOrder(holdings);
  if (claims.length > 0) await writeAtOnce(tx, siteId, { ...nothing, claims });
}

/** Claims in claimant order, so that two transactions that meet while they write them wait in one direction only. */
function inClaimantOrder(holdings: readonly Pick<Holding, 'id' | 'claims'>[]) {
  return holdings
    .flatMap(({ id, claims }) => claims.map((claim) => ({ id, ...claim })))
    .toSorted((a, b) => (a.claimantId < b.claimantId ? -1 : a.claimantId > b.claimantId ? 1 : 0));
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
