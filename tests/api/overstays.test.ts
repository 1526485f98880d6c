import { beforeEach, describe, expect, test } from 'vitest';
import { parseInstant } from '../../api/calendar/time.ts';
import { recordPresence } from '../../api/services/parking/gates/presence.ts';
import { sweep } from '../../api/sweep.ts';
import { problemOf, type Call } from '../support/call.ts';
import { expectInvariants } from '../support/invariants.ts';
import { aLot } from '../support/offers.ts';
import { aResident, staff, type Person } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { slotOn } from '../support/slots.ts';

let site: TestSite;
let driver: Person & Call;
let provider: Person & Call;
let administrator: Person & Call;
beforeEach(async () => {
  site = await aSite([aLot(), aLot({ id: 'qinzhou-north-night' })]);
  driver = await site.person(aResident());
  provider = await site.person(staff('provider'));
  administrator = await site.person(staff('site-administrator', null));
});

const at = (date: string, time: string) => `${date}T${time}:00+08:00`;
const passTime = () => sweep(site.db, site.clock, site.code);

async function aStay(dates: readonly string[], person = driver): Promise<string> {
  const slots = await Promise.all(dates.map((date) => slotOn(site, 'guangqi-night', date)));
  const wish = { kind: 'parking', slotIds: slots.map(({ id }) => id), vehicleId: person.vehicleIds[0] };
  const booked = await person.post('/bookings', wish);
  expect(booked.status).toBe(201);
  return booked.body.id;
}

/** What the gates came to: in since, and out or still inside. */
function presence(bookingId: string, enteredAt: string, leftAt: string | null = null) {
  const inAt = parseInstant(enteredAt);
  return recordPresence(site.db, site.id, [
    {
      bookingId,
      lotId: 'guangqi',
      enteredAt: inAt,
      lastInAt: inAt,
      leftAt: leftAt === null ? null : parseInstant(leftAt),
      isInside: leftAt === null,
    },
  ]);
}

const overstays = async (caller: Call = driver, query = '') =>
  (await caller.get(`/parking/overstays${query}`)).body.items;
const managed = (query = '', caller: Call = provider) => overstays(caller, `?managed=true${query}`);
const notices = async (kind: string, person: Call = driver) =>
  (await person.get('/notices')).body.items.filter((notice: { kind: string }) => notice.kind === kind);

/** One overstay of 45 minutes on the morning after a night, swept; its id. */
async function anOverstay(night: string, morning: string, person = driver): Promise<string> {
  const bookingId = await aStay([night], person);
  await presence(bookingId, at(night, '19:00'), at(morning, '08:45'));
  site.clock.set(at(morning, '09:00'));
  await passTime();
  const found = (await overstays(person)).find((overstay: { bookingId: string }) => overstay.bookingId === bookingId);
  return found.id;
}
const mornings = [
  ['2026-11-23', '2026-11-24'],
  ['2026-11-24', '2026-11-25'],
  ['2026-11-25', '2026-11-26'],
] as const;
async function threeOverstays(): Promise<string[]> {
  const ids = [];
  for (const [night, morning] of mornings) ids.push(await anOverstay(night, morning));
  return ids;
}
const bookAgain = async (person = driver, lot = 'guangqi-night') => {
  const slot = await slotOn(site, lot, '2026-12-02');
  return person.post('/bookings', { kind: 'parking', slotIds: [slot.id], vehicleId: person.vehicleIds[0] });
};
const standing = async () => (await driver.get('/parking/standing')).body.items;
const appeal = (id: string, person: Call = driver, text = '小区道路施工，出口堵了一小时') =>
  person.post(`/parking/overstays/${id}/appeal`, { text });
const decide = (id: string, granted: boolean, by: Call = administrator, headers = {}) =>
  by.post(`/parking/overstays/${id}/decision`, { granted, reason: '已核实现场情况' }, headers);
const waive = (id: string, by: Call = administrator, headers = {}) =>
  by.post(`/parking/overstays/${id}/waiver`, { reason: '暴雨，全场免除' }, headers);

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
    site = await aSite([{ ...lot, facts: { ...lot.facts, overstay: { suspendAt: 2, suspendDays: 3 } } }]);
    driver = await site.person(aResident());
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
    site = await aSite([aLot({ spaces: 1 })]);
    driver = await site.person(aResident());
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
    administrator = await site.person(staff('site-administrator', null));
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
