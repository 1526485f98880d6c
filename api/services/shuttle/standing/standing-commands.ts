import type { Db } from '../../../../db/db.ts';
import { dateOf, datesBetween } from '../../../calendar/time.ts';
import { declineOffer } from '../../../engine/answer-offer.ts';
import { doneAndUndone } from '../../../engine/dry-run.ts';
import { endBookings } from '../../../engine/end-bookings.ts';
import { once } from '../../../engine/once.ts';
import type { Idempotency } from '../../../engine/types.ts';
import { newId } from '../../../new-id.ts';
import type { Caller } from '../../../people/caller.ts';
import { isUuid, notFound, refuse } from '../../drafting.ts';
import type { Context, WishRefusal } from '../../service.ts';
import { runAround, wheelchairPlaceOf } from '../run-rules.ts';
import { againWhenOvertaken, bookDays } from './book-days.ts';
import { wishedDates } from './standing-rules.ts';
import {
  changeRide,
  doneDays,
  insertRide,
  noteStep,
  rideOfPerson,
  setState,
  type DoneDay,
  type StandingRide,
  type StandingTerms,
} from './standing-rows.ts';
import type { StandingChangeRequest, StandingRideRequest } from './standing-schemas.ts';

type Refused = WishRefusal | { ok: false; problem: 'stale' };
/** How it stands afterwards. */
type Standing = { ok: true; ride: StandingRide; days: DoneDay[] };
type Outcome = Standing | Refused;
export type Stood = (Standing & { replayed: boolean }) | Refused | { ok: false; problem: 'key-reused' };

/** How a command was called: its retry key, and what version of the ride the caller has seen. */
type Called = { idempotency: Idempotency | null; expectedVersion: number | null };

/** Makes a standing ride and books what can be booked now; for a dry run says what that would come to, and does nothing. */
export function makeRide(
  context: Context,
  caller: Caller,
  request: StandingRideRequest,
  idempotency: Idempotency | null,
): Promise<Stood> {
  const { dryRun = false, from, until, ...rest } = request;
  const terms: StandingTerms = {
    ...{ runId: rest.runId, boardStopId: rest.boardStopId, alightStopId: rest.alightStopId, seats: rest.seats },
    isAccessible: rest.accessible === true,
    wheelchair: rest.wheelchair === true,
    joinsWaitlist: rest.joinWaitlist === true,
    weekdays: sorted(rest.weekdays ?? []),
    firstDate: from,
    lastDate: until,
  };
  return command(context, { idempotency, dryRun }, async (inside) => {
    const { db: tx, site, now } = inside;
    const refusal = mayNotStand(inside, terms) ?? (await hasTooMany(inside, caller, terms.runId));
    if (refusal) return refusal;
    const id = newId();
    await insertRide(tx, site.id, { ...terms, id, personId: caller.personId, at: now });
    return booked(inside, caller, id, 'made');
  });
}

/** Other terms for the days that are not booked yet; what failed is tried again. Booked days stay as they are. */
export function alterRide(
  context: Context,
  caller: Caller,
  id: string,
  { dryRun = false, ...change }: StandingChangeRequest,
  called: Called,
): Promise<Stood> {
  return command(context, { ...called, dryRun }, async (inside) => {
    const { db: tx, site, now } = inside;
    const ride = await lockedRide(inside, caller, id, called);
    if ('problem' in ride) return ride;
    if (ride.state === 'ended') return refuse('standing-ended');
    const terms: StandingTerms = {
      runId: change.runId ?? ride.runId,
      boardStopId: change.boardStopId ?? ride.boardStopId,
      alightStopId: change.alightStopId ?? ride.alightStopId,
      seats: change.seats ?? ride.seats,
      isAccessible: change.accessible ?? ride.isAccessible,
      wheelchair: change.wheelchair ?? ride.wheelchair,
      joinsWaitlist: change.joinWaitlist ?? ride.joinsWaitlist,
      weekdays: sorted(change.weekdays ?? ride.weekdays),
      firstDate: ride.firstDate,
      lastDate: change.until ?? ride.lastDate,
    };
    const refusal = mayNotStand(inside, terms);
    if (refusal) return refusal;
    await changeRide(tx, site.id, { ...terms, id, at: now, today: dateOf(now, site.timeZone) });
    return booked(inside, caller, id, 'changed');
  });
}

/** Books no more until it is resumed, or ever; the rides that are booked stay, or those that still can be are cancelled. */
export function stopRide(
  context: Context,
  caller: Caller,
  id: string,
  { to, rides }: { to: 'paused' | 'ended'; rides: 'keep' | 'cancel' },
  called: Called,
): Promise<Stood> {
  return command(context, called, async (inside) => {
    const { db: tx, site, now } = inside;
    const ride = await lockedRide(inside, caller, id, called);
    if ('problem' in ride) return ride;
    if (ride.state === 'ended' && to === 'paused') return refuse('standing-ended');
    if (ride.state !== to) {
      await setState(tx, site.id, { id, state: to, at: now });
      await noteStep(tx, site.id, { type: to, rideId: id, actorId: caller.personId, at: now });
    }
    if (rides === 'cancel') await giveBack(inside, caller, id);
    return standing(inside, caller, id);
  });
}

/** Books again from today on; a day that was cancelled meanwhile stays so. */
export function resumeRide(context: Context, caller: Caller, id: string, called: Called): Promise<Stood> {
  return command(context, called, async (inside) => {
    const { db: tx, site, now } = inside;
    const ride = await lockedRide(inside, caller, id, called);
    if ('problem' in ride) return ride;
    if (ride.state === 'ended') return refuse('standing-ended');
    if (ride.state === 'active') return standing(inside, caller, id);
    await setState(tx, site.id, { id, state: 'active', at: now });
    return booked(inside, caller, id, 'resumed');
  });
}

async function command(
  context: Context,
  { idempotency, dryRun = false }: { idempotency: Idempotency | null; dryRun?: boolean },
  work: (inside: Context) => Promise<Outcome>,
): Promise<Stood> {
  const { db, site, now } = context;
  const within = (tx: Db) => work({ ...context, db: tx });
  if (dryRun) {
    const seen = await againWhenOvertaken(() => doneAndUndone(db, within));
    return seen.ok ? { ...seen, replayed: false } : seen;
  }
  const call = { siteId: site.id, at: now, idempotency };
  const done = await againWhenOvertaken(() => once<Outcome>(db, call, within, ({ ok }) => ok));
  if (!done.ok) return done;
  return done.result.ok ? { ...done.result, replayed: done.replayed } : done.result;
}

/** Books what is open and says how it stands. The rider sees the report: no notice. */
async function booked(
  inside: Context,
  caller: Caller,
  id: string,
  step: 'made' | 'changed' | 'resumed',
): Promise<Outcome> {
  const { db: tx, site, now } = inside;
  await noteStep(tx, site.id, { type: step, rideId: id, actorId: caller.personId, at: now });
  const ride = await rideOfPerson(tx, site.id, caller.personId, id);
  if (ride?.state === 'active') await bookDays(inside, [{ ...ride, roles: caller.roles }], { tells: false });
  return standing(inside, caller, id);
}

async function standing({ db, site }: Context, caller: Caller, id: string): Promise<Outcome> {
  const ride = await rideOfPerson(db, site.id, caller.personId, id);
  return ride ? { ok: true, ride, days: await doneDays(db, site.id, [id]) } : notFound;
}

async function lockedRide(
  { db: tx, site }: Context,
  caller: Caller,
  id: string,
  { expectedVersion }: Called,
): Promise<StandingRide | Refused> {
  const ride = isUuid(id) ? await rideOfPerson(tx, site.id, caller.personId, id, { locks: true }) : null;
  if (!ride) return notFound;
  if (expectedVersion !== null && expectedVersion !== ride.version) return { ok: false, problem: 'stale' };
  return ride;
}

/** What the timetable and its settings say against it, whatever the day. */
function mayNotStand({ catalogue, calendar, site, now }: Context, terms: StandingTerms): WishRefusal | null {
  const today = dateOf(now, site.timeZone);
  const run = catalogue.get(terms.runId);
  if (run?.kind !== 'shuttle') return notFound;
  const { stops, times } = runAround(run, terms.firstDate > today ? terms.firstDate : today);
  const at = (stopId: string) => stops.findIndex((stop) => stop.stopId === stopId);
  const [board, alight] = [at(terms.boardStopId), at(terms.alightStopId)];
  if (board < 0 || alight < 0) return refuse('stop-not-on-run');
  if (board >= alight) return refuse('wrong-direction');
  if (terms.wheelchair && !catalogue.has(wheelchairPlaceOf(run.id))) return refuse('no-wheelchair-place');
  if (terms.lastDate < today || terms.lastDate < terms.firstDate) return refuse('standing-over');
  const ahead = { ...terms, firstDate: terms.firstDate > today ? terms.firstDate : today };
  if (isTooLong(ahead, times.standing.daysAtMost)) return refuse('standing-too-long');
  return wishedDates(ahead, calendar).length === 0 ? refuse('standing-no-days') : null;
}

/** Ten years are too many to count day by day. */
const isTooLong = ({ firstDate, lastDate }: StandingTerms, daysAtMost: number): boolean =>
  Number(lastDate.slice(0, 4)) - Number(firstDate.slice(0, 4)) > 5 ||
  datesBetween(firstDate, lastDate).length > daysAtMost;

async function hasTooMany(
  { db: tx, site, now, catalogue }: Context,
  { personId }: Caller,
  runId: string,
): Promise<WishRefusal | null> {
  const run = catalogue.get(runId);
  if (!run) return notFound;
  const today = dateOf(now, site.timeZone);
  // Of two that are made at once the second waits here.
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('standing-ride ' || $1, $2))`, [personId, site.id]);
  const [row] = await tx.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM standing_ride
     WHERE site_id = $1 AND person_id = $2 AND state <> 'ended' AND last_date >= $3`,
    [site.id, personId, today],
  );
  return (row?.count ?? 0) >= runAround(run, today).times.standing.perPerson ? refuse('standing-too-many') : null;
}

/** Gives back what was booked by it and can still be cancelled free of charge, and its places in the queue. */
async function giveBack({ db: tx, site, now }: Context, { personId }: Caller, rideId: string): Promise<void> {
  const days = await doneDays(tx, site.id, [rideId]);
  for (const { waitlistId, waitlistState } of days) {
    if (waitlistId === null || (waitlistState !== 'waiting' && waitlistState !== 'offered')) continue;
    await declineOffer(tx, { siteId: site.id, personId, entryId: waitlistId, at: now });
  }
  const own = days.filter(
    ({ outcome, bookingState, cancelUntil }) =>
      (outcome === 'booked' || outcome === 'waiting') && bookingState === 'confirmed' && now < (cancelUntil ?? 0),
  );
  const bookingIds = own.flatMap(({ bookingId }) => bookingId ?? []);
  if (bookingIds.length === 0) return;
  await endBookings(tx, { siteId: site.id, bookingIds, actorId: personId, at: now, to: 'cancelled' });
}

const sorted = (days: readonly number[]): number[] => days.toSorted((a, b) => a - b);
