import { beforeEach, describe, expect, test } from 'vitest';
import {
  aBookedNight,
  aDayAgreement,
  agree,
  partiesOn,
  propose,
  termsLike,
  type Terms,
} from '../support/agreements.ts';
import { problemOf, type AnyBody, type Call } from '../support/call.ts';
import { expectInvariants } from '../support/invariants.ts';
import { aLot } from '../support/offers.ts';
import { anEmployee, staff, type Person } from '../support/person.ts';
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

describe('the nights follow', () => {
  test('nights that somebody has keep their times and price; others get the new ones; the preview says which', async () => {
    await bookNight('2026-11-26');
    const window = { from: '19:00', to: '07:30', endsNextDay: true };
    const planned = await propose(provider, night, { window, nightlyFen: 1_800 }, { dryRun: true });
    expect(planned.status).toBe(200);
    const before = await site.rows();
    const { effects } = await agree(provider, committee, night, { window, nightlyFen: 1_800 });
    expect(effects).toEqual({ ...planned.body.effects, applied: true });
    expect(effects.plan).toBeNull();
    expect(effects.kept).toEqual([{ serviceDate: '2026-11-26', booked: 1, why: 'booked' }]);
    expect(effects.renewed).toBe(36);
    expect((await site.rows())['capacity']).toBe(before['capacity']);
    expect(await slotOn(site, night, '2026-11-26')).toMatchObject({
      startsAt: '2026-11-26T18:30:00+08:00',
      priceFen: 1_500,
    });
    expect(await slotOn(site, night, '2026-11-25')).toMatchObject({
      startsAt: '2026-11-25T19:00:00+08:00',
      priceFen: 1_800,
    });
    // Saturday's slot begins when Friday's ends, in the new times too.
    expect(await slotOn(site, night, '2026-11-28')).toMatchObject({ startsAt: '2026-11-28T07:30:00+08:00' });
    await expectInvariants(site.db);
  });

  test('a new time never runs into a night that keeps its own', async () => {
    // Friday's night is booked until Saturday 08:00; the new Saturday would begin at 07:30.
    await bookNight('2026-11-27');
    const window = { from: '18:30', to: '07:30', endsNextDay: true };
    const { effects } = await agree(provider, committee, night, { window });
    expect(effects.kept).toEqual([
      { serviceDate: '2026-11-27', booked: 1, why: 'booked' },
      { serviceDate: '2026-11-28', booked: 0, why: 'neighbour' },
      { serviceDate: '2026-11-29', booked: 0, why: 'neighbour' },
    ]);
    const nights = await slotsOn(site, night, '2026-11-23', '2026-12-31');
    for (const [index, { startsAt }] of nights.entries()) {
      const last = nights[index - 1];
      expect(last === undefined || last.endsAt <= startsAt).toBe(true);
    }
  });

  test('somebody who waits keeps the night that they wait for', async () => {
    await agree(provider, committee, night, { quota: 1 });
    await bookNight('2026-11-26');
    await bookNight('2026-11-26', { joinWaitlist: true });
    const planned = await propose(provider, night, { nightlyFen: 900, quota: 2 }, { dryRun: true });
    expect(planned.body.effects.kept).toEqual([{ serviceDate: '2026-11-26', booked: 2, why: 'booked' }]);
    expect(planned.body.effects.plan.promoted).toHaveLength(1);
  });

  test('a smaller quota displaces in the declared order, and the preview is what happens', async () => {
    await bookNight('2026-11-26');
    const late = await bookNight('2026-11-26');
    const planned = await propose(provider, night, { quota: 1 }, { dryRun: true });
    const shown = planned.body.effects.plan.displaced;
    expect(shown.map(({ bookingId }: AnyBody) => bookingId)).toEqual([late.booking.id]);
    expect(shown[0].alternative.title.zh).toContain('钦州北路');
    const { effects, proposal } = await agree(provider, committee, night, { quota: 1 });
    expect(effects.plan.displaced.map(({ bookingId }: AnyBody) => bookingId)).toEqual([late.booking.id]);
    expect(proposal.changeId).toBe(effects.plan.changeId);
    expect((await late.driver.get(`/bookings/${late.booking.id}`)).body.displacement).toMatchObject({
      by: 'committee',
      reason: '商定',
    });
    await expectInvariants(site.db);
  });

  test('what was withdrawn for a night stays withdrawn under another quota', async () => {
    const withdrawal = { from: '2026-11-26', to: '2026-11-26', spaces: 10, reason: '活动' };
    await provider.post(`/parking/agreements/${night}/withdrawals`, withdrawal);
    await agree(provider, committee, night, { quota: 25 });
    expect((await slotOn(site, night, '2026-11-26')).capacity).toBe(15);
    expect((await slotOn(site, night, '2026-11-27')).capacity).toBe(25);
  });

  test('nights that the terms do not lend close, and come back when they do', async () => {
    await agree(provider, committee, night, { daysOff: 'closed' });
    const shut = await slotOn(site, night, '2026-11-28');
    expect(shut.state).toBe('closed');
    await agree(committee, provider, night, { daysOff: 'night-only' });
    expect(await slotOn(site, night, '2026-11-28')).toMatchObject({
      state: 'open',
      startsAt: '2026-11-28T18:30:00+08:00',
      endsAt: '2026-11-29T08:00:00+08:00',
    });
    await expectInvariants(site.db);
  });

  test('an agreement that ends earlier lends no night after its end', async () => {
    const { booking, driver } = await bookNight('2026-12-20');
    await agree(provider, committee, night, { validTo: '2026-12-15' });
    const nights = await slotsOn(site, night, '2026-12-14', '2026-12-17');
    expect(nights.map(({ state }) => state)).toEqual(['open', 'open', 'closed', 'closed']);
    expect((await driver.get(`/bookings/${booking.id}`)).body.state).toBe('displaced');
  });

  test('a new agreement has its nights at once', async () => {
    const terms = aDayAgreement();
    const proposed = await provider.post('/parking/agreement-proposals', {
      ...{ resourceId: null, terms, effectiveFrom: '2026-11-30', reason: '新协议' },
    });
    expect(proposed.status).toBe(201);
    const confirmed = await administrator.post(`/parking/agreement-proposals/${proposed.body.proposal.id}/confirm`, {
      side: 'beneficiary',
    });
    expect(confirmed.body.proposal).toMatchObject({ state: 'in-force', resourceId: 'guangqi-day' });
    expect(confirmed.body.effects.published).toBe(24);
    site.forgetSurroundings();
    const days = await slotsOn(site, 'guangqi-day', '2026-11-24', '2026-12-06');
    expect(days.map(({ serviceDate, capacity }) => [serviceDate.slice(5), capacity])).toEqual(
      ['11-30', '12-01', '12-02', '12-03', '12-04'].map((date) => [date, 10]),
    );
    expect(await site.topUp()).toBe(0);
    const { terms: kept } = (await provider.get('/parking/agreements/guangqi-day')).body;
    expect(kept).toEqual({ ...terms, validFrom: '2026-11-30' });
  });
});

describe('terms that a rule does not allow are refused by its name', () => {
  const refused: [rule: string, changes: Partial<Terms>, effectiveFrom?: string][] = [
    ['window-empty', { window: { from: '18:30', to: '18:30', endsNextDay: false } }],
    ['window-reversed', { window: { from: '18:30', to: '08:00', endsNextDay: false } }],
    ['window-too-long', { window: { from: '08:00', to: '18:30', endsNextDay: true } }],
    ['window-too-long', { window: { from: '08:00', to: '08:00', endsNextDay: true } }],
    ['validity-reversed', { validFrom: '2026-12-31', validTo: '2026-12-01' }],
    ['validity-reversed', { validTo: '2026-11-24' }],
    ['curfew', { curfew: { from: '18:00', to: '06:00' } }],
    ['curfew', { curfew: { from: '22:00', to: '08:30' } }],
    ['effective-past', {}, '2026-11-22'],
    ['effective-too-late', {}, '2027-03-01'],
    ['quota-none', { quota: 0 }],
    ['quota-above-lot', { quota: 31 }],
    ['parties-fixed', { beneficiary: { group: 'any-resident' } }],
    ['lot-unknown', { lotId: 'moon' }],
    ['swap-not-mutual', { swapOf: 'qinzhou-north-night' }],
    ['swap-not-mutual', { swapOf: 'no-such' }],
  ];

  test.each(refused)('%s: %j', async (rule, changes, effectiveFrom = '2026-11-25') => {
    const before = await site.rows();
    for (const dryRun of [true, false]) {
      const answer = await propose(provider, night, changes, { effectiveFrom, dryRun });
      expect([answer.status, problemOf(answer)]).toEqual([422, `rule: ${rule}`]);
      expect(answer.body.detail).toMatch(/\p{Script=Han}/u);
    }
    expect(await site.rows()).toEqual(before);
  });

  test('a compound that nobody knows', async () => {
    const terms = aDayAgreement({ beneficiary: { group: 'compound', organisationId: 'atlantis' } });
    const body = { resourceId: null, terms, effectiveFrom: '2026-11-30', reason: '新协议' };
    expect(problemOf(await provider.post('/parking/agreement-proposals', body))).toBe('rule: beneficiary-unknown');
  });

  test('overlapping agreements that exceed the lot: the others are named, in both languages', async () => {
    const terms = aDayAgreement({ window: { from: '07:00', to: '17:00', endsNextDay: false } });
    const body = { resourceId: null, terms, effectiveFrom: '2026-11-30', reason: '新协议' };
    const answer = await provider.post('/parking/agreement-proposals', body);
    expect(problemOf(answer)).toBe('rule: lot-overbooked');
    expect(answer.body).toMatchObject({ spaces: 30, lent: 40, agreements: [night] });
    expect(answer.body.detail).toContain('光启园夜间停车');
    const english = await provider.post('/parking/agreement-proposals', body, { 'accept-language': 'en' });
    expect(english.body.detail).toContain('Guangqi Park, by night');
  });

  test('what two agreements lend after each other fits, and a lot that filled up meanwhile does not', async () => {
    const day = {
      resourceId: null,
      terms: aDayAgreement({ quota: 30 }),
      effectiveFrom: '2026-11-30',
      reason: '新协议',
    };
    const first = (await provider.post('/parking/agreement-proposals', day)).body.proposal;
    const second = (await provider.post('/parking/agreement-proposals', day)).body.proposal;
    const confirm = (id: string) => administrator.post(`/parking/agreement-proposals/${id}/confirm`, {});
    expect((await confirm(first.id)).status).toBe(200);
    expect(problemOf(await confirm(second.id))).toBe('rule: lot-overbooked');
    expect((await administrator.get(`/parking/agreement-proposals/${second.id}`)).body.state).toBe('open');
  });

  test('a lot whose nights keep the terms of before, since somebody has booked them, is not lent again for these', async () => {
    await bookNight('2026-12-01');
    await agree(provider, committee, night, {
      window: { from: '09:00', to: '17:00', endsNextDay: false },
      daysOff: 'closed',
    });
    const terms = aDayAgreement({ quota: 30, window: { from: '18:30', to: '08:00', endsNextDay: true } });
    const again = (effectiveFrom: string) =>
      provider.post('/parking/agreement-proposals', {
        resourceId: null,
        terms,
        effectiveFrom,
        reason: '夜间',
        dryRun: true,
      });
    const refused = await again('2026-11-27');
    expect([problemOf(refused), refused.body.lent]).toEqual(['rule: lot-overbooked', 60]);
    expect((await again('2026-12-02')).status).toBe(200);
  });

  test('a date that has passed before the other side answers', async () => {
    const { proposal } = (await propose(provider, night, { quota: 20 })).body;
    site.clock.set('2026-11-27T09:00:00+08:00');
    expect(problemOf(await committee.post(`/parking/agreement-proposals/${proposal.id}/confirm`, {}))).toBe(
      'rule: effective-past',
    );
  });

  test('an agreement of somebody else is not found', async () => {
    const street = await site.person(staff('provider', 'street'));
    const terms = await termsLike(provider, night, { quota: 20 });
    const body = { resourceId: night, terms, effectiveFrom: '2026-11-25', reason: '试试' };
    expect((await street.post('/parking/agreement-proposals', body)).status).toBe(404);
    expect((await (await site.person(anEmployee())).post('/parking/agreement-proposals', body)).status).toBe(404);
  });
});
