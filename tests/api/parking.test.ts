import { beforeEach, describe, expect, test } from 'vitest';
import { problemOf, type Call } from '../support/call.ts';
import { aLot } from '../support/offers.ts';
import { anEmployee, aResident, type Person, type PersonSketch } from '../support/person.ts';
import { aSite, monday, type TestSite } from '../support/site.ts';
import { remainingOn, slotOn } from '../support/slots.ts';

const lot = 'guangqi-night';

async function nights(site: TestSite, ...dates: string[]): Promise<string[]> {
  return Promise.all(dates.map(async (date) => (await slotOn(site, lot, date)).id));
}

describe('nights', () => {
  let site: TestSite;
  let resident: Person & Call;
  beforeEach(async () => {
    site = await aSite([aLot({ spaces: 2 }), aLot({ id: 'institute-21-night' })]);
    resident = await site.person(aResident());
  });

  const stay = (slotIds: string[], person = resident) => ({
    kind: 'parking',
    slotIds,
    vehicleId: person.vehicleIds[0],
  });

  test('are booked, listed, and given back to exactly their slots when cancelled', async () => {
    const slotIds = await nights(site, '2026-11-24', '2026-11-25');
    const booked = await resident.post('/bookings', stay(slotIds));
    expect(booked.status).toBe(201);
    expect(booked.headers.get('location')).toBe(`/api/v1/bookings/${booked.body.id}`);
    expect(booked.body).toMatchObject({
      kind: 'parking',
      state: 'confirmed',
      priceFen: 3000,
      currency: 'CNY',
      startsAt: '2026-11-24T18:30:00+08:00',
      endsAt: '2026-11-26T08:00:00+08:00',
      cancellableUntil: '2026-11-24T18:30:00+08:00',
      details: { nights: 2, month: null, missingNights: [], leaveBy: '2026-11-26T08:00:00+08:00' },
    });
    expect(booked.body.details.plateMasked).toMatch(/^沪A·\*+\d\d$/);
    expect((await resident.get('/bookings')).body.items).toEqual([booked.body]);
    expect((await resident.get(`/bookings/${booked.body.id}`)).body).toEqual(booked.body);
    expect(await remainingOn(site, lot, '2026-11-24')).toEqual([1]);

    const cancelled = await resident.post(`/bookings/${booked.body.id}/cancel`, {});
    expect([cancelled.status, cancelled.body.state]).toEqual([200, 'cancelled']);
    expect(cancelled.body.cancelledAt).toBe(monday);
    for (const date of ['2026-11-24', '2026-11-25', '2026-11-26']) {
      expect(await remainingOn(site, lot, date)).toEqual([2]);
    }
    expect((await resident.post(`/bookings/${booked.body.id}/cancel`, {})).status).toBe(200);
    expect(await remainingOn(site, lot, '2026-11-24')).toEqual([2]);
    expect((await resident.post('/bookings', stay(slotIds))).status).toBe(201);
  });

  test('that are full are refused by name', async () => {
    const [full = ''] = await nights(site, '2026-11-24');
    for (let space = 1; space <= 2; space++) await bookAs(await site.person(aResident()), [full]);
    const [free = ''] = await nights(site, '2026-11-25');
    const before = await site.rows();
    const refused = await resident.post('/bookings', stay([free, full]));
    expect([refused.status, problemOf(refused), refused.body.slotId]).toEqual([409, 'slot-full', full]);
    expect(await site.rows()).toEqual(before);
  });

  async function bookAs(person: Person & Call, slotIds: string[]) {
    const booked = await person.post('/bookings', stay(slotIds, person));
    expect(booked.status, JSON.stringify(booked.body)).toBe(201);
    return booked.body;
  }

  test('of one car do not overlap, not in another lot either; the owner is told which booking is in the way', async () => {
    const first = await bookAs(resident, await nights(site, '2026-11-24'));
    const there = (await slotOn(site, 'institute-21-night', '2026-11-24')).id;
    await site.db.query(
      `INSERT INTO person_role (site_id, person_id, role, organisation_id) VALUES ($1, $2, 'resident', 'institute-21-neighbours')`,
      [site.id, resident.id],
    );
    site.clock.advance(11);
    const before = await site.rows();
    const refused = await resident.post('/bookings', stay([there]));
    expect([refused.status, problemOf(refused), refused.body.bookingId]).toEqual([409, 'overlap', first.id]);
    expect(await site.rows()).toEqual(before);
  });

  test("of a car that somebody else's booking holds are refused without naming it", async () => {
    const slotIds = await nights(site, '2026-11-24');
    await bookAs(resident, slotIds);
    const heir = await site.person(aResident());
    await site.db.query('UPDATE vehicle SET person_id = $1 WHERE id = $2', [heir.id, resident.vehicleIds[0]]);
    const refused = await heir.post('/bookings', stay(slotIds));
    expect([problemOf(refused), 'bookingId' in refused.body]).toEqual(['overlap', false]);
  });

  test('that join are one stay, those that do not join are two, and a night between them is still to be had', async () => {
    await bookAs(resident, await nights(site, '2026-11-24', '2026-11-26'));
    await bookAs(resident, await nights(site, '2026-11-25'));
    expect((await site.rows())['claim']).toBe(3);
  });

  test('named twice are one night', async () => {
    const [night = ''] = await nights(site, '2026-11-24');
    const booked = await bookAs(resident, [night, night]);
    expect([booked.lines.length, booked.priceFen]).toEqual([1, 1500]);
    expect(await remainingOn(site, lot, '2026-11-24')).toEqual([1]);
  });

  test('of two lots are two bookings', async () => {
    const [here = ''] = await nights(site, '2026-11-24');
    const there = (await slotOn(site, 'institute-21-night', '2026-11-25')).id;
    expect(problemOf(await resident.post('/bookings', stay([here, there])))).toBe('rule: one-lot');
  });

  test('can be cancelled until the stay begins, not after', async () => {
    const { id } = await bookAs(resident, await nights(site, '2026-11-24'));
    site.clock.set('2026-11-24T18:30:00+08:00');
    const late = await resident.post(`/bookings/${id}/cancel`, {});
    expect([late.status, problemOf(late)]).toEqual([422, 'rule: cancel-too-late']);
    expect(await remainingOn(site, lot, '2026-11-24')).toEqual([1]);
    site.clock.set('2026-11-25T08:00:00+08:00');
    expect(problemOf(await resident.post(`/bookings/${id}/cancel`, {}))).toBe('rule: already-over');
  });

  test.each<[string, PersonSketch, string]>([
    ['a car that is not verified', { ...aResident(), vehicles: [{ verified: false }] }, 'rule: vehicle-unverified'],
    ['an employee', { ...anEmployee(), vehicles: [{ verified: true }] }, 'rule: not-a-beneficiary'],
    ['a resident of another compound', aResident('institute-21-neighbours'), 'rule: not-a-beneficiary'],
    ['somebody without a role', { vehicles: [{ verified: true }] }, 'rule: not-a-beneficiary'],
  ])('%s is refused with the rule', async (_who, sketch, problem) => {
    const person = await site.person(sketch);
    const before = await site.rows();
    const refused = await person.post('/bookings', stay(await nights(site, '2026-11-24'), person));
    expect([refused.status, problemOf(refused)]).toEqual([422, problem]);
    expect(refused.body.detail).toMatch(/\p{Script=Han}/u);
    expect(await site.rows()).toEqual(before);
  });
});

describe('a month', () => {
  const month = (person: Person, change: object = {}) => ({
    kind: 'parking',
    resourceId: lot,
    month: '2026-12',
    vehicleId: person.vehicleIds[0],
    ...change,
  });

  test('takes a unit of every night for the price of the month, and gives them all back', async () => {
    const site = await aSite([aLot({ spaces: 1 })]);
    const resident = await site.person(aResident());
    const booked = await resident.post('/bookings', month(resident));
    expect(booked.status).toBe(201);
    expect([booked.body.lines.length, booked.body.priceFen]).toEqual([31, 30_000]);
    expect(booked.body.details).toMatchObject({ nights: 31, month: '2026-12', missingNights: [] });
    expect((await site.rows())['taken']).toBe(31);
    await resident.post(`/bookings/${booked.body.id}/cancel`, {});
    expect((await site.rows())['taken']).toBe(0);
  });

  test('costs its nights when few of them are left', async () => {
    const site = await aSite([aLot()]);
    const resident = await site.person(aResident());
    const booked = await resident.post('/bookings', month(resident, { month: '2026-11' }));
    // From Monday 23 to Monday 30 November.
    expect([booked.body.lines.length, booked.body.priceFen]).toEqual([8, 8 * 1500]);
  });

  test('with one night full is refused whole, or taken without it when that is allowed', async () => {
    const site = await aSite([aLot({ spaces: 1 })]);
    const [neighbour, resident] = [await site.person(aResident()), await site.person(aResident())];
    const slotIds = await nights(site, '2026-12-10');
    await neighbour.post('/bookings', { kind: 'parking', slotIds, vehicleId: neighbour.vehicleIds[0] });
    const before = await site.rows();
    const refused = await resident.post('/bookings', month(resident));
    expect([refused.status, problemOf(refused), refused.body.slotId]).toEqual([409, 'slot-full', slotIds[0]]);
    expect(await site.rows()).toEqual(before);
    const partial = await resident.post('/bookings', month(resident, { allowPartial: true }));
    expect(partial.status).toBe(201);
    expect(partial.body.details).toMatchObject({ nights: 30, missingNights: ['2026-12-10'] });
  });

  test('leaves a night that the same car holds already out when that is allowed, in another lot as well', async () => {
    const site = await aSite([aLot(), aLot({ id: 'institute-21-night' })]);
    const home = aResident();
    const resident = await site.person({
      ...home,
      roles: [...home.roles!, ...aResident('institute-21-neighbours').roles!],
    });
    const there = (await slotOn(site, 'institute-21-night', '2026-12-24')).id;
    const vehicleId = resident.vehicleIds[0];
    await resident.post('/bookings', { kind: 'parking', slotIds: await nights(site, '2026-12-10'), vehicleId });
    await resident.post('/bookings', { kind: 'parking', slotIds: [there], vehicleId });

    const whole = await resident.post('/bookings', month(resident));
    expect(problemOf(whole)).toBe('overlap');
    const partial = await resident.post('/bookings', month(resident, { allowPartial: true }));
    expect(partial.status, JSON.stringify(partial.body)).toBe(201);
    expect(partial.body.details).toMatchObject({ nights: 29, missingNights: ['2026-12-10', '2026-12-24'] });
  });

  test('that the same car holds already names that booking', async () => {
    const site = await aSite([aLot()]);
    const resident = await site.person(aResident());
    const first = await resident.post('/bookings', month(resident));
    const again = await resident.post('/bookings', month(resident, { allowPartial: true }));
    expect([problemOf(again), again.body.bookingId]).toEqual(['overlap', first.body.id]);
  });

  test.each([
    ['that is over', '2026-10', 'rule: month-past'],
    ['that is not published yet', '2027-01', 'rule: month-not-open'],
    ['of a year long gone', '2020-02', 'rule: month-past'],
    ['far ahead', '9999-12', 'rule: month-not-open'],
  ])('%s', async (_what, which, problem) => {
    const site = await aSite([aLot()]);
    const resident = await site.person(aResident());
    const refused = await resident.post('/bookings', month(resident, { month: which, allowPartial: true }));
    expect([refused.status, problemOf(refused)]).toEqual([422, problem]);
  });

  test('all of whose nights are full', async () => {
    const site = await aSite([aLot({ spaces: 0 })]);
    const resident = await site.person(aResident());
    expect(problemOf(await resident.post('/bookings', month(resident, { allowPartial: true })))).toBe(
      'rule: month-full',
    );
    expect(problemOf(await resident.post('/bookings', month(resident)))).toBe('slot-full');
  });

  test('of a lot that sells nights only', async () => {
    const site = await aSite([aLot({ id: 'qinzhou-north-night' })]);
    const resident = await site.person(aResident());
    const refused = await resident.post('/bookings', month(resident, { resourceId: 'qinzhou-north-night' }));
    expect(problemOf(refused)).toBe('rule: no-monthly');
  });
});

test('a lot of a compound by day is for employees, the street for any resident', async () => {
  const site = await aSite([aLot({ id: 'sample-compound-day' }), aLot({ id: 'qinzhou-north-night' })]);
  const car = { vehicles: [{ verified: true }] };
  const employee = await site.person({ ...anEmployee(), ...car });
  const resident = await site.person(aResident('sample-compound'));
  const problemFor = async (person: Person & Call, resourceId: string) => {
    const { id } = await slotOn(site, resourceId, '2026-11-24');
    const answer = await person.post('/bookings', { kind: 'parking', slotIds: [id], vehicleId: person.vehicleIds[0] });
    return answer.status === 201 ? 'booked' : problemOf(answer);
  };
  expect(await problemFor(employee, 'sample-compound-day')).toBe('booked');
  expect(await problemFor(resident, 'sample-compound-day')).toBe('rule: not-a-beneficiary');
  expect(await problemFor(resident, 'qinzhou-north-night')).toBe('booked');
  expect(await problemFor(employee, 'qinzhou-north-night')).toBe('rule: not-a-beneficiary');
});
