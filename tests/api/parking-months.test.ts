import { beforeEach, describe, expect, test } from 'vitest';
import { problemOf, type Call } from '../support/call.ts';
import { aMonth, holdMonth, nightLot } from '../support/months.ts';
import { aLot, aLotWith } from '../support/offers.ts';
import { aResident, type Person } from '../support/person.ts';
import { aSite, closeSlot, type TestSite } from '../support/site.ts';
import { slotOn } from '../support/slots.ts';

let site: TestSite;
let resident: Person & Call;

async function takeNight(person: Person & Call, date: string, resourceId = nightLot): Promise<void> {
  const { id } = await slotOn(site, resourceId, date);
  const body = { kind: 'parking', slotIds: [id], vehicleId: person.vehicleIds[0] };
  expect((await person.post('/bookings', body)).status).toBe(201);
}

describe('a month that cannot be had whole', () => {
  beforeEach(async () => {
    site = await aSite([aLot({ spaces: 1 }), aLot({ id: 'institute-21-night' })]);
    const home = aResident();
    const roles = [...home.roles!, ...aResident('institute-21-neighbours').roles!];
    resident = await site.person({ ...home, roles });
    await takeNight(await site.person(aResident()), '2026-12-10');
    await closeSlot(site, (await slotOn(site, nightLot, '2026-12-20')).id);
  });

  const failing = [
    { date: '2026-12-10', reason: 'full' },
    { date: '2026-12-20', reason: 'closed' },
  ];

  test('is refused with the nights that are in the way, why, and what the rest costs', async () => {
    const before = await site.rows();
    const refused = await resident.post('/bookings', aMonth(resident));
    expect([refused.status, problemOf(refused)]).toEqual([422, 'rule: slot-closed']);
    expect(refused.body).toMatchObject({ failing, rest: { nights: 29, priceFen: 30_000 } });
    expect(await site.rows()).toEqual(before);
  });

  test('says so for a full night and for a car that stands elsewhere', async () => {
    await takeNight(resident, '2026-12-24', 'institute-21-night');
    const refused = await resident.post('/bookings', aMonth(resident));
    expect(refused.body.failing).toEqual([...failing, { date: '2026-12-24', reason: 'elsewhere' }]);
    expect(refused.body.rest).toEqual({ nights: 28, priceFen: 30_000 });
  });

  test('can be looked at before, and its rest be taken for the price that was shown', async () => {
    const query = `/parking/months?resourceId=${nightLot}&month=2026-12&vehicleId=${resident.vehicleIds[0]}`;
    const before = await site.rows();
    const offer = await resident.get(query);
    expect(offer.status).toBe(200);
    expect(offer.body).toMatchObject({
      nights: 31,
      failing,
      rest: { nights: 29, priceFen: 30_000 },
      creditFen: 0,
      payableFen: 30_000,
    });
    expect(await site.rows()).toEqual(before);
    const rest = await resident.post('/bookings', aMonth(resident, { allowPartial: true }));
    expect([rest.status, rest.body.lines.length, rest.body.priceFen]).toEqual([201, 29, 30_000]);
    expect(rest.body.details.missingNights).toEqual(['2026-12-10', '2026-12-20']);
  });

  test('that is over is refused by the rule, also when it is only looked at', async () => {
    const past = await resident.post('/bookings', aMonth(resident, { month: '2026-10' }));
    expect([past.status, problemOf(past)]).toEqual([422, 'rule: month-past']);
    const query = `/parking/months?resourceId=${nightLot}&month=2026-10&vehicleId=${resident.vehicleIds[0]}`;
    expect(problemOf(await resident.get(query))).toBe('rule: month-past');
  });

  test('of somebody else’s car is not there', async () => {
    const other = await site.person(aResident());
    const query = `/parking/months?resourceId=${nightLot}&month=2026-12&vehicleId=${other.vehicleIds[0]}`;
    expect(problemOf(await resident.get(query))).toBe('not-found');
  });
});

describe('renewal', () => {
  let holder: Person & Call;
  let newcomer: Person & Call;
  beforeEach(async () => {
    site = await aSite([aLot({ spaces: 2 })]);
    [holder, newcomer] = [await site.person(aResident()), await site.person(aResident())];
    await holdMonth(holder, { month: '2026-11' });
  });

  test('keeps a holder’s space in the next month until the window closes', async () => {
    await holdMonth(await site.person(aResident()));
    const before = await site.rows();
    const refused = await newcomer.post('/bookings', aMonth(newcomer));
    expect([refused.status, problemOf(refused)]).toEqual([422, 'rule: kept-for-renewal']);
    expect(refused.body.failing).toHaveLength(31);
    expect(refused.body.failing[0]).toEqual({ date: '2026-12-01', reason: 'kept' });
    expect(await site.rows()).toEqual(before);
    expect((await holder.post('/bookings', aMonth(holder))).status).toBe(201);
  });

  test('keeps it from single nights and from the rest of a month as well', async () => {
    await holdMonth(await site.person(aResident()));
    const { id } = await slotOn(site, nightLot, '2026-12-10');
    const night = { kind: 'parking', slotIds: [id], vehicleId: newcomer.vehicleIds[0] };
    expect(problemOf(await newcomer.post('/bookings', night))).toBe('rule: kept-for-renewal');
    const rest = await newcomer.post('/bookings', aMonth(newcomer, { allowPartial: true }));
    expect(problemOf(rest)).toBe('rule: kept-for-renewal');
  });

  test('is open to all afterwards', async () => {
    await holdMonth(await site.person(aResident()));
    site.clock.set('2026-11-28T00:00:00+08:00');
    expect((await newcomer.post('/bookings', aMonth(newcomer))).status).toBe(201);
    expect(problemOf(await holder.post('/bookings', aMonth(holder)))).toBe('slot-full');
  });

  test('is given up by who cancels it', async () => {
    await holdMonth(await site.person(aResident()));
    const renewed = await holdMonth(holder);
    await holder.post(`/bookings/${renewed.id}/cancel`, {});
    expect((await newcomer.post('/bookings', aMonth(newcomer))).status).toBe(201);
  });

  test('is shown with its month and deadline, and as done when it is done', async () => {
    const shown = async () => (await holder.get('/parking/entitlements')).body.items[0].renewal;
    expect(await shown()).toEqual({
      month: '2026-12',
      opensAt: '2026-11-21T00:00:00+08:00',
      closesAt: '2026-11-28T00:00:00+08:00',
      state: 'open',
    });
    await holdMonth(holder);
    expect((await shown()).state).toBe('renewed');
  });
});

test('a month waits in line, and is offered when all of it has come free, not before', async () => {
  site = await aSite([aLot({ spaces: 1 })]);
  const [first, second] = [await site.person(aResident()), await site.person(aResident())];
  const held = await holdMonth(first);
  const waiting = await second.post('/bookings', aMonth(second, { joinWaitlist: true }));
  expect(waiting.status).toBe(202);
  await first.post(`/parking/bookings/${held.id}/release-nights`, { slotIds: [held.lines[4].slotId] });
  expect((await second.get(`/waitlist/${waiting.body.id}`)).body.state).toBe('waiting');
  await first.post(`/bookings/${held.id}/cancel`, {});
  expect((await second.get(`/waitlist/${waiting.body.id}`)).body.state).toBe('offered');
});

test('the sentences of an agreement say how a month is given out', async () => {
  site = await aSite([aLot(), aLotWith({ monthlyRound: 'draw' }, { id: 'institute-21-night' })]);
  const { body } = await site.get('/resources?kind=parking');
  const rulesOf = (id: string) => body.items.find((lot: { id: string }) => lot.id === id).rules;
  const names = (id: string) => rulesOf(id).map(({ name }: { name: string }) => name);
  expect(names(nightLot)).toEqual(expect.arrayContaining(['renewal', 'release']));
  expect(names('institute-21-night')).toEqual(expect.arrayContaining(['draw', 'release']));
});
