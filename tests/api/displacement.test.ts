import { describe, expect, test } from 'vitest';
import { expire } from '../../api/engine/expire.ts';
import { broken, day, useFullRun } from '../support/full-run.ts';
import { problemOf, type AnyBody } from '../support/call.ts';
import { aCanteen, aClass, aLot } from '../support/offers.ts';
import { anEmployee, aParent, aResident, staff } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { aRide, remainingOn, slotsOn } from '../support/slots.ts';

describe('a run of 3 seats that is full, with 2 seats on the run after it', () => {
  const scene = useFullRun();

  test('the latest booking gives way, and the nearest run is held for it', async () => {
    const made = await scene.cut(2);
    expect(made.status).toBe(200);
    expect(made.body.displaced).toEqual([
      {
        bookingId: scene.bookings[2].id,
        person: { name: '林**', phone: expect.stringMatching(/^139\*{4}\d{4}$/) },
        state: 'confirmed',
        position: 1,
        of: 3,
        bookedAt: scene.bookings[2].createdAt,
        startsAt: scene.bookings[2].startsAt,
        endsAt: scene.bookings[2].endsAt,
        serviceDate: day,
        units: 1,
        alternative: expect.objectContaining({ startsAt: '2026-11-24T08:35:00+08:00', priceFen: 0 }),
      },
    ]);
    expect(await remainingOn(scene.site, 'run-2', day)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(await remainingOn(scene.site, 'run-3', day)).toEqual([1, 1, 1, 1, 1, 1]);
    const shown = await scene.stateOf(2);
    expect(shown.state).toBe('displaced');
    expect(shown.displacement).toMatchObject({
      by: 'dispatcher',
      reason: '车辆检修',
      position: 1,
      of: 3,
      alternative: { state: 'offered', startsAt: '2026-11-24T08:35:00+08:00' },
    });
    expect(JSON.stringify(shown.displacement)).not.toContain(scene.dispatcher.id);
    expect((await scene.dispatcher.get(`/bookings/${scene.bookings[2].id}`)).body.displacement).toEqual(
      shown.displacement,
    );
    expect(await broken(scene.site)).toEqual([]);
  });

  test('a dry run shows exactly that, without a write', async () => {
    const before = await scene.site.rows();
    const planned = await scene.cut(1, { dryRun: true });
    expect(await scene.site.rows()).toEqual(before);
    expect(planned.body.applied).toBe(false);
    const made = await scene.cut(1);
    const withoutIds = ({ displaced, offered, changes, promoted }: AnyBody) => ({
      changes,
      promoted,
      displaced: displaced.map((each: AnyBody) => ({
        ...each,
        alternative: { ...each.alternative, bookingId: null, waitlistId: null },
      })),
      offered: offered.map((each: AnyBody) => ({ ...each, waitlistId: null })),
    });
    expect(withoutIds(made.body)).toEqual(withoutIds(planned.body));
    expect(made.body.offered).toHaveLength(2);
  });

  test('what is held is accepted, declined or lapses as any offer', async () => {
    const made = await scene.cut(0);
    expect(made.body.displaced.map(({ alternative }: AnyBody) => alternative?.startsAt.slice(11, 16))).toEqual([
      '08:35',
      '08:35',
      '07:45',
    ]);
    const offers = made.body.displaced.map(({ alternative }: AnyBody) => alternative.waitlistId);
    const accepted = await scene.riders[2]!.post(`/waitlist/${offers[0]}/accept`, {});
    expect(accepted.body.state).toBe('accepted');
    const declined = await scene.riders[1]!.post(`/waitlist/${offers[1]}/decline`, {});
    expect(declined.body.state).toBe('declined');
    scene.site.clock.advance(16 * 60);
    await expire(scene.site.db, scene.site.id, scene.site.clock.now());
    expect([
      (await scene.stateOf(2)).displacement.alternative.state,
      (await scene.stateOf(1)).displacement.alternative.state,
      (await scene.stateOf(0)).displacement.alternative.state,
    ]).toEqual(['accepted', 'declined', 'lapsed']);
    expect(await remainingOn(scene.site, 'run-3', day)).toEqual([1, 1, 1, 1, 1, 1]);
    const mine = (await scene.riders[2]!.get('/bookings?state=confirmed')).body.items;
    expect(mine.map(({ startsAt }: AnyBody) => startsAt)).toEqual(['2026-11-24T08:35:00+08:00']);
    expect(await broken(scene.site)).toEqual([]);
  });

  test('whose alternative has to give way as well waits for it as long as it can be booked', async () => {
    const { displaced } = (await scene.cut(2)).body;
    await scene.cut(0, { resourceId: 'run-3' });
    const place = `/waitlist/${displaced[0].alternative.waitlistId}`;
    expect((await scene.riders[2]!.get(place)).body).toMatchObject({
      state: 'waiting',
      closesAt: '2026-11-24T08:30:00+08:00',
    });
    scene.site.clock.advance(16 * 60);
    await expire(scene.site.db, scene.site.id, scene.site.clock.now());
    await scene.cut(1, { resourceId: 'run-3' });
    expect((await scene.riders[2]!.get(place)).body.state).toBe('offered');
    expect(await broken(scene.site)).toEqual([]);
  });

  test('whoever has accessible needs is kept, though they booked last; if nobody else can give way, nothing is done', async () => {
    const last = await scene.site.person(anEmployee());
    await scene.cut(4);
    const guarded = (await last.post('/bookings', aRide({ accessible: true }))).body;
    expect(guarded.details.isAccessible).toBe(true);
    expect((await scene.cut(3)).body.displaced.map(({ bookingId }: AnyBody) => bookingId)).toEqual([
      scene.bookings[2].id,
    ]);
    const before = await scene.site.rows();
    for (const dryRun of [true, false]) {
      const refused = await scene.cut(0, { dryRun });
      expect([refused.status, problemOf(refused)]).toEqual([422, 'rule: bookings-must-stay']);
      expect(refused.body.changes[0]).toMatchObject({ booked: 3, after: 0, excess: 3 });
    }
    expect(await scene.site.rows()).toEqual(before);
  });

  test('nobody is put before those who wait for the run after it', async () => {
    const party = await scene.site.person(anEmployee());
    const waiting = await party.post('/bookings', aRide({ runId: 'run-3', seats: 3, joinWaitlist: true }));
    expect(waiting.status).toBe(202);
    const [displaced] = (await scene.cut(2)).body.displaced;
    expect(displaced.alternative.startsAt).toBe('2026-11-24T07:45:00+08:00');
  });

  test('whoever is riding at that time already gets no alternative then', async () => {
    const [, , late] = scene.riders;
    await late!.post('/bookings', aRide({ runId: 'run-3' }));
    const [displaced] = (await scene.cut(2)).body.displaced;
    expect(displaced.alternative).toMatchObject({ startsAt: expect.stringContaining('07:45') });
  });

  test('without an alternative it says none', async () => {
    for (const runId of ['run-3', 'run-1'])
      await scene.dispatcher.post('/capacity-changes', {
        ...{ resourceId: runId, from: day, to: day, closed: true, reason: '停运' },
      });
    const made = await scene.cut(2);
    expect(made.body.displaced[0].alternative).toBeNull();
    expect((await scene.stateOf(2)).displacement.alternative).toBeNull();
  });

  test('an offer to somebody who waits is withdrawn before a booking is, and they keep their place in line', async () => {
    const waiter = await scene.site.person(anEmployee());
    const { id } = (await waiter.post('/bookings', aRide({ joinWaitlist: true }))).body;
    await scene.cut(4);
    expect((await waiter.get(`/waitlist/${id}`)).body.state).toBe('offered');
    const made = await scene.cut(3);
    expect(made.body.displaced).toMatchObject([{ state: 'held', alternative: null }]);
    expect((await waiter.get(`/waitlist/${id}`)).body).toMatchObject({ state: 'waiting', position: 1 });
    expect(await remainingOn(scene.site, 'run-2', day)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(await broken(scene.site)).toEqual([]);
  });

  test('the same key gets the same answer, and displaces once', async () => {
    const body = { resourceId: 'run-2', from: day, to: day, capacity: 2, reason: '检修', onExcess: 'displace' };
    const first = await scene.dispatcher.post('/capacity-changes', body, { 'idempotency-key': 'once' });
    const again = await scene.dispatcher.post('/capacity-changes', body, { 'idempotency-key': 'once' });
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replay')).toBe('true');
  });

  test('the declared order is a setting of the resource', async () => {
    await scene.site.db.query(
      `UPDATE schedule SET rule = rule || '{"displaceFirst":"earliest-booked"}' WHERE site_id = $1 AND id = 'run-2'`,
      [scene.site.id],
    );
    scene.site.forgetSurroundings();
    expect((await scene.cut(2)).body.displaced.map(({ bookingId }: AnyBody) => bookingId)).toEqual([
      scene.bookings[0].id,
    ]);
  });
});

test('a driver is offered the nearest other lot for the same group, for the same nights', async () => {
  const site = await aSite([aLot({ spaces: 1 }), aLot({ id: 'qinzhou-north-night', spaces: 1 })]);
  const provider = await site.person(staff('provider', null));
  const driver = await site.person(aResident());
  const nights = await slotsOn(site, 'guangqi-night', day, '2026-11-25');
  const slotIds = nights.map(({ id }) => id);
  const stay = { kind: 'parking', slotIds, vehicleId: driver.vehicleIds[0] };
  const booked = await driver.post('/bookings', stay);
  expect(booked.status).toBe(201);
  const made = await provider.post('/capacity-changes', {
    ...{ slotIds: [nights[1]?.id], capacity: 0, reason: '园区活动', onExcess: 'displace' },
  });
  const [displaced] = made.body.displaced;
  expect(displaced.alternative).toMatchObject({ serviceDate: day });
  const offer = (await driver.get(`/waitlist/${displaced.alternative.waitlistId}`)).body;
  expect(offer.offer.booking.lines.map(({ resourceId, serviceDate }: AnyBody) => [resourceId, serviceDate])).toEqual([
    ['qinzhou-north-night', day],
    ['qinzhou-north-night', '2026-11-25'],
  ]);
  expect(await remainingOn(site, 'guangqi-night', day), 'the night that was not cut is free again').toEqual([1]);
  expect(await broken(site)).toEqual([]);
});

test('a guest is offered the same dishes at the nearest time, even if they are the last', async () => {
  const site = await aSite(aCanteen({ perWindow: 1, portions: 1 }));
  const manager = await site.person(staff('canteen-manager'));
  const guest = await site.person(anEmployee());
  const windows = await slotsOn(site, 'innovation', '2026-11-23');
  const third = windows[2];
  const order = { kind: 'canteen', slotId: third?.id, items: [{ dishId: 'innovation-hongshao', quantity: 1 }] };
  expect((await guest.post('/bookings', order)).status).toBe(201);
  const closed = { slotIds: [third?.id], closed: true, reason: '设备检修', onExcess: 'displace' };
  const made = await manager.post('/capacity-changes', closed);
  expect(made.body.displaced[0].alternative.startsAt).toBe(windows[1]?.startsAt);
  const undone = await manager.post(`/capacity-changes/${made.body.changeId}/undo`, {});
  expect(undone.body.restored, 'the portion held for the other time comes back with it').toHaveLength(1);
  expect(await broken(site)).toEqual([]);
});

test('a child is offered another class that takes its grade, in the same session', async () => {
  const site = await aSite([aClass({ places: 1 }), aClass({ id: 'summer-1-b', places: 1 })]);
  const teacher = await site.person(staff('care-teacher', null));
  const parent = await site.person(aParent(2));
  const session = await slotOnYear(site, 'summer-1-a');
  const enrolled = await parent.post('/bookings', {
    ...{ kind: 'childcare', slotId: session.id, childId: parent.childIds[0] },
  });
  expect(enrolled.status).toBe(201);
  const made = await teacher.post('/capacity-changes', {
    ...{ slotIds: [session.id], capacity: 0, reason: '教室装修', onExcess: 'displace' },
  });
  expect(made.body.displaced[0].alternative).toMatchObject({ startsAt: session.startsAt });
  expect(await broken(site)).toEqual([]);
});

async function slotOnYear(site: TestSite, resourceId: string) {
  const [slot] = await slotsOn(site, resourceId, day, '2027-12-01');
  if (!slot) throw new Error(`${resourceId} has no session`);
  return slot;
}
