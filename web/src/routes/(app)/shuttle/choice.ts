import { daysBetween, type IsoDate } from '$lib/i18n/dates.ts';
import type { Direction, Ride, Run } from '$lib/rides.ts';

export interface Stop {
  stopId: string;
  name: { zh: string; en: string };
}

/** Where one goes from and to, and which way the tide runs then. */
export interface Way {
  direction: Direction;
  boardStopId: string;
  alightStopId: string;
}

const noon = '12:00';

/** The stops in the order of a direction: those of its longest run. */
export function stopsOf(runs: readonly Run[], direction: Direction): Stop[] {
  const [longest] = runs
    .filter(({ facts }) => facts.direction === direction)
    .toSorted((a, b) => b.facts.stops.length - a.facts.stops.length);
  return longest?.facts.stops.map(({ stopId, name }) => ({ stopId, name })) ?? [];
}

/**
 * The way that the address asks for. The two stops settle the direction; without them mornings run into the park and the rest of the
 * day out of it, from the first stop to the last.
 */
export function wayFrom(params: URLSearchParams, runs: readonly Run[], localTime: string): Way {
  const inbound = stopsOf(runs, 'inbound').map(({ stopId }) => stopId);
  const [from, to] = [params.get('from') ?? '', params.get('to') ?? ''];
  const [fromAt, toAt] = [inbound.indexOf(from), inbound.indexOf(to)];
  if (fromAt >= 0 && toAt >= 0 && fromAt !== toAt) {
    return { direction: fromAt < toAt ? 'inbound' : 'outbound', boardStopId: from, alightStopId: to };
  }
  const [metro, park] = [inbound[0] ?? '', inbound.at(-1) ?? ''];
  return localTime < noon
    ? { direction: 'inbound', boardStopId: metro, alightStopId: park }
    : { direction: 'outbound', boardStopId: park, alightStopId: metro };
}

/** The date that the address asks for when it is among those shown, else the first with a seat, else today. */
export function dateFrom(asked: string | null, dates: readonly IsoDate[], rides: readonly Ride[]): IsoDate {
  if (asked !== null && dates.includes(asked)) return asked;
  return rides.find(({ state }) => state === 'open')?.date ?? dates[0] ?? '';
}

/** The next best thing to a ride that cannot be had: the run after it that has a seat, soonest first; on its date if there is one. */
export function rideAfter(rides: readonly Ride[], missed: Ride): Ride | null {
  const later = rides.filter(
    (ride) => ride.state === 'open' && Date.parse(ride.departsAt) > Date.parse(missed.departsAt),
  );
  return later.find(({ date }) => daysBetween(missed.date, date) === 0) ?? later[0] ?? null;
}

/** The page's address with these choices. */
export function shuttleHref(way: Pick<Way, 'boardStopId' | 'alightStopId'>, date: IsoDate, runId?: string): string {
  const params = new URLSearchParams({ date, from: way.boardStopId, to: way.alightStopId });
  if (runId !== undefined) {
    params.set('run', runId);
    params.set('confirm', '1');
  }
  return `/shuttle?${params}`;
}
