import { beforeEach, describe, expect, test } from 'vitest';
import { problemOf, type Call } from '../support/call.ts';
import { aRun } from '../support/offers.ts';
import { anEmployee, staff, type Person } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { aRide, remainingOn, slotsOn } from '../support/slots.ts';

const day = '2026-11-24';
/** Run 2 stops at metro-l9, innovation, hq, zhihui, xinhui, hongqin, guangqi. */
describe('seats on a run of 3 seats', () => {
  let site: TestSite;
  let rider: Person & Call;
  beforeEach(async () => {
    site = await aSite([aRun({ seats: 3 }), aRun({ id: 'run-3' })]);
    rider = await site.person(anEmployee());
  });
  const someone = () => site.person(anEmployee());
  const remaining = () => remainingOn(site, 'run-2', day);

  test('are booked from stop to stop, listed, and given back to exactly their legs', async () => {
    const ride = aRide({ boardStopId: 'innovation', alightStopId: 'xinhui', seats: 2 });
    const booked = await rider.post('/bookings', ride);
    expect(booked.status).toBe(201);
    expect(booked.body).toMatchObject({
      kind: 'shuttle',
      startsAt: `${day}T08:12:00+08:00`,
      endsAt: `${day}T08:21:00+08:00`,
      cancellableUntil: `${day}T07:42:00+08:00`,
      priceFen: 0,
      details: {
        runId: 'run-2',
        direction: 'inbound',
        seats: 2,
        departsAt: `${day}T08:12:00+08:00`,
        arrivesAt: `${day}T08:21:00+08:00`,
        boardStop: { stopId: 'innovation' },
        alightStop: { stopId: 'xinhui' },
      },
    });
    expect(await remaining()).toEqual([3, 1, 1, 1, 3, 3]);
    expect((await rider.get('/bookings?kind=shuttle')).body.items).toEqual([booked.body]);
    await rider.post(`/bookings/${booked.body.id}/cancel`, {});
    expect(await remaining()).toEqual([3, 3, 3, 3, 3, 3]);
  });

  test('freed at the third stop are sold from there on', async () => {
    for (let seat = 1; seat <= 3; seat++) {
      const early = await (await someone()).post('/bookings', aRide({ alightStopId: 'hq' }));
      expect(early.status).toBe(201);
    }
    expect(await remaining()).toEqual([0, 0, 3, 3, 3, 3]);
    const through = await rider.post('/bookings', aRide());
    expect([through.status, problemOf(through)]).toEqual([409, 'slot-full']);
    expect(through.body.slotId).toBe((await slotsOn(site, 'run-2', day))[0]?.id);
    const onwards = await rider.post('/bookings', aRide({ boardStopId: 'hq', seats: 3 }));
    expect(onwards.status).toBe(201);
    expect(await remaining()).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('are all of a party or none', async () => {
    await rider.post('/bookings', aRide({ boardStopId: 'hongqin', seats: 2 }));
    const before = await site.rows();
    const party = await (await someone()).post('/bookings', aRide({ seats: 2 }));
    expect(problemOf(party)).toBe('slot-full');
    expect(await site.rows()).toEqual({
      ...before,
      person: before['person']! + 1,
      session: before['session']! + 1,
      names: expect.anything(),
    });
  });

  test('of one person on two buses at once are refused, naming the own booking; the next bus is not', async () => {
    const first = await rider.post('/bookings', aRide());
    const again = await rider.post('/bookings', aRide({ boardStopId: 'innovation', alightStopId: 'hq' }));
    expect([again.status, problemOf(again), again.body.bookingId]).toEqual([409, 'overlap', first.body.id]);
    expect((await rider.post('/bookings', aRide({ runId: 'run-3' }))).status).toBe(201);
    expect((await (await someone()).post('/bookings', aRide())).status).toBe(201);
  });

  test('that follow one another on the same bus are two bookings', async () => {
    expect((await rider.post('/bookings', aRide({ alightStopId: 'hq' }))).status).toBe(201);
    expect((await rider.post('/bookings', aRide({ boardStopId: 'hq' }))).status).toBe(201);
  });

  test.each([
    ['the other way', { boardStopId: 'guangqi', alightStopId: 'metro-l9' }, 'rule: wrong-direction'],
    ['nowhere', { alightStopId: 'metro-l9' }, 'rule: wrong-direction'],
    ['from a stop that the run does not serve', { boardStopId: 'moon' }, 'rule: stop-not-on-run'],
    ['on a Saturday', { serviceDate: '2026-11-28' }, 'rule: not-running'],
    ['next year', { serviceDate: '2027-11-23' }, 'rule: not-running'],
  ])('%s are refused with the rule', async (_where, change, problem) => {
    const before = await site.rows();
    const refused = await rider.post('/bookings', aRide(change), { 'accept-language': 'en' });
    expect([refused.status, problemOf(refused)]).toEqual([422, problem]);
    expect(refused.body.detail).toMatch(/^\p{ASCII}+$/u);
    expect(await site.rows()).toEqual(before);
  });

  test('are sold until five minutes before the bus leaves the own stop, and open seven days before', async () => {
    site.clock.set(`${day}T08:05:00+08:00`);
    expect(problemOf(await rider.post('/bookings', aRide()))).toBe('rule: booking-closed');
    // The bus is at the next stop two minutes later.
    expect((await rider.post('/bookings', aRide({ boardStopId: 'innovation' }))).status).toBe(201);
    expect(problemOf(await rider.post('/bookings', aRide({ serviceDate: '2026-12-02' })))).toBe('rule: not-yet-open');
    expect((await rider.post('/bookings', aRide({ serviceDate: '2026-12-01' }))).status).toBe(201);
  });

  test('can be cancelled until half an hour before, by the dispatcher until the ride is over', async () => {
    const { body } = await rider.post('/bookings', aRide());
    const dispatcher = await site.person(staff('dispatcher'));
    site.clock.set(`${day}T07:40:00+08:00`);
    expect(problemOf(await rider.post(`/bookings/${body.id}/cancel`, {}))).toBe('rule: cancel-too-late');
    expect(await remaining()).toEqual([2, 2, 2, 2, 2, 2]);
    expect((await dispatcher.post(`/bookings/${body.id}/cancel`, {})).body.state).toBe('cancelled');
    expect(await remaining()).toEqual([3, 3, 3, 3, 3, 3]);
  });
});

test('an outbound run serves the same stops in reverse with mirrored times', async () => {
  const site = await aSite([aRun({ id: 'run-8' })]);
  const legs = await slotsOn(site, 'run-8', day);
  expect(legs.map(({ fromStopId }) => fromStopId)).toEqual([
    'guangqi',
    'hongqin',
    'xinhui',
    'zhihui',
    'hq',
    'innovation',
  ]);
  expect(legs.map(({ startsAt }) => startsAt.slice(11, 16))).toEqual([
    '18:10',
    '18:12',
    '18:14',
    '18:17',
    '18:21',
    '18:23',
  ]);
  expect(legs.at(-1)).toMatchObject({ toStopId: 'metro-l9', endsAt: `${day}T18:25:00+08:00`, runId: 'run-8' });
});

test('a run that was retimed or repriced a moment ago is booked as it is now', async () => {
  const site = await aSite([aRun()]);
  const [early, late] = [await site.person(anEmployee()), await site.person(anEmployee())];
  const before = await early.post('/bookings', aRide({ seats: 2 }));
  await site.db.query(
    `UPDATE slot SET price_fen = 300, cancel_until = cancel_until - interval '1 hour' WHERE site_id = $1 AND service_date = $2`,
    [site.id, day],
  );
  const after = await late.post('/bookings', aRide({ seats: 2 }));
  expect([before, after].map(({ status, body }) => [status, body.priceFen, body.cancellableUntil])).toEqual([
    [201, 0, `${day}T07:40:00+08:00`],
    [201, 600, `${day}T06:40:00+08:00`],
  ]);
});
