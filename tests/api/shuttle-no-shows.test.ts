import { beforeEach, describe, expect, test } from 'vitest';
import { problemOf, type Call } from '../support/call.ts';
import { expectInvariants } from '../support/invariants.ts';
import { staff, type Person } from '../support/person.ts';
import {
  aPerson,
  at,
  dispatcher,
  passTime,
  rideFrom,
  setNow,
  setScene,
  site,
  standBy,
} from '../support/standby-scene.ts';

let rider: Person & Call;
beforeEach(async () => {
  await setScene(2);
  rider = await aPerson();
});

const book = (date: string, person: Call = rider) =>
  person.post('/bookings', { kind: 'shuttle', ...rideFrom({ from: 0, to: 6, date }) });

/** Books a ride on each of these dates and lets it go without them. @returns the bookings. */
async function miss(dates: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const date of dates) {
    setNow('07:00:00', date);
    await passTime();
    ids.push((await book(date)).body.id);
    for (const time of ['08:08:30', '08:12:00']) {
      setNow(time, date);
      await passTime();
    }
  }
  return ids;
}
const threeDays = ['2026-11-24', '2026-11-25', '2026-11-26'];
const record = async (person: Call = rider) => (await person.get('/shuttle/record')).body;
const noShows = async (date: string, caller: Call = dispatcher) => caller.get(`/shuttle/no-shows?date=${date}`);
const excuse = (id: string, caller: Call = dispatcher) =>
  caller.post(`/shuttle/no-shows/${id}/excuse`, { reason: '班车早开了' });

describe('three missed rides in thirty days', () => {
  test('block booking ahead for seven days and say until when; standing by stays open', async () => {
    await miss(threeDays.slice(0, 2));
    expect((await record()).standing).toMatchObject({ count: 2, blockedUntil: null, blockAt: 3 });
    await miss(threeDays.slice(2));
    const until = at('08:10:00', '2026-12-03');
    const refused = await book('2026-11-27');
    expect([problemOf(refused), refused.body.until]).toEqual(['rule: shuttle-blocked', until]);
    expect(refused.body.detail).toContain('候补');
    expect(
      problemOf(
        await rider.post('/bookings', {
          kind: 'shuttle',
          ...rideFrom({ from: 0, to: 6, date: '2026-11-27' }),
          joinWaitlist: true,
        }),
      ),
    ).toBe('rule: shuttle-blocked');
    expect((await record()).standing).toMatchObject({ count: 3, blockedUntil: until });
    setNow('08:06:00', '2026-11-27');
    expect((await standBy(rider, { from: 0, to: 6, date: '2026-11-27' })).status).toBe(201);
    expect((await book('2026-11-27', await aPerson())).body.rule).toBe('booking-closed');
    setNow('08:09:59', '2026-12-03');
    await passTime();
    expect(problemOf(await book('2026-12-04'))).toBe('rule: shuttle-blocked');
    setNow('08:10:00', '2026-12-03');
    expect((await book('2026-12-04')).status).toBe(201);
    await expectInvariants(site.db);
  });

  test('do not count what the dispatcher excuses, until that is taken back', async () => {
    const [first = ''] = await miss(threeDays);
    expect((await noShows(threeDays[0]!)).body.items).toMatchObject([
      {
        bookingId: first,
        counts: true,
        yielded: true,
        excuse: null,
        person: { phone: expect.stringContaining('****') },
      },
    ]);
    const done = await excuse(first);
    expect(done.body).toMatchObject({ bookingId: first, counts: false, excuse: { reason: '班车早开了' } });
    expect(problemOf(await excuse(first))).toBe('rule: not-a-no-show');
    expect(
      (await record()).items.map(({ outcome, reason }: { outcome: string; reason: string }) => [outcome, reason]),
    ).toEqual([
      ['no-show', null],
      ['no-show', null],
      ['excused', '班车早开了'],
    ]);
    const booked = await book('2026-11-27');
    expect(booked.status).toBe(201);
    await rider.post(`/bookings/${booked.body.id}/cancel`, {});
    const undo = () => dispatcher.post(`/shuttle/no-shows/${first}/undo-excuse`, undefined);
    expect((await undo()).body).toMatchObject({ counts: true, excuse: null });
    expect(problemOf(await undo())).toBe('rule: not-excused');
    expect(problemOf(await book('2026-11-27'))).toBe('rule: shuttle-blocked');
  });

  test('do not count rides that the operator cancelled, before the departure or after', async () => {
    const [first = ''] = await miss(threeDays);
    await site.db.query(
      `WITH gone AS (
         UPDATE slot SET state = 'closed' WHERE site_id = $1 AND resource_id = 'run-2' AND service_date = $2 RETURNING id)
       INSERT INTO event (site_id, at, type, slot_id) SELECT $1, now(), 'slot.closed', id FROM gone`,
      [site.id, threeDays[0]],
    );
    expect((await record()).standing).toMatchObject({ count: 2, blockedUntil: null });
    expect((await noShows(threeDays[0]!)).body.items).toMatchObject([{ counts: false }]);
    expect(problemOf(await excuse(first))).toBe('rule: not-a-no-show');
    expect((await record()).items.at(-1)).toMatchObject({ bookingId: first, outcome: 'displaced' });
    const next = (await book('2026-11-27')).body.id;
    const change = {
      resourceId: 'run-2',
      from: '2026-11-27',
      to: '2026-11-27',
      capacity: 0,
      reason: '车坏了',
      onExcess: 'displace',
    };
    expect((await dispatcher.post('/capacity-changes', change)).status).toBeLessThan(300);
    setNow('08:12:00', '2026-11-27');
    await passTime();
    expect((await record()).standing).toMatchObject({ count: 2 });
    expect((await record()).items[0]).toMatchObject({ bookingId: next, outcome: 'displaced' });
  });

  test('are seen and excused by those who run the shuttles only', async () => {
    const [first = ''] = await miss(threeDays.slice(0, 1));
    for (const other of [
      rider,
      await site.person(staff('canteen-manager')),
      await site.person(staff('dispatcher', 'street')),
    ]) {
      expect(problemOf(await noShows(threeDays[0]!, other))).toBe('not-found');
      expect(problemOf(await excuse(first, other))).toBe('not-found');
    }
    expect(problemOf(await excuse((await book('2026-11-27')).body.id))).toBe('not-found');
    expect((await record(await aPerson())).items).toEqual([]);
  });

  test('are asked for together when many book at once, and each gets their own answer', async () => {
    await miss(threeDays);
    const others = await Promise.all([aPerson(), aPerson()]);
    const answers = await Promise.all([...others, rider, rider].map((person) => book('2026-11-27', person)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 422, 422]);
  });
});
