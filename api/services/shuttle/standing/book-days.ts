import { transactionWithRetry, type Db } from '../../../../db/db.ts';
import { dateOf, minutesAfter, type Instant, type IsoDate } from '../../../calendar/time.ts';
import { admitAlong } from '../../../engine/commit-batch.ts';
import type { Candidate } from '../../../engine/decide.ts';
import { slotsOfResources } from '../../../engine/find-slots.ts';
import type { SlotSource } from '../../../engine/kept-slots.ts';
import { PassedTooOften } from '../../../engine/queue-rows.ts';
import { Busy, type Slot } from '../../../engine/types.ts';
import { newId } from '../../../new-id.ts';
import type { Caller } from '../../../people/caller.ts';
import type { Context, WishRefusal } from '../../service.ts';
import { draftSeats } from '../draft-seats.ts';
import { wheelchairPlaceOf } from '../run-rules.ts';
import { datesDone, setDue, tellOfDays, writeDays, type StandingRide } from './standing-rows.ts';
import { isTold, notRunning, opensAt, outcomeOf, wishedDates, type Decided } from './standing-rules.ts';

export type DueRide = StandingRide & { roles: Caller['roles'] };

/** A slot was edited between its reading and its locking. */
class Overtaken extends Error {
  override name = 'Overtaken';
}

const attempts = 3;

/** Runs a transaction that books days, again when others were in its way. @throws Busy */
export async function bookingTransaction<T>(db: Db, work: (tx: Db) => Promise<T>): Promise<T> {
  return againWhenOvertaken(() => transactionWithRetry(db, work));
}

/** The same for what makes its transaction itself. */
export async function againWhenOvertaken<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof Overtaken) && !(error instanceof PassedTooOften)) throw error;
    }
  }
  throw new Busy('the slots are being edited');
}

type Day = { ride: DueRide; date: IsoDate };

/**
 * Books for each of some rides every day that can be booked now and was not done yet, set-wise, through the service's own draft, and notes what
 * came of each. In the caller's transaction, which holds the rides' rows, so that a day is done once. Slots are locked after rides.
 */
export async function bookDays(
  context: Context,
  rides: readonly DueRide[],
  { tells }: { tells: boolean },
): Promise<void> {
  const { db: tx, site, now } = context;
  const today = dateOf(now, site.timeZone);
  const ids = rides.map(({ id }) => id);
  const done = await datesDone(tx, site.id, ids, today);
  const wished = rides.map((ride) => ({ ride, dates: datesLeft(context, ride, today, done.get(ride.id)) }));
  const open = wished.flatMap(({ ride, dates }) =>
    dates.filter((date) => isOpen(context, ride, date)).map((date): Day => ({ ride, date })),
  );
  const decided = await decideDays(context, open);
  await writeDays(tx, site.id, now, decided);
  if (tells) await tellOfDays(tx, site.id, now, decided.filter(isTold));
  const isDecided = new Set(decided.map(({ rideId, date }) => `${rideId} ${date}`));
  const dues = wished.map(({ ride, dates }) => {
    const next = dates.find((date) => !isDecided.has(`${ride.id} ${date}`));
    return { id: ride.id, dueAt: next === undefined ? null : nextDue(context, ride, next) };
  });
  await setDue(tx, site.id, dues);
}

/** The dates from today on that are meant and not done. */
function datesLeft(
  { calendar }: Context,
  ride: StandingRide,
  today: IsoDate,
  done: ReadonlySet<IsoDate> = new Set(),
): IsoDate[] {
  const firstDate = ride.firstDate > today ? ride.firstDate : today;
  if (firstDate > ride.lastDate) return [];
  return wishedDates({ ...ride, firstDate }, calendar).filter((date) => !done.has(date));
}

function isOpen({ catalogue, site, now }: Context, { runId }: StandingRide, date: IsoDate): boolean {
  const run = catalogue.get(runId);
  return run === undefined || opensAt(run, date, site.timeZone) <= now;
}

/** Never now or earlier, so that nothing is done over and over. */
function nextDue({ catalogue, site, now }: Context, { runId }: StandingRide, date: IsoDate): Instant | null {
  const run = catalogue.get(runId);
  return run ? Math.max(opensAt(run, date, site.timeZone), minutesAfter(now, 1)) : null;
}

async function decideDays(
  context: Context,
  days: readonly Day[],
): Promise<(Decided & { rideId: string; personId: string; date: IsoDate })[]> {
  const drafted = await Promise.all(await draftsOf(context, days));
  const candidates = drafted.flatMap(({ candidate }) => candidate ?? []);
  const admissions = await admitAlong(context.db, candidates);
  const answers = new Map(candidates.map((candidate, index) => [candidate, admissions[index]]));
  return drafted.flatMap(({ ride, date, refusal, candidate }) => {
    const answer = candidate ? answers.get(candidate) : refusal;
    const outcome = answer ? outcomeOf(answer) : notRunning;
    if (!outcome) throw new Overtaken('a slot was edited');
    // Somebody has let its seats be sold later than the timetable says: it is looked at again.
    if (outcome.rule === 'not-yet-open') return [];
    return [{ rideId: ride.id, personId: ride.personId, date, ...outcome }];
  });
}

type Drafted = Day & { candidate: Candidate | null; refusal: WishRefusal | null };

/** All slots are read at once; the drafts find them in memory. */
async function draftsOf(context: Context, days: readonly Day[]): Promise<Promise<Drafted>[]> {
  const runIds = [...new Set(days.map(({ ride }) => ride.runId))];
  const dates = [...new Set(days.map(({ date }) => date))];
  const resourceIds = runIds.flatMap((runId) => [runId, wheelchairPlaceOf(runId)]);
  const slots = days.length === 0 ? [] : await slotsOfResources(context.db, context.site.id, resourceIds, dates);
  const inMemory = { ...context, slots: kept(slots) };
  return days.map((day) => draftOf(inMemory, day));
}

async function draftOf(context: Context, { ride, date }: Day): Promise<Drafted> {
  const { personId, roles, runId, boardStopId, alightStopId, seats, isAccessible, wheelchair, joinsWaitlist } = ride;
  const caller: Caller = { siteId: context.site.id, personId, sessionId: '', roles };
  const wish = await draftSeats(context, caller, {
    kind: 'shuttle',
    ...{ runId, boardStopId, alightStopId, seats, wheelchair, serviceDate: date },
    accessible: isAccessible,
  });
  if (!wish.ok) return { ride, date, candidate: null, refusal: wish };
  const candidate: Candidate = {
    siteId: context.site.id,
    personId,
    actorId: personId,
    at: context.now,
    drafts: [wish.draft],
    bars: wish.bars ?? [],
    bookingIds: [newId()],
    groups: roles.flatMap(({ organisationId }) => organisationId ?? []),
    ...(joinsWaitlist ? { waitlist: { offerMinutes: wish.offerMinutes } } : {}),
    // Its day's row is what makes it happen once.
    idempotency: null,
  };
  return { ride, date, candidate, refusal: null };
}

/** Slots that were read, as a source for drafts. */
function kept(slots: readonly Slot[]): SlotSource {
  const keyOf = (resourceId: string, date: IsoDate) => `${date} ${resourceId}`;
  const lists = Map.groupBy(slots, ({ resourceId, serviceDate }) => keyOf(resourceId, serviceDate));
  return {
    byId: (_siteId, ids) => Promise.resolve(slots.filter(({ id }) => ids.includes(id))),
    ofResources: (_siteId, resourceIds, dates) =>
      Promise.resolve(dates.flatMap((date) => resourceIds.flatMap((id) => lists.get(keyOf(id, date)) ?? []))),
  };
}
