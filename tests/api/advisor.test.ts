import { beforeEach, describe, expect, test } from 'vitest';
import { noGates } from '../../api/gates/gate.ts';
import { createWishes, type Wishes } from '../../api/services/wishes.ts';
import { sweep } from '../../api/sweep.ts';
import { problemOf, type Call } from '../support/call.ts';
import { aRun, wholeSite } from '../support/offers.ts';
import { anEmployee, staff, type Person } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { aRide } from '../support/slots.ts';

const day = '2026-11-24';
const advicePath = `/shuttle/advice?from=${day}&to=${day}`;

let site: TestSite;
let dispatcher: Person & Call;
const writeDown = (wishes: Wishes = site.deps.wishes) => sweep(site.db, site.clock, site.code, noGates, wishes);
const counted = async () => {
  await writeDown();
  return (await dispatcher.get(advicePath)).body.counted;
};
const search = (who: Call, query: string) => who.get(`/shuttle/runs?date=${day}&${query}`);
const toHq = 'from=metro-l9&to=hq';

describe('demand', () => {
  beforeEach(async () => {
    site = await aSite([aRun({ seats: 1 }), aRun({ id: 'run-8', seats: 1 })]);
    dispatcher = await site.person(staff('dispatcher'));
  });

  test('is what was booked, waited for, refused and searched, each at its stops and quarter of an hour', async () => {
    const [first, second, third] = [
      await site.person(anEmployee()),
      await site.person(anEmployee()),
      await site.person(anEmployee()),
    ];
    expect((await first.post('/bookings', aRide({ boardStopId: 'innovation' }))).status).toBe(201);
    expect((await second.post('/bookings', { ...aRide({ boardStopId: 'hq' }), joinWaitlist: true })).status).toBe(202);
    const refused = await third.post('/bookings', aRide({ boardStopId: 'metro-l9', alightStopId: 'guangqi' }));
    expect(problemOf(refused)).toBe('slot-full');
    await search(third, `${toHq}&at=18:05`);
    expect(await counted()).toEqual({ booking: 1, waiting: 1, refusal: 1, search: 1 });

    const { body } = await dispatcher.get(advicePath);
    const none = { booking: 0, waiting: 0, refusal: 0, search: 0 };
    expect(body.demand).toEqual([
      { direction: 'inbound', from: '08:00', riders: 3, ...none, booking: 1, waiting: 1, refusal: 1 },
      { direction: 'inbound', from: '18:00', riders: 0.1, ...none, search: 1 },
    ]);
  });

  test('counts who asks over and over once a day and pair, and nobody for a stop or a day that no run serves', async () => {
    const rider = await site.person(anEmployee());
    for (const at of ['08:00', '08:20', '08:20']) await search(rider, `${toHq}&at=${at}`);
    await search(rider, 'from=metro-l9&to=moon&at=08:00');
    await search(rider, 'from=hq&to=hq&at=08:00');
    await rider.get(`/shuttle/runs?date=2026-11-28&${toHq}&at=08:00`);
    await search(rider, toHq);
    expect(await counted()).toMatchObject({ search: 1 });
    expect(await site.db.query('SELECT quarter FROM ride_demand WHERE site_id = $1', [site.id])).toEqual([
      { quarter: 32 },
    ]);
    await search(rider, 'from=hq&to=metro-l9&at=18:00');
    expect(await counted()).toMatchObject({ search: 2 });
  });

  test('of several processes adds up, and what could not be written is written the next time', async () => {
    const elsewhere = createWishes();
    const key = JSON.stringify([day, 32, 'metro-l9', 'hq', 'refusal']);
    elsewhere.note(key, 2, null);
    site.deps.wishes.note(key, 3, null);
    await Promise.all([writeDown(elsewhere), writeDown()]);
    await writeDown(elsewhere);
    expect(await counted()).toMatchObject({ refusal: 5 });

    elsewhere.note(JSON.stringify(['no date', 32, 'metro-l9', 'hq', 'refusal']), 1, null);
    await expect(writeDown(elsewhere)).rejects.toThrow();
    expect(elsewhere.take().size).toBe(1);
  });

  test('is forgotten after the time that the line keeps it, and not before', async () => {
    await site.db.query(`UPDATE shuttle_line SET advisor = '{"keepDays": 30}' WHERE site_id = $1`, [site.id]);
    await search(site, `${toHq}&at=08:00`);
    const kept = async () => {
      await writeDown();
      return site.db.query('SELECT count FROM ride_demand WHERE site_id = $1', [site.id]);
    };
    site.clock.set('2026-12-24T09:00:00+08:00');
    expect(await kept()).toEqual([{ count: 1 }]);
    site.clock.set('2026-12-25T09:00:00+08:00');
    expect(await kept()).toEqual([]);
  });

  test('names nobody', async () => {
    const rider = await site.person(anEmployee());
    await search(rider, `${toHq}&at=08:00`);
    await writeDown();
    const rows = await site.db.query('SELECT * FROM ride_demand WHERE site_id = $1', [site.id]);
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(rider.id);
  });
});

test('a search shows the runs that go that way, with the times and free seats between its stops', async () => {
  site = await aSite([aRun({ seats: 2 }), aRun({ id: 'run-8' })]);
  const rider = await site.person(anEmployee());
  await rider.post('/bookings', aRide({ boardStopId: 'hq', alightStopId: 'xinhui' }));
  const { body } = await search(rider, 'from=innovation&to=guangqi');
  expect(body.items).toHaveLength(1);
  expect(body.items[0]).toMatchObject({
    runId: 'run-2',
    ride: { boardsAt: `${day}T08:12:00+08:00`, alightsAt: `${day}T08:25:00+08:00`, remaining: 1 },
  });
  expect((await search(rider, 'from=innovation')).status).toBe(422);
  expect((await search(rider, 'at=08:00')).status).toBe(422);
});

describe('advice', () => {
  beforeEach(async () => {
    site = await aSite(wholeSite().filter(({ kind }) => kind === 'shuttle'));
    dispatcher = await site.person(staff('dispatcher'));
  });

  /** On each working day of two weeks, so many who were refused at ten in the morning, when no run goes. */
  async function tenOClock(riders: number) {
    await site.db.query(
      `INSERT INTO ride_demand SELECT $1, d::date, 40, 'metro-l9', 'hq', 'refusal', $2
       FROM generate_series('2026-11-09'::date, '2026-11-20'::date, '1 day') AS d`,
      [site.id, riders],
    );
  }

  test('is none while there are too few days, and says how many there are', async () => {
    const { body } = await dispatcher.get('/shuttle/advice');
    expect(body).toMatchObject({
      ...{ state: 'not-enough-data', days: 0, minDays: 10, proposed: null },
      ...{ from: '2026-09-28', to: '2026-11-22' },
    });
    expect(body.present.runs).toHaveLength(10);
    expect(body.present.runs[0]).toMatchObject({ runId: 'run-1', departs: '07:45', direction: 'inbound', riders: 0 });
  });

  test('moves a run to where the riders are, keeps the others, and says whom it would serve', async () => {
    await tenOClock(12);
    const { body } = await dispatcher.get('/shuttle/advice');
    expect(body).toMatchObject({ state: 'better', isExact: true, days: 12, counted: { refusal: 144 } });
    expect([body.present.riders, body.proposed.riders]).toEqual([0, 12]);
    const before = new Map<string, string>(
      body.present.runs.map((run: Record<string, string>) => [run['runId'], `${run['departs']} ${run['direction']}`]),
    );
    const moved = body.proposed.runs.filter(
      (run: Record<string, string>) => before.get(run['runId']!) !== `${run['departs']} ${run['direction']}`,
    );
    expect(moved).toHaveLength(1);
    expect(moved[0]).toMatchObject({
      direction: 'inbound',
      riders: 12,
      fullestLeg: 12,
      rides: [{ fromStopId: 'metro-l9', toStopId: 'hq', riders: 12 }],
    });
  });

  test('is accepted as a timetable from a date on: the run goes then as it was proposed, and today as before', async () => {
    await tenOClock(12);
    const rider = await site.person(anEmployee());
    const { body: advice } = await dispatcher.get('/shuttle/advice');
    type Run = { runId: string; departs: string; direction: string };
    const runs = advice.proposed.runs.map(({ runId, departs, direction }: Run) => ({ runId, departs, direction }));
    const moved = (advice.proposed.runs as (Run & { riders: number })[]).find(({ riders }) => riders === 12)!;
    const was = (advice.present.runs as Run[]).find(({ runId }) => runId === moved.runId)!;
    // Somebody rides on the run that moves, on the first day of the new timetable.
    const [boardStopId, alightStopId] = was.direction === 'inbound' ? ['metro-l9', 'hq'] : ['hq', 'metro-l9'];
    const serviceDate = '2026-11-25';
    const ride = { ...aRide({ boardStopId, alightStopId }), runId: was.runId, serviceDate };
    expect((await rider.post('/bookings', ride)).status).toBe(201);

    const accept = { lineId: 'tidal', validFrom: serviceDate, runs, reason: '按需求调整' };
    const plan = await dispatcher.post('/shuttle/timetables', { ...accept, dryRun: true });
    expect([plan.status, plan.body.applied]).toEqual([200, false]);
    expect(plan.body.counts.moved + plan.body.counts.displaced).toBe(1);
    const made = await dispatcher.post('/shuttle/timetables', accept, { 'if-match': plan.headers.get('etag')! });
    expect([made.status, made.body.applied, made.body.counts]).toEqual([201, true, plan.body.counts]);

    const departures = async (date: string) => {
      const { body } = await site.get(`/shuttle/runs?date=${date}`);
      return body.items
        .map((run: { runId: string; departsAt: string; direction: string }) => ({
          ...{ runId: run.runId, departs: run.departsAt.slice(11, 16), direction: run.direction },
        }))
        .toSorted((a: Run, b: Run) => (a.departs < b.departs ? -1 : 1));
    };
    expect(await departures(serviceDate)).toEqual(runs);
    expect(await departures(day)).toEqual(
      advice.present.runs.map(({ runId, departs, direction }: Run) => ({ runId, departs, direction })),
    );
    site.clock.set('2026-11-26T09:00:00+08:00');
    expect((await dispatcher.get('/shuttle/advice')).body).toMatchObject({ state: 'no-better' });
  });

  test('is none when today is as good as it gets', async () => {
    await site.db.query(
      `INSERT INTO ride_demand SELECT $1, d::date, 32, 'metro-l9', 'hq', 'refusal', 5
       FROM generate_series('2026-11-09'::date, '2026-11-20'::date, '1 day') AS d`,
      [site.id],
    );
    const { body } = await dispatcher.get('/shuttle/advice');
    expect(body).toMatchObject({ state: 'no-better', proposed: null, present: { riders: 5 } });
  });

  test('is for those who run the line: nobody else finds it', async () => {
    const others = [anEmployee(), staff('dispatcher', 'demo-ic'), staff('canteen-manager')];
    for (const other of others) {
      const refused = await (await site.person(other)).get('/shuttle/advice');
      expect([refused.status, problemOf(refused)]).toEqual([404, 'not-found']);
    }
    expect((await site.get('/shuttle/advice')).status).toBe(401);
    expect((await dispatcher.get('/shuttle/advice?lineId=another')).status).toBe(404);
    const administrator = await site.person(staff('site-administrator', null));
    expect((await administrator.get('/shuttle/advice?lineId=tidal')).status).toBe(200);
  });

  test('takes no period that ends before it begins or is longer than is looked at', async () => {
    for (const period of ['from=2026-11-20&to=2026-11-19', 'from=2025-01-01&to=2026-11-19']) {
      const refused = await dispatcher.get(`/shuttle/advice?${period}`, { 'accept-language': 'en' });
      expect(problemOf(refused)).toBe('rule: bad-period');
      expect(refused.body.detail).toContain('400 days');
    }
  });
});
