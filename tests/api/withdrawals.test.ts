import { beforeEach, describe, expect, test } from 'vitest';
import { partiesOn } from '../support/agreements.ts';
import { problemOf, type AnyBody, type Call } from '../support/call.ts';
import { expectInvariants } from '../support/invariants.ts';
import { aLot } from '../support/offers.ts';
import { aResident, staff, type Person } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { slotOn } from '../support/slots.ts';

const night = 'guangqi-night';
const route = `/parking/agreements/${night}/withdrawals`;
let site: TestSite;
let provider: Person & Call;
let committee: Person & Call;
let administrator: Person & Call;

beforeEach(async () => {
  site = await aSite([aLot({ spaces: 3 }), aLot({ id: 'qinzhou-north-night', spaces: 1 })]);
  ({ provider, committee, administrator } = await partiesOn(site));
});

const day = '2026-11-26';
const twoBack = { from: day, to: day, spaces: 2, reason: '园区开放日' };

async function threeDrivers() {
  const { id } = await slotOn(site, night, day);
  const drivers = [];
  for (let number = 0; number < 3; number++) {
    site.clock.advance(60);
    const driver = await site.person(aResident());
    const booked = await driver.post('/bookings', { kind: 'parking', slotIds: [id], vehicleId: driver.vehicleIds[0] });
    drivers.push({ driver, id: booked.body.id as string });
  }
  return drivers;
}

const stateOf = async ({ driver, id }: { driver: Call; id: string }) => (await driver.get(`/bookings/${id}`)).body;

describe('spaces that the lender takes back', () => {
  test('displace in the declared order, each with the nearest alternative or a clear none; the plan is what happens', async () => {
    const drivers = await threeDrivers();
    const before = await site.rows();
    const planned = await provider.post(route, { ...twoBack, dryRun: true });
    expect(await site.rows()).toEqual(before);
    const ids = (answer: { body: AnyBody }) => answer.body.displaced.map(({ bookingId }: AnyBody) => bookingId);
    expect([planned.status, planned.body.applied, ids(planned)]).toEqual([
      200,
      false,
      [drivers[2]!.id, drivers[1]!.id],
    ]);

    const made = await provider.post(route, twoBack);
    expect(ids(made)).toEqual(ids(planned));
    expect(
      made.body.displaced.map(({ position, alternative }: AnyBody) => [position, alternative?.title.zh ?? null]),
    ).toEqual([
      [1, '钦州北路（桂林路—苍梧路）夜间停车'],
      [2, null],
    ]);
    expect((await slotOn(site, night, day)).capacity).toBe(1);
    expect((await stateOf(drivers[0]!)).state).toBe('confirmed');
    expect((await stateOf(drivers[2]!)).displacement).toMatchObject({
      by: 'provider',
      reason: '园区开放日',
      alternative: { state: 'offered' },
    });
    expect((await stateOf(drivers[1]!)).displacement.alternative).toBeNull();
    for (const { driver } of drivers.slice(1))
      expect((await driver.get('/notices')).body.items.map(({ kind }: AnyBody) => kind)).toContain('displaced');
    expect((await drivers[0]!.driver.get('/notices')).body.items).toEqual([]);
    await expectInvariants(site.db);
  });

  test('in another order where the agreement declares it', async () => {
    const drivers = await threeDrivers();
    await site.db.query(
      `UPDATE schedule SET rule = rule || '{"displaceFirst":"earliest-booked"}' WHERE site_id = $1 AND id = $2`,
      [site.id, night],
    );
    const planned = await provider.post(route, { ...twoBack, dryRun: true });
    expect(planned.body.displaced.map(({ bookingId }: AnyBody) => bookingId)).toEqual([drivers[0]!.id, drivers[1]!.id]);
  });

  test('stand in the record of both parties with a masked receipt, and are undone as any change', async () => {
    const drivers = await threeDrivers();
    const { changeId } = (await provider.post(route, twoBack)).body;
    const listed = (await committee.get(route)).body;
    expect(listed).toEqual({
      items: [
        {
          ...{ changeId, from: day, to: day, spaces: 2, isOverride: false, reason: '园区开放日', role: 'provider' },
          ...{ at: expect.any(String), displaced: 2, withAlternative: 1, isUndone: false },
        },
      ],
      nextCursor: null,
    });
    const receipt = (await committee.get(`/parking/withdrawals/${changeId}`)).body;
    expect(receipt.plan.displaced[0].person).toEqual({ name: '王**', phone: expect.stringMatching(/^139\*{4}\d{4}$/) });
    expect(JSON.stringify(receipt)).not.toContain(drivers[2]!.driver.phone);
    const stranger = await site.person(staff('committee', 'sample-compound'));
    expect((await stranger.get(route)).status).toBe(404);
    expect((await stranger.get(`/parking/withdrawals/${changeId}`)).status).toBe(404);

    expect((await provider.post(`/capacity-changes/${changeId}/undo`, {})).status).toBe(200);
    expect((await slotOn(site, night, day)).capacity).toBe(3);
    expect((await stateOf(drivers[2]!)).state).toBe('confirmed');
    expect((await committee.get(route)).body.items[0].isUndone).toBe(true);
    await expectInvariants(site.db);
  });

  test('are taken back once, however often the request comes', async () => {
    const keyed = { 'idempotency-key': 'withdraw-once' };
    const first = await provider.post(route, { ...twoBack, spaces: 1 }, keyed);
    const again = await provider.post(route, { ...twoBack, spaces: 1 }, keyed);
    expect([again.headers.get('idempotent-replay'), again.body]).toEqual(['true', first.body]);
    expect((await slotOn(site, night, day)).capacity).toBe(2);
  });

  test('with less notice than agreed only by an administrator who says so', async () => {
    const soon = { ...twoBack, from: '2026-11-23', to: '2026-11-24' };
    expect(problemOf(await provider.post(route, soon))).toBe('rule: withdraw-notice');
    expect(problemOf(await provider.post(route, { ...soon, override: true }))).toBe('rule: withdraw-notice');
    expect(problemOf(await administrator.post(route, soon))).toBe('rule: withdraw-notice');
    expect((await administrator.post(route, { ...soon, override: true })).status).toBe(200);
    expect((await committee.get(route)).body.items[0]).toMatchObject({ isOverride: true, role: 'site-administrator' });
  });

  test('exactly the notice that was agreed is enough', async () => {
    site.clock.set('2026-11-25T18:30:00+08:00');
    expect((await provider.post(route, { ...twoBack, dryRun: true })).status).toBe(200);
    site.clock.advance(1);
    expect(problemOf(await provider.post(route, { ...twoBack, dryRun: true }))).toBe('rule: withdraw-notice');
  });

  test.each([
    ['dates-reversed', { from: '2026-11-27', to: '2026-11-26' }],
    ['withdraw-too-many', { spaces: 4 }],
    ['beyond-published', { to: '2027-06-01' }],
  ])('%s', async (rule, changes) => {
    const before = await site.rows();
    const refused = await provider.post(route, { ...twoBack, ...changes });
    expect([refused.status, problemOf(refused)]).toEqual([422, `rule: ${rule}`]);
    expect(await site.rows()).toEqual(before);
  });

  test('are the lender’s to take: the beneficiary’s committee may not', async () => {
    expect((await committee.post(route, twoBack)).status).toBe(404);
    expect((await (await site.person(aResident())).post(route, twoBack)).status).toBe(404);
  });
});
