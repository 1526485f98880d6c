import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { readCsv } from '../../api/calendar/csv-records.ts';
import { parseInstant } from '../../api/calendar/time.ts';
import { platesAt } from '../../api/people/vehicles.ts';
import { sweep } from '../../api/sweep.ts';
import { problemOf, type Call } from '../support/call.ts';
import { aLot } from '../support/offers.ts';
import { anEmployee, staff, type Person } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { slotOn } from '../support/slots.ts';

const vectors = readCsv(readFileSync(new URL('../vectors/plates.csv', import.meta.url), 'utf8'))
  .records.slice(1)
  .map(({ fields }) => fields as [string, string, string, string]);
const taken = vectors.filter(([, , , valid]) => valid === 'true');
const refused = vectors.filter(([, , , valid]) => valid === 'false');
const faults = new Map([
  ['沪AI2345', 'sign'],
  ['沪AO2345', 'sign'],
  ['沪A123456', 'energy'],
  ['A12345', 'province'],
  ['沪12345A', 'office'],
  ['沪A1234', 'length'],
]);

const resident = { roles: [{ role: 'resident' as const, organisationId: 'hongxing' }] };
const roster = '/rosters/hongxing/vehicles';

let site: TestSite;
let owner: Person & Call;
let committee: Person & Call;
beforeEach(async () => {
  site = await aSite([aLot({ spaces: 3 })]);
  owner = await site.person(resident);
  committee = await site.person(staff('committee', 'hongxing'));
});

const vehiclesOf = async (person: Call) => (await person.get('/me')).body.vehicles;
const onRoster = async (plate: string, phone = '') =>
  (await committee.post(roster, { plate, phone, note: '3号楼' })).body.id as string;

describe('a vehicle is put on its owner’s list', () => {
  test('the vectors have both kinds', () => expect([taken.length, refused.length]).toEqual([7, 6]));

  test.each(taken)('%s as %s, %s', async (written, plate, plateClass) => {
    const added = await owner.post('/me/vehicles', { plate: written });
    expect([added.status, added.body]).toMatchObject([
      201,
      { plate, plateClass, verified: false, waitsFor: 'not-on-roster', accessPlate: null },
    ]);
    expect(await vehiclesOf(owner)).toEqual([added.body]);
  });

  test.each(refused)('not %s: the rule and what is wrong are named, in both languages', async (written) => {
    const before = await site.rows();
    const answer = await owner.post('/me/vehicles', { plate: written });
    expect([answer.status, problemOf(answer), answer.body.fault]).toEqual([
      422,
      'rule: plate-invalid',
      faults.get(written),
    ]);
    const english = await owner.post('/me/vehicles', { plate: written }, { 'accept-language': 'en' });
    expect(english.body.detail).not.toBe(answer.body.detail);
    expect([await site.rows(), await vehiclesOf(owner)]).toEqual([before, []]);
  });

  test('once per plate, and no more than a person may have', async () => {
    for (const plate of ['沪A00001', '沪A00002', '沪A00003']) await owner.post('/me/vehicles', { plate });
    expect(problemOf(await owner.post('/me/vehicles', { plate: '沪a·00003' }))).toBe('rule: plate-listed');
    expect(problemOf(await owner.post('/me/vehicles', { plate: '沪A00004' }))).toBe('rule: too-many-vehicles');
    expect(await vehiclesOf(owner)).toHaveLength(3);
  });

  test('once per retry key', async () => {
    const key = { 'idempotency-key': 'add-1' };
    const [first, again] = [
      await owner.post('/me/vehicles', { plate: '沪A00001' }, key),
      await owner.post('/me/vehicles', { plate: '沪A00001' }, key),
    ];
    expect([again.status, again.body, again.headers.get('idempotent-replay')]).toEqual([201, first.body, 'true']);
  });

  test('somebody else’s verified plate is refused without a word of whose it is', async () => {
    const neighbour = await site.person(resident);
    await onRoster('沪A12345');
    await neighbour.post('/me/vehicles', { plate: '沪A12345' });
    const answer = await owner.post('/me/vehicles', { plate: '沪A12345' });
    expect(problemOf(answer)).toBe('rule: plate-taken');
    expect(JSON.stringify(answer.body)).not.toContain(neighbour.id);
    expect(JSON.stringify(answer.body)).not.toContain(neighbour.phone.slice(-4));
  });

  test('an owner sees no vehicle of anybody else, and cannot touch it', async () => {
    const { body } = await owner.post('/me/vehicles', { plate: '沪A00001' });
    const stranger = await site.person(resident);
    expect(await vehiclesOf(stranger)).toEqual([]);
    expect(problemOf(await stranger.patch(`/me/vehicles/${body.id}`, { plate: '沪A00002' }))).toBe('not-found');
    expect(problemOf(await stranger.delete(`/me/vehicles/${body.id}`))).toBe('not-found');
  });
});

describe('the roster verifies', () => {
  test('a resident’s vehicle when it is added, and one that waited when its row comes', async () => {
    await onRoster('沪A00001');
    expect((await owner.post('/me/vehicles', { plate: '沪A00001' })).body.verified).toBe(true);
    expect((await owner.post('/me/vehicles', { plate: '沪A00002' })).body.verified).toBe(false);
    await onRoster('沪A00002');
    expect((await vehiclesOf(owner)).map(({ verified }: { verified: boolean }) => verified)).toEqual([true, true]);
  });

  test('only with the phone of the row, where it has one', async () => {
    await onRoster('沪A00001', '13912345678');
    const { body } = await owner.post('/me/vehicles', { plate: '沪A00001' });
    expect([body.verified, body.waitsFor]).toEqual([false, 'not-on-roster']);
  });

  test('not for somebody who is no resident there, unless the row names their phone: then they are one', async () => {
    const stranger = await site.person(anEmployee());
    await onRoster('沪A00001');
    const { body } = await stranger.post('/me/vehicles', { plate: '沪A00001' });
    expect([body.verified, body.waitsFor]).toEqual([false, 'no-residence']);
    await onRoster('沪A00002', stranger.phone);
    const named = await stranger.post('/me/vehicles', { plate: '沪A00002' });
    expect(named.body.verified).toBe(true);
    expect((await stranger.get('/me')).body.roles).toContainEqual(
      expect.objectContaining({ role: 'resident', organisationId: 'hongxing' }),
    );
  });

  test('a resident by phone from the first sign-in on', async () => {
    await onRoster('沪A00001', '13911112222');
    const { body: code } = await site.post('/auth/otp', { phone: '13911112222' });
    const { body: session } = await site.post('/auth/session', { phone: '13911112222', code: code.demoCode });
    expect(session.user.roles).toMatchObject([{ role: 'resident', organisationId: 'hongxing' }]);
  });

  test('the one whose phone the row names before one who was first', async () => {
    const neighbour = await site.person(resident);
    const { body: first } = await owner.post('/me/vehicles', { plate: '沪A00001' });
    const { body: second } = await neighbour.post('/me/vehicles', { plate: '沪A00001' });
    await onRoster('沪A00001', neighbour.phone);
    expect((await vehiclesOf(owner))[0]).toMatchObject({ id: first.id, verified: false });
    expect((await vehiclesOf(neighbour))[0]).toMatchObject({ id: second.id, verified: true });
  });

  test('a vehicle cannot be taken away by the roster of another compound while its own proves it', async () => {
    const heir = await site.person(anEmployee());
    await heir.post('/me/vehicles', { plate: '沪A00001' });
    await onRoster('沪A00001');
    await owner.post('/me/vehicles', { plate: '沪A00001' });
    const other = await site.person(staff('committee', 'institute-21-neighbours'));
    const row = { plate: '沪A00001', phone: heir.phone };
    expect((await other.post('/rosters/institute-21-neighbours/vehicles', row)).status).toBe(201);
    expect((await vehiclesOf(owner))[0].verified).toBe(true);
    expect((await vehiclesOf(heir))[0].verified).toBe(false);
  });

  test('no longer when the row goes: bookings stay, new ones are refused', async () => {
    const row = await onRoster('沪A00001');
    const { body: car } = await owner.post('/me/vehicles', { plate: '沪A00001' });
    const tonight = await stayOf(car.id, '2026-11-24');
    expect(tonight.status).toBe(201);
    expect((await committee.delete(`${roster}/${row}`)).body).toEqual({ unverified: 1 });
    expect((await owner.get(`/bookings/${tonight.body.id}`)).body.state).toBe('confirmed');
    expect((await platesAt(site.db, site.id, [car.id], site.clock.now())).get(car.id)).toBe('沪A00001');
    expect(problemOf(await stayOf(car.id, '2026-11-25'))).toBe('rule: vehicle-unverified');
  });

  test('from the day on which a row begins to the day on which it ends', async () => {
    const { body: car } = await owner.post('/me/vehicles', { plate: '沪A00001' });
    await committee.post(roster, { plate: '沪A00001', validFrom: '2026-11-25', validTo: '2026-11-26' });
    const seen: boolean[] = [];
    for (const date of ['2026-11-24', '2026-11-25', '2026-11-26', '2026-11-27']) {
      site.clock.set(`${date}T00:01:00+08:00`);
      await sweep(site.db, site.clock, site.code);
      seen.push((await vehiclesOf(owner)).find(({ id }: { id: string }) => id === car.id).verified);
    }
    expect(seen).toEqual([false, true, true, false]);
  });
});

describe('a change of plate', () => {
  let carId: string;
  let booking: string;
  beforeEach(async () => {
    await onRoster('沪A00001');
    carId = (await owner.post('/me/vehicles', { plate: '沪A00001' })).body.id;
    booking = (await stayOf(carId, '2026-11-24')).body.id;
  });
  const change = (plate: string, query = '') => owner.patch(`/me/vehicles/${carId}${query}`, { plate });
  const shownPlates = async () => {
    const { plateMasked, plateWaiting } = (await owner.get(`/bookings/${booking}`)).body.details;
    return [plateMasked, plateWaiting];
  };
  const gatePlate = async (at = site.clock.now()) => (await platesAt(site.db, site.id, [carId], at)).get(carId);

  test('to one that the roster has: the bookings follow, and gates open for it from now on', async () => {
    await onRoster('沪AD00022');
    site.clock.advance(60);
    const changed = await change('沪ad·00022');
    expect(changed.body).toMatchObject({
      plate: '沪AD00022',
      verified: true,
      accessPlate: '沪AD00022',
      bookings: [{ id: booking }],
    });
    expect(await shownPlates()).toEqual(['沪A·****22', null]);
    expect([await gatePlate(), await gatePlate(site.clock.now() - 1)]).toEqual(['沪AD00022', '沪A00001']);
    expect((await vehiclesOf(owner))[0]).toMatchObject({ plateClass: 'new-energy', verified: true, accessPlate: null });
  });

  test('to one that it has not: the old plate stays good for what is booked until the new one is verified', async () => {
    site.clock.advance(60);
    expect((await change('沪A00033')).body).toMatchObject({ verified: false, accessPlate: '沪A00001' });
    expect(await shownPlates()).toEqual(['沪A·***01', '沪A·***33']);
    expect((await vehiclesOf(owner))[0]).toMatchObject({ plate: '沪A00033', verified: false, accessPlate: '沪A00001' });
    expect(await gatePlate()).toBe('沪A00001');
    expect(problemOf(await stayOf(carId, '2026-11-25'))).toBe('rule: vehicle-unverified');

    site.clock.advance(60);
    await onRoster('沪A00033');
    expect([await gatePlate(), await gatePlate(site.clock.now() - 1)]).toEqual(['沪A00033', '沪A00001']);
    expect(await shownPlates()).toEqual(['沪A·***33', null]);
  });

  test('and back to the one before is as if nothing had been', async () => {
    await change('沪A00033');
    expect((await change('沪A00001')).body).toMatchObject({ verified: true, accessPlate: '沪A00001' });
    expect(await shownPlates()).toEqual(['沪A·***01', null]);
  });

  test('is shown before it is made, and a look changes nothing', async () => {
    const look = await change('沪A00033', '?dryRun=true');
    expect(look.body).toMatchObject({ verified: false, accessPlate: '沪A00001', bookings: [{ id: booking }] });
    expect((await vehiclesOf(owner))[0]).toMatchObject({ plate: '沪A00001', verified: true });
    expect(await shownPlates()).toEqual(['沪A·***01', null]);
  });

  test('reaches what waits in a queue too', async () => {
    for (let neighbour = 0; neighbour < 3; neighbour++) {
      const person = await site.person({ ...resident, vehicles: [{ verified: true }] });
      const slotIds = [(await slotOn(site, 'guangqi-night', '2026-11-26')).id];
      await person.post('/bookings', { kind: 'parking', slotIds, vehicleId: person.vehicleIds[0] });
    }
    const slotIds = [(await slotOn(site, 'guangqi-night', '2026-11-26')).id];
    await owner.post('/bookings', { kind: 'parking', slotIds, vehicleId: carId, joinWaitlist: true });
    await onRoster('沪A00044');
    await change('沪A00044');
    expect((await owner.get('/waitlist')).body.items[0].details).toMatchObject({ plateMasked: '沪A·***44' });
  });

  test('to a plate that is verified for somebody else, or listed already, is refused', async () => {
    const neighbour = await site.person(resident);
    await onRoster('沪A00055');
    await neighbour.post('/me/vehicles', { plate: '沪A00055' });
    expect(problemOf(await change('沪A00055'))).toBe('rule: plate-taken');
    await owner.post('/me/vehicles', { plate: '沪A00066' });
    expect(problemOf(await change('沪A00066'))).toBe('rule: plate-listed');
    expect(problemOf(await change('沪AO2345'))).toBe('rule: plate-invalid');
    expect((await vehiclesOf(owner))[0]).toMatchObject({ plate: '沪A00001', verified: true });
  });

  test('leaves an event without the plate', async () => {
    await change('沪A00033');
    const events = await site.db.query<{ facts: object }>(
      `SELECT facts FROM event WHERE site_id = $1 AND type LIKE 'vehicle.%' ORDER BY id`,
      [site.id],
    );
    expect(events.length).toBeGreaterThan(1);
    expect(JSON.stringify(events)).not.toMatch(/沪/);
  });
});

describe('a vehicle is removed', () => {
  test('not while it holds a booking; then it goes, and its history stays', async () => {
    await onRoster('沪A00001');
    const { body: car } = await owner.post('/me/vehicles', { plate: '沪A00001' });
    const { body: booking } = await stayOf(car.id, '2026-11-24');
    expect(problemOf(await owner.delete(`/me/vehicles/${car.id}`))).toBe('rule: vehicle-in-use');
    await owner.post(`/bookings/${booking.id}/cancel`, {});
    const then = site.clock.now();
    site.clock.advance(60);
    expect((await owner.delete(`/me/vehicles/${car.id}`)).status).toBe(204);
    expect(await vehiclesOf(owner)).toEqual([]);
    expect(problemOf(await stayOf(car.id, '2026-11-24'))).toBe('not-found');
    expect([...(await platesAt(site.db, site.id, [car.id], then))]).toEqual([[car.id, '沪A00001']]);
    expect([...(await platesAt(site.db, site.id, [car.id], site.clock.now()))]).toEqual([]);
    expect((await owner.post('/me/vehicles', { plate: '沪A00001' })).body.verified).toBe(true);
  });

  test('a plate that is free again is verified for whoever waited for it', async () => {
    const neighbour = await site.person(resident);
    const { body: car } = await owner.post('/me/vehicles', { plate: '沪A00001' });
    await neighbour.post('/me/vehicles', { plate: '沪A00001' });
    await onRoster('沪A00001');
    expect((await vehiclesOf(neighbour))[0].verified).toBe(false);
    await owner.delete(`/me/vehicles/${car.id}`);
    expect((await vehiclesOf(neighbour))[0].verified).toBe(true);
  });
});

test('a vehicle that was verified before plates were kept opens gates with its plate, at any time', async () => {
  const old = await site.person({ ...resident, vehicles: [{ verified: true }] });
  const [id = ''] = old.vehicleIds;
  const plates = await platesAt(site.db, site.id, [id], parseInstant('2026-06-01T00:00:00+08:00'));
  expect(plates.get(id)).toMatch(/^沪A/);
});

async function stayOf(vehicleId: string, date: string) {
  // Sessions remember roles for some seconds.
  site.clock.advance(11);
  const slotIds = [(await slotOn(site, 'guangqi-night', date)).id];
  return owner.post('/bookings', { kind: 'parking', slotIds, vehicleId });
}
