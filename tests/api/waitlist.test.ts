import { beforeEach, describe, expect, test } from 'vitest';
import { sweep } from '../../api/sweep.ts';
import { problemOf, type Call } from '../support/call.ts';
import { aCanteen, aClass, aLot, aRun } from '../support/offers.ts';
import { anEmployee, aParent, aResident, staff, type Person } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { aRide, remainingOn, slotOn } from '../support/slots.ts';

const day = '2026-11-24';
const waiting = (change: object = {}) => aRide({ joinWaitlist: true, ...change });

describe('the queue for a run of 2 seats', () => {
  let site: TestSite;
  let first: Person & Call;
  let booked: { id: string };
  beforeEach(async () => {
    site = await aSite([aRun({ seats: 2 }), aRun({ id: 'run-3', seats: 1 })]);
    first = await site.person(anEmployee());
    booked = (await first.post('/bookings', aRide({ seats: 2 }))).body;
  });
  const someone = () => site.person(anEmployee());
  const joins = async (change: object = {}) => {
    const person = await someone();
    const joined = await person.post('/bookings', waiting(change));
    expect(joined.status).toBe(202);
    return { ...person, entryId: joined.body.id as string, joined: joined.body };
  };
  const entryOf = async (person: Call & { entryId: string }) => (await person.get(`/waitlist/${person.entryId}`)).body;
  const passTime = () => sweep(site.db, site.clock, site.code);
  const cancel = () => first.post(`/bookings/${booked.id}/cancel`, {});

  test('is joined by who asks for it, with a position; who does not is refused', async () => {
    expect(problemOf(await (await someone()).post('/bookings', aRide()))).toBe('slot-full');
    const [ann, bob] = [await joins(), await joins()];
    expect(ann.joined).toMatchObject({
      kind: 'shuttle',
      state: 'waiting',
      position: 1,
      offer: null,
      startsAt: `${day}T08:10:00+08:00`,
      closesAt: `${day}T08:05:00+08:00`,
      details: { runId: 'run-2', seats: 1 },
    });
    expect(bob.joined.position).toBe(2);
    expect((await bob.get('/waitlist')).body.items).toEqual([bob.joined]);
    expect(await remainingOn(site, 'run-2', day)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('is not joined when there is room: the seat is booked', async () => {
    await cancel();
    expect((await (await someone()).post('/bookings', waiting())).status).toBe(201);
  });

  test('gets what is cancelled at once, in order of arrival, held until it is answered', async () => {
    const [ann, bob, cem] = [await joins(), await joins(), await joins()];
    await cancel();
    expect(await entryOf(ann)).toMatchObject({
      state: 'offered',
      position: null,
      offer: { expiresAt: '2026-11-23T09:15:00+08:00', booking: { state: 'held' } },
    });
    expect(await entryOf(bob)).toMatchObject({ state: 'offered' });
    expect(await entryOf(cem)).toMatchObject({ state: 'waiting', position: 1 });
    expect(problemOf(await (await someone()).post('/bookings', aRide()))).toBe('slot-full');
    const accepted = await ann.post(`/waitlist/${ann.entryId}/accept`, {});
    expect([accepted.status, accepted.body.state]).toEqual([200, 'accepted']);
    expect((await ann.get('/bookings')).body.items).toMatchObject([
      { state: 'confirmed', details: { runId: 'run-2' } },
    ]);
    expect((await ann.post(`/waitlist/${ann.entryId}/accept`, {})).status).toBe(200);
  });

  test('passes an offer on when it is declined, and when its time is up', async () => {
    const [ann, bob, cem] = [await joins({ seats: 2 }), await joins({ seats: 2 }), await joins({ seats: 2 })];
    await cancel();
    await ann.post(`/waitlist/${ann.entryId}/decline`, {});
    expect((await entryOf(ann)).state).toBe('declined');
    expect((await entryOf(bob)).state).toBe('offered');
    site.clock.advance(15 * 60 - 1);
    await passTime();
    expect((await entryOf(bob)).state).toBe('offered');
    site.clock.advance(1);
    const late = await bob.post(`/waitlist/${bob.entryId}/accept`, {});
    expect(problemOf(late)).toBe('rule: offer-lapsed');
    await passTime();
    expect((await entryOf(bob)).state).toBe('lapsed');
    expect((await entryOf(cem)).state).toBe('offered');
    await passTime();
    expect((await bob.get('/bookings')).body.items).toMatchObject([{ state: 'expired' }]);
  });

  test('passes an offer on when what is held for it is cancelled like any booking', async () => {
    const [ann, bob] = [await joins({ seats: 2 }), await joins({ seats: 2 })];
    await cancel();
    const held = (await entryOf(ann)).offer.booking;
    expect((await ann.post(`/bookings/${held.id}/cancel`, {})).body.state).toBe('cancelled');
    expect((await entryOf(ann)).state).toBe('declined');
    expect((await entryOf(bob)).state).toBe('offered');
    expect(problemOf(await ann.post(`/waitlist/${ann.entryId}/accept`, {}))).toBe('rule: no-offer');
  });

  test('is left by who declines before there is an offer, and those behind move up', async () => {
    const [ann, bob] = [await joins(), await joins()];
    expect(problemOf(await ann.post(`/waitlist/${ann.entryId}/accept`, {}))).toBe('rule: no-offer');
    await ann.post(`/waitlist/${ann.entryId}/decline`, {});
    expect((await entryOf(ann)).state).toBe('withdrawn');
    expect(await entryOf(bob)).toMatchObject({ state: 'waiting', position: 1 });
  });

  test('lets singles pass a party, but not for ever', async () => {
    const dispatcher = await site.person(staff('dispatcher'));
    const setSeats = (capacity: number) =>
      dispatcher.post('/capacity-changes', { resourceId: 'run-2', from: day, to: day, capacity, reason: '加座' });
    const party = await joins({ seats: 3 });
    const singles = [];
    for (let count = 0; count < 4; count++) singles.push(await joins());
    await setSeats(5 - 1);
    // Two seats are free: the party of three does not fit, and is passed twice.
    expect((await entryOf(party)).state).toBe('waiting');
    expect(await Promise.all(singles.map(async (single) => (await entryOf(single)).state))).toEqual([
      'offered',
      'offered',
      'waiting',
      'waiting',
    ]);
    await setSeats(5);
    expect((await entryOf(singles[2]!)).state).toBe('offered');
    await setSeats(6);
    // Passed three times: from now on seats are kept for the party, and newcomers are not let past it either.
    expect((await entryOf(singles[3]!)).state).toBe('waiting');
    expect(problemOf(await (await someone()).post('/bookings', aRide()))).toBe('slot-full');
    await setSeats(8);
    expect((await entryOf(party)).state).toBe('offered');
  });

  test('gets what an administrator adds before the public, as the plan has said', async () => {
    const ann = await joins();
    const dispatcher = await site.person(staff('dispatcher'));
    const change = { resourceId: 'run-2', from: day, to: day, capacity: 3, reason: '加座' };
    const before = await site.rows();
    const plan = await dispatcher.post('/capacity-changes', { ...change, dryRun: true });
    expect(plan.body).toMatchObject({ applied: false, promoted: [{ waitlistId: ann.entryId, bookingId: null }] });
    expect(await site.rows()).toEqual(before);
    expect((await entryOf(ann)).state).toBe('waiting');
    const made = await dispatcher.post('/capacity-changes', change);
    expect(made.body).toMatchObject({ applied: true, promoted: [{ waitlistId: ann.entryId }] });
    expect((await entryOf(ann)).offer.booking.id).toBe(made.body.promoted[0].bookingId);
  });

  test('ends when booking closes: nothing is offered after that', async () => {
    const ann = await joins();
    site.clock.set(`${day}T08:05:00+08:00`);
    const administrator = await site.person(staff('site-administrator', null));
    await administrator.post(`/bookings/${booked.id}/cancel`, {});
    expect((await entryOf(ann)).state).toBe('waiting');
    await passTime();
    expect((await entryOf(ann)).state).toBe('lapsed');
  });

  test('passes over who is on another bus by then', async () => {
    const [ann, bob] = [await joins(), await joins()];
    await site.person(staff('dispatcher'));
    // Run 2 is under way from 08:10 to 08:25; this is another claim of Ann's in that time.
    const claims = await site.db.query(
      `INSERT INTO claim (site_id, booking_id, claimant_id, scope, during)
       VALUES ($1, $2, $3, 'ride', '[2026-11-24T00:00:00Z,2026-11-24T01:00:00Z)') RETURNING 1`,
      [site.id, booked.id, ann.id],
    );
    expect(claims).toHaveLength(1);
    await first.post(`/bookings/${booked.id}/cancel`, {});
    expect((await entryOf(bob)).state).toBe('offered');
  });

  test('gives a retry with the same key the same place', async () => {
    const person = await someone();
    const key = { 'idempotency-key': 'wait-1' };
    const joined = await person.post('/bookings', waiting(), key);
    const again = await person.post('/bookings', waiting(), key);
    expect(again.body).toEqual(joined.body);
    expect(again.headers.get('idempotent-replay')).toBe('true');
    expect((await person.get('/waitlist')).body.items).toHaveLength(1);
    await cancel();
    const accepted = await person.post(`/waitlist/${joined.body.id}/accept`, {}, { 'idempotency-key': 'accept-1' });
    const repeated = await person.post(`/waitlist/${joined.body.id}/accept`, {}, { 'idempotency-key': 'accept-1' });
    expect([accepted.status, repeated.status]).toEqual([200, 200]);
    expect(repeated.headers.get('idempotent-replay')).toBe('true');
  });

  test('shows nobody the place of somebody else', async () => {
    const ann = await joins();
    const nosy = await someone();
    expect((await nosy.get(`/waitlist/${ann.entryId}`)).status).toBe(404);
    expect((await nosy.post(`/waitlist/${ann.entryId}/accept`, {})).status).toBe(404);
    expect((await nosy.post(`/waitlist/${ann.entryId}/decline`, {})).status).toBe(404);
    expect((await nosy.get('/waitlist')).body.items).toEqual([]);
    expect((await entryOf(ann)).state).toBe('waiting');
  });

  test('is listed page by page, latest first', async () => {
    const person = await someone();
    await (await someone()).post('/bookings', aRide({ runId: 'run-3' }));
    const ids = [];
    for (const runId of ['run-2', 'run-3']) ids.unshift((await person.post('/bookings', waiting({ runId }))).body.id);
    const pageOne = (await person.get('/waitlist?limit=1')).body;
    const pageTwo = (await person.get(`/waitlist?limit=1&cursor=${pageOne.nextCursor}`)).body;
    expect([pageOne, pageTwo].map(({ items }) => items.map(({ id }: { id: string }) => id))).toEqual([
      [ids[0]],
      [ids[1]],
    ]);
    expect(pageTwo.nextCursor).toBeNull();
    expect((await person.get('/waitlist?state=offered')).body.items).toEqual([]);
    expect(problemOf(await person.get('/waitlist?cursor=nonsense'))).toBe('validation');
  });
});

describe('every service has its queue', () => {
  test('a night, a lunch window with its dish, a place in a class: cancelled, offered, accepted', async () => {
    const site = await aSite([aLot({ spaces: 1 }), ...aCanteen({ portions: 1 }), aClass({ places: 1 })], {
      now: '2026-11-23T16:00:00+08:00',
    });
    const night = await slotOn(site, 'guangqi-night', day);
    const lunch = await slotOn(site, 'innovation', day);
    const session = await slotOn(site, 'summer-1-a', '2027-07-05');
    const wishes = [
      {
        who: aResident,
        body: ({ vehicleIds: [vehicleId] }: Person) => ({ kind: 'parking', slotIds: [night.id], vehicleId }),
      },
      {
        who: anEmployee,
        body: () => ({ kind: 'canteen', slotId: lunch.id, items: [{ dishId: 'innovation-hongshao', quantity: 1 }] }),
      },
      { who: aParent, body: ({ childIds: [childId] }: Person) => ({ kind: 'childcare', slotId: session.id, childId }) },
    ];
    for (const { who, body } of wishes) {
      const [holder, waiter] = [await site.person(who()), await site.person(who())];
      const held = await holder.post('/bookings', body(holder));
      const joined = await waiter.post('/bookings', { ...body(waiter), joinWaitlist: true });
      expect([held.status, joined.status]).toEqual([201, 202]);
      await holder.post(`/bookings/${held.body.id}/cancel`, {});
      const accepted = await waiter.post(`/waitlist/${joined.body.id}/accept`, {});
      expect(accepted.body).toMatchObject({ state: 'accepted', kind: held.body.kind });
      expect((await waiter.get('/bookings')).body.items).toMatchObject([{ state: 'confirmed', kind: held.body.kind }]);
    }
  });

  test('a day plan does not wait in line', async () => {
    const site = await aSite([aRun()]);
    const refused = await (await site.person(anEmployee())).post('/bookings/bundle', { bookings: [waiting()] });
    expect(problemOf(refused)).toBe('validation');
  });
});
