import type { ResourceOf, Slot, SlotState } from './api.ts';
import type { IsoDate } from './i18n/dates.ts';

export type Run = ResourceOf<'shuttle'>;
export type Direction = Run['facts']['direction'];

/** A run on a date from one stop to another, put together from its legs. */
export interface Ride {
  runId: string;
  number: number;
  date: IsoDate;
  boardStopId: string;
  alightStopId: string;
  departsAt: string;
  arrivesAt: string;
  /** Seats that are free on every leg of the way: a full leg in the middle fills the whole ride. */
  remaining: number;
  capacity: number;
  state: SlotState;
  opensAt: string;
  closesAt: string;
  /** Fen for one seat. */
  priceFen: number;
  provisional: boolean;
  closedReason: string | null;
}

/** The rides that go from one stop to the other, by departure. Runs that do not pass both in this order are left out. */
export function ridesBetween(
  runs: readonly Run[],
  legs: readonly Slot[],
  boardStopId: string,
  alightStopId: string,
): Ride[] {
  return runs
    .flatMap((run) => {
      const stops = run.facts.stops.map(({ stopId }) => stopId);
      const [from, to] = [stops.indexOf(boardStopId), stops.indexOf(alightStopId)];
      if (from < 0 || to <= from) return [];
      const way = new Set(stops.slice(from, to));
      return byDate(legs.filter((leg) => leg.runId === run.id && way.has(leg.fromStopId ?? '')))
        .filter((onDate) => onDate.length === way.size)
        .map((onDate) => rideOf(run, onDate));
    })
    .toSorted((a, b) => Date.parse(a.departsAt) - Date.parse(b.departsAt));
}

/** Every run from its first stop to its last. */
export const wholeRides = (runs: readonly Run[], legs: readonly Slot[]): Ride[] =>
  runs
    .flatMap((run) => {
      const [first, last] = [run.facts.stops[0], run.facts.stops.at(-1)];
      return first && last ? ridesBetween([run], legs, first.stopId, last.stopId) : [];
    })
    .toSorted((a, b) => Date.parse(a.departsAt) - Date.parse(b.departsAt));

function byDate(legs: readonly Slot[]): Slot[][] {
  const dates = new Map<IsoDate, Slot[]>();
  for (const leg of legs) dates.set(leg.serviceDate, [...(dates.get(leg.serviceDate) ?? []), leg]);
  return [...dates.values()].map((onDate) =>
    onDate.toSorted((a, b) => Date.parse(a.startsAt) - Date.parse(b.startsAt)),
  );
}

function rideOf(run: Run, legs: readonly Slot[]): Ride {
  const [first, last] = [legs[0], legs.at(-1)];
  if (first === undefined || last === undefined) throw new Error(`run ${run.id} has no legs`);
  const remaining = Math.min(...legs.map((leg) => leg.remaining));
  return {
    runId: run.id,
    number: run.facts.run,
    date: first.serviceDate,
    boardStopId: first.fromStopId ?? '',
    alightStopId: last.toStopId ?? '',
    departsAt: first.startsAt,
    arrivesAt: last.endsAt,
    remaining,
    capacity: Math.min(...legs.map((leg) => leg.capacity)),
    state: stateOf(legs, remaining),
    opensAt: first.opensAt,
    closesAt: first.closesAt,
    priceFen: first.priceFen,
    provisional: legs.some((leg) => leg.provisional),
    closedReason: legs.find((leg) => leg.closedReason !== null)?.closedReason ?? null,
  };
}

/** A closed leg closes the ride; one that is not open yet keeps it shut; without a seat on every leg it is full. */
function stateOf(legs: readonly Slot[], remaining: number): SlotState {
  if (legs.some((leg) => leg.state === 'closed')) return 'closed';
  if (legs.some((leg) => leg.state === 'upcoming')) return 'upcoming';
  return remaining <= 0 ? 'full' : 'open';
}
