import { beforeEach, describe, expect, test } from 'vitest';
import { problemOf } from '../support/call.ts';
import { expectInvariants } from '../support/invariants.ts';
import { aResident, staff } from '../support/person.ts';
import {
  administrator,
  appeal,
  at,
  bookAgain,
  decide,
  driver,
  managed,
  overstays,
  provider,
  setScene,
  site,
  standing,
  threeOverstays,
  waive,
} from '../support/overstay-scene.ts';

beforeEach(() => setScene());

describe('an appeal', () => {
  test('does not count while it waits, and never when it is granted', async () => {
    const [, , third] = await threeOverstays();
    const appealed = await appeal(third!);
    expect(appealed.body).toMatchObject({ state: 'appealed', consequence: null, appeal: { text: expect.any(String) } });
    expect((await bookAgain()).status).toBe(201);
    const decided = await decide(third!, true);
    expect(decided.body).toMatchObject({ state: 'granted', decision: { granted: true, text: '已核实现场情况' } });
    expect(await standing()).toMatchObject([{ step: 'warning', count: 2 }]);
    expect(await typesOfEvents()).toEqual([
      ...Array.from({ length: 3 }, () => 'overstay.opened'),
      'overstay.appealed',
      'overstay.granted',
    ]);
    await expectInvariants(site.db);
  });

  test('counts again when it is not granted', async () => {
    const [, , third] = await threeOverstays();
    await appeal(third!);
    expect((await decide(third!, false)).body).toMatchObject({ state: 'upheld', consequence: { step: 'suspension' } });
    expect(problemOf(await bookAgain())).toBe('rule: suspended');
  });

  test('is made once, by its driver, within fourteen days', async () => {
    const [first, second] = await threeOverstays();
    for (const other of [provider, administrator, await site.person(aResident())])
      expect(problemOf(await appeal(first!, other))).toBe('not-found');
    expect(problemOf(await appeal(first!, site))).toBe('unauthenticated');
    expect((await appeal(first!)).status).toBe(200);
    expect(problemOf(await appeal(first!))).toBe('rule: appeal-once');
    await decide(first!, false);
    expect(problemOf(await appeal(first!))).toBe('rule: appeal-once');
    site.clock.set(at('2026-12-09', '09:00'));
    expect((await driver.get(`/parking/overstays/${second}`)).body.appealUntil).toBe(at('2026-12-09', '09:00'));
    site.clock.set('2026-12-09T09:00:00.001+08:00');
    expect((await driver.get(`/parking/overstays/${second}`)).body.appealUntil).toBeNull();
    expect(problemOf(await appeal(second!))).toBe('rule: appeal-too-late');
  });

  test('is decided once, by an administrator who is not its driver', async () => {
    const [first] = await threeOverstays();
    expect(problemOf(await decide(first!, true))).toBe('rule: no-appeal');
    await appeal(first!);
    expect(problemOf(await decide(first!, true, provider))).toBe('rule: administrator-decides');
    for (const other of [
      driver,
      await site.person(staff('provider', 'street')),
      await site.person(staff('committee', 'hongxing')),
    ])
      expect(problemOf(await decide(first!, true, other))).toBe('not-found');
    const both = await site.person({
      ...aResident(),
      roles: [{ role: 'resident', organisationId: 'hongxing' }, ...staff('site-administrator', null).roles!],
    });
    await site.db.query('UPDATE overstay SET person_id = $3 WHERE site_id = $1 AND id = $2', [site.id, first, both.id]);
    expect(problemOf(await decide(first!, true, both))).toBe('rule: own-overstay');
    expect(problemOf(await waive(first!, both))).toBe('rule: own-overstay');
    expect((await decide(first!, true)).status).toBe(200);
    expect(problemOf(await decide(first!, false))).toBe('rule: no-appeal');
    expect(problemOf(await waive(first!))).toBe('rule: overstay-settled');
  });

  test('needs words, and no others than its own', async () => {
    const [first] = await threeOverstays();
    for (const body of [{}, { text: '' }, { text: ' ' }, { text: 'x'.repeat(501) }, { text: 'a', more: 1 }])
      expect(problemOf(await driver.post(`/parking/overstays/${first}/appeal`, body))).toBe('validation');
    await appeal(first!);
    const [path] = [`/parking/overstays/${first}`];
    expect(problemOf(await administrator.post(`${path}/decision`, { granted: true }))).toBe('validation');
    expect(problemOf(await administrator.post(`${path}/waiver`, {}))).toBe('validation');
    expect(problemOf(await provider.post(`${path}/comment`, { text: '' }))).toBe('validation');
  });
});

describe('a waiver', () => {
  test('steps the ladder back and lifts the suspension at once; a second one is refused', async () => {
    const [first] = await threeOverstays();
    expect(problemOf(await bookAgain())).toBe('rule: suspended');
    expect(problemOf(await waive(first!, provider))).toBe('rule: administrator-decides');
    expect((await waive(first!)).body).toMatchObject({
      state: 'waived',
      waiver: { text: '暴雨，全场免除' },
      consequence: null,
    });
    expect(await standing()).toMatchObject([{ step: 'warning', count: 2, suspendedUntil: null }]);
    expect((await bookAgain()).status).toBe(201);
    expect(problemOf(await waive(first!))).toBe('rule: overstay-settled');
  });

  test('ends an appeal that waits, and one that was not granted', async () => {
    const [first, second] = await threeOverstays();
    await appeal(first!);
    expect((await waive(first!)).body.state).toBe('waived');
    expect(problemOf(await decide(first!, true))).toBe('rule: no-appeal');
    await appeal(second!);
    await decide(second!, false);
    expect((await waive(second!)).body).toMatchObject({ state: 'waived', decision: { granted: false } });
  });

  test('of two administrators who collide one is told to look again', async () => {
    const [first] = await threeOverstays();
    await appeal(first!);
    const seen = await administrator.get(`/parking/overstays/${first}`);
    const tag = { 'if-match': seen.headers.get('etag')! };
    expect((await provider.post(`/parking/overstays/${first}/comment`, { text: '当天出口确实堵了' })).status).toBe(200);
    const stale = await decide(first!, false, administrator, tag);
    expect([stale.status, problemOf(stale)]).toEqual([412, 'stale']);
    expect((await decide(first!, true, administrator, { 'if-match': stale.headers.get('etag')! })).status).toBe(200);
  });

  test('sent twice with one key is one', async () => {
    const [first] = await threeOverstays();
    const key = { 'idempotency-key': 'waive-once' };
    const [once, again] = [await waive(first!, administrator, key), await waive(first!, administrator, key)];
    expect([once.status, again.status, again.headers.get('idempotent-replay')]).toEqual([200, 200, 'true']);
    expect((await typesOfEvents()).filter((type) => type === 'overstay.waived')).toHaveLength(1);
    const other = await administrator.post(`/parking/overstays/${first}/waiver`, { reason: '别的' }, key);
    expect(problemOf(other)).toBe('key-reused');
  });
});

describe('who sees what', () => {
  test('the plate is its driver’s alone; staff see masks, and nobody else anything', async () => {
    const [first] = await threeOverstays();
    await appeal(first!);
    const [{ plate }] = (await site.db.query<{ plate: string }>('SELECT plate FROM vehicle WHERE id = $1', [
      driver.vehicleIds[0],
    ])) as [{ plate: string }];
    expect((await driver.get(`/parking/overstays/${first}`)).body).toMatchObject({ plate, person: null });
    for (const one of [provider, administrator]) {
      const texts = [
        await one.get(`/parking/overstays/${first}`),
        await one.get('/parking/overstays?managed=true'),
      ].map(({ body }) => JSON.stringify(body));
      for (const text of texts) {
        expect(text).toContain('王**');
        expect(text).not.toContain('王阿姨');
        expect(text).not.toContain(plate);
        expect(text).not.toContain(driver.phone);
      }
    }
    for (const other of [
      await site.person(aResident()),
      await site.person(staff('provider', 'street')),
      await site.person(staff('committee', 'hongxing')),
    ]) {
      expect(problemOf(await other.get(`/parking/overstays/${first}`))).toBe('not-found');
      expect((await other.get('/parking/overstays')).body.items).toEqual([]);
    }
    expect(await managed('', await site.person(staff('provider', 'street')))).toEqual([]);
    expect(problemOf(await driver.get('/parking/overstays?managed=true'))).toBe('not-found');
    expect(problemOf(await site.get('/parking/overstays'))).toBe('unauthenticated');
    expect((await provider.get('/parking/standing')).body.items).toEqual([]);
  });

  test('no event of an overstay says who, which car or why', async () => {
    const [first] = await threeOverstays();
    await appeal(first!);
    await provider.post(`/parking/overstays/${first}/comment`, { text: '情况属实' });
    await waive(first!);
    const events = await site.db.query<{ facts: object }>(
      `SELECT facts FROM event WHERE site_id = $1 AND type LIKE 'overstay.%'`,
      [site.id],
    );
    expect(events.length).toBeGreaterThan(5);
    for (const { facts } of events) expect(Object.keys(facts)).toEqual(['overstayId']);
    const actors = await site.db.query<{ type: string; actor: string | null }>(
      `SELECT type, actor_id AS actor FROM event WHERE site_id = $1 AND facts->>'overstayId' = $2 ORDER BY id`,
      [site.id, first],
    );
    expect(actors).toEqual([
      { type: 'overstay.opened', actor: null },
      { type: 'overstay.appealed', actor: driver.id },
      { type: 'overstay.commented', actor: provider.id },
      { type: 'overstay.waived', actor: administrator.id },
    ]);
  });
});

describe('the list', () => {
  test('goes from page to page, latest first, and filters by state, lot, booking and who is late', async () => {
    const ids = await threeOverstays();
    await appeal(ids[1]!);
    const pages = [];
    let cursor = '';
    do {
      const { body } = await provider.get(`/parking/overstays?managed=true&limit=1${cursor}`);
      pages.push(body.items.map(({ id }: { id: string }) => id));
      cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`;
    } while (cursor !== '');
    expect(pages).toEqual(ids.toReversed().map((id) => [id]));
    const idsOf = async (query: string) => (await managed(query)).map(({ id }: { id: string }) => id);
    expect(await idsOf('&state=appealed')).toEqual([ids[1]]);
    expect(await idsOf('&state=open')).toEqual([ids[2], ids[0]]);
    expect(await idsOf('&state=void')).toEqual([]);
    expect(await idsOf('&late=true')).toEqual([]);
    expect(await idsOf('&resourceId=guangqi-night')).toHaveLength(3);
    expect(await idsOf('&resourceId=qinzhou-north-night')).toEqual([]);
    const [{ bookingId }] = await overstays();
    expect(await overstays(driver, `?bookingId=${bookingId}`)).toHaveLength(1);
    expect(problemOf(await provider.get('/parking/overstays?managed=true&cursor=nonsense'))).toBe('validation');
    expect(problemOf(await provider.get('/parking/overstays?state=guilty'))).toBe('validation');
  });
});

const typesOfEvents = async () =>
  (
    await site.db.query<{ type: string }>(
      `SELECT type FROM event WHERE site_id = $1 AND type LIKE 'overstay.%' ORDER BY id`,
      [site.id],
    )
  ).map(({ type }) => type);
