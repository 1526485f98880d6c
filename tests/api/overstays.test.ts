import { beforeEach, describe, expect, test } from 'vitest';
import { problemOf } from '../support/call.ts';
import { expectInvariants } from '../support/invariants.ts';
import { aLot } from '../support/offers.ts';
import { aResident, type Person } from '../support/person.ts';
import { slotOn } from '../support/slots.ts';
import {
  administrator,
  anOverstay,
  appeal,
  aStay,
  at,
  bookAgain,
  driver,
  managed,
  mornings,
  notices,
  overstays,
  passTime,
  presence,
  setScene,
  site,
  standing,
  threeOverstays,
  waive,
} from '../support/overstay-scene.ts';

beforeEach(() => setScene());

describe('a car that stays too long', () => {
  test('is told before, is late when the grace is over, and has left when it has', async () => {
    const bookingId = await aStay(['2026-11-23']);
    await presence(bookingId, at('2026-11-23', '19:00'));
    site.clock.set(at('2026-11-24', '07:29'));
    await passTime();
    expect(await notices('leave-by')).toEqual([]);
    site.clock.set(at('2026-11-24', '07:30'));
    await passTime();
    await passTime();
    expect(await notices('leave-by')).toMatchObject([{ booking: { id: bookingId } }]);
    site.clock.set(at('2026-11-24', '08:15'));
    await passTime();
    expect(await overstays()).toEqual([]);
    site.clock.set(at('2026-11-24', '08:16'));
    await passTime();
    await passTime();
    expect(await notices('overstay')).toHaveLength(1);
    expect(await managed('&late=true')).toMatchObject([
      { bookingId, endedAt: null, minutesLate: 16, chargeFen: 1_000, state: 'open' },
    ]);
    site.clock.set(at('2026-11-24', '10:00'));
    expect(await managed('&late=true')).toMatchObject([{ minutesLate: 120, chargeFen: 2_000 }]);
    await presence(bookingId, at('2026-11-23', '19:00'), at('2026-11-24', '09:20'));
    await passTime();
    expect(await managed('&late=true')).toEqual([]);
    expect(await overstays()).toMatchObject([
      {
        leaveBy: at('2026-11-24', '08:00'),
        openedAt: at('2026-11-24', '08:16'),
        endedAt: at('2026-11-24', '09:20'),
        minutesLate: 80,
        chargeFen: 2_000,
        consequence: { number: 1, step: 'noted', suspendedUntil: null },
      },
    ]);
    await expectInvariants(site.db);
  });

  test('of separate nights has an overstay and notices for each of them', async () => {
    const bookingId = await aStay(['2026-11-23', '2026-11-25']);
    await presence(bookingId, at('2026-11-23', '19:00'), at('2026-11-24', '08:30'));
    for (const [date, time] of [
      ['2026-11-24', '08:31'],
      ['2026-11-26', '07:45'],
      ['2026-11-26', '08:20'],
    ] as const) {
      site.clock.set(at(date, time));
      if (date === '2026-11-26') await presence(bookingId, at('2026-11-25', '19:00'));
      await passTime();
    }
    expect((await overstays()).map(({ leaveBy }: { leaveBy: string }) => leaveBy)).toEqual([
      at('2026-11-26', '08:00'),
      at('2026-11-24', '08:00'),
    ]);
    expect(await notices('overstay')).toHaveLength(2);
    expect(await notices('leave-by')).toHaveLength(1);
  });

  test('is known from all that the gates saw of it, not only from where it is now', async () => {
    const bookingId = await aStay(['2026-11-23', '2026-11-24', '2026-11-25']);
    const seen = [
      ['entry', at('2026-11-23', '19:00')],
      ['exit', at('2026-11-24', '09:00')],
      // The next exit was not seen, so nobody knows whether it was in time.
      ['entry', at('2026-11-24', '19:00')],
      ['entry', at('2026-11-25', '19:00')],
    ] as const;
    for (const [index, [kind, when]] of seen.entries()) {
      await site.db.query(
        `INSERT INTO gate_event (site_id, lot_id, serial, event, kind, plate, at, received_at, state, booking_id)
         VALUES ($1, 'guangqi', 'camera', $2, $3, '沪A00000', $4, $4, 'matched', $5)`,
        [site.id, String(index), kind, when, bookingId],
      );
    }
    await presence(bookingId, at('2026-11-25', '19:00'));
    site.clock.set(at('2026-11-25', '20:00'));
    await passTime();
    expect(await overstays()).toMatchObject([
      { leaveBy: at('2026-11-24', '08:00'), endedAt: at('2026-11-24', '09:00'), minutesLate: 60 },
    ]);
  });

  test('over a whole weekend is late on Monday morning only', async () => {
    const bookingId = await aStay(['2026-11-27', '2026-11-28', '2026-11-29']);
    await presence(bookingId, at('2026-11-27', '19:00'));
    site.clock.set(at('2026-11-29', '23:00'));
    await passTime();
    expect(await overstays()).toEqual([]);
    site.clock.set(at('2026-11-30', '08:30'));
    await passTime();
    expect(await overstays()).toMatchObject([{ leaveBy: at('2026-11-30', '08:00'), minutesLate: 30 }]);
  });

  test('is void, and counts nowhere, when it turns out that it had left in time', async () => {
    const bookingId = await aStay(['2026-11-23']);
    await presence(bookingId, at('2026-11-23', '19:00'));
    site.clock.set(at('2026-11-24', '08:30'));
    await passTime();
    const [open] = await overstays();
    await presence(bookingId, at('2026-11-23', '19:00'), at('2026-11-24', '07:55'));
    await passTime();
    expect(await overstays()).toMatchObject([{ id: open.id, state: 'void', consequence: null }]);
    expect(await managed('&late=true')).toEqual([]);
    expect(problemOf(await appeal(open.id))).toBe('rule: overstay-settled');
    expect(problemOf(await waive(open.id))).toBe('rule: overstay-settled');
    // And stands again when that was wrong.
    await presence(bookingId, at('2026-11-23', '19:00'), at('2026-11-24', '08:20'));
    await passTime();
    expect(await overstays()).toMatchObject([{ id: open.id, state: 'open', minutesLate: 20 }]);
    await expectInvariants(site.db);
  });

  test('is found after a long stop as well', async () => {
    const bookingId = await aStay(['2026-11-23']);
    await presence(bookingId, at('2026-11-23', '19:00'), at('2026-11-24', '12:00'));
    site.clock.set(at('2026-11-27', '09:00'));
    await passTime();
    expect(await overstays()).toMatchObject([
      { minutesLate: 240, chargeFen: 4_000, endedAt: at('2026-11-24', '12:00') },
    ]);
  });

  test('of a booking that was cancelled is none', async () => {
    const bookingId = await aStay(['2026-11-23']);
    await driver.post(`/bookings/${bookingId}/cancel`, {});
    await presence(bookingId, at('2026-11-23', '19:00'));
    site.clock.set(at('2026-11-24', '09:00'));
    await passTime();
    expect(await overstays()).toEqual([]);
    expect(await site.db.query('SELECT 1 FROM stay_watch WHERE site_id = $1', [site.id])).toEqual([]);
  });
});

describe('the ladder', () => {
  test('ends in a suspension that says until when, and leaves bookings alone', async () => {
    const kept = await aStay(['2026-12-01']);
    await threeOverstays();
    const steps = (await overstays()).map(({ consequence }: { consequence: { step: string } }) => consequence.step);
    expect(steps).toEqual(['suspension', 'warning', 'noted']);
    const until = at('2026-12-26', '08:15');
    expect(await standing()).toMatchObject([
      { lender: { id: 'park' }, step: 'suspended', count: 3, suspendedUntil: until, warnAt: 2, suspendAt: 3 },
    ]);
    const refused = await bookAgain();
    expect([problemOf(refused), refused.body.until]).toEqual(['rule: suspended', until]);
    expect((await driver.get(`/bookings/${kept}`)).body.state).toBe('confirmed');
  });

  test('ends by itself after the days that the agreement says', async () => {
    const lot = aLot();
    await setScene([{ ...lot, facts: { ...lot.facts, overstay: { suspendAt: 2, suspendDays: 3 } } }]);
    for (const [night, morning] of mornings.slice(0, 2)) await anOverstay(night, morning);
    site.clock.set('2026-11-28T08:14:59+08:00');
    expect(problemOf(await bookAgain())).toBe('rule: suspended');
    site.clock.set(at('2026-11-28', '08:15'));
    expect(await standing()).toMatchObject([{ step: 'warning', suspendedUntil: null }]);
    expect((await bookAgain()).status).toBe(201);
  });

  test('is climbed at each lender by itself', async () => {
    await threeOverstays();
    expect(problemOf(await bookAgain(driver, 'guangqi-night'))).toBe('rule: suspended');
    expect((await bookAgain(driver, 'qinzhou-north-night')).status).toBe(201);
  });

  test('closes the queue as well: neither waits who is suspended, nor takes what they are offered', async () => {
    await setScene([aLot({ spaces: 1 })]);
    const other = await site.person(aResident());
    const slot = await slotOn(site, 'guangqi-night', '2026-12-02');
    const wish = (person: Person) => ({ kind: 'parking', slotIds: [slot.id], vehicleId: person.vehicleIds[0] });
    const taken = (await other.post('/bookings', wish(other))).body.id;
    const waits = await driver.post('/bookings', { ...wish(driver), joinWaitlist: true });
    expect(waits.status).toBe(202);
    const [first] = await threeOverstays();
    await other.post(`/bookings/${taken}/cancel`, {});
    const refused = await driver.post(`/waitlist/${waits.body.id}/accept`, {});
    expect([problemOf(refused), refused.body.until]).toEqual(['rule: suspended', at('2026-12-26', '08:15')]);
    expect(problemOf(await driver.post('/bookings', { ...wish(driver), joinWaitlist: true }))).toBe('rule: suspended');
    await waive(first!);
    expect((await driver.post(`/waitlist/${waits.body.id}/accept`, {})).status).toBe(200);
  });

  test('does not keep anybody from what is held instead of a booking of theirs that gave way', async () => {
    const kept = await aStay(['2026-12-01']);
    await threeOverstays();
    await site.db.query(`UPDATE overstay SET organisation_id = 'street' WHERE site_id = $1`, [site.id]);
    const change = {
      resourceId: 'guangqi-night',
      from: '2026-12-01',
      to: '2026-12-01',
      capacity: 0,
      reason: '检修',
      onExcess: 'displace',
    };
    await administrator.post('/capacity-changes', change);
    const { alternative } = (await driver.get(`/bookings/${kept}`)).body.displacement;
    expect(problemOf(await bookAgain(driver, 'qinzhou-north-night'))).toBe('rule: suspended');
    expect((await driver.post(`/waitlist/${alternative.waitlistId}/accept`, {})).status).toBe(200);
  });
});
