import { claimsInTheWay } from '../../../engine/read-situation.ts';
import { slotsOfResources } from '../../../engine/find-slots.ts';
import { once, type Once } from '../../../engine/once.ts';
import type { Idempotency, Slot } from '../../../engine/types.ts';
import type { Caller } from '../../../people/caller.ts';
import { notFound, parseRowId, refuse } from '../../drafting.ts';
import type { Context, WishRefusal } from '../../service.ts';
import { rideOn } from '../draft-seats.ts';
import { legsBetween, runAround } from '../run-rules.ts';
import { lockRun, releaseLocked } from './release-unscanned.ts';
import type { StandbyRequest } from './standby-schemas.ts';
import { joinLine, leaveLine } from './standby-rows.ts';

export type Joined = { ok: true; id: number } | WishRefusal;

/**
 * Stands by for a ride: once a seat is not to be had any more, since the run is full or booking from that stop has closed, and until the
 * bus leaves it. Who joins in the last minutes gets a free seat at once.
 */
export function joinStandby(
  context: Context,
  caller: Caller,
  request: StandbyRequest,
  idempotency: Idempotency | null,
): Promise<Once<Joined>> {
  const { db, site, now } = context;
  return once<Joined>(
    db,
    { siteId: site.id, at: now, idempotency },
    (tx) => joinWithin({ ...context, db: tx }, caller.personId, request),
    ({ ok }) => ok,
  );
}

/** `context.db` is the transaction. */
async function joinWithin(context: Context, personId: string, request: StandbyRequest): Promise<Joined> {
  const { db: tx, site, now } = context;
  const { runId, serviceDate, boardStopId, alightStopId, seats } = request;
  const run = context.catalogue.get(runId);
  if (run?.kind !== 'shuttle') return notFound;
  if (!runAround(run, serviceDate).times.standby) return refuse('no-standby');
  const legs = await slotsOfResources(tx, site.id, [runId], [serviceDate]);
  await lockRun(context, legs);
  const fresh = await slotsOfResources(tx, site.id, [runId], [serviceDate]);
  const way = legsBetween(fresh, boardStopId, alightStopId);
  if (fresh.length === 0) return refuse('not-running');
  if (typeof way === 'string') return refuse(way);
  const rule = mayNotJoin(way, seats, now);
  if (rule !== null) return refuse(rule);
  const wish = { boardStopId, alightStopId, seats, isAccessible: false, wheelchair: false };
  const draft = rideOn(context, run, fresh, personId, wish);
  if (typeof draft === 'string') return refuse(draft);
  if ((await claimsInTheWay(tx, site.id, draft.claims)).length > 0) return refuse('standby-own-ride');
  const id = await joinLine(tx, site.id, { personId, runId, serviceDate, boardStopId, alightStopId, seats }, now);
  if (id === null) return refuse('standby-joined');
  await releaseLocked(context, run, serviceDate);
  return { ok: true, id };
}

/** The rule against standing by for some legs; null when one may. */
function mayNotJoin(way: readonly Slot[], seats: number, now: number): string | null {
  const [first] = way;
  if (!first || way.some(({ state }) => state === 'closed')) return 'not-running';
  if (now >= first.startsAt) return 'standby-departed';
  if (now < first.opensAt) return 'standby-too-early';
  const isClosed = way.some(({ closesAt }) => now >= closesAt);
  const isFull = way.some(({ capacity, taken }) => capacity - taken < seats);
  return isClosed || isFull ? null : 'standby-not-needed';
}

/** Leaves the line, while one still stands in it. */
export async function leaveStandby(
  { db, site, now }: Context,
  caller: Caller,
  id: string,
): Promise<{ ok: true } | WishRefusal> {
  const rowId = parseRowId(id);
  if (rowId === null) return notFound;
  const before = await db.transaction((tx) => leaveLine(tx, site.id, { id: rowId, personId: caller.personId }, now));
  if (before === null) return notFound;
  return before === 'admitted' ? refuse('standby-admitted') : { ok: true };
}
