import { beforeEach, describe, expect, test } from 'vitest';
import { parseInstant } from '../../api/calendar/time.ts';
import { countNoShows } from '../../api/engine/count-no-shows.ts';
import { sweep } from '../../api/sweep.ts';
import { problemOf, type Call } from '../support/call.ts';
import { expectInvariants } from '../support/invariants.ts';
import { aCanteen, aLot, aRun, wholeSite } from '../support/offers.ts';
import { aResident, anEmployee, staff, type Person } from '../support/person.ts';
import { withPlanted } from '../support/planted-rows.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { aRide, remainingOn, slotOn } from '../support/slots.ts';

const day = '2026-11-24';
const at = (time: string) => `${day}T${time}+08:00`;
let lastNonce = 0;
const aNonce = () => `scan-${++lastNonce}`;

let site: TestSite;
let rider: Person & Call;
let dispatcher: Person & Call;
let booking: { id: string };
beforeEach(async () => {
  site = await aSite([aRun({ seats: 2 }), ...aCanteen(), aLot()]);
  rider = await site.person(anEmployee());
  dispatcher = await site.person(staff('dispatcher'));
  booking = (await rider.post('/bookings', aRide())).body;
});

const passNow = async (person: Call = rider, id = booking.id) => (await person.get(`/bookings/${id}/pass`)).body;
const scan = (code: string, scannedAt: string, nonce = aNonce(), by: Call = dispatcher) =>
  by.post('/check-ins', { code, at: scannedAt, nonce });
const stateOf = async (id = booking.id, person: Call = rider) => (await person.get(`/bookings/${id}`)).body.state;
const passTime = () => sweep(site.db, site.clock, site.code);
/** Moves the clock, takes the pass of that moment and scans it. */
const scanAt = async (time: string, nonce = aNonce()) => {
  site.clock.set(at(time));
  return scan((await passNow()).qr, at(time), nonce);
};

describe('the pass of a booking', () => {
  test('says from when to when its codes hold, and when one may check in', async () => {
    site.clock.set(at('08:05:20'));
    const pass = await rider.get(`/bookings/${booking.id}/pass`);
    expect(pass.status).toBe(200);
    expect(pass.body).toEqual({
      qr: expect.stringContaining(booking.id),
      digits: expect.stringMatching(/^\d{6}$/),
      validFrom: at('08:05:00'),
      refreshAt: at('08:06:00'),
      validUntil: at('08:07:00'),
      checkInFrom: at('08:00:00'),
      checkInUntil: at('08:12:00'),
    });
    site.clock.set(at('08:06:00'));
    expect((await passNow()).qr).not.toBe(pass.body.qr);
  });

  test('is nobody else’s: not of staff, not of strangers', async () => {
    for (const other of [dispatcher, await site.person(anEmployee())])
      expect(problemOf(await other.get(`/bookings/${booking.id}/pass`))).toBe('not-found');
    expect(problemOf(await site.get(`/bookings/${booking.id}/pass`))).toBe('unauthenticated');
  });

  test('is there only while the booking can be used', async () => {
    const cancelled = (await rider.post('/bookings', aRide({ serviceDate: '2026-11-25' }))).body;
    await rider.post(`/bookings/${cancelled.id}/cancel`, {});
    expect(problemOf(await rider.get(`/bookings/${cancelled.id}/pass`))).toBe('rule: no-pass');
    site.clock.set(at('08:12:00'));
    expect(problemOf(await rider.get(`/bookings/${booking.id}/pass`))).toBe('rule: check-in-closed');
  });
});

describe('checking in', () => {
  test('by QR text: the booking has been used, and its event says so', async () => {
    const nonce = aNonce();
    const done = await scanAt('08:05:00', nonce);
    expect(done.status).toBe(201);
    expect(done.body).toMatchObject({
      booking: { id: booking.id, state: 'checked_in', details: { seats: 1 } },
      person: { name: expect.stringContaining('*'), phone: expect.stringMatching(/^139\*{4}/) },
      at: at('08:05:00'),
      nonce,
    });
    expect(await stateOf()).toBe('checked_in');
    expect(problemOf(await rider.get(`/bookings/${booking.id}/pass`))).toBe('already-checked-in');
    await expectInvariants(site.db);
  });

  test('by six digits, which are known among those who are expected now', async () => {
    await (await site.person(anEmployee())).post('/bookings', aRide());
    site.clock.set(at('08:04:30'));
    const { digits } = await passNow();
    const done = await scan(digits, at('08:04:30'));
    expect([done.status, done.body.booking?.id]).toEqual([201, booking.id]);
  });

  test('the same scan sent again gets the same answer; another scan is refused', async () => {
    const nonce = aNonce();
    site.clock.set(at('08:05:00'));
    const { qr, digits } = await passNow();
    const first = await scan(qr, at('08:05:00'), nonce);
    for (const code of [qr, digits]) {
      const again = await scan(code, at('08:05:00'), nonce);
      expect([again.status, again.body]).toEqual([201, first.body]);
      expect(again.headers.get('idempotent-replay')).toBe('true');
      expect(problemOf(await scan(code, at('08:05:01')))).toBe('already-checked-in');
    }
    expect((await scan(qr, at('08:05:01'))).status).toBe(409);
    const keyed = { 'idempotency-key': 'scan-again' };
    const body = { code: qr, at: at('08:05:00'), nonce };
    expect((await dispatcher.post('/check-ins', body, keyed)).status).toBe(201);
    expect((await dispatcher.post('/check-ins', { ...body, at: at('08:05:02') }, keyed)).status).toBe(422);
  });

  test('one scan cannot be of two bookings', async () => {
    const second = await site.person(anEmployee());
    const theirs = (await second.post('/bookings', aRide())).body;
    const nonce = aNonce();
    await scanAt('08:05:00', nonce);
    const other = await scan((await passNow(second, theirs.id)).qr, at('08:05:00'), nonce);
    expect(problemOf(other)).toBe('rule: nonce-used');
    expect(await stateOf(theirs.id, second)).toBe('confirmed');
  });

  test('not before it opens, not after it has closed', async () => {
    expect(problemOf(await scanAt('07:59:59'))).toBe('rule: check-in-not-open');
    site.clock.set(at('07:59:00'));
    expect(problemOf(await scan((await passNow()).digits, at('07:59:00')))).toBe('rule: check-in-not-open');
    site.clock.set(at('08:11:59'));
    const { qr } = await passNow();
    site.clock.set(at('08:12:00'));
    expect(problemOf(await scan(qr, at('08:12:00')))).toBe('rule: check-in-closed');
    expect(await stateOf()).toBe('confirmed');
  });

  test('not with what is forged, unknown or expired', async () => {
    site.clock.set(at('08:03:00'));
    const { qr, digits, validUntil } = await passNow();
    const forged = qr.replace(booking.id, crypto.randomUUID());
    expect(problemOf(await scan(forged, at('08:03:00')))).toBe('not-found');
    expect(problemOf(await scan('nonsense', at('08:03:00')))).toBe('not-found');
    expect(problemOf(await scan(digits === '000000' ? '000001' : '000000', at('08:03:00')))).toBe('not-found');
    site.clock.set(validUntil);
    expect(problemOf(await scan(qr, validUntil))).toBe('rule: code-expired');
    expect(problemOf(await scan(digits, validUntil))).toBe('not-found');
  });

  test('a scan may be told of later, but neither from the future nor after a day', async () => {
    site.clock.set(at('08:05:00'));
    const { qr } = await passNow();
    expect(problemOf(await scan(qr, at('08:05:06')))).toBe('rule: scan-in-future');
    site.clock.set('2026-11-25T08:05:01+08:00');
    expect(problemOf(await scan(qr, at('08:05:00')))).toBe('rule: scan-too-old');
    site.clock.set('2026-11-25T08:05:00+08:00');
    expect((await scan(qr, at('08:05:00'))).status).toBe(201);
  });

  test('not by those who do not manage what was booked', async () => {
    site.clock.set(at('08:05:00'));
    const { qr, digits } = await passNow();
    for (const who of [staff('canteen-manager'), staff('dispatcher', 'street'), anEmployee()]) {
      const other = await site.person(who);
      for (const code of [qr, digits])
        expect(problemOf(await scan(code, at('08:05:00'), aNonce(), other))).toBe('not-found');
    }
    for (const moment of ['08:05:00', '09:05:00'])
      expect(problemOf(await scan(qr, at(moment), aNonce(), rider))).toBe('not-found');
    expect(problemOf(await scan(qr, at('08:05:00'), aNonce(), site))).toBe('unauthenticated');
    const administrator = await site.person(staff('site-administrator', null));
    expect((await scan(digits, at('08:05:00'), aNonce(), administrator)).status).toBe(201);
  });

  test('not what was cancelled, and what was used is not cancelled', async () => {
    site.clock.set(at('07:30:00'));
    const later = (await rider.post('/bookings', aRide({ serviceDate: '2026-11-25' }))).body;
    site.clock.set('2026-11-25T08:05:00+08:00');
    const { qr } = await passNow(rider, later.id);
    const administrator = await site.person(staff('site-administrator', null));
    await administrator.post(`/bookings/${later.id}/cancel`, {});
    expect(problemOf(await scan(qr, '2026-11-25T08:05:00+08:00'))).toBe('rule: not-confirmed');
  });

  test('a night of parking is checked in while it lasts', async () => {
    const resident = await site.person(aResident());
    const night = await slotOn(site, 'guangqi-night', day);
    const wish = { kind: 'parking', slotIds: [night.id], vehicleId: resident.vehicleIds[0] };
    const stay = (await resident.post('/bookings', wish)).body;
    const provider = await site.person(staff('provider'));
    site.clock.set(at('23:00:00'));
    const { digits } = await passNow(resident, stay.id);
    const done = await scan(digits, at('23:00:00'), aNonce(), provider);
    expect(done.body.booking).toMatchObject({ id: stay.id, state: 'checked_in' });
  });
});

describe('who does not come', () => {
  test('is a no-show two minutes after departure, keeps the seat, and can neither cancel nor board any more', async () => {
    site.clock.set(at('08:11:59'));
    const { qr } = await passNow();
    await passTime();
    expect(await stateOf()).toBe('confirmed');
    site.clock.set(at('08:12:00'));
    await passTime();
    expect(await stateOf()).toBe('no_show');
    expect(await remainingOn(site, 'run-2', day)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(problemOf(await rider.post(`/bookings/${booking.id}/cancel`, {}))).toBe('rule: already-over');
    expect(problemOf(await scan(qr, at('08:12:00')))).toBe('rule: check-in-closed');
    expect((await rider.get('/bookings?when=past')).body.items).toMatchObject([{ state: 'no_show' }]);
    expect((await rider.get('/bookings?when=upcoming')).body.items).toEqual([]);
    await expectInvariants(site.db);
  });

  test('is counted once, at the stop where they would have boarded', async () => {
    const later = await site.person(anEmployee());
    const hop = (await later.post('/bookings', aRide({ boardStopId: 'xinhui' }))).body;
    site.clock.set(at('08:12:00'));
    await passTime();
    await passTime();
    expect([await stateOf(), await stateOf(hop.id, later)]).toEqual(['no_show', 'confirmed']);
    site.clock.set(at('08:23:00'));
    await passTime();
    expect(await stateOf(hop.id, later)).toBe('no_show');
    const events = await site.db.query(`SELECT 1 FROM event WHERE site_id = $1 AND type = 'booking.no_show'`, [
      site.id,
    ]);
    expect(events).toHaveLength(2);
  });

  test('was there after all when a scan in time is told of later', async () => {
    site.clock.set(at('08:09:00'));
    const { qr } = await passNow();
    site.clock.set(at('08:40:00'));
    await passTime();
    expect(await stateOf()).toBe('no_show');
    expect((await scan(qr, at('08:09:30'))).body).toMatchObject({
      booking: { state: 'checked_in' },
      at: at('08:09:30'),
    });
    await passTime();
    expect(await stateOf()).toBe('checked_in');
    await expectInvariants(site.db);
  });

  test('is no no-show when the operator or the person cancelled', async () => {
    const other = await site.person(anEmployee());
    const theirs = (await other.post('/bookings', aRide())).body;
    await other.post(`/bookings/${theirs.id}/cancel`, {});
    const change = { resourceId: 'run-2', from: day, to: day, capacity: 0, reason: '检修', onExcess: 'displace' };
    expect((await dispatcher.post('/capacity-changes', change)).body.displaced).toHaveLength(1);
    site.clock.set(at('09:00:00'));
    await passTime();
    expect([await stateOf(), await stateOf(theirs.id, other)]).toEqual(['displaced', 'cancelled']);
  });

  test('a lunch is missed half an hour after its window, whatever becomes of the dish', async () => {
    site.clock.set(at('09:00:00'));
    const window = await slotOn(site, 'innovation', day);
    const order = { kind: 'canteen', slotId: window.id, items: [{ dishId: 'innovation-hongshao', quantity: 1 }] };
    const lunch = (await rider.post('/bookings', order)).body;
    site.clock.set(at('11:44:59'));
    await passTime();
    expect(await stateOf(lunch.id)).toBe('confirmed');
    site.clock.set(at('11:45:00'));
    await passTime();
    expect(await stateOf(lunch.id)).toBe('no_show');
  });

  test('is counted after a long stop as well, however many they are and however many slots lie between', async () => {
    const big = await aSite(wholeSite());
    const late = await big.person(anEmployee());
    const rides = [];
    for (const serviceDate of [day, '2026-11-25', '2026-11-26'])
      rides.push((await late.post('/bookings', aRide({ serviceDate }))).body.id);
    const copies = `WITH copy AS (
        INSERT INTO booking (site_id, id, kind, person_id, state, created_at, changed_at, starts_at, ends_at, service_date,
          cancel_until, price_fen, is_provisional, details)
        SELECT site_id, gen_random_uuid(), kind, person_id, state, created_at, changed_at, starts_at, ends_at, service_date,
          cancel_until, price_fen, is_provisional, details FROM booking, generate_series(1, 600) WHERE id = '${rides[0]}' RETURNING id)
      INSERT INTO booking_line SELECT site_id, copy.id, slot_id, 1 FROM copy, booking_line WHERE booking_id = '${rides[0]}'`;
    const [before, after] = ['2026-11-26T08:11:59+08:00', '2026-11-26T08:12:00+08:00'].map(parseInstant) as [
      number,
      number,
    ];
    const counted = await withPlanted(big.db, [copies], async (tx) => {
      const slots = await tx.query(
        'SELECT 1 FROM slot WHERE site_id = $1 AND counts_no_shows AND check_in_until <= $2::timestamptz',
        [big.id, new Date(before).toISOString()],
      );
      expect(slots.length).toBeGreaterThan(400);
      const counts = [];
      for (const moment of [before, before, after, after]) counts.push(await countNoShows(tx, big.id, moment));
      return counts;
    });
    expect(counted).toEqual([602, 0, 1, 0]);
  });

  test('nobody is counted where nobody scans', async () => {
    const run = aRun({ id: 'run-3' });
    const rule = run.schedule!.rule as { checkIn: object };
    const unscanned = {
      ...run,
      schedule: { ...run.schedule!, rule: { ...rule, checkIn: { ...rule.checkIn, isRequired: false } } },
    };
    const elsewhere = await aSite([unscanned, aLot()]);
    const resident = await elsewhere.person(aResident());
    const night = await slotOn(elsewhere, 'guangqi-night', day);
    const wishes = [
      aRide({ runId: 'run-3' }),
      { kind: 'parking', slotIds: [night.id], vehicleId: resident.vehicleIds[0] },
    ];
    for (const wish of wishes) expect((await resident.post('/bookings', wish)).status).toBe(201);
    elsewhere.clock.set('2026-11-26T12:00:00+08:00');
    await sweep(elsewhere.db, elsewhere.clock, elsewhere.code);
    const { items } = (await resident.get('/bookings')).body;
    expect(items.map(({ state }: { state: string }) => state)).toEqual(['confirmed', 'confirmed']);
  });
});
