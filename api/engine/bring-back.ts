import type { Db } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import type { ChangeReceipt } from './capacity-change-rows.ts';
import { leaveQueue } from './queue-rows.ts';
import { allotmentsOf, claimsInTheWay } from './read-situation.ts';
import { release } from './release.ts';
import { decideRestored, type RestoreDecision } from './restore.ts';
import { restorablesOf } from './restored-rows.ts';
import type { ChangeStamp } from './slot-targets.ts';
import type { Slot } from './types.ts';

/**
 * Decides which of those who gave way to a change have their bookings again now that it is taken back, in this order. `slots` are all that
 * this touches, locked, as they shall be.
 */
export async function decideWhoReturns(
  tx: Db,
  { siteId, at }: { siteId: number; at: Instant },
  lost: ChangeReceipt['displaced'],
  slots: ReadonlyMap<number, Slot>,
): Promise<RestoreDecision> {
  if (lost.length === 0) return { restored: [], notRestored: [] };
  const bookings = await restorablesOf(tx, siteId, lost);
  const slotIds = [...new Set(bookings.flatMap(({ lines }) => lines.map(({ slotId }) => slotId)))];
  const [allotments, claims] = await Promise.all([
    allotmentsOf(tx, siteId, slotIds, at),
    claimsInTheWay(
      tx,
      siteId,
      bookings.flatMap((booking) => booking.claims),
    ),
  ]);
  return decideRestored(bookings, { slots, allotments, claims, at });
}

/** Gives up what is held instead for those who have their bookings again. */
export async function giveUpAlternatives(
  tx: Db,
  { siteId, actorId, at }: ChangeStamp,
  { restored }: RestoreDecision,
): Promise<void> {
  const givenUp = restored.flatMap(({ booking: { alternative } }) => (alternative ? [alternative] : []));
  const holds = givenUp.flatMap(({ bookingId }) => bookingId ?? []);
  await release(tx, { siteId, bookingIds: holds, actorId, at, to: 'cancelled' });
  await leaveQueue(
    tx,
    siteId,
    givenUp.map(({ entryId }) => ({ id: entryId, bookingId: null })),
    { to: 'withdrawn', actorId, at },
  );
}
