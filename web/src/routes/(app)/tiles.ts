import type { Resource, ResourceOf, ServiceKind, Slot, SlotState } from '$lib/api.ts';
import { addDays, type IsoDate } from '$lib/i18n/dates.ts';
import type { Wording } from '$lib/i18n/wording.ts';
import { wholeRides } from '$lib/rides.ts';
import { shuttleHref } from './shuttle/choice.ts';
import { presentAmong, type TidePoint } from '$lib/tide.ts';

/** What a tile of the home page says: one live fact and its tide. */
export interface Tile {
  service: ServiceKind;
  href: string;
  when: string;
  fact: string;
  note?: string | undefined;
  points: TidePoint[];
  present: number | null;
}

interface Moment {
  /** RFC 3339; the service's clock. */
  now: string;
  today: IsoDate;
}

/** Nights on the parking tile. */
export const nightsShown = 7;

export function tilesOf(
  words: Wording,
  resources: readonly Resource[],
  slots: readonly Slot[],
  moment: Moment,
): Tile[] {
  const of = (kind: ServiceKind) => slots.filter((slot) => slot.kind === kind);
  return [
    parkingTile(words, ofKind(resources, 'parking'), of('parking'), moment),
    canteenTile(words, of('canteen'), moment),
    shuttleTile(words, of('shuttle'), moment),
    childcareTile(words, ofKind(resources, 'childcare'), of('childcare')),
  ];
}

const ofKind = <Kind extends ServiceKind>(resources: readonly Resource[], kind: Kind) =>
  resources.filter((resource): resource is ResourceOf<Kind> => resource.kind === kind);

/** Tonight's spaces over all lots that lend by night, and the nights after it. */
function parkingTile({ t, dates }: Wording, lots: ResourceOf<'parking'>[], slots: Slot[], { today }: Moment): Tile {
  const nightly = new Set(lots.filter(({ facts }) => facts.window.to < facts.window.from).map(({ id }) => id));
  const stays = slots.filter((slot) => nightly.has(slot.resourceId));
  const points = Array.from({ length: nightsShown }, (_, index) => {
    const date = addDays(today, index);
    const night = sum(
      date,
      dates.weekday(date, 'short'),
      stays.filter(({ serviceDate }) => serviceDate === date),
    );
    return {
      ...night,
      name: dates.date(date),
      note: String(Number(date.slice(8))),
      href: `/parking?date=${date}&confirm=1`,
    };
  });
  const tonight = stays.filter(({ serviceDate, state }) => serviceDate === today && state === 'open');
  const starts = tonight.map(({ startsAt }) => dates.time(startsAt)).toSorted()[0];
  return {
    service: 'parking',
    href: '/parking',
    when: t.home.tonight,
    fact: fact(t.common.slotState, points[0], t.home.spaces),
    note: starts === undefined ? undefined : t.home.nightsFrom(starts),
    points,
    present: null,
  };
}

/** The next lunch that can still be ordered: until when today, or how much on a later day. */
function canteenTile({ t, dates }: Wording, slots: Slot[], { now, today }: Moment): Tile {
  const tile = { service: 'canteen', href: '/canteen', present: null } as const;
  const next = slots.find(({ state }) => state === 'open');
  if (next === undefined) return { ...tile, when: t.home.later, fact: t.home.none, points: [] };

  const served = slots.filter(({ serviceDate }) => serviceDate === next.serviceDate);
  const windows = Map.groupBy(served, ({ startsAt }) => dates.time(startsAt));
  const points = [...windows]
    .map(([time, window]) => ({ ...sum(time, time, window), href: `/canteen?date=${next.serviceDate}` }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const left = points.reduce((total, { remaining }) => total + remaining, 0);
  const closes = t.common.countdown.closesAt(dates.timeFrom(next.closesAt, today));
  const isToday = next.serviceDate === today && dates.dateOf(now) === today;
  const when = t.home.lunch(dates.relativeDay(next.serviceDate, today));
  return isToday
    ? { ...tile, when, fact: closes, note: t.home.portions(left), points }
    : { ...tile, when, fact: t.home.portions(left), points };
}

/** The next run with a seat from its first stop to its last. */
function shuttleTile({ t, dates }: Wording, legs: Slot[], { now, today }: Moment): Tile {
  const rides = wholeRides(legs);
  const next = rides.find(({ state }) => state === 'open');
  const tile = { service: 'shuttle', href: '/shuttle' } as const;
  if (next === undefined) return { ...tile, when: t.home.later, fact: t.home.none, points: [], present: null };

  const onDate = rides.filter(({ date }) => date === next.date);
  const departures = onDate.map(({ departsAt }) => Date.parse(departsAt));
  return {
    ...tile,
    when: next.date === today ? t.home.nextRun : dates.relativeDay(next.date, today),
    fact: t.home.seats(next.remaining),
    note: dates.time(next.departsAt),
    points: onDate.map((ride) => ({
      ...ride,
      id: ride.runId,
      label: dates.time(ride.departsAt),
      href: shuttleHref(ride, ride.date, ride.runId),
    })),
    present: next.date === today ? presentAmong(departures, Date.parse(now)) : null,
  };
}

/** Places of the summer classes that can be enrolled for. */
function childcareTile({ t, dates, name }: Wording, classes: ResourceOf<'childcare'>[], slots: Slot[]): Tile {
  const summer = new Map(
    classes.filter(({ facts }) => facts.type === 'summer').map((resource) => [resource.id, resource]),
  );
  const places = slots.filter(({ resourceId }) => summer.has(resourceId));
  const points = places.map((slot) => {
    const resource = summer.get(slot.resourceId);
    const date = dates.shortDate(slot.serviceDate);
    const [, month, day] = slot.serviceDate.split('-').map(Number);
    return {
      ...slot,
      label: `${month}/${day}`,
      name: resource ? `${name(resource.name)} ${date}` : date,
      href: '/childcare',
    };
  });
  const open = sum(
    'open',
    '',
    places.filter(({ state }) => state === 'open'),
  );
  const opens = places.find(({ state }) => state === 'upcoming');
  const tile = { service: 'childcare', href: '/childcare', when: t.home.summer, points, present: null } as const;
  if (open.remaining > 0) return { ...tile, points, fact: t.home.places(open.remaining), note: t.home.enrolling };
  if (opens === undefined)
    return { ...tile, points, fact: fact(t.common.slotState, sum('all', '', places), t.home.places) };
  return {
    ...tile,
    points,
    fact: t.common.slotState.upcoming,
    note: t.home.enrolsFrom(dates.shortDate(dates.dateOf(opens.opensAt))),
  };
}

/** Several slots as one point: open while one of them is. */
function sum(id: string, label: string, slots: readonly Slot[]): TidePoint {
  const open = slots.filter(({ state }) => state === 'open');
  const states: SlotState[] = ['open', 'full', 'upcoming'];
  return {
    id,
    label,
    remaining: open.reduce((total, { remaining }) => total + remaining, 0),
    capacity: slots.reduce((total, { capacity }) => total + capacity, 0),
    state: states.find((state) => slots.some((slot) => slot.state === state)) ?? 'closed',
  };
}

const fact = (states: Record<SlotState, string>, point: TidePoint | undefined, left: (n: number) => string): string =>
  point?.state === 'open' ? left(point.remaining) : states[point?.state ?? 'closed'];
