import { transactionWithRetry } from '../../../../db/db.ts';
import { dateOf, minutesBefore, type Instant, type IsoDate } from '../../../calendar/time.ts';
import { admitStandby } from '../../../engine/admit-standby.ts';
import { slotsOfResources } from '../../../engine/find-slots.ts';
import { promote } from '../../../engine/promote.ts';
import { lockWithQueues } from '../../../engine/queue-rows.ts';
import { lockSlots } from '../../../engine/slot-rows.ts';
import type { BookingDraft, Slot } from '../../../engine/types.ts';
import { nextYield, yieldingNow, yieldUnits } from '../../../engine/yield-units.ts';
import type { Context, Resource } from '../../service.ts';
import { rideOn, type RideDetails } from '../draft-seats.ts';
import { runAround } from '../run-rules.ts';
import type { Ride } from './best-fill.ts';
import { chooseRiders } from './choose-riders.ts';
import { lapsePassed, lockWaiting, noteAdmitted, type StandbyRow } from './standby-rows.ts';

/** What came of a release: whose seats went to others, and who got one. */
export type Released = { yielded: string[]; admitted: { standbyId: number; bookingId: string }[] };

const nothing: Released = { yielded: [], admitted: [] };

/** When the seats of those who board at a leg's first stop go to others; null where nobody stands by. */
export function releaseAt(run: Resource, leg: Pick<Slot, 'serviceDate' | 'startsAt'>): Instant | null {
  const rule = runAround(run, leg.serviceDate).times.standby;
  return rule ? minutesBefore(leg.startsAt, rule.yieldsMinutesBefore) : null;
}

/** Whether the bus is about to leave a leg's first stop: the moment to give way has come, and it is still there. */
function isLeavingAt(run: Resource, leg: Slot, now: Instant): boolean {
  const at = releaseAt(run, leg);
  return at !== null && at <= now && now < leg.startsAt;
}

/**
 * Gives seats of riders who were not scanned two minutes before their stop (a setting of the run's schedule) to those who stand by, from
 * that stop on. Idempotent, and safe from many processes at once; nothing is locked when nothing is due.
 */
export async function releaseUnscanned(context: Context, runId: string, date: IsoDate): Promise<Released> {
  const run = context.catalogue.get(runId);
  if (run?.kind !== 'shuttle') return nothing;
  const legs = await slotsOfResources(context.db, context.site.id, [runId], [date]);
  if (!legs.some((leg) => isLeavingAt(run, leg, context.now))) return nothing;
  return transactionWithRetry(context.db, async (tx) => {
    const within = { ...context, db: tx };
    await lockRun(within, legs);
    return releaseLocked(within, run, date);
  });
}

/** Locks the slots of a run's day and all that can matter for their queues, in the one order. `context.db` is the transaction. */
export async function lockRun({ db: tx, site }: Context, legs: readonly Slot[]): Promise<void> {
  const ids = legs.map(({ id }) => id);
  await lockWithQueues(tx, site.id, ids);
}

/** The same in the caller's transaction, which holds the run's locks (`lockRun`). */
export async function releaseLocked(context: Context, run: Resource, date: IsoDate): Promise<Released> {
  const { db: tx, site, now } = context;
  const legs = await slotsOfResources(tx, site.id, [run.id], [date]);
  const ids = legs.map(({ id }) => id);
  const waiting = await lockWaiting(tx, site.id, [{ runId: run.id, date }]);
  const yielded = await yieldUnits(tx, { siteId: site.id, slotIds: ids, at: now, keeps: keepsTheirs });
  await promote(tx, site.id, yielded.slotIds, now);
  const candidates = waiting.flatMap((row) => candidateOf(context, run, legs, row));
  const admitted = await admitStandby(tx, {
    siteId: site.id,
    at: now,
    slots: await lockSlots(tx, site.id, ids),
    candidates,
    choose: (free, able) =>
      chooseRiders(
        legs.map(({ id }) => free.get(id) ?? 0),
        able,
        (leg) => legs[leg] !== undefined && isLeavingAt(run, legs[leg], now),
      ),
  });
  const seated = admitted.map(({ candidate, bookingId }) => ({ id: candidate.standbyId, bookingId }));
  await noteAdmitted(tx, site.id, seated, now);
  return { yielded: yielded.bookingIds, admitted: seated.map(({ id, bookingId }) => ({ standbyId: id, bookingId })) };
}

/** Seats of somebody with accessible needs are never given to somebody else (domain.md). */
function keepsTheirs(details: unknown): boolean {
  const { isAccessible, wheelchair } = details as RideDetails;
  return isAccessible === true || wheelchair === true;
}

type Candidate = Ride & { standbyId: number; personId: string; draft: BookingDraft };

/** Nothing when the run does not go that way any more. */
function candidateOf(context: Context, run: Resource, legs: readonly Slot[], row: StandbyRow): Candidate[] {
  const { boardStopId, alightStopId, seats } = row;
  const wish = { boardStopId, alightStopId, seats, isAccessible: false, wheelchair: false };
  const draft = rideOn(context, run, legs, row.personId, wish);
  if (typeof draft === 'string') return [];
  const from = legs.findIndex(({ id }) => id === draft.lines[0]?.slotId);
  return [{ from, to: from + draft.lines.length, seats, standbyId: row.id, personId: row.personId, draft }];
}

/** Releases what is due on every run, and ends the waiting of those whose bus has left. */
export async function releaseDue(context: Context): Promise<void> {
  const { db, site, now } = context;
  const runs = await yieldingNow(db, site.id, now);
  for (const { resourceId, serviceDate } of runs) await releaseUnscanned(context, resourceId, serviceDate);
  await lapsePassed(db, site.id, now, dateOf(now, site.timeZone));
}

/** The next moment at which something is due; null when none is known. */
export const nextRelease = ({ db, site, now }: Context): Promise<Instant | null> => nextYield(db, site.id, now);
