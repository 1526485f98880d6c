import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { datesBetween, plusDays, weekdayOf } from '../../api/calendar/time.ts';
import { addRun, changeRun } from '../support/changed-runs.ts';
import { fetched, readFeed, type ReadFeed } from '../support/gtfs-feed.ts';
import { wholeSite } from '../support/offers.ts';
import { aSite, type TestSite } from '../support/site.ts';

/** The notice of the State Council as a list, read here by itself: date, off or workday. */
const listed = new Map(
  readFileSync(new URL('../../db/seed/calendar-2026.csv', import.meta.url), 'utf8')
    .split(/\r?\n/)
    .map((line) => line.split(','))
    .map(([date = '', kind = '']) => [date, kind] as const),
);
const isWorkday = (date: string): boolean =>
  (listed.get(date) ?? (weekdayOf(date) <= 5 ? 'workday' : 'off')) === 'workday';
const yearOfDates = datesBetween('2026-01-01', '2026-12-31');

/** The ten runs, as the seed's timetable has them. */
const timetable = [
  '07:45 run-1',
  '08:10 run-2',
  '08:35 run-3',
  '09:00 run-4',
  '12:10 run-5',
  '13:00 run-6',
  '17:40 run-7',
  '18:10 run-8',
  '18:40 run-9',
  '19:20 run-10',
];

let site: TestSite;
let feed: ReadFeed;
beforeAll(async () => {
  site = await aSite(wholeSite().filter(({ kind }) => kind === 'shuttle' || kind === 'wheelchair-place'));
  feed = await readFeed((await fetched(site, '/gtfs.zip')).bytes);
});
afterAll(() => feed.close());

describe('the feed in an independent reader', () => {
  test('loads without an error or a warning, every file of it', () => {
    expect(feed.report.errors).toEqual([]);
    expect(feed.report.warnings).toEqual([]);
    const counts = Object.fromEntries(
      [
        'agency',
        'routes',
        'stops',
        'trips',
        'stop_times',
        'booking_rules',
        'fare_attributes',
        'fare_rules',
        'feed_info',
      ].map((table) => [table, feed.rows(table).length]),
    );
    expect(counts).toEqual({
      ...{ agency: 1, routes: 1, stops: 7, trips: 10, stop_times: 70 },
      ...{ booking_rules: 1, fare_attributes: 1, fare_rules: 1, feed_info: 1 },
    });
  });

  test('departs on every date of 2026 run by run exactly on the working days', () => {
    const found = Object.fromEntries(yearOfDates.map((date) => [date, feed.departuresOn(date)]));
    const expected = Object.fromEntries(yearOfDates.map((date) => [date, isWorkday(date) ? timetable : []]));
    expect(found).toEqual(expected);
    // The comparison means something: there are make-up days among the departures and holidays without.
    const makeUp = yearOfDates.filter((date) => weekdayOf(date) > 5 && isWorkday(date));
    const holidays = yearOfDates.filter((date) => weekdayOf(date) <= 5 && !isWorkday(date));
    expect([makeUp.length > 3, holidays.length > 10]).toEqual([true, true]);
    expect(makeUp.every((date) => feed.departuresOn(date).length === 10)).toBe(true);
  });

  test('goes on with the provisional days of the year after, Monday to Friday', () => {
    const dates = datesBetween('2027-01-01', '2027-12-31');
    expect(dates.filter((date) => feed.departuresOn(date).length === 10)).toEqual(
      dates.filter((date) => weekdayOf(date) <= 5),
    );
    expect(feed.departuresOn('2028-01-03')).toEqual([]);
    expect(feed.rows('feed_info')).toMatchObject([{ feed_start_date: 20260101, feed_end_date: 20271231 }]);
  });

  test('picks up at the metro and drops off after on the way in, the reverse on the way out, by arrangement', () => {
    const at = (trip: string) =>
      feed
        .rows('stop_times')
        .filter(({ trip_id: id }) => id === trip)
        .map((row) =>
          [row['stop_id'], row['pickup_type'], row['drop_off_type'], row['pickup_booking_rule_id']].join(' '),
        );
    const rule = 'opens-7-days-closes-5-minutes';
    const between = ['innovation', 'hq', 'zhihui', 'xinhui', 'hongqin', 'guangqi'];
    expect(at('run-2')).toEqual([`metro-l9 2 1 ${rule}`, ...between.map((stop) => `${stop} 1 0 `)]);
    expect(at('run-8')).toEqual([...between.toReversed().map((stop) => `${stop} 2 1 ${rule}`), 'metro-l9 1 0 ']);
    expect(feed.rows('booking_rules')).toMatchObject([
      {
        booking_rule_id: rule,
        booking_type: 1,
        prior_notice_duration_min: 5,
        prior_notice_start_day: 7,
        prior_notice_start_time: '00:00:00',
      },
    ]);
  });

  test('has each stop where the line has it, and says names in English as well', () => {
    const stops = feed.rows('stops');
    expect(stops[0]).toMatchObject({ stop_id: 'metro-l9', stop_name: '地铁9号线漕河泾开发区站', stop_lat: 31.1725 });
    const english = new Map(
      feed.rows('translations').map((row) => [row['record_id'] ?? row['field_value'], row['translation']]),
    );
    expect(stops.map(({ stop_id: id }) => english.get(id ?? ''))).toContain('Innovation Building');
    for (const trip of feed.rows('trips')) expect(english.get(trip['trip_headsign'] ?? '')).toMatch(/^[\w -]+$/);
    expect(feed.rows('trips')[1]).toMatchObject({
      ...{ trip_id: 'run-2', route_id: 'tidal', direction_id: 1, trip_short_name: '2', wheelchair_accessible: 1 },
    });
    expect(feed.rows('shapes')).toHaveLength(14);
  });
});

describe('the file', () => {
  test('is the same bytes as long as the timetables are, and 304 for who has it', async () => {
    const first = await fetched(site, '/gtfs.zip');
    expect(first.headers.get('content-type')).toBe('application/zip');
    expect(first.headers.get('cache-control')).toBe('public, max-age=3600');
    site.clock.set('2026-12-15T09:00:00+08:00');
    const second = await fetched(site, '/gtfs.zip');
    expect(second.bytes).toEqual(first.bytes);
    // Nor does it say when it was made: the first of January 1980, as DOS counts.
    expect([...first.bytes.slice(10, 14)]).toEqual([0, 0, 0x21, 0]);
    const tag = first.headers.get('etag') ?? '';
    expect(tag).toMatch(/^"[0-9a-f]{32}"$/);
    for (const known of [tag, `"other", W/${tag}`, '*']) {
      const same = await fetched(site, '/gtfs.zip', { 'if-none-match': known });
      expect([same.status, same.bytes.length, same.headers.get('etag')], known).toEqual([304, 0, tag]);
    }
    expect((await fetched(site, '/gtfs.zip', { 'if-none-match': '"other"' })).status).toBe(200);
  });

  test('has nothing that was changed for a day: neither a run at another time nor one that was added', async () => {
    const before = await fetched(site, '/gtfs.zip');
    await changeRun(site, 'run-6', '2026-12-17', { kind: 'retimed', departs: '13:05' });
    await addRun(site, '2026-12-19', '15:00');
    const after = await fetched(site, '/gtfs.zip');
    expect(after.headers.get('etag')).toBe(before.headers.get('etag'));
  });

  test('has another tag once the calendar or the timetable says something else', async () => {
    const tagNow = async () => {
      site.forgetSurroundings();
      return (await fetched(site, '/gtfs.zip')).headers.get('etag');
    };
    const before = await tagNow();
    await site.db.query(`UPDATE calendar_day SET kind = 'workday' WHERE site_id = $1 AND date = '2026-10-01'`, [
      site.id,
    ]);
    const afterCalendar = await tagNow();
    await site.db.query(
      `UPDATE schedule SET rule = rule || '{"departs":"08:12"}' WHERE site_id = $1 AND id = 'run-2'`,
      [site.id],
    );
    expect(new Set([before, afterCalendar, await tagNow()]).size).toBe(3);
  });
});

test('each version of a timetable is a trip of its own, on the dates on which it holds', async () => {
  const versioned = await aSite(wholeSite().filter(({ id }) => id === 'run-2'));
  await versioned.db.query(`UPDATE schedule SET valid_to = '2026-12-03' WHERE site_id = $1`, [versioned.id]);
  await versioned.db.query(
    `INSERT INTO schedule (site_id, id, resource_id, basis, valid_from, valid_to, capacity, price_fen, rule)
     SELECT site_id, 'winter', resource_id, basis, '2026-12-04', NULL, capacity, 250, rule || '{"departs":"23:50","direction":"outbound"}'
     FROM schedule WHERE site_id = $1`,
    [versioned.id],
  );
  versioned.forgetSurroundings();
  const read = await readFeed((await fetched(versioned, '/gtfs.zip')).bytes);
  expect([read.report.errors, read.report.warnings]).toEqual([[], []]);
  const week = datesBetween('2026-12-01', plusDays('2026-12-01', 6)).map((date) => read.departuresOn(date));
  const [before, after] = [['08:10 run-2'], ['23:50 winter']];
  expect(week).toEqual([before, before, before, after, [], [], after]);
  // A service day goes on past midnight.
  const last = read.rows('stop_times').at(-1);
  expect(last).toMatchObject({ trip_id: 'winter', stop_id: 'metro-l9', arrival_time: '24:05:00' });
  expect(read.rows('fare_attributes')).toMatchObject([{ price: 0 }, { price: 2.5, currency_type: 'CNY' }]);
  read.close();
});
