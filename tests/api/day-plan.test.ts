import { beforeEach, describe, expect, test } from 'vitest';
import { problemOf, type Call } from '../support/call.ts';
import { aCanteen, aLot, aRun } from '../support/offers.ts';
import { aResident, anEmployee, type Person } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { aRide, remainingOn, slotOn } from '../support/slots.ts';

describe('a day plan', () => {
  let site: TestSite;
  let person: Person & Call;
  let parts: Record<'toWork' | 'lunch' | 'home' | 'night', object>;
  beforeEach(async () => {
    site = await aSite([aRun({ seats: 1 }), aRun({ id: 'run-8', seats: 1 }), ...aCanteen(), aLot()], {
      now: '2026-11-23T15:30:00+08:00',
    });
    person = await site.person(aResident());
    parts = {
      toWork: aRide(),
      lunch: {
        kind: 'canteen',
        slotId: (await slotOn(site, 'innovation', '2026-11-24')).id,
        items: [{ dishId: 'innovation-hongshao', quantity: 1 }],
      },
      home: aRide({ runId: 'run-8', boardStopId: 'guangqi', alightStopId: 'metro-l9' }),
      night: {
        kind: 'parking',
        slotIds: [(await slotOn(site, 'guangqi-night', '2026-11-24')).id],
        vehicleId: person.vehicleIds[0],
      },
    };
  });

  test('books its parts together; one of them can be cancelled by itself', async () => {
    const { toWork, lunch, home, night } = parts;
    const booked = await person.post('/bookings/bundle', { bookings: [toWork, lunch, home, night] });
    expect(booked.status, JSON.stringify(booked.body)).toBe(201);
    const made = booked.body.bookings as { id: string; kind: string; bundleId: string }[];
    expect(made.map(({ kind }) => kind)).toEqual(['shuttle', 'canteen', 'shuttle', 'parking']);
    expect(new Set(made.map(({ bundleId }) => bundleId))).toEqual(new Set([made[0]?.id]));
    expect((await person.get('/bookings?when=upcoming')).body.items.map(({ id }: { id: string }) => id)).toEqual(
      made.map(({ id }) => id),
    );
    await person.post(`/bookings/${made[2]?.id}/cancel`, {});
    expect((await remainingOn(site, 'run-8', '2026-11-24'))[0]).toBe(1);
    expect((await remainingOn(site, 'run-2', '2026-11-24'))[0]).toBe(0);
  });

  test('with one part full writes nothing of the others', async () => {
    const other = await site.person(anEmployee());
    await other.post('/bookings', parts.home);
    const before = await site.rows();
    const { toWork, lunch, home } = parts;
    const refused = await person.post('/bookings/bundle', { bookings: [toWork, lunch, home] });
    expect([refused.status, problemOf(refused)]).toEqual([409, 'slot-full']);
    expect(refused.body.slotId).toBe((await slotOn(site, 'run-8', '2026-11-24')).id);
    expect(refused.body.part).toBe(2);
    expect(await site.rows()).toEqual(before);
  });

  test.each([
    ['a part that a rule refuses', { ...aRide(), boardStopId: 'moon' }, 'rule: stop-not-on-run'],
    [
      "somebody else's car",
      { kind: 'parking', resourceId: 'guangqi-night', month: '2026-12', vehicleId: 'x' },
      'not-found',
    ],
    ['the same ride twice', aRide(), 'overlap'],
  ])('with %s writes nothing', async (_what, part, problem) => {
    const before = await site.rows();
    const refused = await person.post('/bookings/bundle', { bookings: [parts.toWork, part] });
    expect([problemOf(refused), refused.body.part]).toEqual([problem, 1]);
    expect(await site.rows()).toEqual(before);
  });

  test('names the part that another booking is in the way of', async () => {
    const own = (await person.post('/bookings', parts.home)).body;
    const { toWork, lunch, home } = parts;
    const refused = await person.post('/bookings/bundle', { bookings: [toWork, lunch, home] });
    expect([problemOf(refused), refused.body.part, refused.body.bookingId]).toEqual(['overlap', 2, own.id]);
  });

  test('is listed by itself, for its owner only', async () => {
    const { toWork, lunch, home } = parts;
    await person.post('/bookings', aRide({ serviceDate: '2026-11-25' }));
    const { bookings } = (await person.post('/bookings/bundle', { bookings: [toWork, lunch, home] })).body;
    const path = `/bookings?bundleId=${bookings[0].bundleId}`;
    const idsOf = (items: { id: string }[]) => items.map(({ id }) => id).toSorted();
    expect(idsOf((await person.get(path)).body.items)).toEqual(idsOf(bookings));
    expect((await (await site.person(anEmployee())).get(path)).body.items).toEqual([]);
  });

  test('whose parts need more of one slot together than there is writes nothing', async () => {
    const child = aRide({ alightStopId: 'hq' });
    const both = [child, { ...child, boardStopId: 'innovation' }];
    const before = await site.rows();
    expect((await person.post('/bookings/bundle', { bookings: both })).status).toBe(409);
    expect(await site.rows()).toEqual(before);
  });
});
