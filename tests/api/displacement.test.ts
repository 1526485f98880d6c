import { beforeEach, describe, expect, test } from 'vitest';
import { expire } from '../../api/engine/expire.ts';
import { problemOf, type AnyBody, type Call } from '../support/call.ts';
import { examine } from '../../api/engine/doctor.ts';
import { aCanteen, aClass, aLot, aRun } from '../support/offers.ts';
import { anEmployee, aParent, aResident, staff, type Person } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { aRide, remainingOn, slotOn, slotsOn } from '../support/slots.ts';

const day = '2026-11-24';

/** Whoever breaks an invariant on this site's database; other tests' sites keep theirs. */
const broken = async (site: TestSite) => (await examine(site.db)).broken.filter(({ siteId }) => siteId === site.id);

describe('a run of 3 seats that is full, with 2 seats on the run after it', () => {
  let site: TestSite;
  let dispatcher: Person & Call;
  let riders: (Person & Call)[];
  let bookings: AnyBody[];
  beforeEach(async () => {
    site = await aSite([aRun({ seats: 3 }), aRun({ id: 'run-3', seats: 2 }), aRun({ id: 'run-1', seats: 9 })]);
    dispatcher = await site.person(staff('dispatcher'));
    riders = [];
    bookings = [];
    for (let count = 0; count < 3; count++) {
      const rider = await site.person({ ...anEmployee(), name: `林${count}号` });
      site.clock.advance(60);
      bookings.push((await rider.post('/bookings', aRide())).body);
      riders.push(rider);
    }
  });

  const cut = (capacity: number, more: object = {}) =>
    dispatcher.post('/capacity-changes', {
      ...{ resourceId: 'run-2', from: day, to: day, capacity, reason: '车辆检修', onExcess: 'displace' },
      ...more,
    });
  const stateOf = async (number: number): Promise<AnyBody> =>
    (await riders[number]!.get(`/bookings/${bookings[number].id}`)).body;

  test('the latest booking gives way, and the nearest run is held for it', async () => {
    const made = await cut(2);
    expect(made.status).toBe(200);
    expect(made.body.displaced).toEqual([
      {
        bookingId: bookings[2].id,
        person: { name: '林**', phone: expect.stringMatching(/^139\*{4}\d{4}$/) },
        state: 'confirmed',
        position: 1,
        of: 3,
        bookedAt: bookings[2].createdAt,
        startsAt: bookings[2].startsAt,
        endsAt: bookings[2].endsAt,
        serviceDate: day,
        units: 1,
        alternative: expect.objectContaining({ startsAt: '2026-11-24T08:35:00+08:00', priceFen: 0 }),
      },
    ]);
    expect(await remainingOn(site, 'run-2', day)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(await remainingOn(site, 'run-3', day)).toEqual([1, 1, 1, 1, 1, 1]);
    const shown = await stateOf(2);
    expect(shown.state).toBe('displaced');
    expect(shown.displacement).toMatchObject({
      by: 'dispatcher',
      reason: '车辆检修',
      position: 1,
      of: 3,
      alternative: { state: 'offered', startsAt: '2026-11-24T08:35:00+08:00' },
    });
    expect(JSON.stringify(shown.displacement)).not.toContain(dispatcher.id);
    expect((await dispatcher.get(`/bookings/${bookings[2].id}`)).body.displacement).toEqual(shown.displacement);
    expect(await broken(site)).toEqual([]);
  });

  test('a dry run shows exactly that, without a write', async () => {
    const before = await site.rows();
    const planned = await cut(1, { dryRun: true });
    expect(await site.rows()).toEqual(before);
    expect(planned.body.applied).toBe(false);
    const made = await cut(1);
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
    const made = await cut(0);
    expect(made.body.displaced.map(({ alternative }: AnyBody) => alternative?.startsAt.slice(11, 16))).toEqual([
      '08:35',
      '08:35',
      '07:45',
    ]);
    const offers = made.body.displaced.map(({ alternative }: AnyBody) => alternative.waitlistId);
    const accepted = await riders[2]!.post(`/waitlist/${offers[0]}/accept`, {});
    expect(accepted.body.state).toBe('accepted');
    const declined = await riders[1]!.post(`/waitlist/${offers[1]}/decline`, {});
    expect(declined.body.state).toBe('declined');
    site.clock.advance(16 * 60);
    await expire(site.db, site.id, site.clock.now());
    expect([
      (await stateOf(2)).displacement.alternative.state,
      (await stateOf(1)).displacement.alternative.state,
      (await stateOf(0)).displacement.alternative.state,
    ]).toEqual(['accepted', 'declined', 'lapsed']);
    expect(await remainingOn(site, 'run-3', day)).toEqual([1, 1, 1, 1, 1, 1]);
    const mine = (await riders[2]!.get('/bookings?state=confirmed')).body.items;
    expect(mine.map(({ startsAt }: AnyBody) => startsAt)).toEqual(['2026-11-24T08:35:00+08:00']);
    expect(await broken(site)).toEqual([]);
  });

  test('whose alternative has to give way as well waits for it as long as it can be booked', async () => {
    const { displaced } = (await cut(2)).body;
    await cut(0, { resourceId: 'run-3' });
    const place = `/waitlist/${displaced[0].alternative.waitlistId}`;
    expect((await riders[2]!.get(place)).body).toMatchObject({
      state: 'waiting',
      closesAt: '2026-11-24T08:30:00+08:00',
    });
    site.clock.advance(16 * 60);
    await expire(site.db, site.id, site.clock.now());
    await cut(1, { resourceId: 'run-3' });
    expect((await riders[2]!.get(place)).body.state).toBe('offered');
    expect(await broken(site)).toEqual([]);
  });

  test('whoever has accessible needs is kept, though they booked last; if nobody else can give way, nothing is done', async () => {
    const last = await site.person(anEmployee());
    await cut(4);
    const guarded = (await last.post('/bookings', aRide({ accessible: true }))).body;
    expect(guarded.details.isAccessible).toBe(true);
    expect((await cut(3)).body.displaced.map(({ bookingId }: AnyBody) => bookingId)).toEqual([bookings[2].id]);
    const before = await site.rows();
    for (const dryRun of [true, false]) {
      const refused = await cut(0, { dryRun });
      expect([refused.status, problemOf(refused)]).toEqual([422, 'rule: bookings-must-stay']);
      expect(refused.body.changes[0]).toMatchObject({ booked: 3, after: 0, excess: 3 });
    }
    expect(await site.rows()).toEqual(before);
  });

  test('nobody is put before those who wait for the run after it', async () => {
    const party = await site.person(anEmployee());
    const waiting = await party.post('/bookings', aRide({ runId: 'run-3', seats: 3, joinWaitlist: true }));
    expect(waiting.status).toBe(202);
    const [displaced] = (await cut(2)).body.displaced;
    expect(displaced.alternative.startsAt).toBe('2026-11-24T07:45:00+08:00');
  });

  test('whoever is riding at that time already gets no alternative then', async () => {
    const [, , late] = riders;
    await late!.post('/bookings', aRide({ runId: 'run-3' }));
    const [displaced] = (await cut(2)).body.displaced;
    expect(displaced.alternative).toMatchObject({ startsAt: expect.stringContaining('07:45') });
  });

  test('without an alternative it says none', async () => {
    for (const runId of ['run-3', 'run-1'])
      await dispatcher.post('/capacity-changes', {
        ...{ resourceId: runId, from: day, to: day, closed: true, reason: '停运' },
      });
    const made = await cut(2);
    expect(made.body.displaced[0].alternative).toBeNull();
    expect((await stateOf(2)).displacement.alternative).toBeNull();
  });

  test('an offer to somebody who waits is withdrawn before a booking is, and they keep their place in line', async () => {
    const waiter = await site.person(anEmployee());
    const { id } = (await waiter.post('/bookings', aRide({ joinWaitlist: true }))).body;
    await cut(4);
    expect((await waiter.get(`/waitlist/${id}`)).body.state).toBe('offered');
    const made = await cut(3);
    expect(made.body.displaced).toMatchObject([{ state: 'held', alternative: null }]);
    expect((await waiter.get(`/waitlist/${id}`)).body).toMatchObject({ state: 'waiting', position: 1 });
    expect(await remainingOn(site, 'run-2', day)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(await broken(site)).toEqual([]);
  });

  test('the same key gets the same answer, and displaces once', async () => {
    const body = { resourceId: 'run-2', from: day, to: day, capacity: 2, reason: '检修', onExcess: 'displace' };
    const first = await dispatcher.post('/capacity-changes', body, { 'idempotency-key': 'once' });
    const again = await dispatcher.post('/capacity-changes', body, { 'idempotency-key': 'once' });
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replay')).toBe('true');
  });

  test('the declared order is a setting of the resource', async () => {
    await site.db.query(
      `UPDATE schedule SET rule = rule || '{"displaceFirst":"earliest-booked"}' WHERE site_id = $1 AND id = 'run-2'`,
      [site.id],
    );
    site.forgetSurroundings();
    expect((await cut(2)).body.displaced.map(({ bookingId }: AnyBody) => bookingId)).toEqual([bookings[0].id]);
  });

  describe('closed', () => {
    const close = (more: object = {}) =>
      dispatcher.post('/capacity-changes', {
        ...{ resourceId: 'run-2', from: day, to: day, closed: true, reason: '道路施工' },
        ...more,
      });

    test('with people on it is refused, or displaces all of them; nothing can be booked, and the reason is shown', async () => {
      expect(problemOf(await close())).toBe('below-booked');
      const made = await close({ onExcess: 'displace' });
      expect(made.body.displaced).toHaveLength(3);
      expect(made.body.changes[0]).toMatchObject({ before: 3, after: 3, closedBefore: false, closedAfter: true });
      expect(await slotOn(site, 'run-2', day)).toMatchObject({ state: 'closed', closedReason: '道路施工' });
      const late = await (await site.person(anEmployee())).post('/bookings', aRide());
      expect(problemOf(late)).toBe('rule: slot-closed');
      expect(await broken(site)).toEqual([]);
    });

    test('and reopened, it serves who waited all the while', async () => {
      const waiter = await site.person(anEmployee());
      const { id } = (await waiter.post('/bookings', aRide({ joinWaitlist: true }))).body;
      await close({ onExcess: 'displace' });
      expect((await waiter.get(`/waitlist/${id}`)).body.state).toBe('waiting');
      const reopened = await close({ closed: false, reason: '恢复通行' });
      expect(reopened.body.promoted.map(({ waitlistId }: AnyBody) => waitlistId)).toEqual([id]);
      expect(await slotOn(site, 'run-2', day)).toMatchObject({ state: 'open', closedReason: null });
      const types = await site.db.query<{ type: string; count: number }>(
        `SELECT type, count(*)::int AS count FROM event WHERE site_id = $1 AND type LIKE 'slot.%' AND type <> 'slot.published' GROUP BY type ORDER BY type`,
        [site.id],
      );
      expect(types).toEqual([
        { type: 'slot.closed', count: 6 },
        { type: 'slot.reopened', count: 6 },
      ]);
      expect(await broken(site)).toEqual([]);
    });

    test('a change of nothing is turned down', async () => {
      const nothing = await dispatcher.post('/capacity-changes', {
        ...{ resourceId: 'run-2', from: day, to: day, reason: '检修' },
      });
      expect(problemOf(nothing)).toBe('validation');
    });
  });

  describe('undone', () => {
    const undo = (id: string, more: object = {}) => dispatcher.post(`/capacity-changes/${id}/undo`, more);

    test('gives everybody their seat back who has not taken another, and says who has', async () => {
      const { changeId, displaced } = (await cut(1)).body;
      await riders[2]!.post(`/waitlist/${displaced[0].alternative.waitlistId}/accept`, {});
      const before = await site.rows();
      const planned = await undo(changeId, { dryRun: true });
      expect(await site.rows()).toEqual(before);
      const undone = await undo(changeId, { reason: '检修提前完成' });
      expect(undone.body).toEqual({ ...planned.body, applied: true, changeId: expect.any(String) });
      expect(undone.body.restored.map(({ bookingId }: AnyBody) => bookingId)).toEqual([bookings[1].id]);
      expect(undone.body.notRestored).toMatchObject([{ bookingId: bookings[2].id, why: 'accepted-alternative' }]);
      expect([(await stateOf(1)).state, (await stateOf(2)).state]).toEqual(['confirmed', 'displaced']);
      expect(await remainingOn(site, 'run-2', day)).toEqual([1, 1, 1, 1, 1, 1]);
      expect(await remainingOn(site, 'run-3', day), 'what was held for the restored one is free').toEqual([
        1, 1, 1, 1, 1, 1,
      ]);
      expect(await broken(site)).toEqual([]);
    });

    test.each([0, 2])(
      'takes back what was offered instead, also if it had to give way meanwhile and there are %i seats of it by now',
      async (seats) => {
        const { changeId, displaced } = (await cut(2)).body;
        await cut(0, { resourceId: 'run-3' });
        await cut(seats, { resourceId: 'run-3' });
        const undone = await undo(changeId);
        expect(undone.body).toMatchObject({ restored: [{ bookingId: bookings[2].id }], notRestored: [] });
        const place = await riders[2]!.get(`/waitlist/${displaced[0].alternative.waitlistId}`);
        expect(place.body.state).toBe('withdrawn');
        expect(await remainingOn(site, 'run-3', day)).toEqual([seats, seats, seats, seats, seats, seats]);
        expect(await broken(site)).toEqual([]);
      },
    );

    test('restores before it serves those who wait', async () => {
      const { changeId } = (await cut(2)).body;
      const waiter = await site.person(anEmployee());
      const { id } = (await waiter.post('/bookings', aRide({ joinWaitlist: true }))).body;
      const undone = await undo(changeId);
      expect(undone.body).toMatchObject({ restored: [{ bookingId: bookings[2].id }], promoted: [] });
      expect((await waiter.get(`/waitlist/${id}`)).body.state).toBe('waiting');
    });

    test('is refused once what was added is booked, with the numbers; nothing changes', async () => {
      const { changeId } = (await cut(5)).body;
      for (let count = 0; count < 2; count++) await (await site.person(anEmployee())).post('/bookings', aRide());
      const before = await site.rows();
      const refused = await undo(changeId);
      expect([refused.status, problemOf(refused)]).toEqual([409, 'below-booked']);
      expect(refused.body.changes[0]).toMatchObject({ booked: 5, after: 3, excess: 2 });
      expect(await site.rows()).toEqual(before);
    });

    test('is refused when it was undone, or changed again; the later change can be undone, then this one', async () => {
      const first = (await cut(5)).body.changeId;
      const second = (await cut(6)).body.changeId;
      expect(problemOf(await undo(first))).toBe('rule: changed-since');
      expect((await undo(second)).status).toBe(200);
      expect(problemOf(await undo(second))).toBe('rule: already-undone');
      expect((await undo(first)).status).toBe(200);
      expect(await remainingOn(site, 'run-2', day)).toEqual([0, 0, 0, 0, 0, 0]);
    });

    test('is refused when all of it is over', async () => {
      const { changeId } = (await cut(5)).body;
      site.clock.set('2026-11-25T09:00:00+08:00');
      expect(problemOf(await undo(changeId))).toBe('rule: slot-over');
    });

    test('of a closing opens it again', async () => {
      const closed = await dispatcher.post('/capacity-changes', {
        ...{ resourceId: 'run-2', from: day, to: day, closed: true, reason: '道路施工', onExcess: 'displace' },
      });
      const undone = await undo(closed.body.changeId);
      expect(undone.body.restored).toHaveLength(3);
      expect(await slotOn(site, 'run-2', day)).toMatchObject({ state: 'full', closedReason: null });
      expect(await broken(site)).toEqual([]);
    });

    test('by somebody who does not manage it is not found', async () => {
      const { changeId } = (await cut(5)).body;
      for (const nosy of [await site.person(staff('provider')), riders[0]!]) {
        expect((await nosy.post(`/capacity-changes/${changeId}/undo`, {})).status).toBe(404);
        expect((await nosy.get(`/capacity-changes/${changeId}`)).status).toBe(404);
        expect((await nosy.get('/capacity-changes?resourceId=run-2')).status).toBe(404);
      }
    });
  });

  test('every change is kept, newest first, with actor, reason, before and after, and its receipt', async () => {
    const first = (await cut(5, { reason: '加车' })).body.changeId;
    const second = (await cut(2)).body.changeId;
    await dispatcher.post(`/capacity-changes/${second}/undo`, { reason: '弄错了' });
    const page = await dispatcher.get('/capacity-changes?resourceId=run-2&limit=2');
    const rest = await dispatcher.get(
      `/capacity-changes?resourceId=run-2&limit=2&cursor=${encodeURIComponent(page.body.nextCursor)}`,
    );
    expect([...page.body.items, ...rest.body.items]).toMatchObject([
      { reason: '弄错了', undoes: second, undoneBy: null, before: { least: 2, most: 2 }, after: { least: 5, most: 5 } },
      { id: second, reason: '车辆检修', displaced: 1, withAlternative: 1, slots: 6, undoneBy: expect.any(String) },
      { id: first, actor: { role: 'dispatcher', person: { name: '工**' } }, undoneBy: null },
    ]);
    expect(rest.body.nextCursor).toBeNull();
    const { receipt } = (await dispatcher.get(`/capacity-changes/${second}`)).body;
    expect(receipt.displaced).toMatchObject([{ bookingId: bookings[2].id, position: 1, of: 3 }]);
    expect(receipt.changes).toHaveLength(6);
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
