import { beforeEach, describe, expect, test } from 'vitest';
import { examine } from '../../api/engine/doctor.ts';
import { problemOf, type Call } from '../support/call.ts';
import { aMonth, creditOf, giveBack, holdMonth, nightLot, nightOf, sweepSite } from '../support/months.ts';
import { aLot, aLotWith } from '../support/offers.ts';
import { aResident, type Person } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { remainingOn, slotOn } from '../support/slots.ts';

let site: TestSite;
let holder: Person & Call;
let neighbour: Person & Call;

beforeEach(async () => {
  site = await aSite([aLot({ spaces: 1 })]);
  [holder, neighbour] = [await site.person(aResident()), await site.person(aResident())];
});

const nightWish = async (person: Person, date: string, change: object = {}) => ({
  kind: 'parking',
  slotIds: [(await slotOn(site, nightLot, date)).id],
  vehicleId: person.vehicleIds[0],
  ...change,
});

async function expectSound(): Promise<void> {
  const { broken } = await examine(site.db);
  expect(broken.filter(({ siteId }) => siteId === site.id)).toEqual([]);
}

describe('a night that is given back', () => {
  test('reaches the first who waits for it at once, and nobody else', async () => {
    const month = await holdMonth(holder);
    const [first, second] = [neighbour, await site.person(aResident())];
    const place = await first.post('/bookings', await nightWish(first, '2026-12-10', { joinWaitlist: true }));
    const later = await second.post('/bookings', await nightWish(second, '2026-12-10', { joinWaitlist: true }));
    expect([place.status, later.status]).toEqual([202, 202]);
    const released = await giveBack(holder, month.id, [nightOf(month, '2026-12-10')]);
    expect(released.status).toBe(200);
    expect(released.body).toMatchObject({ bookingId: month.id, released: ['2026-12-10'], nights: 30 });
    const offered = (await first.get(`/waitlist/${place.body.id}`)).body;
    expect([offered.state, offered.offer.booking.serviceDate]).toEqual(['offered', '2026-12-10']);
    expect((await second.get(`/waitlist/${later.body.id}`)).body.state).toBe('waiting');
    expect((await first.post(`/waitlist/${place.body.id}/accept`, {})).body.state).toBe('accepted');
    await expectSound();
  });

  test('is anybody’s when nobody waits, and the car of its holder may stand elsewhere', async () => {
    const month = await holdMonth(holder);
    await giveBack(holder, month.id, [nightOf(month, '2026-12-10')]);
    expect(await remainingOn(site, nightLot, '2026-12-10')).toEqual([1]);
    expect((await holder.post('/bookings', await nightWish(holder, '2026-12-10'))).status).toBe(201);
    await expectSound();
  });

  test('leaves the booking with its other nights, its times and what was given back', async () => {
    const month = await holdMonth(holder);
    const ends = [nightOf(month, '2026-12-01'), nightOf(month, '2026-12-31')];
    await giveBack(holder, month.id, ends);
    const { body } = await holder.get(`/bookings/${month.id}`);
    expect(body).toMatchObject({
      state: 'confirmed',
      serviceDate: '2026-12-02',
      startsAt: '2026-12-02T18:30:00+08:00',
      endsAt: '2026-12-31T08:00:00+08:00',
      cancellableUntil: '2026-12-02T18:30:00+08:00',
      priceFen: 30_000,
      details: { nights: 29, month: '2026-12', releasedNights: ['2026-12-01', '2026-12-31'] },
    });
    expect(body.lines).toHaveLength(29);
    await expectSound();
  });

  test('of a stay of single nights is not paid', async () => {
    const dates = ['2026-11-24', '2026-11-25', '2026-11-26'];
    const slotIds = await Promise.all(dates.map(async (date) => (await slotOn(site, nightLot, date)).id));
    const stay = (await holder.post('/bookings', await nightWish(holder, '2026-11-24', { slotIds }))).body;
    const released = await giveBack(holder, stay.id, [slotIds[1]!]);
    expect([released.body.creditFen, (await holder.get(`/bookings/${stay.id}`)).body.priceFen]).toEqual([0, 3000]);
  });

  test('is refused by rule: begun, the last one, not held, twice, somebody else’s', async () => {
    const month = await holdMonth(holder, { month: '2026-11' });
    const tonight = nightOf(month, '2026-11-23');
    const all = month.lines.map(({ slotId }: { slotId: string }) => slotId);
    const before = await site.rows();
    expect(problemOf(await giveBack(holder, month.id, all))).toBe('rule: last-night');
    const other = (await slotOn(site, nightLot, '2026-12-10')).id;
    expect(problemOf(await giveBack(holder, month.id, [other]))).toBe('rule: night-not-held');
    expect(problemOf(await giveBack(neighbour, month.id, [tonight]))).toBe('not-found');
    expect(problemOf(await giveBack(holder, month.id, ['999999999']))).toBe('rule: night-not-held');
    site.clock.set('2026-11-23T18:30:00+08:00');
    expect(problemOf(await giveBack(holder, month.id, [tonight]))).toBe('rule: night-begun');
    expect(await site.rows()).toEqual(before);
    const last = nightOf(month, '2026-11-30');
    expect((await giveBack(holder, month.id, [last])).status).toBe(200);
    expect(problemOf(await giveBack(holder, month.id, [last]))).toBe('rule: night-not-held');
    await holder.post(`/bookings/${(await holdMonth(holder)).id}/cancel`, {});
    await expectSound();
  });

  test('of a cancelled booking is not there to give', async () => {
    const month = await holdMonth(holder);
    await holder.post(`/bookings/${month.id}/cancel`, {});
    expect(problemOf(await giveBack(holder, month.id, [nightOf(month, '2026-12-10')]))).toBe('rule: not-releasable');
  });
});

describe('the credit for it', () => {
  test('is the night’s share of the month, once however often it is asked for', async () => {
    const month = await holdMonth(holder);
    const key = { 'idempotency-key': 'give-back-1' };
    const first = await giveBack(holder, month.id, [nightOf(month, '2026-12-10')], key);
    const again = await giveBack(holder, month.id, [nightOf(month, '2026-12-10')], key);
    expect([first.body.creditFen, first.body.balanceFen]).toEqual([967, 967]);
    expect([again.body, again.headers.get('idempotent-replay')]).toEqual([first.body, 'true']);
    await giveBack(holder, month.id, [nightOf(month, '2026-12-11'), nightOf(month, '2026-12-12')]);
    expect(await creditOf(holder)).toBe(3 * 967);
  });

  test('is none where the agreement says so', async () => {
    site = await aSite([aLotWith({ releaseCredit: 'none' })]);
    holder = await site.person(aResident());
    const month = await holdMonth(holder);
    expect((await giveBack(holder, month.id, [nightOf(month, '2026-12-10')])).body.creditFen).toBe(0);
    expect(await creditOf(holder)).toBe(0);
  });

  test('is shown before the next month is booked, spent with it, and comes back when that is cancelled', async () => {
    const now = await holdMonth(holder, { month: '2026-11' });
    await giveBack(holder, now.id, [nightOf(now, '2026-11-26'), nightOf(now, '2026-11-27')]);
    const query = `/parking/months?resourceId=${nightLot}&month=2026-12&vehicleId=${holder.vehicleIds[0]}`;
    expect((await holder.get(query)).body).toMatchObject({ priceFen: 30_000, creditFen: 3000, payableFen: 27_000 });
    const next = await holdMonth(holder);
    expect([next.priceFen, next.details.creditFen, await creditOf(holder)]).toEqual([30_000, 3000, 0]);
    await sweepSite(site);
    expect(await creditOf(holder)).toBe(0);
    await holder.post(`/bookings/${next.id}/cancel`, {});
    expect(await creditOf(holder)).toBe(3000);
    await sweepSite(site);
    expect(await creditOf(holder)).toBe(3000);
    await expectSound();
  });

  test('of a month that is cancelled before it begins goes back, and forbids that while it is spent', async () => {
    const december = await holdMonth(holder);
    await giveBack(holder, december.id, [nightOf(december, '2026-12-10')]);
    site.clock.set('2026-11-24T09:00:00+08:00');
    const november = await holdMonth(holder, { month: '2026-11' });
    expect(november.details.creditFen).toBe(967);
    const before = await site.rows();
    expect(problemOf(await holder.post(`/bookings/${december.id}/cancel`, {}))).toBe('rule: credit-spent');
    expect(await site.rows()).toEqual(before);
    await holder.post(`/bookings/${november.id}/cancel`, {});
    expect((await holder.post(`/bookings/${december.id}/cancel`, {})).status).toBe(200);
    expect(await creditOf(holder)).toBe(0);
    await expectSound();
  });

  test('is spent by a month that came of a place in the queue, with the next sweep', async () => {
    const now = await holdMonth(holder, { month: '2026-11' });
    await giveBack(holder, now.id, [nightOf(now, '2026-11-26')]);
    site.clock.set('2026-11-28T09:00:00+08:00');
    const taken = await holdMonth(neighbour);
    const waiting = await holder.post('/bookings', aMonth(holder, { joinWaitlist: true }));
    expect(waiting.status).toBe(202);
    await neighbour.post(`/bookings/${taken.id}/cancel`, {});
    await holder.post(`/waitlist/${waiting.body.id}/accept`, {});
    await sweepSite(site);
    expect(await creditOf(holder)).toBe(0);
  });
});
