import { beforeEach, describe, expect, test } from 'vitest';
import { problemOf, type Call } from '../support/call.ts';
import { aRun, wholeSite } from '../support/offers.ts';
import { anEmployee, type Person } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { aRide } from '../support/slots.ts';

const day = '2026-11-24';

describe('the runs of a day', () => {
  let site: TestSite;
  let rider: Person & Call;
  beforeEach(async () => {
    const withPlaces = wholeSite().filter(({ id }) => ['run-2', 'run-8'].includes(id.replace('-wheelchair', '')));
    site = await aSite(withPlaces);
    rider = await site.person(anEmployee());
  });
  const runs = async (date: string) => (await site.get(`/shuttle/runs?date=${date}`)).body.items;

  test('stand in order of departure, with times and cut-offs per stop, and seats and wheelchair place per leg', async () => {
    const ride = aRide({ boardStopId: 'innovation', alightStopId: 'zhihui', seats: 3, wheelchair: true });
    const booked = await rider.post('/bookings', ride);
    expect(booked.body.details).toMatchObject({ seats: 3, wheelchair: true, direction: 'inbound' });
    const [inbound, outbound] = await runs(day);
    expect(inbound).toMatchObject({
      ...{ runId: 'run-2', run: 2, lineId: 'tidal', direction: 'inbound', state: 'running', change: null },
      title: { zh: '08:10 班车（地铁→园区）', en: '08:10 shuttle, metro to park' },
      departsAt: `${day}T08:10:00+08:00`,
      arrivesAt: `${day}T08:25:00+08:00`,
    });
    expect(inbound.stops.map(({ stopId }: { stopId: string }) => stopId)).toEqual([
      'metro-l9',
      'innovation',
      'hq',
      'zhihui',
      'xinhui',
      'hongqin',
      'guangqi',
    ]);
    expect(inbound.stops[1]).toMatchObject({
      at: `${day}T08:12:00+08:00`,
      closesAt: `${day}T08:07:00+08:00`,
      cancellableUntil: `${day}T07:42:00+08:00`,
    });
    expect(inbound.stops[6]).toMatchObject({ at: `${day}T08:25:00+08:00`, closesAt: null });
    const left = inbound.legs.map((leg: Record<string, number>) => [leg['remaining'], leg['wheelchairRemaining']]);
    // Of the three, two sit and one has the wheelchair place.
    expect(left).toEqual([
      [22, 1],
      [20, 0],
      [20, 0],
      [22, 1],
      [22, 1],
      [22, 1],
    ]);
    expect([outbound.runId, outbound.direction, outbound.departsAt]).toEqual([
      'run-8',
      'outbound',
      `${day}T18:10:00+08:00`,
    ]);
  });

  test('are none on a day off, and on a date that is none the question is refused', async () => {
    expect(await runs('2026-11-28')).toEqual([]);
    expect((await site.get('/shuttle/runs?date=tomorrow')).status).toBe(422);
  });

  test('have one wheelchair place: the second is refused on a leg that overlaps, not on one that follows', async () => {
    const alone = { seats: 1, wheelchair: true };
    expect((await rider.post('/bookings', aRide({ ...alone, alightStopId: 'hq' }))).status).toBe(201);
    const other = await site.person(anEmployee());
    const refused = await other.post('/bookings', aRide({ ...alone, boardStopId: 'innovation' }));
    expect([refused.status, problemOf(refused)]).toEqual([409, 'slot-full']);
    expect((await other.post('/bookings', aRide({ ...alone, boardStopId: 'hq' }))).status).toBe(201);
    const [{ legs }] = await runs(day);
    expect(legs.map(({ remaining }: { remaining: number }) => remaining)).toEqual([22, 22, 22, 22, 22, 22]);
  });
});

test('a run without a wheelchair place says so', async () => {
  const site = await aSite([aRun()]);
  const rider = await site.person(anEmployee());
  const refused = await rider.post('/bookings', aRide({ wheelchair: true }), { 'accept-language': 'en' });
  expect([refused.status, problemOf(refused)]).toEqual([422, 'rule: no-wheelchair-place']);
  expect(refused.body.detail).toBe('This run has no wheelchair place. Please choose another run.');
});
