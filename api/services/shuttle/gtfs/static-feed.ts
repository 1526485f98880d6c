import type { IsoDate, LocalTime } from '../../../calendar/time.ts';
import type { WorkingDays } from '../../../calendar/working-days.ts';
import type { Catalogue, DateRange, Schedule, Site } from '../../service.ts';
import type { Direction, RunStop } from '../run-rules.ts';
import type { Table } from './csv-table.ts';
import type { FeedLine } from './feed-lines.ts';
import { bookingRuleOf, bookingRules, fareRules, fares } from './feed-terms.ts';
import { tripsWithin, type Trip } from './planned-trips.ts';
import { compact, serviceDays } from './service-days.ts';

/** What a feed is made of. `origin` is the public address of the service. */
export type FeedSource = {
  site: Site;
  lines: readonly FeedLine[];
  catalogue: Catalogue;
  calendar: WorkingDays;
  dates: DateRange;
  origin: string;
};

/** The files of a feed but `feed_info.txt`, which says their version. */
export type FeedTables = Readonly<Record<string, Table>>;

/** Chinese is the original, English the translation. */
export const originalLanguage = 'zh';
const translatedLanguage = 'en';

/** A bus, as GTFS numbers the kinds of routes. */
const busRoute = 3;
const [noService, regular, byArrangement] = [1, 0, 2];

/** Of the two directions GTFS calls one `inbound`, e.g. to the centre: 1. */
export const directionIds: Readonly<Record<Direction, 0 | 1>> = { outbound: 0, inbound: 1 };

/**
 * A site's timetables as GTFS Schedule (https://gtfs.org/documentation/schedule/reference/): pure, and the same for the same source. What
 * is changed for one day is not in it: that is for GTFS-Realtime.
 */
export function staticFeed(source: FeedSource): FeedTables {
  const { lines, catalogue, dates } = source;
  const known = new Set(lines.map(({ id }) => id));
  const trips = tripsWithin(catalogue, dates).filter(({ run }) => known.has(run.lineId));
  const used = lines.filter(({ id }) => trips.some(({ run }) => run.lineId === id));
  return {
    'agency.txt': agencies(source, used),
    'stops.txt': stops(trips),
    'routes.txt': routes(used),
    'trips.txt': tripTable(trips),
    'stop_times.txt': stopTimes(trips),
    ...calendars(source, trips),
    'shapes.txt': shapes(trips),
    'booking_rules.txt': bookingRules(trips, source.origin),
    'fare_attributes.txt': fares(trips, used, source.site.currency),
    'fare_rules.txt': fareRules(trips),
    'translations.txt': translations(used, trips),
  };
}

function agencies({ site, origin }: FeedSource, lines: readonly FeedLine[]): Table {
  const byId = new Map(lines.map(({ agency }) => [agency.id, agency]));
  return {
    columns: ['agency_id', 'agency_name', 'agency_url', 'agency_timezone', 'agency_lang'],
    rows: [...byId.values()].map(({ id, name }) => [id, name.zh, origin, site.timeZone, originalLanguage]),
  };
}

const stopsOf = (trips: readonly Trip[]): RunStop[] => [
  ...new Map(trips.flatMap(({ run }) => run.stops.map((stop) => [stop.stopId, stop] as const))).values(),
];

function stops(trips: readonly Trip[]): Table {
  return {
    columns: ['stop_id', 'stop_name', 'stop_lat', 'stop_lon', 'location_type'],
    rows: stopsOf(trips).map(({ stopId, name, lat, lng }) => [stopId, name.zh, lat, lng, 0]),
  };
}

function routes(lines: readonly FeedLine[]): Table {
  return {
    columns: ['route_id', 'agency_id', 'route_long_name', 'route_type'],
    rows: lines.map(({ id, agency, name }) => [id, agency.id, name.zh, busRoute]),
  };
}

function tripTable(trips: readonly Trip[]): Table {
  const columns = ['route_id', 'service_id', 'trip_id', 'trip_headsign', 'trip_short_name', 'direction_id', 'shape_id'];
  return {
    columns: [...columns, 'wheelchair_accessible'],
    rows: trips.map((trip) => {
      const { id, run, hasWheelchairPlace } = trip;
      const way = [run.run, directionIds[run.direction], shapeOf(trip)];
      return [...[run.lineId, serviceOf(run.schedule), id, headsignOf(trip).zh], ...way, hasWheelchairPlace ? 1 : 2];
    }),
  };
}

/** Where a trip goes: its last stop. */
function headsignOf({ run }: Trip) {
  const last = run.stops.at(-1);
  if (!last) throw new Error(`run ${run.run} has no stops`);
  return last.name;
}

/** The dates of a timetable version: named by what does not change as years go by. */
const serviceOf = ({ basis, validFrom, validTo }: Schedule): string =>
  [basis, ...(validFrom === null && validTo === null ? [] : [validFrom ?? 'always', validTo ?? 'open'])].join(':');

/**
 * A seat is booked before, at the metro on the way in and for the metro on the way out, which is what the tide is for
 * (docs/domain.md, Tidal shuttles).
 */
function stopTimes(trips: readonly Trip[]): Table {
  const columns = ['trip_id', 'stop_sequence', 'stop_id', 'arrival_time', 'departure_time', 'pickup_type'];
  return {
    columns: [...columns, 'drop_off_type', 'pickup_booking_rule_id', 'timepoint'],
    rows: trips.flatMap(({ id, run }) =>
      run.stops.map((stop, index) => {
        const time = clockAfter(run.times.departs, stop.offsetMinutes);
        const { boards, alights } = tideAt(run.direction, index, run.stops.length);
        return [
          ...[id, index + 1, stop.stopId, time, time],
          boards ? byArrangement : noService,
          alights ? regular : noService,
          boards ? bookingRuleOf(run.times) : null,
          1,
        ];
      }),
    ),
  };
}

/** Whether the tide boards and alights at a stop: in at the metro and out after it, or the reverse. */
export function tideAt(direction: Direction, index: number, stopCount: number): { boards: boolean; alights: boolean } {
  const [isFirst, isLast] = [index === 0, index === stopCount - 1];
  return direction === 'inbound' ? { boards: isFirst, alights: !isFirst } : { boards: !isLast, alights: isLast };
}

/** A time of the service day; past midnight it counts on from 24:00:00, as GTFS wants it. */
function clockAfter(departs: LocalTime, minutes: number): string {
  const total = Number(departs.slice(0, 2)) * 60 + Number(departs.slice(3)) + minutes;
  const two = (part: number) => String(part).padStart(2, '0');
  return `${two(Math.floor(total / 60))}:${two(total % 60)}:00`;
}

function calendars({ calendar }: FeedSource, trips: readonly Trip[]): FeedTables {
  const versions = new Map(trips.map(({ run, valid }) => [serviceOf(run.schedule), { ...run.schedule, valid }]));
  const services = [...versions].map(([id, { basis, valid }]) => serviceDays(id, basis, valid, calendar));
  const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
  const exceptions = (id: string, dates: readonly IsoDate[], type: 1 | 2) =>
    dates.map((date) => [id, compact(date), type] as const);
  return {
    'calendar.txt': {
      columns: ['service_id', ...days, 'start_date', 'end_date'],
      rows: services.map(({ id, weekdays, range }) => [
        ...[id, ...weekdays.map(Number)],
        ...[compact(range.from), compact(range.to)],
      ]),
    },
    'calendar_dates.txt': {
      columns: ['service_id', 'date', 'exception_type'],
      rows: services.flatMap(({ id, added, removed }) => [...exceptions(id, added, 1), ...exceptions(id, removed, 2)]),
    },
  };
}

/** Trips with the same stops in the same order have one shape: straight from stop to stop. */
const shapeOf = ({ run }: Trip): string => `${run.lineId}:${run.stops.map(({ stopId }) => stopId).join('>')}`;

function shapes(trips: readonly Trip[]): Table {
  const byShape = new Map(trips.map((trip) => [shapeOf(trip), trip.run.stops]));
  return {
    columns: ['shape_id', 'shape_pt_sequence', 'shape_pt_lat', 'shape_pt_lon'],
    rows: [...byShape].flatMap(([id, points]) => points.map(({ lat, lng }, index) => [id, index + 1, lat, lng])),
  };
}

/** Names in English: by record where it has an id, and signs by the sign's own words. */
function translations(lines: readonly FeedLine[], trips: readonly Trip[]): Table {
  const agency = [...new Map(lines.map((line) => [line.agency.id, line.agency])).values()];
  const byRecord = (table: string, field: string, id: string, text: string) =>
    [table, field, translatedLanguage, text, id, null] as const;
  const signs = new Map(trips.map((trip) => [headsignOf(trip).zh, headsignOf(trip).en]));
  return {
    columns: ['table_name', 'field_name', 'language', 'translation', 'record_id', 'field_value'],
    rows: [
      ...agency.map(({ id, name }) => byRecord('agency', 'agency_name', id, name.en)),
      ...lines.map(({ id, name }) => byRecord('routes', 'route_long_name', id, name.en)),
      ...stopsOf(trips).map(({ stopId, name }) => byRecord('stops', 'stop_name', stopId, name.en)),
      ...[...signs].map(([zh, en]) => ['trips', 'trip_headsign', translatedLanguage, en, null, zh] as const),
    ],
  };
}
