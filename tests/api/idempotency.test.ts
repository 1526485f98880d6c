import { beforeEach, describe, expect, test } from 'vitest';
import { createApp } from '../../api/app.ts';
import { forgetOldKeys } from '../../api/engine/forget-keys.ts';
import { callerOver, problemOf, type Call } from '../support/call.ts';
import { aLot, aRun } from '../support/offers.ts';
import { aResident, anEmployee, staff, type Person } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { aRide, remainingOn, slotOn } from '../support/slots.ts';

const key = { 'idempotency-key': 'key-1' };

describe('a booking with an Idempotency-Key', () => {
  let site: TestSite;
  let rider: Person & Call;
  beforeEach(async () => {
    site = await aSite([aRun({ seats: 3 })]);
    rider = await site.person(anEmployee());
  });

  test('is made once and answered with the same body as often as it is sent', async () => {
    const first = await rider.post('/bookings', aRide(), key);
    const rows = await site.rows();
    const again = await rider.post('/bookings', aRide(), key);
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body).toEqual(first.body);
    expect(first.headers.get('idempotent-replay')).toBeNull();
    expect(again.headers.get('idempotent-replay')).toBe('true');
    expect(await site.rows()).toEqual(rows);
  });

  test('is the same whatever the order and the white space of its body', async () => {
    const first = await rider.post('/bookings', aRide(), key);
    const reordered = JSON.stringify(Object.fromEntries(Object.entries(aRide()).toReversed()), null, 2);
    const again = await rider.raw('POST', '/bookings', reordered, { ...key, 'content-type': 'application/json' });
    expect(again.body).toEqual(first.body);
  });

  test('answers as it was made, also when it was cancelled since', async () => {
    const first = await rider.post('/bookings', aRide(), key);
    await rider.post(`/bookings/${first.body.id}/cancel`, {});
    const again = await rider.post('/bookings', aRide(), key);
    expect(again.body).toEqual(first.body);
    expect((await rider.get(`/bookings/${first.body.id}`)).body.state).toBe('cancelled');
  });

  test('answers again after booking has closed', async () => {
    const first = await rider.post('/bookings', aRide(), key);
    site.clock.set('2026-11-24T08:30:00+08:00');
    expect((await rider.post('/bookings', aRide(), key)).body).toEqual(first.body);
  });

  test('with another body is refused', async () => {
    await rider.post('/bookings', aRide(), key);
    const rows = await site.rows();
    const other = await rider.post('/bookings', aRide({ seats: 2 }), key);
    expect([other.status, problemOf(other)]).toEqual([422, 'key-reused']);
    expect(await site.rows()).toEqual(rows);
  });

  test('on another route is another request', async () => {
    await rider.post('/bookings', aRide(), key);
    const bundle = await rider.post('/bookings/bundle', { bookings: [aRide({ serviceDate: '2026-11-25' })] }, key);
    expect(problemOf(bundle)).toBe('key-reused');
  });

  test("of one person does not meet another's", async () => {
    const other = await site.person(anEmployee());
    const [mine, theirs] = [await rider.post('/bookings', aRide(), key), await other.post('/bookings', aRide(), key)];
    expect([mine.status, theirs.status]).toEqual([201, 201]);
    expect(theirs.body.id).not.toBe(mine.body.id);
  });

  test('that was refused is decided anew', async () => {
    const other = await site.person(anEmployee());
    const full = await other.post('/bookings', aRide({ seats: 3 }));
    expect(problemOf(await rider.post('/bookings', aRide(), key))).toBe('slot-full');
    await other.post(`/bookings/${full.body.id}/cancel`, {});
    const again = await rider.post('/bookings', aRide(), key);
    expect([again.status, again.headers.get('idempotent-replay')]).toEqual([201, null]);
  });

  test('that is still under way is told to wait', async () => {
    const gate = Promise.withResolvers<void>();
    const engine: typeof site.deps.engine = {
      admit: (request) => gate.promise.then(() => site.deps.engine.admit(request)),
    };
    const slow = callerOver(createApp({ ...site.deps, engine }).fetch, []).with({
      authorization: `Bearer ${rider.token}`,
    });
    const sent = [slow.post('/bookings', aRide(), key), slow.post('/bookings', aRide(), key)];
    const refused = await Promise.race(sent);
    expect([refused.status, problemOf(refused)]).toEqual([409, 'in-flight']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    gate.resolve();
    const statuses = (await Promise.all(sent)).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([201, 409]);
    expect((await slow.post('/bookings', aRide(), key)).headers.get('idempotent-replay')).toBe('true');
    expect((await site.rows())['booking']).toBe(1);
  });

  test('is forgotten after a day, not before', async () => {
    await rider.post('/bookings', aRide({ serviceDate: '2026-11-26' }), key);
    const keysAfter = async (seconds: number) => {
      site.clock.advance(seconds);
      await forgetOldKeys(site.db, site.id, site.clock.now());
      return (await site.rows())['idempotency_key'];
    };
    expect(await keysAfter(24 * 3600)).toBe(1);
    expect(await keysAfter(1)).toBe(0);
  });

  test.each(['', 'a b', 'clé', 'k'.repeat(201)])('of the form %j is refused', async (form) => {
    const refused = await rider.post('/bookings', aRide(), { 'idempotency-key': form });
    expect([refused.status, problemOf(refused)]).toEqual([422, 'validation']);
  });
});

test('strangers who happen on the same key do not wait for each other', async () => {
  const gate = Promise.withResolvers<void>();
  const site = await aSite([], { isDemo: false, sms: { send: () => gate.promise } });
  const sent = [
    site.post('/auth/otp', { phone: '13900000771' }, key),
    site.post('/auth/otp', { phone: '13900000772' }, key),
  ];
  gate.resolve();
  expect((await Promise.all(sent)).map(({ status }) => status)).toEqual([202, 202]);
});

test('a day plan with a key is made once', async () => {
  const site = await aSite([aRun(), aRun({ id: 'run-8' })]);
  const rider = await site.person(anEmployee());
  const home = aRide({ runId: 'run-8', boardStopId: 'guangqi', alightStopId: 'metro-l9' });
  const plan = { bookings: [aRide(), home] };
  const first = await rider.post('/bookings/bundle', plan, key);
  const again = await rider.post('/bookings/bundle', plan, key);
  expect(first.status).toBe(201);
  expect(again.body).toEqual(first.body);
  expect(again.headers.get('idempotent-replay')).toBe('true');
  expect((await site.rows())['booking']).toBe(2);
});

describe('a key of a request whose rules would refuse it by now', () => {
  test('a month with allowPartial, all of whose nights the car holds since', async () => {
    const site = await aSite([aLot()]);
    const resident = await site.person(aResident());
    const month = {
      kind: 'parking',
      resourceId: 'guangqi-night',
      month: '2026-11',
      vehicleId: resident.vehicleIds[0],
      allowPartial: true,
    };
    const first = await resident.post('/bookings', month, key);
    const again = await resident.post('/bookings', month, key);
    expect(first.status).toBe(201);
    expect(again.body).toEqual(first.body);
    site.clock.set('2026-12-05T09:00:00+08:00');
    expect((await resident.post('/bookings', month, key)).body).toEqual(first.body);
  });

  test('a night of a car that has lost its verification', async () => {
    const site = await aSite([aLot()]);
    const resident = await site.person(aResident());
    const { id } = await slotOn(site, 'guangqi-night', '2026-11-24');
    const night = { kind: 'parking', slotIds: [id], vehicleId: resident.vehicleIds[0] };
    const first = await resident.post('/bookings', night, key);
    await site.db.query('UPDATE vehicle SET verified_at = NULL WHERE site_id = $1', [site.id]);
    expect((await resident.post('/bookings', night, key)).body).toEqual(first.body);
    expect(problemOf(await resident.post('/bookings', night, { 'idempotency-key': 'key-2' }))).toBe(
      'rule: vehicle-unverified',
    );
    const otherBody = { ...night, slotIds: ['1', id] };
    expect(problemOf(await resident.post('/bookings', otherBody, key))).toBe('key-reused');
  });
});

test('a cancellation with a key is answered again', async () => {
  const site = await aSite([aRun({ seats: 3 })]);
  const rider = await site.person(anEmployee());
  const { body } = await rider.post('/bookings', aRide());
  const first = await rider.post(`/bookings/${body.id}/cancel`, {}, key);
  const again = await rider.post(`/bookings/${body.id}/cancel`, {}, key);
  expect([first.status, again.status]).toEqual([200, 200]);
  expect(again.body).toEqual(first.body);
  expect(again.headers.get('idempotent-replay')).toBe('true');
  expect(await remainingOn(site, 'run-2', '2026-11-24')).toEqual([3, 3, 3, 3, 3, 3]);
});

describe('a capacity change with a key', () => {
  const change = { resourceId: 'run-2', from: '2026-11-24', to: '2026-11-24', capacity: 30, reason: '加座' };

  test('is made once, and answered again with its plan', async () => {
    const site = await aSite([aRun()]);
    const dispatcher = await site.person(staff('dispatcher'));
    const first = await dispatcher.post('/capacity-changes', change, key);
    const rows = await site.rows();
    const again = await dispatcher.post('/capacity-changes', change, key);
    expect(first.status).toBe(200);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replay')).toBe('true');
    expect(await site.rows()).toEqual(rows);
    expect(problemOf(await dispatcher.post('/capacity-changes', { ...change, capacity: 31 }, key))).toBe('key-reused');
  });

  test('that was a dry run can be made with the same key', async () => {
    const site = await aSite([aRun()]);
    const dispatcher = await site.person(staff('dispatcher'));
    await dispatcher.post('/capacity-changes', { ...change, dryRun: true }, key);
    expect((await dispatcher.post('/capacity-changes', change, key)).body.applied).toBe(true);
  });
});
