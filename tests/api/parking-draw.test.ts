import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { examine } from '../../api/engine/doctor.ts';
import { problemOf, type Call } from '../support/call.ts';
import { aMonth, nightLot, sweepSite } from '../support/months.ts';
import { aLotWith } from '../support/offers.ts';
import { anEmployee, aResident, type Person } from '../support/person.ts';
import { aSite, closeSlot, type TestSite } from '../support/site.ts';
import { slotOn } from '../support/slots.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

let site: TestSite;
let residents: (Person & Call)[];

/** The 16th of November: the draw of December is open in a lot of two spaces. */
beforeEach(async () => {
  site = await aSite([aLotWith({ monthlyRound: 'draw' }, { spaces: 2 })], { now: '2026-11-10T09:00:00+08:00' });
  await sweepSite(site);
  residents = await Promise.all(Array.from({ length: 5 }, () => site.person(aResident())));
  site.clock.set('2026-11-16T09:00:00+08:00');
});

const round = async (caller: Call = site) => (await caller.get(`/parking/rounds?resourceId=${nightLot}`)).body.items[0];
const enter = async (person: Person & Call, headers = {}) =>
  person.post(`/parking/rounds/${(await round()).id}/entries`, { vehicleId: person.vehicleIds[0] }, headers);

describe('the round of a month', () => {
  test('is published with its commitment before it opens, once, and keeps its seed to itself', async () => {
    site.clock.set('2026-11-10T09:00:00+08:00');
    const before = await round();
    expect(before).toMatchObject({
      month: '2026-12',
      state: 'upcoming',
      opensAt: '2026-11-15T00:00:00+08:00',
      closesAt: '2026-11-21T00:00:00+08:00',
      commitment: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const file = (await site.get(`/parking/rounds/${before.id}/draw`)).body;
    expect([file.seed, file.entries]).toEqual([null, []]);
    const [kept] = await site.db.query<{ seed: string }>('SELECT seed FROM parking_round WHERE id = $1', [before.id]);
    for (const path of ['/parking/rounds', `/parking/rounds/${before.id}`, `/parking/rounds/${before.id}/draw`])
      expect(JSON.stringify((await site.get(path)).body)).not.toContain(kept!.seed);
    await sweepSite(site);
    expect((await site.get('/parking/rounds')).body.items).toEqual([before]);
  });

  test('takes each car once, and lets it withdraw while it is open', async () => {
    const [person] = residents;
    const key = { 'idempotency-key': 'enter-1' };
    const entered = await enter(person!, key);
    expect([entered.status, entered.body.entries, entered.body.mine.length]).toEqual([201, 1, 1]);
    expect((await enter(person!, key)).headers.get('idempotent-replay')).toBe('true');
    expect(problemOf(await enter(person!))).toBe('rule: already-entered');
    expect((await round(residents[1])).mine).toEqual([]);
    const path = `/parking/rounds/${entered.body.id}/entries/${entered.body.mine[0].id}/withdraw`;
    expect(problemOf(await residents[1]!.post(path, {}))).toBe('not-found');
    expect((await person!.post(path, {})).body.entries).toBe(0);
    expect((await enter(person!)).status).toBe(201);
  });

  test('refuses by rule: too early, too late, not of the group, a car that is not verified or not one’s own', async () => {
    const [person, other] = residents;
    const stranger = await site.person({ ...anEmployee(), vehicles: [{ verified: true }] });
    expect(problemOf(await enter(stranger))).toBe('rule: not-a-beneficiary');
    const unverified = await site.person({ ...aResident(), vehicles: [{ verified: false }] });
    expect(problemOf(await enter(unverified))).toBe('rule: vehicle-unverified');
    expect(problemOf(await enter({ ...person!, vehicleIds: other!.vehicleIds }))).toBe('not-found');
    site.clock.set('2026-11-14T23:59:59+08:00');
    expect(problemOf(await enter(person!))).toBe('rule: round-not-open');
    site.clock.set('2026-11-21T00:00:00+08:00');
    expect(problemOf(await enter(person!))).toBe('rule: round-closed');
  });

  test('keeps the month and its nights from being booked until it is drawn', async () => {
    const [person] = residents;
    expect(problemOf(await person!.post('/bookings', aMonth(person!)))).toBe('rule: draw-open');
    const { id } = await slotOn(site, nightLot, '2026-12-10');
    const night = { kind: 'parking', slotIds: [id], vehicleId: person!.vehicleIds[0] };
    expect(problemOf(await person!.post('/bookings', night))).toBe('rule: draw-open');
    site.clock.set('2026-11-21T00:00:00+08:00');
    expect(problemOf(await person!.post('/bookings', night))).toBe('rule: draw-open');
    await sweepSite(site);
    expect((await person!.post('/bookings', night)).status).toBe(201);
  });
});

describe('the draw', () => {
  type Published = {
    seed: string;
    commitment: string;
    entries: { id: string; number: string; place: number; result: string; reason: string | null }[];
  };
  const published = async () => (await site.get<Published>(`/parking/rounds/${(await round()).id}/draw`)).body;

  test('can be done again from the published file alone, and gives the months in its order', async () => {
    for (const person of residents) await enter(person);
    site.clock.set('2026-11-21T00:00:00+08:00');
    await sweepSite(site);
    const file = await published();
    expect(sha256(file.seed)).toBe(file.commitment);
    // An independent draw: nothing but the seed, the ids and SHA-256.
    const again = file.entries.map(({ id }) => ({ id, number: sha256(file.seed + id) }));
    again.sort((a, b) => (a.number < b.number ? -1 : 1));
    expect(file.entries.map(({ id, number }) => ({ id, number }))).toEqual(again);
    expect(file.entries.map(({ place }) => place)).toEqual([1, 2, 3, 4, 5]);
    expect(file.entries.map(({ result }) => result)).toEqual(['won', 'won', 'waiting', 'waiting', 'waiting']);
    for (const person of residents) {
      for (const secret of [person.id, person.phone, person.vehicleIds[0]!])
        expect(JSON.stringify(file)).not.toContain(secret);
    }
  });

  test('gives each entry its result: winners have the whole month, the others wait in the order of the draw', async () => {
    for (const person of residents) await enter(person);
    site.clock.set('2026-11-21T00:00:00+08:00');
    await sweepSite(site);
    const mine = await Promise.all(residents.map(async (person) => ({ person, entry: (await round(person)).mine[0] })));
    const inOrder = mine.toSorted((a, b) => a.entry.place - b.entry.place);
    for (const { person, entry } of inOrder.slice(0, 2)) {
      const { body } = await person.get(`/bookings/${entry.bookingId}`);
      expect([body.state, body.lines.length, body.priceFen]).toEqual(['confirmed', 31, 30_000]);
    }
    const positions = await Promise.all(
      inOrder
        .slice(2)
        .map(async ({ person, entry }) => (await person.get(`/waitlist/${entry.waitlistId}`)).body.position),
    );
    expect(positions).toEqual([1, 2, 3]);
    const [winner] = inOrder;
    await winner!.person.post(`/bookings/${winner!.entry.bookingId}/cancel`, {});
    const next = inOrder[2]!;
    expect((await next.person.get(`/waitlist/${next.entry.waitlistId}`)).body.state).toBe('offered');
    expect((await examine(site.db)).broken.filter(({ siteId }) => siteId === site.id)).toEqual([]);
  });

  test('is done once, however often the sweep runs', async () => {
    for (const person of residents) await enter(person);
    site.clock.set('2026-11-21T00:00:00+08:00');
    await sweepSite(site);
    const [file, rows] = [await published(), await site.rows()];
    await sweepSite(site);
    expect([await published(), await site.rows()]).toEqual([file, rows]);
  });

  test('refuses a car that cannot come any more, and says why; the next one moves up', async () => {
    for (const person of residents.slice(0, 3)) await enter(person);
    await site.db.query('UPDATE vehicle SET verified_at = NULL WHERE id = $1', [residents[0]!.vehicleIds[0]]);
    site.clock.set('2026-11-21T00:00:00+08:00');
    await sweepSite(site);
    const [first, ...others] = await Promise.all(
      residents.slice(0, 3).map(async (person) => (await round(person)).mine[0]),
    );
    expect([first.result, first.reason]).toEqual(['refused', 'vehicle-unverified']);
    expect(others.map(({ result }) => result)).toEqual(['won', 'won']);
  });

  test('leaves out a night that the lender has closed', async () => {
    await closeSlot(site, (await slotOn(site, nightLot, '2026-12-20')).id);
    await enter(residents[0]!);
    site.clock.set('2026-11-21T00:00:00+08:00');
    await sweepSite(site);
    const { bookingId } = (await round(residents[0])).mine[0];
    const { body } = await residents[0]!.get(`/bookings/${bookingId}`);
    expect([body.lines.length, body.details.missingNights]).toEqual([30, ['2026-12-20']]);
  });

  test('nobody entered is over at once', async () => {
    site.clock.set('2026-11-21T00:00:00+08:00');
    await sweepSite(site);
    expect((await round()).state).toBe('done');
    const [person] = residents;
    expect((await person!.post('/bookings', aMonth(person!))).status).toBe(201);
  });
});
