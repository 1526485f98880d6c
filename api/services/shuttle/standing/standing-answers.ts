import { dateOf, localTimeAfter, toText, type Instant, type IsoDate } from '../../../calendar/time.ts';
import { mayStillMove } from '../../../calendar/working-days.ts';
import { commonRefusals } from '../../../http/problem.ts';
import type { Localized } from '../../../http/schemas.ts';
import { resourceOf } from '../../drafting.ts';
import type { Context, Resource } from '../../service.ts';
import { shuttleRefusals } from '../rules.ts';
import { runAround, titleOf, type RunStop } from '../run-rules.ts';
import { isPlanned, opensAt, wishedDates } from './standing-rules.ts';
import { doneDays, type DoneDay, type StandingRide } from './standing-rows.ts';
import type { StandingDayAnswer, StandingRideAnswer } from './standing-schemas.ts';

/** Standing rides as the API shows them, each with the report of its days; one query, whatever the number. */
export async function presentRides(context: Context, rides: readonly StandingRide[]): Promise<StandingRideAnswer[]> {
  if (rides.length === 0) return [];
  const ids = rides.map(({ id }) => id);
  const done = Map.groupBy(await doneDays(context.db, context.site.id, ids), ({ rideId }) => rideId);
  return rides.map((ride) => presentRide(context, ride, done.get(ride.id) ?? []));
}

/** One of them; `applied` is false for what was only looked at. */
export function presentRide(
  context: Context,
  ride: StandingRide,
  done: readonly DoneDay[],
  applied = true,
): StandingRideAnswer {
  const run = resourceOf(context, ride.runId);
  const { site, now } = context;
  const today = dateOf(now, site.timeZone);
  const { direction, stops, times } = runAround(run, ride.firstDate > today ? ride.firstDate : today);
  const stop = (stopId: string) => stopOf(stops, stopId);
  const [board, alight] = [stop(ride.boardStopId), stop(ride.alightStopId)];
  const departs = localTimeAfter(times.departs, board.offsetMinutes);
  return {
    ...{ id: ride.id, runId: ride.runId, seats: ride.seats, wheelchair: ride.wheelchair, weekdays: ride.weekdays },
    ...{ state: ride.state, version: ride.version, applied, direction, departs },
    title: titleOf(times.departs, direction),
    arrives: localTimeAfter(times.departs, alight.offsetMinutes),
    boardStop: { stopId: ride.boardStopId, name: board.name },
    alightStop: { stopId: ride.alightStopId, name: alight.name },
    accessible: ride.isAccessible,
    joinWaitlist: ride.joinsWaitlist,
    from: ride.firstDate,
    until: ride.lastDate,
    nextOpensAt: ride.dueAt === null ? null : toText(ride.dueAt, site.timeZone),
    days: [...done.map((day) => doneDay(context, day)), ...daysAhead(context, run, ride, done)].toSorted((a, b) =>
      a.date < b.date ? -1 : 1,
    ),
  };
}

const stopOf = (stops: readonly RunStop[], stopId: string): Pick<RunStop, 'name' | 'offsetMinutes'> =>
  stops.find((stop) => stop.stopId === stopId) ?? { name: { zh: stopId, en: stopId }, offsetMinutes: 0 };

const nothing = {
  ...{ opensAt: null, rule: null, reason: null, bookingId: null, bookingState: null, departsAt: null },
  ...{ cancellableUntil: null, waitlistId: null, waitlistState: null },
};

function doneDay(context: Context, day: DoneDay): StandingDayAnswer {
  const text = (instant: Instant | null) => (instant === null ? null : toText(instant, context.site.timeZone));
  return {
    ...aboutDate(context, day.date),
    ...{ opensAt: null, outcome: day.outcome, rule: day.rule, bookingId: day.bookingId },
    reason: reasonOf(day.rule),
    ...{ bookingState: day.bookingState, waitlistState: day.waitlistState },
    waitlistId: day.waitlistId === null ? null : String(day.waitlistId),
    departsAt: text(day.startsAt),
    cancellableUntil: text(day.cancelUntil),
  };
}

function reasonOf(rule: string | null): Localized | null {
  const words: Readonly<Record<string, Localized>> = shuttleRefusals;
  return rule === null ? null : (words[rule] ?? commonRefusals[rule] ?? null);
}

/** The days that it will still book while it is active; a day off among them says so. */
function daysAhead(context: Context, run: Resource, ride: StandingRide, done: readonly DoneDay[]): StandingDayAnswer[] {
  const { site, now, calendar } = context;
  const today = dateOf(now, site.timeZone);
  const firstDate = ride.firstDate > today ? ride.firstDate : today;
  if (ride.state !== 'active' || firstDate > ride.lastDate) return [];
  const isDone = new Set(done.map(({ date }) => date));
  return wishedDates({ ...ride, firstDate }, calendar)
    .filter((date) => !isDone.has(date))
    .map((date) => ({
      ...nothing,
      ...aboutDate(context, date),
      outcome: isPlanned(run, date, calendar) ? 'ahead' : 'not-running',
      opensAt: toText(opensAt(run, date, site.timeZone), site.timeZone),
    }));
}

function aboutDate({ calendar }: Context, date: IsoDate) {
  const { kind, name } = calendar.day(date);
  return { date, holiday: kind === 'off' ? name : null, provisional: mayStillMove('workday', date, calendar) };
}
