import { beforeEach, describe, expect, test } from 'vitest';
import { sweep } from '../../api/sweep.ts';
import { problemOf, type AnyBody, type Call } from '../support/call.ts';
import { broken } from '../support/full-run.ts';
import { wholeSite } from '../support/offers.ts';
import { anEmployee, staff, type Person } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { aRide } from '../support/slots.ts';

const day = '2026-11-24';
const reason = '车辆故障';
const at = (time: string) => `${day}T${time}+08:00`;

let site: TestSite;
let dispatcher: Person & Call;

/** Runs 1 to 3 and 8 of two buses; run 2, at 08:10 to the park, has so many seats. */
async function setScene(seats: number) {
  const ids = ['run-1', 'run-2', 'run-3', 'run-8'];
  const offered = wholeSite().filter(({ id }) => ids.includes(id.replace('-wheelchair', '')));
  site = await aSite(
    offered.map((each) => ({
      ...each,
      schedule: { ...each.schedule!, capacity: each.id === 'run-2' ? seats : each.schedule!.capacity },
    })),
  );
  await site.db.query('UPDATE shuttle_line SET buses = 2 WHERE site_id = $1', [site.id]);
  dispatcher = await site.person(staff('dispatcher'));
}
beforeEach(() => setScene(1));

const rider = () => site.person(anEmployee());
async function booked() {
  const person = await rider();
  const made = await person.post('/bookings', aRide());
  expect(made.status).toBe(201);
  return { person, id: made.body.id as string };
}
async function queued(by?: Person & Call) {
  const person = by ?? (await rider());
  expect((await person.post('/bookings', aRide({ joinWaitlist: true }))).status).toBe(202);
  return person;
}
async function standingBy(by?: Person & Call) {
  const person = by ?? (await rider());
  const { kind: _kind, ...ride } = aRide();
  expect((await person.post('/shuttle/standby', ride)).status).toBe(201);
  return person;
}
/** The run is full; somebody waits for it, somebody stands by. */
async function aFullRun() {
  return { rides: await booked(), waits: await queued(), stands: await standingBy() };
}

const change = (body: object, runId = 'run-2') =>
  dispatcher.post(`/shuttle/runs/${runId}/days/${day}/changes`, { reason, ...body });
const undo = (id: string) => dispatcher.post(`/shuttle/run-changes/${id}/undo`, {});
const noticesOf = async (person: Call) => (await person.get('/notices')).body.items as AnyBody[];
const kindsOf = async (person: Call) => (await noticesOf(person)).map(({ kind }) => kind as string);
const queueOf = async (person: Call) => (await person.get('/waitlist')).body.items[0].state as string;
const placeOf = async (person: Call) => (await person.get('/shuttle/standby')).body.items[0];

const told = (kind: string, title: string) => ({
  ...{ kind, reason, serviceDate: day, resourceId: 'run-2', readAt: null },
  ...{ booking: null, standingRideId: null, title: expect.objectContaining({ en: title }) },
});

/** Makes a change as it was looked at: the dry run says the same and leaves nothing. */
async function changed(body: object) {
  const rows = await site.rows();
  const dry = await change({ ...body, dryRun: true });
  expect(await site.rows()).toEqual(rows);
  const made = await change(body);
  expect(made.status).toBe(200);
  expect(made.body.counts).toEqual(dry.body.counts);
  return made.body;
}

describe('those who wait and those who stand by for a run', () => {
  test.each([{ kind: 'cancelled' }, { kind: 'flipped' }])(
    'leave the line and are told why when it is $kind for a date',
    async (body) => {
      const { waits, stands } = await aFullRun();
      const made = await changed(body);
      expect(made.counts).toMatchObject({ displaced: 1, leftQueue: 1, leftStandby: 1, waitOn: 0 });
      expect([await queueOf(waits), await placeOf(stands)]).toMatchObject([
        'withdrawn',
        { state: 'withdrawn', position: null, waiting: 0, bookingId: null },
      ]);
      for (const person of [waits, stands])
        expect(await noticesOf(person)).toEqual([
          expect.objectContaining(told('ride-gone', '08:10 shuttle, metro to park')),
        ]);
      expect(await broken(site)).toEqual([]);
    },
  );

  test('keep their places and are told when it is retimed, and again when that is taken back', async () => {
    const { waits, stands } = await aFullRun();
    const made = await changed({ kind: 'retimed', departs: '08:15' });
    expect(made.counts).toMatchObject({ moved: 1, leftQueue: 0, leftStandby: 0, waitOn: 2 });
    expect(await queueOf(waits)).toBe('waiting');
    expect(await placeOf(stands)).toMatchObject({ state: 'waiting', position: 1, departsAt: at('08:15:00') });
    for (const person of [waits, stands])
      expect(await noticesOf(person)).toEqual([
        expect.objectContaining(told('ride-moved', '08:15 shuttle, metro to park')),
      ]);
    expect((await undo(made.changeId)).body.counts).toMatchObject({ waitOn: 2 });
    for (const person of [waits, stands])
      expect(await noticesOf(person)).toMatchObject([
        told('ride-moved', '08:10 shuttle, metro to park'),
        told('ride-moved', '08:15 shuttle, metro to park'),
      ]);
    expect(await broken(site)).toEqual([]);
  });

  test('are brought back by nobody when it is taken back: they may join again', async () => {
    const { waits, stands } = await aFullRun();
    const { changeId } = await changed({ kind: 'cancelled' });
    expect((await undo(changeId)).body.counts).toMatchObject({ restored: 1, leftStandby: 0, waitOn: 0 });
    expect([await queueOf(waits), (await placeOf(stands)).state]).toEqual(['withdrawn', 'withdrawn']);
    expect([await kindsOf(waits), await kindsOf(stands)]).toEqual([['ride-gone'], ['ride-gone']]);
    await queued(waits);
    await standingBy(stands);
    expect([await queueOf(waits), (await placeOf(stands)).state]).toEqual(['waiting', 'waiting']);
  });

  test('are told once, who does both; of other runs nobody is', async () => {
    await booked();
    const both = await standingBy(await queued());
    await changed({ kind: 'retimed', departs: '08:12' });
    await change({ kind: 'cancelled' }, 'run-1');
    expect(await kindsOf(both)).toEqual(['ride-moved']);
  });

  test('are told by that notice too when a seat was held for them', async () => {
    const first = await booked();
    const offered = await queued();
    await first.person.post(`/bookings/${first.id}/cancel`, {});
    expect(await queueOf(offered)).toBe('offered');
    await changed({ kind: 'cancelled' });
    expect(await queueOf(offered)).toBe('withdrawn');
    expect((await kindsOf(offered)).filter((kind) => kind !== 'offer')).toEqual(['ride-gone']);
    expect(await broken(site)).toEqual([]);
  });

  test('are told of a new timetable as of a change of a day', async () => {
    const { waits, stands } = await aFullRun();
    const run = (number: number, departs: string) => ({ runId: `run-${number}`, departs, direction: 'inbound' });
    const make = async (runs: object[], dryRun: boolean) =>
      (await dispatcher.post('/shuttle/timetables', { lineId: 'tidal', validFrom: day, reason, runs, dryRun })).body;
    const later = [run(1, '07:45'), run(2, '08:15'), run(3, '08:40')];
    expect((await make(later, false)).counts).toMatchObject({ waitOn: 2, leftQueue: 0, leftStandby: 0 });
    const { items } = (await dispatcher.get('/shuttle/timetables')).body;
    expect((await dispatcher.post(`/shuttle/timetables/${items[0].versions[0].made.id}/undo`, {})).status).toBe(200);
    const without = [run(1, '07:45'), run(3, '08:40')];
    const dry = await make(without, true);
    expect(dry.counts).toMatchObject({ waitOn: 0, leftQueue: 1, leftStandby: 1 });
    expect((await make(without, false)).counts).toEqual(dry.counts);
    for (const person of [waits, stands])
      expect(await noticesOf(person)).toMatchObject([
        told('ride-gone', '08:10 shuttle, metro to park'),
        told('ride-moved', '08:10 shuttle, metro to park'),
        told('ride-moved', '08:15 shuttle, metro to park'),
      ]);
    expect([await queueOf(waits), (await placeOf(stands)).state]).toEqual(['withdrawn', 'withdrawn']);
    expect(await broken(site)).toEqual([]);
  });

  test('are nobody’s business but the dispatcher’s: a change that is refused ends and tells nothing', async () => {
    const { rides, waits, stands } = await aFullRun();
    const refused = await rides.person.post(`/shuttle/runs/run-2/days/${day}/changes`, { reason, kind: 'cancelled' });
    expect(refused.status).toBe(404);
    expect(problemOf(await change({ kind: 'retimed', departs: '08:10' }))).toBe('rule: nothing-changes');
    expect([await queueOf(waits), (await placeOf(stands)).state]).toEqual(['waiting', 'waiting']);
    expect([await kindsOf(waits), await kindsOf(stands)]).toEqual([[], []]);
  });
});

test('a run that is cancelled in its last minutes is no no-show: not of who gave the seat away, nor of who got it', async () => {
  await setScene(2);
  const late = [await booked(), await booked()];
  const [first, second] = [await standingBy(), await standingBy()];
  const third = await standingBy();
  site.clock.set(at('08:08:00'));
  await sweep(site.db, site.clock, site.code);
  const got = [await placeOf(first), await placeOf(second)];
  expect(got).toMatchObject([{ state: 'admitted' }, { state: 'admitted' }]);
  site.clock.set(at('08:09:00'));
  const made = await changed({ kind: 'cancelled' });
  expect(made.counts).toMatchObject({ displaced: 4, withAlternative: 4, leftStandby: 1 });
  expect(await kindsOf(third)).toEqual(['ride-gone']);
  site.clock.set(at('09:30:00'));
  await sweep(site.db, site.clock, site.code);
  const rides = [...late, { person: first, id: got[0].bookingId }, { person: second, id: got[1].bookingId }];
  for (const { person, id } of rides) {
    expect((await person.get(`/bookings/${id}`)).body.state).toBe('displaced');
    expect(await kindsOf(person)).toContain('displaced');
    expect((await person.get('/shuttle/record')).body.standing).toMatchObject({ count: 0, blockedUntil: null });
  }
  expect(await broken(site)).toEqual([]);
});
