import { beforeEach, describe, expect, test } from 'vitest';
import { aBookedNight, partiesOn, propose } from '../support/agreements.ts';
import { problemOf, type AnyBody, type Call } from '../support/call.ts';
import { expectInvariants } from '../support/invariants.ts';
import { aLot } from '../support/offers.ts';
import { aResident, staff, type Person } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';
import { slotOn, slotsOn } from '../support/slots.ts';

const night = 'guangqi-night';
let site: TestSite;
let provider: Person & Call;
let committee: Person & Call;
let administrator: Person & Call;

beforeEach(async () => {
  site = await aSite([aLot(), aLot({ id: 'qinzhou-north-night' }), aLot({ id: 'sample-compound-day' })]);
  ({ provider, committee, administrator } = await partiesOn(site));
});

const bookNight = (date: string, more?: object) => aBookedNight(site, date, more);

describe('whose agreement it is', () => {
  test('its lender, its beneficiary and the administrator see it, each for the sides that they may act for', async () => {
    const seen = async (caller: Call) =>
      (await caller.get('/parking/agreements')).body.items.map(({ id, sides }: AnyBody) => [id, sides]);
    expect(await seen(provider)).toEqual([[night, ['provider']]]);
    expect(await seen(committee)).toEqual([[night, ['beneficiary']]]);
    expect(await seen(administrator)).toEqual([
      [night, ['provider', 'beneficiary']],
      ['qinzhou-north-night', ['provider', 'beneficiary']],
      ['sample-compound-day', ['provider', 'beneficiary']],
    ]);
    const street = await site.person(staff('provider', 'street'));
    expect((await street.get(`/parking/agreements/${night}`)).status).toBe(404);
    expect((await (await site.person(aResident())).get('/parking/agreements')).status).toBe(404);
  });

  test('the list pages by cursor', async () => {
    const first = (await administrator.get('/parking/agreements?limit=2')).body;
    expect(first.items).toHaveLength(2);
    const second = (await administrator.get(`/parking/agreements?limit=2&cursor=${first.nextCursor}`)).body;
    expect([second.items.map(({ id }: AnyBody) => id), second.nextCursor]).toEqual([['sample-compound-day'], null]);
    expect((await administrator.get('/parking/agreements?cursor=nonsense')).status).toBe(422);
  });
});

describe('a proposal', () => {
  test('changes nothing until the other side confirms it, and then at once', async () => {
    const proposed = await propose(provider, night, { nightlyFen: 2_000 });
    expect(proposed.status).toBe(201);
    const { proposal } = proposed.body;
    expect(proposal).toMatchObject({ state: 'open', waitsFor: 'beneficiary', waitsForCaller: false, isOwn: true });
    expect((await slotOn(site, night, '2026-11-25')).priceFen).toBe(1_500);
    const shown = (await committee.get(`/parking/agreement-proposals/${proposal.id}`)).body;
    expect(shown).toMatchObject({ waitsForCaller: true, terms: { nightlyFen: 2_000 }, current: { nightlyFen: 1_500 } });
    expect((await committee.get('/parking/agreements')).body.items[0].openProposal).toEqual({
      id: proposal.id,
      waitsForCaller: true,
    });

    const confirmed = await committee.post(`/parking/agreement-proposals/${proposal.id}/confirm`, {});
    expect(confirmed.body.proposal).toMatchObject({
      state: 'in-force',
      closed: { side: 'beneficiary', role: 'committee' },
      current: { nightlyFen: 1_500 },
    });
    expect((await slotOn(site, night, '2026-11-24')).priceFen).toBe(1_500);
    expect((await slotOn(site, night, '2026-11-25')).priceFen).toBe(2_000);
    expect((await provider.get(`/parking/agreements/${night}`)).body.terms.nightlyFen).toBe(2_000);
    await expectInvariants(site.db);
  });

  test('is not confirmed by the side that made it, nor by a stranger, nor twice', async () => {
    const { proposal } = (await propose(provider, night, { nightlyFen: 2_000 })).body;
    const confirm = `/parking/agreement-proposals/${proposal.id}/confirm`;
    expect(problemOf(await provider.post(confirm, {}))).toBe('rule: other-side-confirms');
    expect((await (await site.person(staff('committee', 'sample-compound'))).post(confirm, {})).status).toBe(404);
    expect((await committee.post(confirm, {})).status).toBe(200);
    expect(problemOf(await committee.post(confirm, {}))).toBe('rule: proposal-closed');
  });

  test('with If-Match is confirmed as it was seen only, and with a key once', async () => {
    const { proposal } = (await propose(committee, night, { quota: 20 })).body;
    const confirm = `/parking/agreement-proposals/${proposal.id}/confirm`;
    expect(problemOf(await provider.post(confirm, {}, { 'if-match': '"7"' }))).toBe('stale');
    const keyed = { 'if-match': '"1"', 'idempotency-key': 'confirm-once' };
    const first = await provider.post(confirm, {}, keyed);
    const again = await provider.post(confirm, {}, keyed);
    expect([first.status, again.status, again.headers.get('idempotent-replay')]).toEqual([200, 200, 'true']);
    expect(again.body).toEqual(first.body);
  });

  test('is rejected with a reason or taken back, and makes room for another; one is open at a time', async () => {
    const { proposal } = (await propose(provider, night, { quota: 20 })).body;
    expect(problemOf(await propose(committee, night, { quota: 25 }))).toBe('rule: proposal-open');
    const rejected = await committee.post(`/parking/agreement-proposals/${proposal.id}/reject`, { reason: '太少' });
    expect(rejected.body.proposal).toMatchObject({
      state: 'rejected',
      closed: { reason: '太少', side: 'beneficiary' },
    });
    const another = (await propose(committee, night, { quota: 25 })).body.proposal;
    expect((await provider.post(`/parking/agreement-proposals/${another.id}/withdraw`, { reason: '不' })).status).toBe(
      404,
    );
    const back = await committee.post(`/parking/agreement-proposals/${another.id}/withdraw`, { reason: '再议' });
    expect(back.body.proposal.state).toBe('withdrawn');
    const listed = (await provider.get(`/parking/agreement-proposals?resourceId=${night}`)).body.items;
    expect(listed.map(({ state }: AnyBody) => state)).toEqual(['withdrawn', 'rejected']);
    expect((await slotOn(site, night, '2026-11-25')).capacity).toBe(30);
  });

  test('of either side may be made and confirmed by an administrator, which is recorded', async () => {
    const { proposal } = (await propose(administrator, 'qinzhou-north-night', { quota: 30 })).body;
    expect(proposal.proposed).toMatchObject({ side: 'provider', role: 'site-administrator' });
    const confirmed = await administrator.post(`/parking/agreement-proposals/${proposal.id}/confirm`, {});
    expect(confirmed.body.proposal.closed).toMatchObject({ side: 'beneficiary', role: 'site-administrator' });
    expect((await slotOn(site, 'qinzhou-north-night', '2026-11-25')).capacity).toBe(30);
  });
});

describe('a suspension', () => {
  const days = { from: '2026-11-26', to: '2026-11-27' };

  test('closes its nights with the plan, keeps later ones from being published, and ends by resuming', async () => {
    const { booking, driver } = await bookNight('2026-11-26');
    const long = { from: '2026-11-26', to: '2027-01-31', reason: '场地改造' };
    const planned = await committee.post(`/parking/agreements/${night}/suspensions`, { ...long, dryRun: true });
    expect(planned.body.plan.displaced).toHaveLength(1);
    const done = await committee.post(`/parking/agreements/${night}/suspensions`, long);
    expect(done.body.plan.changes).toHaveLength(36);
    expect((await driver.get(`/bookings/${booking.id}`)).body.displacement).toMatchObject({ by: 'committee' });
    expect((await slotOn(site, night, '2026-11-26')).state).toBe('closed');
    site.clock.set('2026-12-10T09:00:00+08:00');
    site.forgetSurroundings();
    await site.topUp();
    expect(await slotsOn(site, night, '2027-01-01', '2027-01-31')).toEqual([]);
    expect((await provider.get(`/parking/agreements/${night}`)).body).toMatchObject({
      state: 'suspended',
      suspensions: [{ ...long, by: { side: 'beneficiary', role: 'committee' } }],
    });

    const resumed = await provider.post(`/parking/agreements/${night}/resume`, {
      from: '2026-12-15',
      reason: '提前完工',
    });
    expect(resumed.body.published).toBe(31);
    expect((await slotsOn(site, night, '2026-12-14', '2026-12-15')).map(({ state }) => state)).toEqual([
      'closed',
      'open',
    ]);
    expect(await slotsOn(site, night, '2027-01-01', '2027-01-31')).toHaveLength(31);
    expect((await provider.get(`/parking/agreements/${night}`)).body.suspensions).toMatchObject([
      { resumedFrom: '2026-12-15' },
    ]);
    await expectInvariants(site.db);
  });

  test('does not reopen what was closed for another reason', async () => {
    await provider.post('/capacity-changes', {
      resourceId: night,
      from: '2026-11-26',
      to: '2026-11-26',
      closed: true,
      reason: '检修',
    });
    await provider.post(`/parking/agreements/${night}/suspensions`, { ...days, reason: '改造' });
    await provider.post(`/parking/agreements/${night}/resume`, { from: '2026-11-26', reason: '好了' });
    expect((await slotsOn(site, night, days.from, days.to)).map(({ state }) => state)).toEqual(['closed', 'open']);
  });

  test.each([
    ['dates-reversed', { from: '2026-11-27', to: '2026-11-26' }],
    ['effective-past', { from: '2026-11-20', to: '2026-11-26' }],
  ])('%s', async (rule, dates) => {
    const answer = await provider.post(`/parking/agreements/${night}/suspensions`, { ...dates, reason: '改造' });
    expect(problemOf(answer)).toBe(`rule: ${rule}`);
  });

  test('is not made twice for the same nights, and what is not suspended is not resumed', async () => {
    const body = { ...days, reason: '改造' };
    expect(
      problemOf(await provider.post(`/parking/agreements/${night}/resume`, { from: days.from, reason: '好了' })),
    ).toBe('rule: nothing-suspended');
    await provider.post(`/parking/agreements/${night}/suspensions`, body);
    expect(problemOf(await committee.post(`/parking/agreements/${night}/suspensions`, body))).toBe(
      'rule: suspended-already',
    );
    const street = await site.person(staff('provider', 'street'));
    expect((await street.post(`/parking/agreements/${night}/suspensions`, body)).status).toBe(404);
  });
});
