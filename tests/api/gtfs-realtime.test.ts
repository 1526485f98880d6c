import bindings from 'gtfs-realtime-bindings';
import { beforeEach, describe, expect, test } from 'vitest';
import { addRun, changeRun } from '../support/changed-runs.ts';
import { fetched, readFeed } from '../support/gtfs-feed.ts';
import { wholeSite } from '../support/offers.ts';
import { anEmployee, staff } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { aRide, slotsOn } from '../support/slots.ts';

const { FeedMessage } = bindings.transit_realtime;
/** A Tuesday; the clock stands before its first run. */
const day = '2026-11-24';
const [startDate, zone] = ['20261124', '+08:00'];
const at = (time: string, date = day) => `${date}T${time}:00${zone}`;
const seconds = (time: string, date = day) => Date.parse(at(time, date)) / 1000;

let site: TestSite;
beforeEach(async () => {
  const runs = wholeSite().filter(({ id }) => ['run-2', 'run-8', 'run-9'].includes(id.replace('-wheelchair', '')));
  site = await aSite(runs, { now: at('07:00') });
});

/** What the independent decoder makes of a feed; enumerations by name. */
async function decoded(path: string) {
  const { bytes } = await fetched(site, path);
  return FeedMessage.toObject(FeedMessage.decode(bytes), { enums: String, longs: Number, arrays: true }) as {
    header: object;
    entity: { id: string; tripUpdate?: AnyUpdate; vehicle?: AnyVehicle }[];
  };
}
type AnyTrip = Record<string, unknown> & { tripId: string; routeId: string; scheduleRelationship?: string };
type AnyUpdate = { trip: AnyTrip; stopTimeUpdate?: Record<string, unknown>[] };
type AnyVehicle = { trip: AnyTrip } & Record<string, unknown>;
const updates = async () => (await decoded('/gtfs-rt/trip-updates.pb')).entity.map(({ tripUpdate }) => tripUpdate!);
/** `relationship trip` of each update. */
const told = async () =>
  (await updates()).map(
    ({ trip }) => `${trip.scheduleRelationship ?? 'SCHEDULED'} ${trip.tripId} ${String(trip['startDate'])}`,
  );

describe('trip updates, decoded by gtfs-realtime-bindings', () => {
  test('say of runs that go as planned how full they are, and no times', async () => {
    await (await site.person(anEmployee())).post('/bookings', aRide({ alightStopId: 'hq', seats: 4 }));
    const message = await decoded('/gtfs-rt/trip-updates.pb');
    expect(message.header).toEqual({
      gtfsRealtimeVersion: '2.0',
      incrementality: 'FULL_DATASET',
      timestamp: seconds('07:00'),
    });
    expect(message.entity.map(({ id }) => id)).toEqual([`run-2:${day}`, `run-8:${day}`, `run-9:${day}`]);
    const [first] = await updates();
    expect(first!.trip).toEqual({
      tripId: 'run-2',
      routeId: 'tidal',
      startDate,
      directionId: 1,
      scheduleRelationship: 'SCHEDULED',
    });
    const stop = (stopSequence: number, stopId: string, departureOccupancyStatus: string) => ({
      ...{ stopSequence, stopId, scheduleRelationship: 'NO_DATA', departureOccupancyStatus },
    });
    expect(first!.stopTimeUpdate?.slice(0, 3)).toEqual([
      stop(1, 'metro-l9', 'MANY_SEATS_AVAILABLE'),
      stop(2, 'innovation', 'MANY_SEATS_AVAILABLE'),
      stop(3, 'hq', 'EMPTY'),
    ]);
    expect(first!.stopTimeUpdate).toHaveLength(7);
  });

  test('have the times of a retimed run, on days to come as well', async () => {
    await changeRun(site, 'run-2', '2026-11-26', { kind: 'retimed', departs: '08:20' });
    const moved = (await updates()).filter(({ trip }) => trip['startDate'] === '20261126');
    expect(moved).toMatchObject([{ trip: { tripId: 'run-2', scheduleRelationship: 'SCHEDULED' } }]);
    const stops = moved[0]!.stopTimeUpdate!;
    expect(stops[0]).toMatchObject({ stopId: 'metro-l9', departure: { time: seconds('08:20', '2026-11-26') } });
    expect(stops[1]).toMatchObject({
      arrival: { time: seconds('08:22', '2026-11-26') },
      departure: { time: seconds('08:22', '2026-11-26') },
    });
    expect(stops[6]).toMatchObject({ stopId: 'guangqi', arrival: { time: seconds('08:35', '2026-11-26') } });
    expect([stops[0]!['arrival'], stops[6]!['departure']]).toEqual([undefined, undefined]);
  });

  test('cancel a run, replace one that goes the other way, and add one where none is planned', async () => {
    await changeRun(site, 'run-8', day, { kind: 'cancelled' });
    await changeRun(site, 'run-9', day, { kind: 'flipped' });
    const extra = await addRun(site, '2026-11-28', '08:10');
    expect(await told()).toEqual([
      `SCHEDULED run-2 ${startDate}`,
      `CANCELED run-8 ${startDate}`,
      `CANCELED run-9 ${startDate}`,
      `ADDED added:run-9:${day} ${startDate}`,
      `ADDED added:${extra}:2026-11-28 20261128`,
    ]);
    const all = await updates();
    expect(all[1]!.stopTimeUpdate).toEqual([]);
    expect(all[3]!.trip).toMatchObject({ routeId: 'tidal', directionId: 1, startTime: '18:40:00' });
    expect(all[3]!.stopTimeUpdate![0]).toMatchObject({ stopId: 'metro-l9', departure: { time: seconds('18:40') } });
  });

  test('leave out what is over, and a run that was added and is cancelled again', async () => {
    const extra = await addRun(site, '2026-11-28', '08:10');
    await changeRun(site, extra, '2026-11-28', { kind: 'cancelled' });
    site.clock.set(at('18:26'));
    expect(await told()).toEqual([`SCHEDULED run-9 ${startDate}`]);
  });

  test('name trips, routes and stops by the ids of the static feed', async () => {
    await changeRun(site, 'run-8', day, { kind: 'cancelled' });
    await changeRun(site, 'run-9', day, { kind: 'flipped' });
    await changeRun(site, 'run-2', day, { kind: 'retimed', departs: '08:15' });
    await addRun(site, day, '12:00');
    const feed = await readFeed((await fetched(site, '/gtfs.zip')).bytes);
    const ids = (table: string, name: string) => new Set(feed.rows(table).map((row) => row[name]));
    const [trips, routes, stops] = [ids('trips', 'trip_id'), ids('routes', 'route_id'), ids('stops', 'stop_id')];
    const departures = feed.departuresOn(day).map((departure) => departure.split(' ')[1]);
    feed.close();
    const all = await updates();
    expect(all).toHaveLength(5);
    for (const { trip, stopTimeUpdate } of all) {
      const isAdded = trip.scheduleRelationship === 'ADDED';
      expect([trips.has(trip.tripId), departures.includes(trip.tripId)], trip.tripId).toEqual([!isAdded, !isAdded]);
      expect(routes.has(trip.routeId)).toBe(true);
      for (const update of stopTimeUpdate ?? []) expect(stops.has(update['stopId'] as string)).toBe(true);
    }
  });
});

describe('vehicle positions', () => {
  const vehicles = async () => (await decoded('/gtfs-rt/vehicle-positions.pb')).entity.map(({ vehicle }) => vehicle!);

  test('are where a bus has just said it is, on the trip that it makes; not what it said long ago', async () => {
    const dispatcher = await site.person({ roles: [{ role: 'dispatcher', organisationId: 'park' }] });
    site.clock.set(at('08:13'));
    const seen = { lat: 31.1725, lng: 121.3963, bearing: 90, metresPerSecond: 6.5, at: at('08:13') };
    expect((await dispatcher.post(`/shuttle/runs/run-2/days/${day}/position`, seen)).status).toBe(200);
    const [vehicle] = await vehicles();
    expect(vehicle).toMatchObject({
      trip: { tripId: 'run-2', startDate, routeId: 'tidal' },
      vehicle: { id: 'run-2', label: '2' },
      timestamp: seconds('08:13'),
    });
    const { latitude, longitude, bearing, speed } = vehicle!['position'] as Record<string, number>;
    expect([latitude, longitude, bearing, speed].map((value) => value!.toFixed(3))).toEqual([
      '31.173',
      '121.396',
      '90.000',
      '6.500',
    ]);
    site.clock.set('2026-11-24T08:14:31+08:00');
    const [stale] = await vehicles();
    expect([stale!.trip.tripId, stale!['position'], stale!['timestamp']]).toEqual(['run-2', undefined, undefined]);
    site.clock.set(at('08:25'));
    expect(await vehicles()).toEqual([]);
  });

  test('say how full the leg is that the bus is on: who was scanned, or who has booked while nobody was', async () => {
    const fullness = async () =>
      (await vehicles()).map((one) => `${String(one['occupancyStatus'])} ${String(one['occupancyPercentage'])}`);
    const rider = await site.person(anEmployee());
    await rider.post('/bookings', aRide({ alightStopId: 'hq', seats: 4 }));
    const others = await Promise.all(Array.from({ length: 4 }, () => site.person(anEmployee())));
    const booked = [];
    for (const other of others) booked.push(await other.post('/bookings', aRide({ seats: 4 })));
    expect(booked.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    site.clock.set(at('08:09'));
    const { qr } = (await others[0]!.get(`/bookings/${booked[0]!.body.id}/pass`)).body;
    site.clock.set(at('07:59'));
    expect(await fullness()).toEqual([]);
    site.clock.set(at('08:11'));
    expect(await fullness()).toEqual(['FEW_SEATS_AVAILABLE 91']);
    site.clock.set(at('08:15'));
    expect(await fullness()).toEqual(['FEW_SEATS_AVAILABLE 73']);
    const scan = { code: qr, at: at('08:09'), nonce: 'first-on-board' };
    expect((await (await site.person(staff('dispatcher'))).post('/check-ins', scan)).status).toBe(201);
    expect(await fullness()).toEqual(['MANY_SEATS_AVAILABLE 18']);
  });

  test('are of the added trip when the run goes the other way, and none when it is cancelled', async () => {
    await changeRun(site, 'run-2', day, { kind: 'flipped' });
    await changeRun(site, 'run-8', day, { kind: 'cancelled' });
    site.clock.set(at('08:12'));
    expect((await vehicles()).map(({ trip }) => trip.tripId)).toEqual([`added:run-2:${day}`]);
    site.clock.set(at('18:12'));
    expect(await vehicles()).toEqual([]);
  });
});

describe('every realtime feed', () => {
  const paths = ['trip-updates', 'vehicle-positions', 'alerts'].map((name) => `/gtfs-rt/${name}.pb`);

  test('is JSON for who accepts that, and says the same', async () => {
    site.clock.set(at('08:12'));
    await changeRun(site, 'run-8', day, { kind: 'flipped' });
    for (const path of paths) {
      const json = await fetched(site, path, { accept: 'application/json' });
      expect(json.headers.get('content-type')).toBe('application/json');
      const said = JSON.parse(new TextDecoder().decode(json.bytes)) as object;
      const { bytes, headers } = await fetched(site, path);
      expect(headers.get('content-type')).toBe('application/x-protobuf');
      expect(FeedMessage.verify(FeedMessage.fromObject(said))).toBeNull();
      expect(FeedMessage.toObject(FeedMessage.fromObject(said)), path).toEqual(
        FeedMessage.toObject(FeedMessage.decode(bytes)),
      );
    }
  });

  test('is the same bytes until something happens or its step of time is over, and 304 for who has it', async () => {
    for (const path of paths) {
      site.clock.set('2026-11-24T08:12:01+08:00');
      const first = await fetched(site, path);
      expect(first.headers.get('cache-control')).toBe('public, max-age=15');
      const known = { 'if-none-match': first.headers.get('etag')! };
      site.clock.set('2026-11-24T08:12:14+08:00');
      expect((await fetched(site, path, known)).status, path).toBe(304);
      site.clock.set('2026-11-24T08:12:15+08:00');
      expect((await fetched(site, path, known)).status, path).toBe(200);
    }
    const known = { 'if-none-match': (await fetched(site, paths[0]!)).headers.get('etag')! };
    const [slot] = await slotsOn(site, 'run-8', day);
    await (
      await site.person(anEmployee())
    ).post('/bookings', {
      ...aRide({ runId: 'run-8', boardStopId: slot!.fromStopId, alightStopId: slot!.toStopId }),
    });
    expect((await fetched(site, paths[0]!, known)).status).toBe(200);
  });
});
