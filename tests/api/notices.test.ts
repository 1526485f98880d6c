import { beforeEach, describe, expect, test } from 'vitest';
import { sweep } from '../../api/sweep.ts';
import { problemOf, type Call } from '../support/call.ts';
import { aCanteen, aLot, aRun } from '../support/offers.ts';
import { aResident, anEmployee, staff, type Person } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { aRide, slotOn } from '../support/slots.ts';

const day = '2026-11-24';
const at = (time: string) => `${day}T${time}+08:00`;

let site: TestSite;
let rider: Person & Call;
beforeEach(async () => {
  site = await aSite([aRun({ seats: 2 }), ...aCanteen(), aLot()]);
  rider = await site.person(anEmployee());
});
const passTime = () => sweep(site.db, site.clock, site.code);
const noticesOf = async (person: Call = rider, query = '') => (await person.get(`/notices${query}`)).body.items;

describe('reminders', () => {
  test('each booking’s owner is reminded once, when its slot says so', async () => {
    const booking = (await rider.post('/bookings', aRide())).body;
    site.clock.set(at('07:39:59'));
    await passTime();
    expect(await noticesOf()).toEqual([]);
    site.clock.set(at('07:40:00'));
    await passTime();
    await passTime();
    site.clock.set(at('07:50:00'));
    await passTime();
    expect(await noticesOf()).toEqual([
      {
        id: expect.any(String),
        kind: 'reminder',
        at: at('07:40:00'),
        readAt: null,
        title: booking.title,
        serviceDate: day,
        standingRideId: null,
        resourceId: null,
        reason: null,
        booking: {
          id: booking.id,
          kind: 'shuttle',
          state: 'confirmed',
          title: booking.title,
          startsAt: at('08:10:00'),
          endsAt: at('08:25:00'),
          serviceDate: day,
        },
      },
    ]);
  });

  test('of a month only its first night, of a ride only where one boards', async () => {
    const resident = await site.person(aResident());
    const [vehicleId] = resident.vehicleIds;
    const nights = [];
    for (const date of [day, '2026-11-25', '2026-11-26']) nights.push((await slotOn(site, 'guangqi-night', date)).id);
    await resident.post('/bookings', { kind: 'parking', slotIds: nights, vehicleId });
    await resident.post('/bookings', aRide({ boardStopId: 'xinhui' }));
    for (const moment of [at('07:40:00'), at('07:52:00'), at('17:30:00'), '2026-11-26T17:30:00+08:00']) {
      site.clock.set(moment);
      await passTime();
    }
    const told = await noticesOf(resident);
    expect(told.map((notice: { at: string }) => notice.at)).toEqual([at('17:30:00'), at('07:52:00')]);
  });

  test('nobody is reminded of what they booked after that moment, what they cancelled, or what has begun', async () => {
    const [late, gone, missed] = [await site.person(anEmployee()), await site.person(anEmployee()), rider];
    const cancelled = (await gone.post('/bookings', aRide())).body;
    await gone.post(`/bookings/${cancelled.id}/cancel`, {});
    await missed.post('/bookings', aRide({ serviceDate: '2026-11-25' }));
    site.clock.set(at('07:41:00'));
    expect((await late.post('/bookings', aRide())).status).toBe(201);
    await passTime();
    site.clock.set('2026-11-25T08:10:00+08:00');
    await passTime();
    for (const person of [late, gone, missed]) expect(await noticesOf(person)).toEqual([]);
  });
});

describe('notices', () => {
  test('tell of an offer to the queue’s head, and of a displacement', async () => {
    const [holder, waiter] = [await site.person(anEmployee()), rider];
    const held = (await holder.post('/bookings', aRide({ seats: 2 }))).body;
    await waiter.post('/bookings', { ...aRide(), joinWaitlist: true });
    await holder.post(`/bookings/${held.id}/cancel`, {});
    const [offer] = await noticesOf(waiter);
    expect(offer).toMatchObject({ kind: 'offer', booking: { kind: 'shuttle', state: 'held' } });
    const dispatcher = await site.person(staff('dispatcher'));
    const other = await site.person(anEmployee());
    const booked = (await other.post('/bookings', aRide())).body;
    const change = { resourceId: 'run-2', from: day, to: day, capacity: 0, reason: '检修', onExcess: 'displace' };
    await dispatcher.post('/capacity-changes', { ...change, dryRun: true });
    expect(await noticesOf(other)).toEqual([]);
    await dispatcher.post('/capacity-changes', change);
    expect(await noticesOf(other)).toMatchObject([
      { kind: 'displaced', booking: { id: booked.id, state: 'displaced' } },
    ]);
    expect((await noticesOf(waiter)).map(({ kind }: { kind: string }) => kind)).toEqual(['offer']);
  });

  test('are read one by one or all at once, and nobody else’s', async () => {
    for (const serviceDate of [day, '2026-11-25', '2026-11-26']) await rider.post('/bookings', aRide({ serviceDate }));
    for (const date of [day, '2026-11-25', '2026-11-26']) {
      site.clock.set(`${date}T07:45:00+08:00`);
      await passTime();
    }
    const pageOne = (await rider.get('/notices?limit=2')).body;
    const pageTwo = (await rider.get(`/notices?limit=2&cursor=${pageOne.nextCursor}`)).body;
    const dates = [...pageOne.items, ...pageTwo.items].map(({ booking }) => booking.serviceDate);
    expect(dates).toEqual(['2026-11-26', '2026-11-25', day]);
    expect(pageTwo.nextCursor).toBeNull();
    const [first] = pageOne.items;
    const nosy = await site.person(anEmployee());
    expect(problemOf(await nosy.post(`/notices/${first.id}/read`, {}))).toBe('not-found');
    await nosy.post('/notices/read', {});
    expect(await noticesOf(rider, '?unread=true')).toHaveLength(3);
    const read = await rider.post(`/notices/${first.id}/read`, {});
    expect(read.body).toMatchObject({ id: first.id, readAt: '2026-11-26T07:45:00+08:00' });
    site.clock.advance(60);
    expect((await rider.post(`/notices/${first.id}/read`, {})).body).toEqual(read.body);
    expect(await noticesOf(rider, '?unread=true')).toHaveLength(2);
    expect((await rider.post('/notices/read', {})).status).toBe(204);
    expect(await noticesOf(rider, '?unread=true')).toEqual([]);
    expect(await noticesOf(rider)).toHaveLength(3);
    expect(problemOf(await rider.get('/notices?cursor=nonsense'))).toBe('validation');
  });

  test('are forgotten after three months', async () => {
    const kept = async () => (await site.db.query('SELECT 1 FROM notice WHERE site_id = $1', [site.id])).length;
    await rider.post('/bookings', aRide());
    site.clock.set(at('07:45:00'));
    await passTime();
    site.clock.set('2027-02-22T07:45:00+08:00');
    await passTime();
    expect(await kept()).toBe(1);
    site.clock.advance(1);
    await passTime();
    expect(await kept()).toBe(0);
  });
});
