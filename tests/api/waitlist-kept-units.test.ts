import { beforeEach, describe, expect, test } from 'vitest';
import { sweep } from '../../api/sweep.ts';
import { problemOf, type Call } from '../support/call.ts';
import { aLot, aRun } from '../support/offers.ts';
import { anEmployee, aResident, type Person } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { aRide, slotOn } from '../support/slots.ts';

const day = '2026-11-24';
type Waiter = Person & Call & { entryId: string };

/** Rides of run 2: to the second stop, from there to the third, and both. */
const toSecond = { alightStopId: 'innovation' };
const fromSecond = { boardStopId: 'innovation', alightStopId: 'hq' };
const both = { alightStopId: 'hq' };

describe('units that are kept for a party that was passed three times', () => {
  let site: TestSite;
  let party: Waiter;
  let behindOnFirst: Waiter;
  let behindOnSecond: Waiter;
  let inTheWay: Call & { bookingId: string };

  const books = async (change: Record<string, unknown>) => {
    const person = await site.person(anEmployee());
    const booked = await person.post('/bookings', aRide(change));
    expect(booked.status).toBe(201);
    return { ...person, bookingId: booked.body.id as string };
  };
  const joins = async (change: Record<string, unknown>): Promise<Waiter> => {
    const person = await site.person(anEmployee());
    const joined = await person.post('/bookings', aRide({ ...change, joinWaitlist: true }));
    expect(joined.status).toBe(202);
    return { ...person, entryId: joined.body.id as string };
  };
  const stateOf = async (waiter: Waiter) => (await waiter.get(`/waitlist/${waiter.entryId}`)).body.state;

  beforeEach(async () => {
    site = await aSite([aRun({ seats: 5 })]);
    // The second leg has two seats too few for a party of four; three singles pass it there, and are gone again.
    inTheWay = await books({ ...fromSecond, seats: 2 });
    party = await joins({ ...both, seats: 4 });
    for (let passed = 0; passed < 3; passed++) {
      const { post, bookingId } = await books(passed < 2 ? toSecond : fromSecond);
      await post(`/bookings/${bookingId}/cancel`, {});
    }
    behindOnFirst = await joins(toSecond);
    behindOnSecond = await joins(fromSecond);
  });

  test('are not given to those behind it', async () => {
    expect(await Promise.all([party, behindOnFirst, behindOnSecond].map(stateOf))).toEqual([
      'waiting',
      'waiting',
      'waiting',
    ]);
  });

  test('go to those behind it once it is served, on slots too where nothing came free', async () => {
    await inTheWay.post(`/bookings/${inTheWay.bookingId}/cancel`, {});
    expect(await Promise.all([party, behindOnFirst, behindOnSecond].map(stateOf))).toEqual([
      'offered',
      'offered',
      'offered',
    ]);
  });

  test('go to those behind it at once when it leaves the queue', async () => {
    await party.post(`/waitlist/${party.entryId}/decline`, {});
    expect(await Promise.all([party, behindOnFirst, behindOnSecond].map(stateOf))).toEqual([
      'withdrawn',
      'offered',
      'offered',
    ]);
  });

  test('go to those behind it when its time is over and theirs is not', async () => {
    // Booking closes five minutes before a stop: for the party at 08:05, from the second stop at 08:07.
    site.clock.set(`${day}T08:05:00+08:00`);
    await sweep(site.db, site.clock, site.code);
    expect(await Promise.all([party, behindOnFirst, behindOnSecond].map(stateOf))).toEqual([
      'lapsed',
      'lapsed',
      'offered',
    ]);
  });
});

describe('somebody who is booked elsewhere while a place comes free', () => {
  const nights = ['guangqi-night', 'qinzhou-north-night'];
  test('is offered it when that booking is cancelled', async () => {
    const site = await aSite(nights.map((id) => aLot({ id, spaces: 1 })));
    const stay = async (id: string, { vehicleIds: [vehicleId] }: Person) => ({
      kind: 'parking',
      slotIds: [(await slotOn(site, id, day)).id],
      vehicleId,
    });
    const [holder, waiter] = [await site.person(aResident()), await site.person(aResident())];
    const held = await holder.post('/bookings', await stay(nights[0]!, holder));
    const joined = await waiter.post('/bookings', { ...(await stay(nights[0]!, waiter)), joinWaitlist: true });
    const elsewhere = await waiter.post('/bookings', await stay(nights[1]!, waiter));
    expect([held.status, joined.status, elsewhere.status]).toEqual([201, 202, 201]);
    const state = async () => (await waiter.get(`/waitlist/${joined.body.id}`)).body.state;
    await holder.post(`/bookings/${held.body.id}/cancel`, {});
    expect(await state()).toBe('waiting');
    expect(problemOf(await waiter.post(`/waitlist/${joined.body.id}/accept`, {}))).toBe('rule: no-offer');
    await waiter.post(`/bookings/${elsewhere.body.id}/cancel`, {});
    expect(await state()).toBe('offered');
  });
});

test('the sweep serves a queue of which units are free, whatever has freed them', async () => {
  const site = await aSite([aRun({ seats: 2 })]);
  const [first, waiter] = [await site.person(anEmployee()), await site.person(anEmployee())];
  await first.post('/bookings', aRide({ seats: 2 }));
  const joined = await waiter.post('/bookings', aRide({ joinWaitlist: true }));
  await site.db.query('UPDATE slot SET capacity = 3 WHERE site_id = $1', [site.id]);
  await sweep(site.db, site.clock, site.code);
  expect((await waiter.get(`/waitlist/${joined.body.id}`)).body.state).toBe('offered');
});

test('units that are kept on one slot are not given to somebody behind for whom another slot has come free', async () => {
  const site = await aSite([aRun({ seats: 4 })]);
  const books = async (change: Record<string, unknown>, status: number) => {
    const person = await site.person(anEmployee());
    const { body, ...answer } = await person.post('/bookings', aRide(change));
    expect(answer.status).toBe(status);
    return { ...person, madeId: body.id as string };
  };
  await books({ ...fromSecond, seats: 2 }, 201);
  const party = await books({ ...fromSecond, seats: 4, joinWaitlist: true }, 202);
  for (let passed = 0; passed < 3; passed++) {
    const single = await books(fromSecond, 201);
    await single.post(`/bookings/${single.madeId}/cancel`, {});
  }
  const inTheWay = await books({ ...toSecond, seats: 4 }, 201);
  const behind = await books({ ...both, joinWaitlist: true }, 202);
  await inTheWay.post(`/bookings/${inTheWay.madeId}/cancel`, {});
  const states = [party, behind].map(async ({ get, madeId }) => (await get(`/waitlist/${madeId}`)).body.state);
  expect(await Promise.all(states)).toEqual(['waiting', 'waiting']);
});
