import { beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../api/app.ts';
import { problems } from '../../api/http/problem.ts';
import { problemOf, type Call } from '../support/call.ts';
import { aCanteen, aClass, aLot, aRun } from '../support/offers.ts';
import { aParent, aResident, staff, type Person } from '../support/person.ts';
import { aSite, closeSlot, type TestSite } from '../support/site.ts';
import { aRide, slotOn } from '../support/slots.ts';

/** Requests that must not write share one site: nothing of theirs is left for the next. */
describe('a bad request gets the 4xx that says what is wrong, and nothing is written', () => {
  let site: TestSite;
  let asker: Person & Call;
  let other: Person & Call;
  let slots: Record<'night' | 'window' | 'session' | 'leg', string>;
  let othersBooking: string;

  beforeAll(async () => {
    site = await aSite([aLot(), ...aCanteen(), aRun(), aClass()]);
    asker = await site.person({ ...aParent(2), ...aResident() });
    other = await site.person({ ...aResident(), children: [{ grade: 3, verified: true }] });
    slots = {
      night: (await slotOn(site, 'guangqi-night', '2026-11-24')).id,
      window: (await slotOn(site, 'innovation', '2026-11-24')).id,
      session: (await slotOn(site, 'summer-1-a', '2027-07-05')).id,
      leg: (await slotOn(site, 'run-2', '2026-11-24')).id,
    };
    othersBooking = (await other.post('/bookings', aRide())).body.id;
  });

  /** Sends a booking that must be refused; returns the problem and where it says it is. */
  async function refused(body: unknown, path = '/bookings') {
    const before = await site.rows();
    const answer = await asker.post(path, body);
    expect(await site.rows()).toEqual(before);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    const pointers = (answer.body.errors ?? []).map((error: { pointer: string }) => error.pointer);
    return { problem: problemOf(answer), pointers: [...new Set(pointers)] };
  }

  const aMeal = (items: unknown) => ({ kind: 'canteen', slotId: slots.window, items });
  const invalid = (...pointers: string[]) => ({ problem: 'validation', pointers });

  test.each([1e308, -1, 2 ** 53, 0, 1.5, '1', null, true, [1], { value: 1 }])('%j seats', async (seats) => {
    expect(await refused(aRide({ seats }))).toEqual(invalid('/seats'));
  });

  test('a number that JSON cannot hold is still checked', async () => {
    const body = JSON.stringify(aRide()).replace('"seats":1', '"seats":1e999');
    const answer = await asker.raw('POST', '/bookings', body, { 'content-type': 'application/json' });
    expect(answer.body.errors[0]).toMatchObject({ pointer: '/seats' });
  });

  test.each([
    ['SQL', "run-2'; DROP TABLE booking; --"],
    ['HTML', '<script>alert(1)</script>'],
    ['an emoji', 'run-🚌'],
    ['full-width digits', 'run-２'],
    ['NUL', 'run-2\u0000'],
    ['a line break', 'run-2\n'],
    ['a path', '../run-2'],
    ['nothing', ''],
    ['65 letters', 'r'.repeat(65)],
    ['a lone surrogate', 'run-\uD83D'],
  ])('%s in an identifier', async (_what, runId) => {
    expect(await refused(aRide({ runId }))).toEqual(invalid('/runId'));
  });

  test.each(['2026-02-30', '2026-11-24T00:00:00Z', '20261124', '２０２６-11-24', '0000-01-01', 20261124, ''])(
    '%j as a date',
    async (serviceDate) => {
      expect(await refused(aRide({ serviceDate }))).toEqual(invalid('/serviceDate'));
    },
  );

  test.each(['2026-13', '2026-1', '0000-00', '十二月', 202612])('%j as a month', async (month) => {
    const body = { kind: 'parking', resourceId: 'guangqi-night', month, vehicleId: asker.vehicleIds[0] };
    expect(await refused(body)).toEqual(invalid('/month'));
  });

  test.each([
    ['an unknown field', { note: 'x' }, '/note'],
    ['a prototype', JSON.parse('{"__proto__":{"seats":9}}'), '/__proto__'],
    ['a field of another kind', { vehicleId: 'x' }, '/vehicleId'],
  ])('%s', async (_what, more, pointer) => {
    const body = { ...aRide() };
    for (const key of Object.keys(more))
      Object.defineProperty(body, key, { value: more[key], enumerable: true, configurable: true });
    expect(await refused(body)).toEqual(invalid(pointer));
  });

  test('more nights, dishes or parts than fit', async () => {
    const nights = { kind: 'parking', slotIds: Array.from({ length: 63 }, (_, index) => String(index + 1)) };
    expect(await refused({ ...nights, vehicleId: asker.vehicleIds[0] })).toEqual(invalid('/slotIds'));
    const portion = { dishId: 'innovation-hongshao', quantity: 1 };
    expect(await refused(aMeal(Array.from({ length: 11 }, () => portion)))).toEqual(invalid('/items'));
    const plan = { bookings: Array.from({ length: 9 }, () => aRide()) };
    expect(await refused(plan, '/bookings/bundle')).toEqual(invalid('/bookings'));
    expect(await refused({ bookings: [] }, '/bookings/bundle')).toEqual(invalid('/bookings'));
  });

  test('arrays nested ten thousand deep', async () => {
    const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
    for (const headers of [{}, { 'idempotency-key': 'deep' }]) {
      const answer = await asker.raw('POST', '/bookings', deep, { 'content-type': 'application/json', ...headers });
      expect(answer.status).toBe(422);
    }
  });

  test.each(['', '{', '{"kind":"shuttle"', 'kind=shuttle', '[1,]', "{'kind':'shuttle'}", '\u0000'])(
    '%j is not JSON: 400',
    async (body) => {
      const before = await site.rows();
      for (const path of ['/bookings', '/bookings/bundle', '/auth/otp', '/auth/session', '/capacity-changes']) {
        const answer = await asker.raw('POST', path, body, { 'content-type': 'application/json' });
        expect([path, answer.status, problemOf(answer)]).toEqual([path, 400, 'malformed-json']);
      }
      expect(await site.rows()).toEqual(before);
    },
  );

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    '',
  ])('a body of type %j: 415', async (type) => {
    const answer = await asker.raw('POST', '/bookings', JSON.stringify(aRide()), { 'content-type': type });
    expect([answer.status, problemOf(answer)]).toEqual([415, 'unsupported-media-type']);
  });

  test.each(['application/json;charset=utf-8', 'Application/JSON'])('a body of type %j is read', async (type) => {
    const body = JSON.stringify(aRide({ seats: 0 }));
    const answer = await asker.raw('POST', '/bookings', body, { 'content-type': type });
    expect(answer.body.errors).toEqual([expect.objectContaining({ pointer: '/seats' })]);
  });

  test('a body of 1 MiB: 413, whether it says its length or not', async () => {
    const body = JSON.stringify(aRide({ note: 'x'.repeat(1024 * 1024) }));
    const headers = { 'content-type': 'application/json' };
    const known = await asker.raw('POST', '/bookings', body, {
      ...headers,
      'content-length': String(body.length),
    });
    expect([known.status, problemOf(known)]).toEqual([413, 'too-large']);
    const stream = new Blob([body]).stream();
    const streamed = await asker.raw('POST', '/bookings', stream, { ...headers, 'transfer-encoding': 'chunked' });
    expect([streamed.status, problemOf(streamed)]).toEqual([413, 'too-large']);
  });

  test("what does not exist and what is somebody else's look the same: 404", async () => {
    const nowhere = crypto.randomUUID();
    const notFound = { problem: 'not-found', pointers: [] };
    const night = (change: object) => ({
      kind: 'parking',
      slotIds: [slots.night],
      vehicleId: asker.vehicleIds[0],
      ...change,
    });
    const place = (change: object) => ({
      kind: 'childcare',
      slotId: slots.session,
      childId: asker.childIds[0],
      ...change,
    });
    for (const vehicleId of [other.vehicleIds[0], nowhere, 'no-uuid']) {
      expect(await refused(night({ vehicleId }))).toEqual(notFound);
    }
    for (const childId of [other.childIds[0], nowhere, 'no-uuid']) {
      expect(await refused(place({ childId }))).toEqual(notFound);
    }
    // Slots: none, not a number, of another kind, of another site.
    const elsewhere = await aSite([aLot(), aClass()]);
    const foreign = (await slotOn(elsewhere, 'guangqi-night', '2026-11-24')).id;
    for (const slotId of ['999999999', '9'.repeat(16), '0', 'abc', slots.window, foreign]) {
      const wanted = await refused(night({ slotIds: [slotId] }));
      expect([slotId, wanted]).toEqual([slotId, notFound]);
    }
    expect(await refused(place({ slotId: slots.night }))).toEqual(notFound);
    expect(await refused({ ...aMeal([{ dishId: 'no-such-dish', quantity: 1 }]) })).toEqual(notFound);
    expect(await refused(aRide({ runId: 'run-99' }))).toEqual(notFound);
    expect(await refused(aRide({ runId: 'innovation' }))).toEqual(notFound);
    const month = { kind: 'parking', resourceId: 'no-lot', month: '2026-12', vehicleId: asker.vehicleIds[0] };
    expect(await refused(month)).toEqual(notFound);
    for (const id of [othersBooking, nowhere, 'no-uuid']) {
      expect((await asker.get(`/bookings/${id}`)).status).toBe(404);
      expect(await refused({}, `/bookings/${id}/cancel`)).toEqual(notFound);
    }
    expect((await asker.get('/resources/no-lot')).status).toBe(404);
    expect((await asker.get('/slots?resourceId=no-lot')).status).toBe(404);
    expect((await asker.get('/menus?slotId=999999999')).status).toBe(404);
    expect((await asker.get(`/menus?slotId=${slots.night}`)).status).toBe(404);
    expect((await asker.get('/no-such-route')).status).toBe(404);
  });

  test.each([
    ['an unknown field', '{"reason":"ill"}', 422, '/reason'],
    ['a list', '[]', 422, ''],
    ['something broken', '{', 400, undefined],
  ])('a cancellation with %s', async (_what, body, status, pointer) => {
    const { body: mine } = await asker.post('/bookings', aRide({ serviceDate: '2026-11-27' }));
    const before = await site.rows();
    const json = { 'content-type': 'application/json' };
    const answer = await asker.raw('POST', `/bookings/${mine.id}/cancel`, body, json);
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([status, pointer]);
    expect(await site.rows()).toEqual(before);
    expect((await asker.raw('POST', `/bookings/${mine.id}/cancel`, null)).status).toBe(200);
  });

  test('a slot of a resource that is no longer offered', async () => {
    const closing = await aSite([aLot(), aClass(), ...aCanteen()]);
    const person = await closing.person({ ...aParent(2), ...aResident() });
    const night = (await slotOn(closing, 'guangqi-night', '2026-11-24')).id;
    const window = (await slotOn(closing, 'innovation', '2026-11-23')).id;
    const session = (await slotOn(closing, 'summer-1-a', '2027-07-05')).id;
    await closing.db.query('UPDATE resource SET is_active = false WHERE site_id = $1', [closing.id]);
    closing.forgetSurroundings();
    for (const wish of [
      { kind: 'parking', slotIds: [night], vehicleId: person.vehicleIds[0] },
      { kind: 'canteen', slotId: window, items: [{ dishId: 'innovation-hongshao', quantity: 1 }] },
      { kind: 'childcare', slotId: session, childId: person.childIds[0] },
    ]) {
      expect([wish.kind, problemOf(await person.post('/bookings', wish))]).toEqual([wish.kind, 'not-found']);
    }
    expect((await closing.get(`/menus?slotId=${window}`)).status).toBe(404);
  });

  test.each([
    ['PATCH', { name: 'x'.repeat(41) }, '/name'],
    ['PATCH', { name: ' ' }, '/name'],
    ['PATCH', { name: 'a\u0000b' }, '/name'],
    ['PATCH', { name: 'a\u202Eb\u0007' }, '/name'],
    ['PATCH', { name: '11010519491231002X' }, '/name'],
    ['PATCH', { name: '王 １１０１０５１９４９１２３１００２Ｘ' }, '/name'],
    ['PATCH', { locale: 'fr' }, '/locale'],
    ['PATCH', { phone: '13800000009' }, '/phone'],
    ['PATCH', { roles: [] }, '/roles'],
    ['PATCH', null, ''],
  ])('%s /me %j', async (_method, change, pointer) => {
    const before = await site.rows();
    const answer = await asker.patch('/me', change);
    expect(answer.body.errors).toEqual([expect.objectContaining({ pointer })]);
    expect(await site.rows()).toEqual(before);
  });

  test.each([
    '/slots?limit=0',
    '/slots?limit=1001',
    '/slots?limit=x',
    '/slots?limit=',
    '/slots?limit=5&limit=6',
    '/slots?from=2026-02-30',
    '/slots?from=0000-01-01&to=0000-01-02',
    '/slots?from=9999-12-31',
    '/slots?from=2026-11-24&to=2026-11-23',
    '/slots?from=2026-01-01&to=2028-01-01',
    '/slots?kind=laundry',
    '/slots?kind=dish',
    '/slots?color=red',
    '/slots?resourceId=%00',
    '/slots?resourceId=%27%20OR%201=1',
    '/menus',
    '/menus?slotId=%F0%9F%8D%9C',
    '/resources?kind=%00',
    '/resources?limit=201',
    '/bookings?state=lost',
    '/bookings?when=now',
    '/bookings?personId=1',
    '/calendar/days?from=9999-12-31',
    '/calendar/days?from=0000-01-01',
    '/calendar/days?to=1999-01-01',
    '/calendar/days?from=2026-01-01&to=2027-01-03',
    '/bookings/%00',
  ])('GET %s', async (path) => {
    const answer = await asker.get(path);
    expect([answer.status, problemOf(answer)]).toEqual([422, 'validation']);
    expect(answer.body.errors.length).toBeGreaterThan(0);
  });

  test('times: past, not yet open, closed by hand', async () => {
    const closed = (await slotOn(site, 'guangqi-night', '2026-11-26')).id;
    await closeSlot(site, closed);
    const rules = async (body: unknown) => (await refused(body)).problem;
    // It is Monday 09:00; run 2 left at 08:10, and lunch could be ordered for today until 10:00.
    expect(await rules(aRide({ serviceDate: '2026-11-23' }))).toBe('rule: booking-closed');
    expect(await rules(aRide({ serviceDate: '2026-12-01' }))).toBe('rule: not-yet-open');
    expect(await rules({ kind: 'parking', slotIds: [closed], vehicleId: asker.vehicleIds[0] })).toBe(
      'rule: slot-closed',
    );
    const yesterday = (await slotOn(site, 'guangqi-night', '2026-11-22')).id;
    expect(await rules({ kind: 'parking', slotIds: [yesterday], vehicleId: asker.vehicleIds[0] })).toBe(
      'rule: booking-closed',
    );
    const tomorrowsLunch = aMeal([{ dishId: 'innovation-hongshao', quantity: 1 }]);
    expect(await rules(tomorrowsLunch)).toBe('rule: not-yet-open');
  });

  test.each([
    ['no capacity', { capacity: undefined }, '/capacity'],
    ['a negative capacity', { capacity: -1 }, '/capacity'],
    ['an absurd capacity', { capacity: 1e308 }, '/capacity'],
    ['half a unit', { capacity: 1.5 }, '/capacity'],
    ['no reason', { reason: undefined }, '/reason'],
    ['a reason with NUL', { reason: 'a\u0000' }, '/reason'],
    ['a reason of 201 letters', { reason: '长'.repeat(201) }, '/reason'],
    ['an eighth weekday', { weekdays: [8] }, '/weekdays/0'],
    ['an unknown field', { force: true }, '/force'],
    ['both forms', { resourceId: 'run-2' }, ''],
    ['neither form', { slotIds: undefined }, ''],
    ['a resource without dates', { slotIds: undefined, resourceId: 'run-2' }, ''],
    ['an unknown way with excess', { onExcess: 'ignore' }, '/onExcess'],
    ['501 slots', { slotIds: Array.from({ length: 501 }, (_, index) => String(index + 1)) }, '/slotIds'],
  ])('a capacity change with %s', async (_what, change, pointer) => {
    const before = await site.rows();
    const manager = await site.person(staff('site-administrator', null));
    const people = await site.rows();
    const body = { slotIds: [slots.leg], capacity: 20, reason: '检修', ...change };
    const answer = await manager.post('/capacity-changes', body);
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([422, pointer]);
    expect(await site.rows()).toEqual(people);
    expect(before['versions']).toBe(people['versions']);
  });

  test.each([
    { from: '0001-01-01', to: '9999-12-31' },
    { from: '2026-01-01', to: '2028-01-01' },
    { from: '2026-12-24', to: '2026-12-23' },
  ])('a capacity change over the dates %j', async (dates) => {
    const manager = await site.person(staff('site-administrator', null));
    const before = await site.rows();
    const answer = await manager.post('/capacity-changes', {
      resourceId: 'run-2',
      ...dates,
      capacity: 20,
      reason: '检修',
    });
    expect(answer.status).toBe(422);
    expect(await site.rows()).toEqual(before);
  });
});

describe('a problem document', () => {
  test('says what is wrong in the language of the request, and what to do', async () => {
    const site = await aSite();
    for (const [language, problem] of [
      ['zh-CN', problems.unauthenticated.title.zh],
      ['en', problems.unauthenticated.title.en],
    ] as const) {
      const answer = await site.get('/me', { 'accept-language': language });
      expect(answer.body).toEqual({
        type: '/problems/unauthenticated',
        title: problem,
        status: 401,
        detail: problems.unauthenticated.detail[language === 'en' ? 'en' : 'zh'],
      });
      expect(answer.headers.get('content-language')).toBe(language);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
  });

  test('has a title and a way on in both languages, whatever the problem', () => {
    for (const { title, detail } of Object.values(problems)) {
      for (const text of [title, detail]) {
        expect(text.zh).toMatch(/\p{Script=Han}/u);
        expect(text.en).toMatch(/^[^\p{Script=Han}]+$/u);
      }
    }
  });

  test('of an unknown failure tells nobody what failed, but gives a number to ask about', async () => {
    const site = await aSite();
    const broken = { ...site.deps, contextNow: () => Promise.reject(new Error('SELECT secret FROM person')) };

    const response = await createApp(broken).request('/api/v1/site');
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(text).not.toMatch(/SELECT|secret|Error|\.ts/);
    expect(JSON.parse(text)).toMatchObject({
      type: '/problems/internal',
      requestId: response.headers.get('x-request-id'),
    });
  });
});
