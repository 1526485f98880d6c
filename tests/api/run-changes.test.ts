import { sweep } from '../../api/sweep.ts';
import { beforeEach, describe, expect, test } from 'vitest';
import { problemOf, type AnyBody, type Call } from '../support/call.ts';
import { broken } from '../support/full-run.ts';
import { wholeSite } from '../support/offers.ts';
import { anEmployee, staff, type Person } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { aRide } from '../support/slots.ts';

const day = '2026-11-24';
const at = (time: string, date = day) => `${date}T${time}:00+08:00`;

let site: TestSite;
let dispatcher: Person & Call;

/** Runs 1 to 3 in the morning, 25 minutes apart, and run 8 in the evening; seats and buses as given. */
async function setScene(seats: Readonly<Record<string, number>> = {}, buses = 2) {
  const ids = ['run-1', 'run-2', 'run-3', 'run-8'];
  const offered = wholeSite().filter(({ id }) => ids.includes(id.replace('-wheelchair', '')));
  site = await aSite(
    offered.map((each) => ({
      ...each,
      schedule: { ...each.schedule!, capacity: seats[each.id] ?? each.schedule!.capacity },
    })),
  );
  await site.db.query('UPDATE shuttle_line SET buses = $2 WHERE site_id = $1', [site.id, buses]);
  dispatcher = await site.person(staff('dispatcher'));
}
beforeEach(() => setScene());

const rider = () => site.person(anEmployee());
async function booked(ride: Readonly<Record<string, unknown>> = {}, by?: Person & Call) {
  const person = by ?? (await rider());
  site.clock.advance(1);
  const made = await person.post('/bookings', aRide(ride));
  expect([201, 202]).toContain(made.status);
  return { person, id: made.body.id as string, now: async () => (await person.get(`/bookings/${made.body.id}`)).body };
}
type From = { runId?: string; by?: Call; headers?: Record<string, string> };
const change = (body: object, { runId = 'run-2', by = dispatcher, headers = {} }: From = {}) =>
  by.post(`/shuttle/runs/${runId}/days/${day}/changes`, { reason: '车辆故障', ...body }, headers);
const undo = (id: string, body: object = {}) => dispatcher.post(`/shuttle/run-changes/${id}/undo`, body);
const runOf = async (runId = 'run-2', date = day) =>
  (await site.get(`/shuttle/runs?date=${date}`)).body.items.find((run: AnyBody) => run.runId === runId);
const noticesOf = async (person: Call) =>
  (await person.get('/notices')).body.items.map(({ kind }: AnyBody) => kind as string);
const changes = async (date = day) => (await dispatcher.get(`/shuttle/run-changes?date=${date}`)).body.items;
/** A plan without what only the real one has. */
const planned = (plan: AnyBody): AnyBody => ({
  ...plan,
  ...{ applied: null, changeId: null },
  after: plan.after && { ...plan.after, change: plan.after.change && { ...plan.after.change } },
  displaced: plan.displaced.map((each: AnyBody) => ({
    ...each,
    alternative: each.alternative && { ...each.alternative, bookingId: null, waitlistId: null },
  })),
});

describe('a run that is retimed for a date', () => {
  test('takes its riders along: times, stops, claims and notices; they may cancel until it leaves', async () => {
    const early = await booked({ boardStopId: 'innovation', alightStopId: 'zhihui', seats: 2, wheelchair: true });
    const made = await change({ kind: 'retimed', departs: '08:12' });
    expect([made.status, made.body.applied]).toEqual([200, true]);
    expect(made.body.counts).toMatchObject({ moved: 1, displaced: 0, leftQueue: 0 });
    expect(made.body.moved).toMatchObject([{ bookingId: early.id, units: 1, from: at('08:12'), to: at('08:14') }]);
    expect(await early.now()).toMatchObject({
      ...{ state: 'confirmed', startsAt: at('08:14'), cancellableUntil: at('08:14') },
      title: { en: '08:12 shuttle, metro to park' },
      details: { departsAt: at('08:14'), wheelchair: true },
    });
    expect(await noticesOf(early.person)).toEqual(['moved']);
    expect(await runOf()).toMatchObject({ departsAt: at('08:12'), direction: 'inbound', change: { kind: 'retimed' } });
    site.clock.set(at('08:13'));
    expect((await early.person.post(`/bookings/${early.id}/cancel`, {})).status).toBe(200);
    expect(await broken(site)).toEqual([]);
  });

  test('does not take along who is elsewhere at the new time: they are offered another run', async () => {
    const both = await rider();
    // Off run 1 in time for run 2 as it is, not as it will be.
    await booked({ runId: 'run-1', alightStopId: 'guangqi' }, both);
    const late = await booked({}, both);
    const plan = await change({ kind: 'retimed', departs: '07:58' });
    expect(plan.body.displaced).toMatchObject([
      { bookingId: late.id, alternative: { startsAt: at('08:35'), title: { en: '08:35 shuttle, metro to park' } } },
    ]);
    expect(await late.now()).toMatchObject({
      state: 'displaced',
      displacement: { by: 'dispatcher', reason: '车辆故障' },
    });
    expect(await noticesOf(both)).toEqual(['displaced']);
    expect(await broken(site)).toEqual([]);
  });

  test('keeps who waits for it in line, at its new time', async () => {
    await setScene({ 'run-2': 1 });
    const first = await booked();
    const waiting = await rider();
    expect((await waiting.post('/bookings', aRide({ joinWaitlist: true }))).status).toBe(202);
    await change({ kind: 'retimed', departs: '08:15' });
    await first.person.post(`/bookings/${first.id}/cancel`, {});
    const [entry] = (await waiting.get('/waitlist')).body.items;
    expect(entry).toMatchObject({ state: 'offered', offer: { booking: { startsAt: at('08:15') } } });
    expect(await broken(site)).toEqual([]);
  });

  test('goes back with all its riders when that is taken back, those who booked since too', async () => {
    const before = await booked();
    const { body } = await change({ kind: 'retimed', departs: '08:15' });
    const since = await booked({ alightStopId: 'hq' });
    const undone = await undo(body.changeId);
    expect(undone.body.counts).toMatchObject({ moved: 2, displaced: 0 });
    for (const ride of [before, since]) expect(await ride.now()).toMatchObject({ startsAt: at('08:10') });
    expect(await runOf()).toMatchObject({ departsAt: at('08:10'), change: null });
    expect(problemOf(await undo(body.changeId))).toBe('rule: already-undone');
    expect(await broken(site)).toEqual([]);
  });
});

describe('a run that is flipped for a date', () => {
  test('displaces its riders with the nearest run held for each, who booked first chooses first', async () => {
    await setScene({ 'run-1': 1, 'run-3': 1 });
    const rides = [await booked(), await booked(), await booked()];
    const dry = await change({ kind: 'flipped', dryRun: true });
    expect(dry.body).toMatchObject({ applied: false, changeId: null, counts: { displaced: 3, withAlternative: 2 } });
    expect(await runOf()).toMatchObject({ direction: 'inbound', change: null });
    const made = await change({ kind: 'flipped' });
    expect(planned(made.body)).toEqual(planned(dry.body));
    expect(made.body.displaced.map(({ alternative }: AnyBody) => alternative?.startsAt ?? null)).toEqual([
      at('07:45'),
      at('08:35'),
      null,
    ]);
    expect(made.body.displaced[0].alternative.until).toBe(at('09:15', '2026-11-23').replace(':00+', ':03+'));
    for (const ride of rides) {
      expect((await ride.now()).state).toBe('displaced');
      expect(await noticesOf(ride.person)).toEqual(['displaced']);
    }
    expect(await runOf()).toMatchObject({ direction: 'outbound', departsAt: at('08:10'), change: { kind: 'flipped' } });
    expect(problemOf(await (await rider()).post('/bookings', aRide()))).toBe('rule: wrong-direction');
    const home = await booked({ boardStopId: 'guangqi', alightStopId: 'metro-l9' });
    expect(await home.now()).toMatchObject({ title: { en: '08:10 shuttle, park to metro' } });
    expect(await broken(site)).toEqual([]);
  });

  test('is not flipped back once somebody has booked the other way; before that riders have their rides again', async () => {
    const ride = await booked();
    const { body } = await change({ kind: 'flipped' });
    const home = await booked({ boardStopId: 'guangqi', alightStopId: 'metro-l9' });
    expect(problemOf(await undo(body.changeId))).toBe('rule: booked-since');
    await home.person.post(`/bookings/${home.id}/cancel`, {});
    const undone = await undo(body.changeId);
    expect(undone.body).toMatchObject({ counts: { restored: 1 }, after: { direction: 'inbound' } });
    expect(await ride.now()).toMatchObject({ state: 'confirmed', startsAt: at('08:10') });
    const [entry] = (await ride.person.get('/waitlist')).body.items;
    expect(entry.state).toBe('withdrawn');
    expect(await broken(site)).toEqual([]);
  });

  test('lets go who waits for a ride that is not there any more', async () => {
    await setScene({ 'run-2': 1 });
    await booked();
    const waiting = await rider();
    await waiting.post('/bookings', aRide({ joinWaitlist: true }));
    const made = await change({ kind: 'flipped' });
    expect(made.body.counts.leftQueue).toBe(1);
    expect((await waiting.get('/waitlist')).body.items).toMatchObject([{ state: 'withdrawn' }]);
    expect(await broken(site)).toEqual([]);
  });
});

describe('a run that is cancelled for a date', () => {
  test('gives everybody back what they paid, offers another run and is never a no-show', async () => {
    const rides = [await booked(), await booked({ accessible: true }), await booked({ seats: 1, wheelchair: true })];
    const made = await change({ kind: 'cancelled' });
    expect(made.body.counts).toMatchObject({ displaced: 3, withAlternative: 3, moved: 0 });
    expect(await runOf()).toMatchObject({ state: 'cancelled', change: { kind: 'cancelled', reason: '车辆故障' } });
    site.clock.set(at('09:30'));
    await sweep(site.db, site.clock, site.code);
    for (const ride of rides) {
      expect((await ride.now()).state).toBe('displaced');
      expect(await noticesOf(ride.person)).toContain('displaced');
    }
    const [row] = await site.db.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM event WHERE site_id = $1 AND type = 'booking.no_show'`,
      [site.id],
    );
    expect(row?.count).toBe(0);
    expect(await broken(site)).toEqual([]);
  });

  test('runs again with its riders when that is taken back, but for those who took another run', async () => {
    const [stays, goes] = [await booked(), await booked()];
    const { body } = await change({ kind: 'cancelled' });
    const offer = body.displaced[1].alternative.waitlistId;
    expect((await goes.person.post(`/waitlist/${offer}/accept`, {})).status).toBe(200);
    const undone = await undo(body.changeId);
    expect(undone.body).toMatchObject({ counts: { restored: 1, notRestored: 1 }, after: { state: 'running' } });
    expect(undone.body.notRestored).toMatchObject([{ bookingId: goes.id, why: 'accepted-alternative' }]);
    expect((await stays.now()).state).toBe('confirmed');
    expect(await changes()).toMatchObject([{ kind: 'cancelled', undoneAt: expect.any(String), isLatest: false }]);
    expect(await broken(site)).toEqual([]);
  });

  test('is taken back in the order of the changes only', async () => {
    const retimed = await change({ kind: 'retimed', departs: '08:15' });
    await change({ kind: 'cancelled' });
    expect(problemOf(await undo(retimed.body.changeId))).toBe('rule: changed-since');
    expect((await changes()).map(({ kind, isLatest }: AnyBody) => [kind, isLatest])).toEqual([
      ['cancelled', true],
      ['retimed', false],
    ]);
  });
});

describe('a run that is added for a date', () => {
  const extra = (body: object = {}) =>
    dispatcher.post('/shuttle/runs', {
      ...{ serviceDate: day, departs: '12:00', direction: 'outbound', lineId: 'tidal', reason: '会议' },
      ...body,
    });

  test('is booked like any other, on that date only, and taken back while nobody has', async () => {
    expect((await extra({ dryRun: true })).body).toMatchObject({ applied: false, after: { departsAt: at('12:00') } });
    expect((await site.get(`/shuttle/runs?date=${day}`)).body.items).toHaveLength(4);
    const made = await extra();
    expect(made.status).toBe(201);
    const { runId } = made.body.after;
    expect(made.body.after).toMatchObject({ direction: 'outbound', legs: expect.objectContaining({ length: 6 }) });
    const ride = await booked({ runId, boardStopId: 'guangqi', alightStopId: 'metro-l9', seats: 2, wheelchair: true });
    expect(await runOf(runId, '2026-11-25')).toBeUndefined();
    expect(problemOf(await undo(made.body.changeId))).toBe('rule: booked-since');
    await ride.person.post(`/bookings/${ride.id}/cancel`, {});
    expect((await undo(made.body.changeId)).body).toMatchObject({ after: null });
    expect(await runOf(runId)).toBeUndefined();
    expect((await extra()).body.after.runId).not.toBe(runId);
    expect(await broken(site)).toEqual([]);
  });

  test('needs a bus that is back, a date that is published and a time that has not passed', async () => {
    await setScene({}, 1);
    expect(problemOf(await extra({ departs: '08:20' }))).toBe('rule: vehicle-busy');
    expect(problemOf(await extra({ serviceDate: '2027-12-01' }))).toBe('rule: date-too-far');
    expect(problemOf(await extra({ serviceDate: '2026-11-23', departs: '08:59' }))).toBe('rule: departs-too-soon');
    expect((await extra({ lineId: 'other' })).status).toBe(404);
    // Where a run is cancelled, its bus is free.
    await change({ kind: 'cancelled' });
    expect((await extra({ departs: '08:08' })).status).toBe(422);
    expect((await extra({ departs: '08:10' })).status).toBe(201);
  });
});

describe('a change of a run', () => {
  test('is refused by name, with words that say what to do', async () => {
    await setScene({}, 1);
    const refused = async (body: object, runId?: string) => problemOf(await change(body, runId ? { runId } : {}));
    expect(await refused({ kind: 'retimed', departs: '08:10' })).toBe('rule: nothing-changes');
    expect(await refused({ kind: 'retimed', departs: '08:20' })).toBe('rule: vehicle-busy');
    expect((await change({ kind: 'cancelled' }, { runId: 'run-9' })).status).toBe(404);
    expect((await change({ kind: 'retimed', departs: '25:00' })).status).toBe(422);
    const saturday = await dispatcher.post('/shuttle/runs/run-2/days/2026-11-28/changes', {
      kind: 'cancelled',
      reason: 'x',
    });
    expect(problemOf(saturday)).toBe('rule: not-running');
    await change({ kind: 'cancelled' });
    const again = await change({ kind: 'flipped' }, { headers: { 'accept-language': 'en' } });
    expect([problemOf(again), again.body.detail]).toEqual([
      'rule: run-cancelled',
      'This run is cancelled that day. To bring it back, take the cancellation back.',
    ]);
    site.clock.set(at('08:36'));
    expect(await refused({ kind: 'cancelled' }, 'run-3')).toBe('rule: run-departed');
  });

  test('is refused once somebody has boarded', async () => {
    const ride = await booked();
    site.clock.set(at('08:05'));
    await scanned(ride);
    for (const body of [{ kind: 'cancelled' }, { kind: 'flipped' }, { kind: 'retimed', departs: '08:11' }]) {
      expect(problemOf(await change({ ...body, dryRun: true }))).toBe('rule: boarding-began');
    }
    expect((await ride.now()).state).toBe('checked_in');
  });

  test('is for those who dispatch the line: others are told that there is none', async () => {
    const { body } = await change({ kind: 'cancelled' });
    for (const other of [
      await site.person(staff('dispatcher', 'demo-ic')),
      await site.person(staff('canteen-manager')),
    ]) {
      expect((await change({ kind: 'flipped' }, { by: other, runId: 'run-3' })).status).toBe(404);
      expect((await other.get(`/shuttle/run-changes?date=${day}`)).status).toBe(404);
      expect((await other.post(`/shuttle/run-changes/${body.changeId}/undo`, {})).status).toBe(404);
    }
    expect((await change({ kind: 'flipped' }, { by: site, runId: 'run-3' })).status).toBe(401);
    const chief = await site.person(staff('site-administrator', null));
    expect((await change({ kind: 'flipped' }, { by: chief, runId: 'run-3' })).status).toBe(200);
    expect((await changes())[0].actor.role).toBe('site-administrator');
  });

  test('is made as it was looked at, and once however often it is sent', async () => {
    const tag = (await change({ kind: 'flipped', dryRun: true })).headers.get('ETag') ?? '';
    await change({ kind: 'retimed', departs: '08:12' });
    const stale = await change({ kind: 'flipped' }, { headers: { 'if-match': tag } });
    expect(stale.status).toBe(412);
    const fresh = { 'if-match': stale.headers.get('ETag') ?? '', 'idempotency-key': 'flip-it-once' };
    const first = await change({ kind: 'flipped' }, { headers: fresh });
    const second = await change({ kind: 'flipped' }, { headers: fresh });
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.body.changeId).toBe(first.body.changeId);
    expect(second.headers.get('Idempotent-Replay')).toBe('true');
    expect(await changes()).toHaveLength(2);
  });
});

async function scanned({ person, id }: { person: Call; id: string }) {
  const pass = await person.get(`/bookings/${id}/pass`);
  const scan = await dispatcher.post('/check-ins', { code: pass.body.qr, at: at('08:05'), nonce: 'first-scan' });
  expect(scan.status).toBe(201);
}
