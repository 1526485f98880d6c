import { createHash } from 'node:crypto';
import { SignJWT } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ManifestAnswer } from '../../api/services/shuttle/boarding/boarding-schemas.ts';
import { sweep } from '../../api/sweep.ts';
import { problemOf, type Call } from '../support/call.ts';
import { expectInvariants } from '../support/invariants.ts';
import { aRun, wholeSite } from '../support/offers.ts';
import { aResident, anEmployee, staff, type Person } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { aRide } from '../support/slots.ts';

const day = '2026-11-24';
const at = (time: string) => `${day}T${time}+08:00`;
let lastNonce = 0;
const aNonce = () => `driver-scan-${++lastNonce}`;

let site: TestSite;
let dispatcher: Person & Call;
let rider: Person & Call;
let booking: { id: string };
beforeEach(async () => {
  site = await aSite(wholeSite().filter(({ id }) => ['run-2', 'run-3'].includes(id.replace('-wheelchair', ''))));
  dispatcher = await site.person(staff('dispatcher'));
  rider = await site.person(anEmployee());
  booking = (await rider.post('/bookings', aRide({ seats: 3, wheelchair: true }))).body;
});

type Link = { id: string; path: string; state: string; expiresAt: string };
const make = (by: Call = dispatcher, runId = 'run-2', headers = {}) =>
  by.post('/shuttle/driver-links', { runId, serviceDate: day }, headers);
const withToken = (token: string) => site.with({ authorization: `Bearer ${token}` });
const tokenOf = ({ path }: Link) => path.replace('/driver/run#', '');
const aDriver = async (runId = 'run-2') => withToken(tokenOf((await make(dispatcher, runId)).body));
const passOf = async (person: Call = rider, id = booking.id) => (await person.get(`/bookings/${id}/pass`)).body;
const scanOf = (code: string, time: string, nonce = aNonce()) => ({ code, at: at(time), nonce });
const tell = async (driver: Call, ...scans: object[]) => {
  const { status, body } = await driver.post('/driver/check-ins', { scans });
  expect(status).toBe(200);
  return body;
};
const said = ({ items }: { items: { outcome: string; rule: string | null }[] }) =>
  items.map(({ outcome, rule }) => rule ?? outcome);

describe('a driver’s link', () => {
  test('opens its run without an account, until some hours after the last stop', async () => {
    const made = await make();
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ runId: 'run-2', serviceDate: day, state: 'usable', expiresAt: at('20:25:00') });
    const driver = withToken(tokenOf(made.body));
    expect((await driver.get('/driver/run')).body).toMatchObject({ runId: 'run-2', serviceDate: day });
    site.clock.set(at('20:24:59'));
    expect((await driver.get('/driver/run')).status).toBe(200);
    site.clock.set(at('20:25:00'));
    expect(problemOf(await driver.get('/driver/run'))).toBe('bad-link');
    expect(problemOf(await make())).toBe('rule: run-over');
  });

  test('opens nothing when it is forged, another secret’s, another site’s, or a session', async () => {
    const token = tokenOf((await make()).body);
    const { id } = (await make()).body;
    const forged = await new SignJWT({ site: 1, run: 'run-2', date: day })
      .setProtectedHeader({ alg: 'HS256' })
      .setAudience('chaoxi:driver')
      .setJti(id)
      .setExpirationTime('30d')
      .sign(new TextEncoder().encode('the-secret-of-the-api-tests-0123456789'));
    const other = await aSite([]);
    const [head = '', body = '', signature = ''] = token.split('.');
    const changed = [head, body, `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`].join('.');
    for (const bad of ['', 'x', changed, forged, dispatcher.token])
      expect(problemOf(await withToken(bad).get('/driver/run'))).toBe('bad-link');
    expect(problemOf(await site.get('/driver/run'))).toBe('bad-link');
    expect(problemOf(await dispatcher.get('/driver/run'))).toBe('bad-link');
    expect(problemOf(await other.with({ authorization: `Bearer ${token}` }).get('/driver/run'))).toBe('bad-link');
    // Nor does it open what needs an account.
    expect(problemOf(await withToken(token).get('/bookings'))).toBe('unauthenticated');
    expect((await withToken(token).get('/driver/run')).status).toBe(200);
  });

  test('opens nothing any more once it is revoked; what it told stands', async () => {
    const made = await make();
    const driver = withToken(tokenOf(made.body));
    site.clock.set(at('08:05:00'));
    expect(said(await tell(driver, scanOf((await passOf()).qr, '08:05:00')))).toEqual(['boarded']);
    const revoked = await dispatcher.post(`/shuttle/driver-links/${made.body.id}/revoke`, {});
    expect(revoked.body).toMatchObject({ state: 'revoked', revokedAt: at('08:05:00') });
    for (const call of [
      driver.get('/driver/run'),
      driver.post('/driver/check-ins', { scans: [scanOf('000000', '08:05:00')] }),
      driver.post('/driver/tally', { counts: [] }),
    ])
      expect(problemOf(await call)).toBe('bad-link');
    site.clock.advance(60);
    expect((await dispatcher.post(`/shuttle/driver-links/${made.body.id}/revoke`, {})).body).toEqual(revoked.body);
    expect((await rider.get(`/bookings/${booking.id}`)).body.state).toBe('checked_in');
    expect(await withTickets(await aDriver())).toEqual([3, 3]);
  });

  test('is made, seen and revoked only by who dispatches the run, and kept without what opens it', async () => {
    const strangers = [rider, await site.person(aResident()), await site.person(staff('dispatcher', 'hongxing'))];
    const made = await make();
    const list = `/shuttle/driver-links?runId=run-2&serviceDate=${day}`;
    for (const stranger of strangers) {
      for (const call of [
        make(stranger),
        stranger.get(list),
        stranger.post(`/shuttle/driver-links/${made.body.id}/revoke`, {}),
        stranger.get(`/shuttle/manifest?runId=run-2&serviceDate=${day}`),
      ])
        expect(problemOf(await call)).toBe('not-found');
    }
    const second = await make();
    const { items } = (await dispatcher.get(list)).body;
    expect(items.map(({ id }: Link) => id)).toEqual([second.body.id, made.body.id]);
    expect(JSON.stringify(items)).not.toContain(tokenOf(made.body).slice(0, 20));
    const page = (await dispatcher.get(`${list}&limit=1`)).body;
    expect((await dispatcher.get(`${list}&limit=1&cursor=${page.nextCursor}`)).body.items[0].id).toBe(made.body.id);
    const rows = JSON.stringify(await site.db.query('SELECT * FROM driver_link'));
    expect(rows).not.toContain(tokenOf(made.body).split('.')[2]);
  });

  test('is made once for one key, and no oftener than the run’s setting', async () => {
    const key = { 'idempotency-key': 'a-link' };
    const [first, again] = [await make(dispatcher, 'run-2', key), await make(dispatcher, 'run-2', key)];
    expect([again.body, again.headers.get('idempotent-replay')]).toEqual([first.body, 'true']);
    for (let made = 1; made < 10; made++) expect((await make()).status).toBe(201);
    expect(problemOf(await make())).toBe('rule: too-many-links');
    await dispatcher.post(`/shuttle/driver-links/${first.body.id}/revoke`, {});
    expect((await make()).status).toBe(201);
    expect(
      problemOf(await dispatcher.post('/shuttle/driver-links', { runId: 'run-2', serviceDate: '2026-11-28' })),
    ).toBe('rule: not-running');
  });
});

const withTickets = async (driver: Call) => {
  const { tally } = (await driver.get<ManifestAnswer>('/driver/run')).body;
  return [tally.expected, tally.boarded];
};

describe('the manifest', () => {
  test('says who boards and alights where, and of a person nothing but a masked name', async () => {
    const second = await site.person({ ...anEmployee(), name: '欧阳小明' });
    await second.post('/bookings', aRide({ boardStopId: 'innovation', alightStopId: 'zhihui' }));
    const gone = await site.person(anEmployee());
    const cancelled = (await gone.post('/bookings', aRide())).body;
    await gone.post(`/bookings/${cancelled.id}/cancel`, {});
    const driver = await aDriver();
    const manifest = (await driver.get<ManifestAnswer>('/driver/run')).body;
    const riders = manifest.riders.map(({ codes: _codes, bookingId: _id, ...shown }) => shown);
    const state = { state: 'expected', boardedAt: null };
    expect(riders).toEqual([
      {
        ...{ name: '小*', seats: 3, wheelchair: true, boardStopId: 'metro-l9', alightStopId: 'guangqi', ...state },
        ...{ checkInFrom: at('08:00:00'), checkInUntil: at('08:12:00') },
      },
      {
        ...{ name: '欧**', seats: 1, wheelchair: false, boardStopId: 'innovation', alightStopId: 'zhihui', ...state },
        ...{ checkInFrom: at('08:02:00'), checkInUntil: at('08:14:00') },
      },
    ]);
    expect(manifest.stops.map(({ expected }) => expected)).toEqual([3, 1, 0, 0, 0, 0, 0]);
    expect(manifest.tally).toEqual({ expected: 4, boarded: 0, withoutTicket: 0, alighted: 0 });
    for (const person of [rider, second])
      for (const secret of [person.id, person.phone, person.phone.slice(-4), '小明'])
        expect(JSON.stringify(manifest.riders)).not.toContain(secret);
  });

  test('shows who stood by and gets a seat that nobody has taken up, as soon as it is read', async () => {
    site = await aSite([aRun({ seats: 1 })]);
    dispatcher = await site.person(staff('dispatcher'));
    const [missing, waiting] = [await site.person(anEmployee()), await site.person(anEmployee())];
    await missing.post('/bookings', aRide());
    const { kind: _kind, ...wish } = aRide();
    expect((await waiting.post('/shuttle/standby', wish)).status).toBe(201);
    const driver = await aDriver();
    const listed = async () => (await driver.get<ManifestAnswer>('/driver/run')).body.riders.length;
    site.clock.set(at('08:07:59'));
    expect(await listed()).toBe(1);
    site.clock.set(at('08:08:00'));
    expect(await listed()).toBe(2);
    await expectInvariants(site.db);
  });

  test('has what tells each pass of the run’s minutes offline, and neither a pass nor the dispatcher’s', async () => {
    const driver = await aDriver();
    const manifest = (await driver.get<ManifestAnswer>('/driver/run')).body;
    const [shown] = manifest.riders;
    const digest = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 16);
    for (const time of ['08:00:00', '08:05:30', '08:11:59']) {
      site.clock.set(at(time));
      const { qr, digits } = await passOf();
      const turn = manifest.turns.findIndex(
        ({ from }) => Date.parse(from) === Math.floor(site.clock.now() / 60_000) * 60_000,
      );
      const codes = shown?.codes.find((code) => code.turn === turn);
      expect(codes).toEqual({
        turn,
        qr: digest(`${manifest.salt}|${qr}`),
        digits: digest(`${manifest.salt}|${turn}|${digits}`),
      });
      expect(JSON.stringify(manifest)).not.toContain(qr.slice(-22));
    }
    const turns = shown?.codes.map(({ turn }) => manifest.turns[turn]?.from.slice(11, 16));
    expect([turns?.at(0), turns?.at(-1)]).toEqual(['07:59', '08:11']);
    const desk = (await dispatcher.get<ManifestAnswer>(`/shuttle/manifest?runId=run-2&serviceDate=${day}`)).body;
    expect(desk.riders.map(({ codes }) => codes)).toEqual([[]]);
    expect([desk.turns, desk.salt]).toEqual([[], '']);
  });
});

describe('scans of a driver', () => {
  test('are answered one by one: boarded, twice, another run’s, expired, unknown, out of time', async () => {
    const other = await site.person(anEmployee());
    const elsewhere = (await other.post('/bookings', aRide({ runId: 'run-3' }))).body;
    const driver = await aDriver();
    site.clock.set(at('08:05:00'));
    const { qr, digits } = await passOf();
    const wrongRun = (await passOf(other, elsewhere.id)).qr;
    const told = await tell(
      driver,
      ...[scanOf(qr, '08:05:00'), scanOf(digits, '08:05:04'), scanOf(wrongRun, '08:05:00')],
      ...[scanOf(qr, '08:02:00'), scanOf(`${qr.slice(0, -1)}_`, '08:05:00'), scanOf('999999', '07:00:00')],
      ...[scanOf(qr, '08:06:00'), { ...scanOf(qr, '08:05:00'), at: '2026-11-23T08:04:59+08:00' }],
    );
    expect(said(told)).toEqual([
      ...['boarded', 'already', 'wrong-run'],
      ...['code-expired', 'unknown-code', 'unknown-code'],
      ...['scan-in-future', 'scan-too-old'],
    ]);
    expect(told.items[0]).toMatchObject({ bookingId: booking.id, at: at('08:05:00'), text: null });
    expect(told.items[2].text).toEqual({
      zh: expect.stringMatching(/不是这班车/),
      en: expect.stringMatching(/another run/),
    });
    expect(told.tally).toEqual({ expected: 3, boarded: 3, withoutTicket: 0, alighted: 0 });
    expect((await other.get(`/bookings/${elsewhere.id}`)).body.state).toBe('confirmed');
    await expectInvariants(site.db);
  });

  test('are harmless when told again, by the same link or another', async () => {
    const [one, two] = [await aDriver(), await aDriver()];
    site.clock.set(at('08:05:00'));
    const scan = scanOf((await passOf()).qr, '08:05:00');
    const first = await tell(one, scan);
    for (const driver of [one, two, one])
      expect(await tell(driver, scan, scan)).toEqual({ ...first, items: [first.items[0], first.items[0]] });
    const events = await site.db.query(
      `SELECT actor_id, facts->>'driverLinkId' AS link FROM event WHERE type = 'booking.checked_in' AND booking_id = $1`,
      [booking.id],
    );
    expect(events).toEqual([{ actor_id: null, link: expect.any(String) }]);
  });

  test('told late turn a no-show back when they were in time, and only then', async () => {
    const late = await site.person(anEmployee());
    const second = (await late.post('/bookings', aRide())).body;
    const driver = await aDriver();
    site.clock.set(at('08:11:30'));
    const [early, atLast] = [(await passOf()).qr, (await passOf(late, second.id)).qr];
    site.clock.set(at('12:00:00'));
    await sweep(site.db, site.clock, site.code);
    expect((await rider.get(`/bookings/${booking.id}`)).body.state).toBe('no_show');
    expect(said(await tell(driver, scanOf(early, '08:11:59'), scanOf(atLast, '08:12:00')))).toEqual([
      'boarded',
      'check-in-closed',
    ]);
    expect((await rider.get(`/bookings/${booking.id}`)).body.state).toBe('checked_in');
    expect((await late.get(`/bookings/${second.id}`)).body.state).toBe('no_show');
    await expectInvariants(site.db);
  });

  test('of a ticket that was cancelled are refused; a batch is bounded', async () => {
    site.clock.set(at('07:30:00'));
    const { qr } = await passOf();
    await rider.post(`/bookings/${booking.id}/cancel`, {});
    const driver = await aDriver();
    expect(said(await tell(driver, scanOf(qr, '07:30:00')))).toEqual(['not-confirmed']);
    const scans = Array.from({ length: 101 }, () => scanOf('000000', '07:30:00'));
    expect(problemOf(await driver.post('/driver/check-ins', { scans }))).toBe('validation');
    expect(said(await tell(driver, ...scans.slice(1)))).toHaveLength(100);
  });
});

describe('the tally', () => {
  test('adds what the driver counts, once by its name, and puts a miscount right', async () => {
    const driver = await aDriver();
    site.clock.set(at('08:11:00'));
    const count = (stopId: string, withoutTicket: number, alighted: number, nonce = aNonce()) => ({
      ...{ stopId, withoutTicket, alighted, nonce },
      at: at('08:11:00'),
    });
    const two = count('metro-l9', 2, 0);
    const counted = (...counts: object[]) => driver.post('/driver/tally', { counts });
    await counted(two, count('hq', 1, 1));
    await counted(count('metro-l9', -1, 0), two, two);
    const last = await counted(two, count('hq', 0, 2));
    expect(last.body.tally).toEqual({ expected: 3, boarded: 0, withoutTicket: 2, alighted: 3 });
    const { stops } = (await driver.get<ManifestAnswer>('/driver/run')).body;
    expect(stops.map(({ withoutTicket, alighted }) => [withoutTicket, alighted])).toEqual([
      ...[
        [1, 0],
        [0, 0],
        [1, 3],
        [0, 0],
      ],
      ...[
        [0, 0],
        [0, 0],
        [0, 0],
      ],
    ]);
    expect(problemOf(await counted(count('moon', 1, 0)))).toBe('rule: stop-not-on-run');
    expect(problemOf(await counted(count('hq', 0, 0)))).toBe('validation');
  });

  test('of one run is not another’s', async () => {
    const [two, three] = [await aDriver('run-2'), await aDriver('run-3')];
    const counts = [{ nonce: 'same', stopId: 'hq', withoutTicket: 1, alighted: 0, at: at('08:00:00') }];
    await two.post('/driver/tally', { counts });
    const told = await three.post('/driver/tally', { counts });
    expect(told.body.tally).toMatchObject({ expected: 0, withoutTicket: 1 });
    expect((await two.get<ManifestAnswer>('/driver/run')).body.tally.withoutTicket).toBe(1);
  });
});
