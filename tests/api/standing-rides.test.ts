import { beforeEach, describe, expect, test } from 'vitest';
import { freshSlots } from '../../api/engine/kept-slots.ts';
import { sweepStandingRides } from '../../api/services/shuttle/standing/standing-sweep.ts';
import { sweep } from '../../api/sweep.ts';
import { problemOf, type AnyBody, type Call } from '../support/call.ts';
import { broken } from '../support/full-run.ts';
import { aRun } from '../support/offers.ts';
import { anEmployee, type Person } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { aRide, remainingOn, slotsOn } from '../support/slots.ts';

let site: TestSite;
let rider: Person & Call;

/** Every working day at 08:10 from the metro to Guangqi Park, from Tuesday 24 November 2026 on. */
const standing = (change: object = {}) => ({
  ...{ runId: 'run-2', boardStopId: 'metro-l9', alightStopId: 'guangqi', seats: 1 },
  ...{ from: '2026-11-24', until: '2026-12-04' },
  ...change,
});
const make = async (change: object = {}, who: Call = rider): Promise<AnyBody> => {
  const made = await who.post('/shuttle/standing-rides', standing(change));
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  return made.body;
};
const read = async (id: string): Promise<AnyBody> => (await rider.get(`/shuttle/standing-rides/${id}`)).body;
const outcomes = ({ days }: AnyBody): Record<string, string> =>
  Object.fromEntries(days.map(({ date, outcome }: AnyBody) => [date.slice(5), outcome]));
const dayOf = ({ days }: AnyBody, date: string): AnyBody => days.find((day: AnyBody) => day.date === date);
const booked = async (who: Call = rider): Promise<string[]> =>
  (await who.get('/bookings?when=upcoming&limit=100')).body.items.map(
    ({ serviceDate }: { serviceDate: string }) => serviceDate,
  );

async function sweepAt(moment: string): Promise<void> {
  site.clock.set(moment);
  await site.topUp();
  const surroundings = await site.surroundings();
  await sweepStandingRides({ ...surroundings, db: site.db, slots: freshSlots(site.db), now: site.clock.now() });
}

beforeEach(async () => {
  site = await aSite([aRun({ seats: 3 }), aRun({ id: 'run-3' })]);
  rider = await site.person(anEmployee());
});

describe('a standing ride', () => {
  test('books what is open when it is made, and each later day when it opens; the report says so', async () => {
    const ride = await make();
    expect(outcomes(ride)).toEqual({
      ...{ '11-24': 'booked', '11-25': 'booked', '11-26': 'booked', '11-27': 'booked', '11-30': 'booked' },
      ...{ '12-01': 'ahead', '12-02': 'ahead', '12-03': 'ahead', '12-04': 'ahead' },
    });
    expect(ride).toMatchObject({
      ...{ applied: true, state: 'active', departs: '08:10', arrives: '08:25', direction: 'inbound' },
      nextOpensAt: '2026-11-24T00:00:00+08:00',
    });
    expect(dayOf(ride, '2026-11-24')).toMatchObject({
      ...{ bookingState: 'confirmed', departsAt: '2026-11-24T08:10:00+08:00' },
      cancellableUntil: '2026-11-24T07:40:00+08:00',
    });
    await sweepAt('2026-11-23T23:59:00+08:00');
    expect(outcomes(await read(ride.id))['12-01']).toBe('ahead');
    await sweepAt('2026-11-24T00:00:00+08:00');
    expect(outcomes(await read(ride.id))['12-01']).toBe('booked');
    await sweepAt('2026-11-27T06:00:00+08:00');
    expect(outcomes(await read(ride.id))['12-04']).toBe('booked');
    expect((await read(ride.id)).nextOpensAt).toBeNull();
    expect(await broken(site)).toEqual([]);
  });

  test('is swept again and again without a second booking', async () => {
    const ride = await make();
    for (const moment of ['00:00', '00:01', '07:00']) await sweepAt(`2026-11-24T${moment}:00+08:00`);
    expect(await booked()).toHaveLength(6);
    expect(await remainingOn(site, 'run-2', '2026-12-01')).toEqual([2, 2, 2, 2, 2, 2]);
    expect(outcomes(await read(ride.id))['12-01']).toBe('booked');
  });

  test('does not book a day again that its rider has cancelled', async () => {
    const ride = await make();
    const { bookingId } = dayOf(ride, '2026-11-26');
    await rider.post(`/bookings/${bookingId}/cancel`, {});
    await sweepAt('2026-11-24T00:00:00+08:00');
    const paused = await rider.post(`/shuttle/standing-rides/${ride.id}/pause`, { rides: 'keep' });
    expect(paused.body.state).toBe('paused');
    await rider.raw('POST', `/shuttle/standing-rides/${ride.id}/resume`, null);
    expect(dayOf(await read(ride.id), '2026-11-26')).toMatchObject({ outcome: 'booked', bookingState: 'cancelled' });
    expect(await booked()).not.toContain('2026-11-26');
  });

  test('says of each day off why nobody runs, and goes on a Saturday that makes up for one', async () => {
    const holidays = await aSite([aRun()], { now: '2026-09-28T09:00:00+08:00' });
    const person = await holidays.person(anEmployee());
    const ride = await make({ from: '2026-09-29', until: '2026-10-12' }, person);
    expect(outcomes(ride)).toMatchObject({ '09-30': 'booked', '10-01': 'not-running', '10-10': 'ahead' });
    expect(outcomes(ride)['10-11']).toBeUndefined();
    expect(dayOf(ride, '2026-10-01').holiday.en).toMatch(/National Day/);
    const onlyThursdays = await make(
      { runId: 'run-2', from: '2026-10-08', until: '2026-10-12', weekdays: [4] },
      person,
    );
    expect(Object.keys(outcomes(onlyThursdays))).toEqual(['10-08']);
  });

  test('on a full day says so, or waits in line if that is wished, and tells its rider', async () => {
    const others = await site.person(anEmployee());
    site.clock.set('2026-11-24T00:00:00+08:00');
    await others.post('/bookings', aRide({ serviceDate: '2026-12-01', seats: 3 }));
    site.clock.set('2026-11-23T09:00:00+08:00');
    const plain = await make();
    const waiter = await site.person(anEmployee());
    const patient = await make({ joinWaitlist: true, from: '2026-12-01' }, waiter);
    await sweepAt('2026-11-24T00:01:00+08:00');
    expect(outcomes(await read(plain.id))['12-01']).toBe('full');
    const waiting = dayOf((await waiter.get(`/shuttle/standing-rides/${patient.id}`)).body, '2026-12-01');
    expect(waiting).toMatchObject({ outcome: 'waiting', waitlistState: 'waiting' });
    for (const who of [rider, waiter]) {
      const told = (await who.get('/notices')).body.items;
      expect(told).toMatchObject([{ kind: 'standing-ride', serviceDate: '2026-12-01', booking: null }]);
    }
    expect((await rider.get('/notices')).body.items[0].standingRideId).toBe(plain.id);
  });

  test('names what is in the way, and a run that is cancelled', async () => {
    const own = (await rider.post('/bookings', aRide({ alightStopId: 'hq' }))).body;
    const [closed] = await slotsOn(site, 'run-2', '2026-11-25');
    await site.db.query(
      `WITH gone AS (UPDATE slot SET state = 'closed', closed_reason = 'x' WHERE site_id = $1 AND service_date = $2 RETURNING id)
       INSERT INTO event (site_id, at, type, slot_id) SELECT $1, now(), 'slot.closed', id FROM gone`,
      [site.id, closed!.serviceDate],
    );
    const ride = await make();
    expect(dayOf(ride, '2026-11-24')).toMatchObject({ outcome: 'overlap', bookingId: own.id });
    expect(dayOf(ride, '2026-11-25')).toMatchObject({ outcome: 'not-running', rule: 'slot-closed' });
    expect(dayOf(ride, '2026-11-25').reason.zh).toMatch(/./);
  });

  test('is refused by the rule that blocks whoever missed rides, day by day and in words', async () => {
    for (const date of ['2026-11-24', '2026-11-25', '2026-11-26'])
      await rider.post('/bookings', aRide({ runId: 'run-3', serviceDate: date }));
    for (const date of ['2026-11-24', '2026-11-25', '2026-11-26'])
      for (const time of ['08:30', '08:40']) {
        site.clock.set(`${date}T${time}:00+08:00`);
        await sweep(site.db, site.clock, site.code);
      }
    const ride = await make({ from: '2026-11-27' });
    expect(dayOf(ride, '2026-11-27')).toMatchObject({ outcome: 'refused', rule: 'shuttle-blocked', bookingId: null });
    expect(dayOf(ride, '2026-11-27').reason.en).toMatch(/./);
    expect(await booked()).toEqual([]);
  });

  test('is only looked at by a dry run, which says exactly what making it does then', async () => {
    const before = await site.rows();
    const seen = await rider.post('/shuttle/standing-rides', standing({ dryRun: true }));
    expect([seen.status, seen.body.applied]).toEqual([200, false]);
    expect(await site.rows()).toEqual(before);
    expect((await rider.get('/shuttle/standing-rides')).body.items).toEqual([]);
    expect(outcomes(await make())).toEqual(outcomes(seen.body));
  });

  test('with its retry key is made once', async () => {
    const key = { 'idempotency-key': crypto.randomUUID() };
    const first = await rider.post('/shuttle/standing-rides', standing(), key);
    const again = await rider.post('/shuttle/standing-rides', standing(), key);
    expect([again.status, again.headers.get('idempotent-replay')]).toEqual([201, 'true']);
    expect(again.body).toEqual(first.body);
    expect(await booked()).toHaveLength(5);
  });
});

describe('stopping and changing', () => {
  test('pausing books nothing more; resuming books what has opened meanwhile', async () => {
    const ride = await make();
    await rider.post(`/shuttle/standing-rides/${ride.id}/pause`, { rides: 'keep' });
    await sweepAt('2026-11-25T00:00:00+08:00');
    expect(outcomes(await read(ride.id))['12-01']).toBeUndefined();
    const resumed = await rider.raw('POST', `/shuttle/standing-rides/${ride.id}/resume`, null);
    expect(outcomes(resumed.body)).toMatchObject({ '12-01': 'booked', '12-02': 'booked', '12-03': 'ahead' });
  });

  test('ending keeps the booked rides, or gives back those that can still be cancelled, and places in line', async () => {
    const blocker = await site.person(anEmployee());
    await blocker.post('/bookings', aRide({ serviceDate: '2026-11-27', seats: 3 }));
    const ride = await make({ joinWaitlist: true });
    site.clock.set('2026-11-24T07:45:00+08:00');
    const ended = await rider.post(`/shuttle/standing-rides/${ride.id}/end`, { rides: 'cancel' });
    expect(ended.body.state).toBe('ended');
    expect(dayOf(ended.body, '2026-11-24').bookingState).toBe('confirmed');
    expect(dayOf(ended.body, '2026-11-25').bookingState).toBe('cancelled');
    expect(dayOf(ended.body, '2026-11-27').waitlistState).toBe('withdrawn');
    expect(await booked()).toEqual(['2026-11-24']);
    await sweepAt('2026-11-25T00:00:00+08:00');
    expect(await booked()).toEqual([]);
    expect(problemOf(await rider.post(`/shuttle/standing-rides/${ride.id}/pause`, { rides: 'keep' }))).toBe(
      'rule: standing-ended',
    );
    expect(await broken(site)).toEqual([]);
  });

  test('other terms are for days that are not booked yet, and try again what failed', async () => {
    const blocker = await site.person(anEmployee());
    await blocker.post('/bookings', aRide({ serviceDate: '2026-11-27', seats: 3 }));
    const ride = await make();
    expect(outcomes(ride)['11-27']).toBe('full');
    const path = `/shuttle/standing-rides/${ride.id}`;
    const seen = await rider.patch(path, { runId: 'run-3', dryRun: true });
    expect([seen.body.applied, outcomes(seen.body)['11-27']]).toEqual([false, 'booked']);
    expect((await read(ride.id)).runId).toBe('run-2');
    expect(problemOf(await rider.patch(path, { runId: 'run-3' }, { 'if-match': '"7"' }))).toBe('stale');
    const changed = await rider.patch(path, { runId: 'run-3' }, { 'if-match': `"${ride.version}"` });
    expect(dayOf(changed.body, '2026-11-27').departsAt).toBe('2026-11-27T08:35:00+08:00');
    expect(dayOf(changed.body, '2026-11-26').departsAt).toBe('2026-11-26T08:10:00+08:00');
  });

  test.each([
    ['a stop that the run does not serve', { boardStopId: 'moon' }, 'rule: stop-not-on-run'],
    ['the other way', { boardStopId: 'guangqi', alightStopId: 'metro-l9' }, 'rule: wrong-direction'],
    ['a place that the bus has not', { wheelchair: true }, 'rule: no-wheelchair-place'],
    ['days that are over', { from: '2026-11-02', until: '2026-11-20' }, 'rule: standing-over'],
    ['years ahead', { until: '2028-11-20' }, 'rule: standing-too-long'],
    ['a Sunday alone', { from: '2026-11-28', until: '2026-11-29', weekdays: [1] }, 'rule: standing-no-days'],
    ['a run that is not there', { runId: 'run-99' }, 'not-found'],
    ['five riders', { seats: 5 }, 'validation'],
  ])('%s is refused, and nothing is written', async (_what, change, problem) => {
    const before = await site.rows();
    const refused = await rider.post('/shuttle/standing-rides', standing(change), { 'accept-language': 'en' });
    expect(problemOf(refused)).toBe(problem);
    expect(refused.body.detail ?? '').toMatch(/^\p{ASCII}*$/u);
    expect(await site.rows()).toEqual(before);
  });

  test('more of them than the setting allows are refused; ended ones do not count', async () => {
    const dates = ['24', '25', '26', '27', '30'].map((date) => ({ from: `2026-11-${date}`, until: `2026-11-${date}` }));
    const made = [];
    for (const date of [...dates, { from: '2026-12-01', until: '2026-12-01' }]) made.push(await make(date));
    const more = { from: '2026-12-02', until: '2026-12-02' };
    expect(problemOf(await rider.post('/shuttle/standing-rides', standing(more)))).toBe('rule: standing-too-many');
    await rider.post(`/shuttle/standing-rides/${made[0].id}/end`, { rides: 'keep' });
    await make(more);
  });

  test('is nobody else’s to see or to stop', async () => {
    const ride = await make();
    const other = await site.person(anEmployee());
    expect((await other.get(`/shuttle/standing-rides/${ride.id}`)).status).toBe(404);
    expect((await other.post(`/shuttle/standing-rides/${ride.id}/end`, { rides: 'cancel' })).status).toBe(404);
    expect((await other.patch(`/shuttle/standing-rides/${ride.id}`, { seats: 2 })).status).toBe(404);
    expect((await other.get('/shuttle/standing-rides')).body.items).toEqual([]);
    expect(await booked()).toHaveLength(5);
  });
});
