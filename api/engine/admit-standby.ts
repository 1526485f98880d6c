import { newId } from '../new-id.ts';
import type { Db } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import { claimsOf, unitsOf } from './drafts.ts';
import { writeNotices } from './notices.ts';
import { Pool } from './pool.ts';
import { defaultQueueRules } from './promote.ts';
import { slotsKeptForQueues } from './queue-rows.ts';
import { allotmentsOf, claimsInTheWay } from './read-situation.ts';
import type { BookingDraft, Slot } from './types.ts';
import type { NewBooking } from './booking-statement.ts';
import { writeBookings } from './write-bookings.ts';

/** Somebody who stands by, with what they would book. */
export type Standby = { personId: string; draft: BookingDraft };

/** What is left, and who may have it. */
export type StandbyRequest<Candidate extends Standby> = {
  siteId: number;
  at: Instant;
  /** Every slot of the drafts, locked, as it is now. */
  slots: ReadonlyMap<number, Slot>;
  /** In order of joining. */
  candidates: readonly Candidate[];
  /** Who gets what is free, of those who could take it: the service's rule. Units by slot. */
  choose: (free: ReadonlyMap<number, number>, candidates: readonly Candidate[]) => readonly Candidate[];
};

/**
 * Books what nobody has taken up for those who stand by, at once and for good, in the caller's transaction: also of slots that have closed
 * for everybody else. Those who wait in a queue come first (`promote`), what is kept for them or for groups is left. Who is booked
 * elsewhere at that time is passed over. Each is told (`standby`). @returns who was admitted, with their booking's id.
 */
export async function admitStandby<Candidate extends Standby>(
  tx: Db,
  request: StandbyRequest<Candidate>,
): Promise<{ candidate: Candidate; bookingId: string }[]> {
  const { siteId, at, slots, candidates } = request;
  if (candidates.length === 0) return [];
  const slotIds = [...slots.keys()];
  const [allotments, claims, kept] = await Promise.all([
    allotmentsOf(tx, siteId, slotIds, at),
    claimsInTheWay(tx, siteId, claimsOf(candidates.map(({ draft }) => draft))),
    slotsKeptForQueues(tx, siteId, slotIds, defaultQueueRules.maxBypasses),
  ]);
  const pool = new Pool([], [], claims);
  const able = candidates.filter(({ draft }) => pool.clash(draft.claims) === null);
  const free = freeUnits(slots, allotments, new Set(kept));
  const chosen = able.length === 0 ? [] : request.choose(free, able);
  for (const [slotId, units] of unitsOf(chosen.map(({ draft }) => draft)))
    if (units > (free.get(slotId) ?? 0)) throw new Error(`more was chosen of slot ${slotId} than is free`);
  const admitted = chosen.map((candidate) => ({ candidate, bookingId: newId() }));
  const bookings = admitted.map(({ candidate: { personId, draft }, bookingId }): NewBooking => ({
    id: bookingId,
    personId,
    actorId: null,
    at,
    draft,
    draws: [],
    heldUntil: null,
    bundleId: null,
  }));
  await Promise.all(writeBookings(tx, siteId, bookings));
  await writeNotices(tx, siteId, { kind: 'standby', at }, bookings);
  return admitted;
}

function freeUnits(
  slots: ReadonlyMap<number, Slot>,
  allotments: readonly { slotId: number; units: number; taken: number }[],
  kept: ReadonlySet<number>,
): Map<number, number> {
  const free = new Map<number, number>();
  for (const { id, state, capacity, taken } of slots.values())
    free.set(id, state === 'active' && !kept.has(id) ? capacity - taken : 0);
  for (const { slotId, units, taken } of allotments) free.set(slotId, (free.get(slotId) ?? 0) - (units - taken));
  return free;
}
