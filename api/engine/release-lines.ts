import type { Db } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import { promote, type Offer } from './promote.ts';
import { lockWithQueues, slotsWaitedForBy } from './queue-rows.ts';
import { returnDraws, touchedBy } from './release.ts';
import { toTimestamp } from './sql-values.ts';
import type { BookingDraft, Slot } from './types.ts';
import { insertClaims } from './write-bookings.ts';

/** What a booking comes to with the lines that it keeps. */
export type Reshaped = Pick<
  BookingDraft,
  'claims' | 'startsAt' | 'endsAt' | 'serviceDate' | 'cancelUntil' | 'isProvisional' | 'priceFen' | 'details'
>;

/** Some lines of a booking to give back, and who says so. */
export type LinesRelease = {
  siteId: number;
  bookingId: string;
  slotIds: readonly number[];
  actorId: string;
  at: Instant;
  /** What the service makes of the slots that stay, in order of start, and of the booking as it is; all read under lock. */
  reshape: (kept: readonly Slot[], booking: { details: unknown; priceFen: number }) => Reshaped;
};

export type LinesReleased =
  | { ok: true; released: Slot[]; offers: Offer[]; reshaped: Reshaped }
  /** Not confirmed (any more); not its lines (any more); nothing would stay, which is a cancellation. */
  | { ok: false; problem: 'not-confirmed' | 'not-its-lines' | 'nothing-stays' };

/**
 * Gives some of a confirmed booking's lines back in the caller's transaction, and offers them at once to those who wait: the booking keeps
 * its state and the rest, its claims are made anew, so that its claimant may be elsewhere meanwhile. Each line leaves an event
 * `booking.lines-released` with its slot. A line is given back once, whoever asks at the same time.
 */
export async function releaseLines(tx: Db, request: LinesRelease): Promise<LinesReleased> {
  const { siteId, bookingId, at } = request;
  const { slotIds, personIds } = await touchedBy(tx, siteId, [bookingId]);
  const freed = [...request.slotIds, ...(await slotsWaitedForBy(tx, siteId, personIds))];
  const slots = await lockWithQueues(tx, siteId, [...slotIds, ...freed]);
  const [booking] = await tx.query<{ state: string; details: unknown; priceFen: number }>(
    'SELECT state, details, price_fen AS "priceFen" FROM booking WHERE site_id = $1 AND id = $2 FOR UPDATE',
    [siteId, bookingId],
  );
  if (booking?.state !== 'confirmed') return { ok: false, problem: 'not-confirmed' };
  const held = await linesOf(tx, siteId, bookingId);
  if (request.slotIds.some((slotId) => !held.includes(slotId))) return { ok: false, problem: 'not-its-lines' };
  const slotsOf = (ids: readonly number[]) =>
    ids.flatMap((id) => slots.get(id) ?? []).toSorted((a, b) => a.startsAt - b.startsAt);
  const kept = slotsOf(held.filter((slotId) => !request.slotIds.includes(slotId)));
  if (kept.length === 0) return { ok: false, problem: 'nothing-stays' };
  const reshaped = request.reshape(kept, booking);
  await giveBack(tx, request);
  await reshapeBooking(tx, request, reshaped);
  return { ok: true, released: slotsOf(request.slotIds), offers: await promote(tx, siteId, freed, at), reshaped };
}

async function linesOf(tx: Db, siteId: number, bookingId: string): Promise<number[]> {
  const rows = await tx.query<{ slotId: number }>(
    'SELECT slot_id AS "slotId" FROM booking_line WHERE site_id = $1 AND booking_id = $2',
    [siteId, bookingId],
  );
  return rows.map(({ slotId }) => slotId);
}

/** Lines, units and what they drew from allotments, each with the line's event. */
async function giveBack(tx: Db, { siteId, bookingId, slotIds, actorId, at }: LinesRelease): Promise<void> {
  await tx.query(
    `WITH gone AS (
       DELETE FROM booking_line WHERE site_id = $1 AND booking_id = $2 AND slot_id = ANY($3::bigint[]) RETURNING slot_id, units),
     told AS (
       INSERT INTO event (site_id, at, type, actor_id, booking_id, slot_id, facts)
       SELECT $1, $5, 'booking.lines-released', $4, $2, slot_id, jsonb_build_object('units', units) FROM gone)
     UPDATE slot SET taken = taken - gone.units FROM gone WHERE slot.site_id = $1 AND slot.id = gone.slot_id`,
    [siteId, bookingId, slotIds, actorId, toTimestamp(at)],
  );
  await returnDraws(tx, siteId, [bookingId], slotIds);
}

/** `changed_at` stays: it is the instant of the last change of state. */
async function reshapeBooking(tx: Db, { siteId, bookingId }: LinesRelease, reshaped: Reshaped): Promise<void> {
  await tx.query(
    `UPDATE booking SET starts_at = $3, ends_at = $4, service_date = $5, cancel_until = $6, is_provisional = $7, price_fen = $8,
       details = $9 WHERE site_id = $1 AND id = $2`,
    [
      siteId,
      bookingId,
      toTimestamp(reshaped.startsAt),
      toTimestamp(reshaped.endsAt),
      reshaped.serviceDate,
      toTimestamp(reshaped.cancelUntil),
      reshaped.isProvisional,
      reshaped.priceFen,
      JSON.stringify(reshaped.details),
    ],
  );
  await tx.query('DELETE FROM claim WHERE site_id = $1 AND booking_id = $2', [siteId, bookingId]);
  await insertClaims(tx, siteId, [{ id: bookingId, claims: reshaped.claims }]);
}
