import { beforeEach, describe, expect, test } from 'vitest';
import { problemOf, type Call } from '../support/call.ts';
import { aClass, aNursery } from '../support/offers.ts';
import { aParent, type Person } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { slotsOn } from '../support/slots.ts';

describe('a class of one place in two sessions', () => {
  let site: TestSite;
  let parent: Person & Call;
  let sessions: string[];
  beforeEach(async () => {
    site = await aSite([aClass({ places: 1 }), aClass({ id: 'summer-2-a' }), aNursery()]);
    parent = await site.person(aParent(2, 5));
    sessions = (await slotsOn(site, 'summer-1-a', '2027-07-01', '2027-08-31')).map(({ id }) => id);
  });
  const place = (childId: string | undefined, slotId = sessions[0]) => ({ kind: 'childcare', slotId, childId });
  const remaining = async () =>
    (await slotsOn(site, 'summer-1-a', '2027-07-01', '2027-08-31')).map((slot) => slot.remaining);

  test('takes a child for a session and gives the place back', async () => {
    const booked = await parent.post('/bookings', place(parent.childIds[0]));
    expect(booked.status).toBe(201);
    expect(booked.body).toMatchObject({
      kind: 'childcare',
      priceFen: 60_000,
      startsAt: '2027-07-05T08:30:00+08:00',
      endsAt: '2027-07-23T16:30:00+08:00',
      cancellableUntil: '2027-07-02T00:00:00+08:00',
      provisional: true,
      details: { childId: parent.childIds[0], childName: '孩子1', firstDay: '2027-07-05', lastDay: '2027-07-23' },
    });
    expect((await parent.get('/bookings?kind=childcare')).body.items).toEqual([booked.body]);
    expect(await remaining()).toEqual([0, 1]);
    await parent.post(`/bookings/${booked.body.id}/cancel`, {});
    expect(await remaining()).toEqual([1, 1]);
  });

  test('that is full is refused; the sibling has the second session', async () => {
    await parent.post('/bookings', place(parent.childIds[0]));
    const full = await parent.post('/bookings', place(parent.childIds[1]));
    expect([full.status, problemOf(full), full.body.slotId]).toEqual([409, 'slot-full', sessions[0]]);
    expect((await parent.post('/bookings', place(parent.childIds[1], sessions[1]))).status).toBe(201);
  });

  test('takes nobody who is in another class at the time; siblings are in two classes', async () => {
    const first = await parent.post('/bookings', place(parent.childIds[0]));
    const [elsewhere] = await slotsOn(site, 'summer-2-a', '2027-07-05');
    const twice = await parent.post('/bookings', place(parent.childIds[0], elsewhere?.id));
    expect([twice.status, problemOf(twice), twice.body.bookingId]).toEqual([409, 'overlap', first.body.id]);
    expect((await parent.post('/bookings', place(parent.childIds[1], elsewhere?.id))).status).toBe(201);
    expect((await parent.post('/bookings', place(parent.childIds[0], sessions[1]))).status).toBe(201);
  });

  test.each([
    ['of grade 6', { grade: 6, verified: true }, 'rule: grade-not-eligible'],
    ['below school age', { grade: null, verified: true }, 'rule: grade-not-eligible'],
    ['whose guardian is not verified', { grade: 3, verified: false }, 'rule: child-unverified'],
  ])('takes no child %s', async (_who, child, problem) => {
    const guardian = await site.person({ children: [child] });
    const before = await site.rows();
    const refused = await guardian.post('/bookings', place(guardian.childIds[0]));
    expect([refused.status, problemOf(refused)]).toEqual([422, problem]);
    expect(await site.rows()).toEqual(before);
  });

  test("takes nobody else's child", async () => {
    const stranger = await site.person(aParent(2));
    expect(problemOf(await parent.post('/bookings', place(stranger.childIds[0])))).toBe('not-found');
  });

  test('refuses enrolment from the hour that the session begins', async () => {
    site.clock.set('2027-07-05T08:30:00+08:00');
    const late = await site.person(aParent(2));
    expect(problemOf(await late.post('/bookings', place(late.childIds[0])))).toBe('rule: booking-closed');
  });
});

test('a nursery is listed with its rules, and has no slots to book', async () => {
  const site = await aSite([aNursery()]);
  const nursery = (await site.get('/resources/nursery-1-a')).body;
  expect(nursery).toMatchObject({
    kind: 'childcare',
    facts: { type: 'nursery-intent', hours: null, feeFenPerSession: null },
  });
  expect(nursery.rules[0].name).toBe('intent-only');
  expect(await slotsOn(site, 'nursery-1-a', '2026-11-23', '2027-12-01')).toEqual([]);
});
