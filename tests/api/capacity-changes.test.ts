import { beforeEach, describe, expect, test } from 'vitest';
import type { RoleName } from '../../api/people/schemas.ts';
import { problemOf, type Call } from '../support/call.ts';
import { aCanteen, aClass, aLot, aRun, wholeSite } from '../support/offers.ts';
import { anEmployee, aResident, staff, type Person } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { aRide, remainingOn, slotOn, slotsOn } from '../support/slots.ts';

const day = '2026-11-24';

describe('who may change the capacity of what', () => {
  /** One resource of each owner: the park's four services, the street's and a compound's lots, a partner restaurant. */
  const resources = [
    'guangqi-night',
    'qinzhou-north-night',
    'sample-compound-day',
    'innovation',
    'benbang',
    'run-2',
    'summer-1-a',
    'innovation-hongshao',
  ];
  const everything = resources.toSorted();
  const table: [RoleName, string | null, string[]][] = [
    ['resident', 'hongxing', []],
    ['employee', 'demo-ic', []],
    ['parent', null, []],
    ['auditor', null, []],
    ['provider', 'park', ['guangqi-night']],
    ['provider', 'street', ['qinzhou-north-night']],
    ['provider', 'sample-compound', ['sample-compound-day']],
    ['provider', null, ['guangqi-night', 'qinzhou-north-night', 'sample-compound-day']],
    ['canteen-manager', 'park', ['innovation', 'innovation-hongshao']],
    ['canteen-manager', 'benbang', ['benbang']],
    ['dispatcher', 'park', ['run-2']],
    ['dispatcher', 'street', []],
    ['care-teacher', 'park', ['summer-1-a']],
    ['site-administrator', 'park', ['guangqi-night', 'innovation', 'innovation-hongshao', 'run-2', 'summer-1-a']],
    ['site-administrator', null, everything],
  ];

  test('holds for each role and organisation, in the pattern form and by slots; what is not theirs is not found', async () => {
    const site = await aSite(wholeSite().filter(({ id }) => resources.includes(id)));
    const slotIds = new Map<string, number>();
    for (const { resourceId, id } of await site.db.query<{ resourceId: string; id: number }>(
      'SELECT DISTINCT ON (resource_id) resource_id AS "resourceId", id FROM slot WHERE site_id = $1 AND ends_at > $2 ORDER BY resource_id, id',
      [site.id, '2026-11-24T00:00:00+08:00'],
    ))
      slotIds.set(resourceId, id);
    const versions = async () => (await site.rows())['versions'];
    const before = await versions();
    for (const [role, organisationId, theirs] of table) {
      const person = await site.person(staff(role, organisationId));
      const allowed = new Set<string>();
      for (const resourceId of resources) {
        const wanted = { capacity: 5, reason: '检修', dryRun: true };
        const bySlot = await person.post('/capacity-changes', {
          ...wanted,
          slotIds: [String(slotIds.get(resourceId))],
        });
        const byPattern = await person.post('/capacity-changes', {
          ...wanted,
          resourceId,
          from: day,
          to: '2027-08-31',
        });
        const outcome = bySlot.status === 200 ? 'planned' : problemOf(bySlot);
        expect([role, resourceId, outcome]).toEqual([role, resourceId, expect.stringMatching(/^(planned|not-found)$/)]);
        expect([role, resourceId, byPattern.status]).toEqual([role, resourceId, bySlot.status]);
        if (outcome === 'planned') allowed.add(resourceId);
      }
      expect([role, organisationId, [...allowed].toSorted()]).toEqual([role, organisationId, theirs.toSorted()]);
    }
    expect(await versions()).toBe(before);
  });

  test('a slot of somebody else among the own ones: nothing is changed', async () => {
    const site = await aSite([aRun(), aLot()]);
    const dispatcher = await site.person(staff('dispatcher'));
    const slotIds = [(await slotOn(site, 'run-2', day)).id, (await slotOn(site, 'guangqi-night', day)).id];
    const before = await site.rows();
    const refused = await dispatcher.post('/capacity-changes', { slotIds, capacity: 5, reason: '检修' });
    expect([refused.status, problemOf(refused)]).toEqual([404, 'not-found']);
    expect(await site.rows()).toEqual(before);
  });

  test('without a session nobody may', async () => {
    const site = await aSite([aRun()]);
    expect((await site.post('/capacity-changes', { slotIds: ['1'], capacity: 5, reason: '检修' })).status).toBe(401);
  });
});

describe('a change of a run with 3 seats', () => {
  let site: TestSite;
  let dispatcher: Person & Call;
  beforeEach(async () => {
    site = await aSite([aRun({ seats: 3 })]);
    dispatcher = await site.person(staff('dispatcher'));
  });
  const change = (more: object = {}) => ({
    resourceId: 'run-2',
    from: day,
    to: day,
    capacity: 1,
    reason: '加座',
    ...more,
  });
  const book = async (seats: number, more: object = {}) =>
    (await (await site.person(anEmployee())).post('/bookings', aRide({ seats, ...more }))).body;

  test('is planned by a dry run without a write, and made as it was planned', async () => {
    await book(1, { alightStopId: 'hq' });
    const before = await site.rows();
    const planned = await dispatcher.post('/capacity-changes', change({ capacity: 5, dryRun: true }));
    expect(await site.rows()).toEqual(before);
    expect(
      planned.body.changes.map(({ before, after, booked, excess }: never) => [before, after, booked, excess]),
    ).toEqual([
      [3, 5, 1, 0],
      [3, 5, 1, 0],
      [3, 5, 0, 0],
      [3, 5, 0, 0],
      [3, 5, 0, 0],
      [3, 5, 0, 0],
    ]);
    const made = await dispatcher.post('/capacity-changes', change({ capacity: 5 }));
    expect(made.body).toEqual({ ...planned.body, applied: true, changeId: expect.any(String) });
    expect(await remainingOn(site, 'run-2', day)).toEqual([4, 4, 5, 5, 5, 5]);
    expect((await book(4, { boardStopId: 'hq' })).state).toBe('confirmed');
  });

  test('below what is booked is refused with the list, and changes nothing; at what is booked it is made', async () => {
    await book(2, { alightStopId: 'hq' });
    const before = await site.rows();
    const planned = await dispatcher.post('/capacity-changes', change({ dryRun: true }));
    expect([planned.status, planned.body.changes.map(({ excess }: { excess: number }) => excess)]).toEqual([
      200,
      [1, 1, 0, 0, 0, 0],
    ]);
    const refused = await dispatcher.post('/capacity-changes', change());
    expect([refused.status, problemOf(refused)]).toEqual([409, 'below-booked']);
    const [first, second] = await slotsOn(site, 'run-2', day);
    expect(refused.body.changes).toEqual([
      { slotId: first?.id, booked: 2, after: 1, excess: 1 },
      { slotId: second?.id, booked: 2, after: 1, excess: 1 },
    ]);
    expect(await site.rows()).toEqual(before);
    expect((await dispatcher.post('/capacity-changes', change({ capacity: 2 }))).status).toBe(200);
    expect(await remainingOn(site, 'run-2', day)).toEqual([0, 0, 2, 2, 2, 2]);
    expect((await slotOn(site, 'run-2', day)).state).toBe('full');
  });

  test('leaves an event of each slot with actor, reason, before and after, and none of a slot that stays', async () => {
    const [first] = await slotsOn(site, 'run-2', day);
    const twice = { slotIds: [first?.id, first?.id], capacity: 4, reason: '加座' };
    const { changeId } = (await dispatcher.post('/capacity-changes', twice)).body;
    await dispatcher.post('/capacity-changes', change({ capacity: 4, reason: "检修'; DROP TABLE slot; -- <b>🚌</b>" }));
    const events = await site.db.query<{ actor: string; slot: number; facts: object; at: number }>(
      `SELECT actor_id AS actor, slot_id AS slot, facts, at FROM event WHERE site_id = $1 AND type = 'slot.capacity-changed' ORDER BY id`,
      [site.id],
    );
    expect(events).toHaveLength(1 + 5);
    expect(events[0]).toEqual({
      actor: dispatcher.id,
      slot: Number(first?.id),
      facts: { before: 3, after: 4, reason: '加座', changeId },
      at: site.clock.now(),
    });
    expect(events[5]?.facts).toMatchObject({ before: 3, after: 4, reason: "检修'; DROP TABLE slot; -- <b>🚌</b>" });
  });

  test('by weekdays touches those weekdays only, and nothing that is over', async () => {
    const made = await dispatcher.post(
      '/capacity-changes',
      change({ from: '2026-11-22', to: '2026-12-06', weekdays: [1, 3], capacity: 9 }),
    );
    const dates = new Set(made.body.changes.map(({ serviceDate }: { serviceDate: string }) => serviceDate));
    // Run 2 of Monday 23 November has been and gone.
    expect([...dates]).toEqual(['2026-11-25', '2026-11-30', '2026-12-02']);
    expect(await remainingOn(site, 'run-2', '2026-11-23')).toEqual([3, 3, 3, 3, 3, 3]);
    expect(await remainingOn(site, 'run-2', '2026-11-26')).toEqual([3, 3, 3, 3, 3, 3]);
    expect(await remainingOn(site, 'run-2', '2026-12-02')).toEqual([9, 9, 9, 9, 9, 9]);
  });

  test('of a slot that is over is refused, whoever names it', async () => {
    const past = (await slotOn(site, 'run-2', '2026-11-23')).id;
    const future = (await slotOn(site, 'run-2', day)).id;
    const before = await site.rows();
    const refused = await dispatcher.post('/capacity-changes', {
      slotIds: [future, past],
      capacity: 9,
      reason: '加座',
    });
    expect([refused.status, problemOf(refused)]).toEqual([422, 'rule: slot-over']);
    expect(refused.body.detail).toMatch(/\p{Script=Han}/u);
    expect(await site.rows()).toEqual(before);
  });

  test('names slots or a pattern, not something of both', async () => {
    const slotIds = [(await slotOn(site, 'run-2', day)).id];
    const both = await dispatcher.post('/capacity-changes', { slotIds, weekdays: [1], capacity: 9, reason: '加座' });
    expect([both.status, problemOf(both)]).toEqual([422, 'validation']);
  });

  test('of dates on which nothing runs says so', async () => {
    const refused = await dispatcher.post('/capacity-changes', change({ from: '2026-11-28', to: '2026-11-29' }));
    expect([refused.status, problemOf(refused)]).toEqual([422, 'rule: no-slots']);
  });

  test('with If-Match is made on what was seen, and refused with 412 on what has changed since', async () => {
    const planned = await dispatcher.post('/capacity-changes', change({ capacity: 4, dryRun: true }));
    const seen = planned.headers.get('etag') ?? '';
    await book(1);
    const made = await dispatcher.post('/capacity-changes', change({ capacity: 4 }), { 'if-match': seen });
    expect(made.status, 'a booking does not make the plan stale').toBe(200);
    const before = await site.rows();
    const stale = await dispatcher.post('/capacity-changes', change({ capacity: 5 }), { 'if-match': seen });
    expect([stale.status, problemOf(stale)]).toEqual([412, 'stale']);
    expect(stale.headers.get('etag')).toBe(made.headers.get('etag'));
    expect(await site.rows()).toEqual(before);
    const weak = { 'if-match': `W/${made.headers.get('etag')}` };
    expect((await dispatcher.post('/capacity-changes', change({ capacity: 5 }), weak)).status).toBe(200);
    expect((await dispatcher.post('/capacity-changes', change({ capacity: 6 }), { 'if-match': '*' })).status).toBe(200);
    expect((await dispatcher.post('/capacity-changes', change(), { 'if-match': 'nonsense' })).status).toBe(412);
  });

  test('to nothing closes it to new bookings', async () => {
    await dispatcher.post('/capacity-changes', change({ capacity: 0 }));
    const refused = await (await site.person(anEmployee())).post('/bookings', aRide());
    expect(problemOf(refused)).toBe('slot-full');
  });
});

test('staff see the bookings of what they manage, and nobody else does', async () => {
  const site = await aSite([aRun(), aLot(), ...aCanteen(), aClass()]);
  const rider = await site.person(anEmployee());
  const booked = (await rider.post('/bookings', aRide())).body;
  const dispatcher = await site.person(staff('dispatcher'));
  const provider = await site.person(staff('provider'));
  expect((await dispatcher.get('/bookings?resourceId=run-2')).body.items).toEqual([booked]);
  expect((await dispatcher.get(`/bookings/${booked.id}`)).body).toEqual(booked);
  expect((await dispatcher.get('/bookings')).body.items).toEqual([]);
  for (const nosy of [provider, await site.person(aResident()), rider]) {
    expect((await nosy.get('/bookings?resourceId=run-2')).status).toBe(404);
  }
  expect((await provider.get(`/bookings/${booked.id}`)).status).toBe(404);
  expect((await provider.post(`/bookings/${booked.id}/cancel`, {})).status).toBe(404);
});
