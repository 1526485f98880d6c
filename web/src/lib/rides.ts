import type { RunDayAnswer } from '../../../api/services/shuttle/schemas.ts';
import type { ResourceOf, Slot, SlotState } from './api.ts';
import type { IsoDate } from './i18n/dates.ts';

export type Run = ResourceOf<'shuttle'>;
/** A run of a date as the API tells it. */
export type RunDay = RunDayAnswer;
export type Direction = RunDay['direction'];

/** What a strip and a list need of a ride. */
export interface RideSummary {
  runId: string;
  date: IsoDate;
  boardStopId: string;
  alightStopId: string;
  departsAt: string;
  arrivesAt: string;
  /** Seats that are free on every leg of the way: a full leg in the middle fills the whole ride. */
  remaining: number;
  capacity: number;
  state: SlotState;
}

/** One leg of a ride, with what is free of it. */
export interface RideLeg {
  fromStopId: string;
  toStopId: string;
  remaining: number;
  capacity: number;
}

/** A run on a date from one stop to another, as it will go. */
export interface Ride extends RideSummary {
  number: number;
  legs: RideLeg[];
  opensAt: string;
  closesAt: string;
  cancellableUntil: string;
  /** Fen for one seat. */
  priceFen: number;
  provisional: boolean;
  isCancelled: boolean;
  /** Whether its bus has a place for a wheelchair, and whether that is free all the way. */
  wheelchair: 'free' | 'taken' | 'none';
  /** What was changed for that day. */
  change: RunDay['change'];
}

/** A run that does not go my way on that date, though it does by the timetable. */
export type TurnedRun = { runId: string; departsBefore: string; reason: string };

/**
 * The rides that go from one stop to the other among the runs of a date, by departure; `now` is the service's clock. Runs that do not pass both in
 * this order are left out.
 */
export function ridesOn(days: readonly RunDay[], boardStopId: string, alightStopId: string, now: string): Ride[] {
  return days
    .flatMap((day) => {
      const [from, to] = endsIn(day, boardStopId, alightStopId);
      return from >= 0 && to > from ? [rideOf(day, from, to, Date.parse(now))] : [];
    })
    .toSorted((a, b) => Date.parse(a.departsAt) - Date.parse(b.departsAt));
}

/** Whether the bus has left the stop where the ride begins; `now` is the service's clock. */
export const hasLeft = ({ departsAt }: Pick<Ride, 'departsAt'>, now: string): boolean =>
  Date.parse(departsAt) <= Date.parse(now);

/** The runs of a date that were turned round, so that they do not go from one stop to the other. */
export function turnedOn(days: readonly RunDay[], boardStopId: string, alightStopId: string): TurnedRun[] {
  return days.flatMap((day) => {
    const { change, runId } = day;
    const [from, to] = endsIn(day, boardStopId, alightStopId);
    if (change?.kind !== 'flipped' || change.directionBefore === day.direction || to < 0 || from <= to) return [];
    return [{ runId, departsBefore: change.departsBefore ?? '', reason: change.reason }];
  });
}

const endsIn = ({ stops }: RunDay, ...stopIds: [string, string]): [number, number] =>
  stopIds.map((stopId) => stops.findIndex((stop) => stop.stopId === stopId)) as [number, number];

function rideOf(day: RunDay, from: number, to: number, now: number): Ride {
  const [board, alight] = [day.stops[from], day.stops[to]];
  if (!board || !alight) throw new Error(`run ${day.runId} has no such stops`);
  const legs = day.legs.slice(from, to);
  const remaining = Math.max(0, Math.min(...legs.map((leg) => leg.remaining)));
  const opensAt = board.opensAt ?? board.at;
  const closesAt = board.closesAt ?? board.at;
  const isClosed = day.state === 'cancelled' || legs.some(({ closed }) => closed) || now >= Date.parse(closesAt);
  const state = isClosed ? 'closed' : now < Date.parse(opensAt) ? 'upcoming' : remaining === 0 ? 'full' : 'open';
  return {
    ...{ runId: day.runId, number: day.run, date: day.serviceDate, priceFen: day.priceFen, change: day.change },
    ...{ boardStopId: board.stopId, alightStopId: alight.stopId, departsAt: board.at, arrivesAt: alight.at },
    ...{ opensAt, closesAt, state, remaining, provisional: day.provisional },
    legs: legs.map(({ fromStopId, toStopId, remaining: left, capacity }) => ({
      ...{ fromStopId, toStopId, capacity },
      remaining: Math.max(0, left),
    })),
    cancellableUntil: board.cancellableUntil ?? board.at,
    capacity: Math.min(...legs.map(({ capacity }) => capacity)),
    isCancelled: day.state === 'cancelled',
    wheelchair: wheelchairOf(legs),
  };
}

function wheelchairOf(legs: RunDay['legs']): Ride['wheelchair'] {
  if (legs.some(({ wheelchairCapacity }) => wheelchairCapacity === 0)) return 'none';
  return legs.every(({ wheelchairRemaining }) => wheelchairRemaining > 0) ? 'free' : 'taken';
}

/** Every run of some days' legs from its first stop to its last, by departure. */
export function wholeRides(legs: readonly Slot[]): RideSummary[] {
  const onDates = Map.groupBy(legs, ({ resourceId, serviceDate }) => `${serviceDate} ${resourceId}`);
  return [...onDates.values()]
    .map((ofRun) => wholeRide(ofRun.toSorted((a, b) => Date.parse(a.startsAt) - Date.parse(b.startsAt))))
    .toSorted((a, b) => Date.parse(a.departsAt) - Date.parse(b.departsAt));
}

function wholeRide(legs: readonly Slot[]): RideSummary {
  const [first, last] = [legs[0], legs.at(-1)];
  if (first === undefined || last === undefined) throw new Error('a run has no legs');
  const remaining = Math.min(...legs.map((leg) => leg.remaining));
  return {
    ...{ runId: first.resourceId, date: first.serviceDate, remaining },
    boardStopId: first.fromStopId ?? '',
    alightStopId: last.toStopId ?? '',
    departsAt: first.startsAt,
    arrivesAt: last.endsAt,
    capacity: Math.min(...legs.map((leg) => leg.capacity)),
    state: stateOf(legs, remaining),
  };
}

/** A closed leg closes the ride; one that is not open yet keeps it shut; without a seat on every leg it is full. */
function stateOf(legs: readonly Slot[], remaining: number): SlotState {
  if (legs.some((leg) => leg.state === 'closed')) return 'closed';
  if (legs.some((leg) => leg.state === 'upcoming')) return 'upcoming';
  return remaining <= 0 ? 'full' : 'open';
}
