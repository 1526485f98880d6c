import type { Direction, Ride, Run } from '$lib/rides.ts';
import { addDays, type IsoDate } from '$lib/i18n/dates.ts';

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
 * The way that the address asks for. The two stops settle the direction. Without them it is the way between the two stops that were chosen last
 * time, else from the first to the last: mornings into the park, the rest of the day out of it.
 */
export function wayFrom(
  params: URLSearchParams,
  inboundStops: readonly Stop[],
  localTime: string,
  remembered: string | undefined,
): Way {
  const inbound = inboundStops.map(({ stopId }) => stopId);
  const asked = wayBetween(inbound, params.get('from') ?? '', params.get('to') ?? '');
  if (asked) return asked;
  const [one = '', other = ''] = (remembered ?? '').split(',');
  const known = wayBetween(inbound, one, other);
  const pair = known ? [known.boardStopId, known.alightStopId] : [inbound[0] ?? '', inbound.at(-1) ?? ''];
  const [metro = '', park = ''] = pair.toSorted((a, b) => inbound.indexOf(a) - inbound.indexOf(b));
  return localTime < noon
    ? { direction: 'inbound', boardStopId: metro, alightStopId: park }
    : { direction: 'outbound', boardStopId: park, alightStopId: metro };
}

function wayBetween(inbound: readonly string[], from: string, to: string): Way | null {
  const [fromAt, toAt] = [inbound.indexOf(from), inbound.indexOf(to)];
  if (fromAt < 0 || toAt < 0 || fromAt === toAt) return null;
  return { direction: fromAt < toAt ? 'inbound' : 'outbound', boardStopId: from, alightStopId: to };
}

/** What is remembered of a way. */
export const rememberedWay = ({ boardStopId, alightStopId }: Pick<Way, 'boardStopId' | 'alightStopId'>): string =>
  `${boardStopId},${alightStopId}`;

/** The dates that the page offers, from today on. */
export const datesFrom = (today: IsoDate, count: number): IsoDate[] =>
  Array.from({ length: count }, (_, index) => addDays(today, index));

/** The first working day after a date among those that are shown. */
export const nextServiceDay = (
  days: readonly { date: IsoDate; kind: 'off' | 'workday' }[],
  date: IsoDate,
): IsoDate | null => days.find((day) => day.date > date && day.kind === 'workday')?.date ?? null;

/** The next best thing to a ride that cannot be had: the run after it that has a seat; on its date if there is one. */
export function rideAfter(rides: readonly Ride[], missed: Ride): Ride | null {
  const later = rides.filter(
    (ride) => ride.state === 'open' && Date.parse(ride.departsAt) > Date.parse(missed.departsAt),
  );
  return later.find(({ date }) => date === missed.date) ?? later[0] ?? null;
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
