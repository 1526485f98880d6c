import { afterEach, describe, expect, test } from 'vitest';
import { siteRow } from '../../db/seed/caohejing.ts';
import { demoPeople } from '../../db/seed/demo-people.ts';
import { aDayAgreement } from '../support/agreements.ts';
import type { AnyBody } from '../support/call.ts';
import { expectInvariants } from '../support/invariants.ts';
import { newPerson, aResident } from '../support/person.ts';
import {
  administrator,
  countedSlots,
  race,
  seededDatabase,
  signIn,
  startProcesses,
  stopProcesses,
  tally,
  type Process,
} from '../support/racing.ts';

let running: Process[] = [];
afterEach(async () => {
  await stopProcesses(running);
  running = [];
});

const night = 'guangqi-night';
const date = '2026-11-25';
const phoneOf = (role: string) => demoPeople.find((person) => person.role === role)?.phone ?? '';

async function residents(count: number): Promise<{ token: string; vehicleId: string }[]> {
  const people = [];
  for (let number = 0; number < count; number++) people.push(await newPerson(running[0]!.db, siteRow.id, aResident()));
  const tokens = await signIn(
    running[0]!,
    people.map(({ phone }) => phone),
  );
  return people.map(({ vehicleIds }, index) => ({ token: tokens[index]!, vehicleId: vehicleIds[0]! }));
}

async function nightId(): Promise<string> {
  const [slot] = await countedSlots(running[0]!.db, night, date);
  return String(slot?.id);
}

describe('agreements on three processes', () => {
  test('of proposals that would overfill a lot together, only one is confirmed where only one fits', async () => {
    running = await startProcesses(3, await seededDatabase());
    const [token] = await signIn(running[0]!, [administrator]);
    const ids: string[] = [];
    for (let number = 0; number < 9; number++) {
      const body = { resourceId: null, terms: aDayAgreement({ quota: 16 }), effectiveFrom: date, reason: '新协议' };
      const made = await running[0]!.call<AnyBody>('/parking/agreement-proposals', { token, body });
      ids.push(made.body.proposal.id);
    }
    const answers = await race(running, ids, ({ call }, id) =>
      call(`/parking/agreement-proposals/${id}/confirm`, { token, body: {} }),
    );
    // The lot has 30 spaces.
    expect(tally(answers)).toEqual({ '200': 1, '422 /problems/rule': 8 });
    expect(new Set(answers.map(({ body }) => body['rule']))).toEqual(new Set([undefined, 'lot-overbooked']));
    const [lent] = await running[0]!.db.query<{ most: number }>(
      `SELECT max(sum) AS most FROM (SELECT sum(capacity)::int FROM slot WHERE resource_id LIKE 'guangqi-day%' GROUP BY service_date) s`,
    );
    expect(lent?.most).toBe(16);
    await expectInvariants(running[0]!.db);
  });

  test('one proposal is confirmed once, however often it is at once', async () => {
    running = await startProcesses(3, await seededDatabase());
    const [token, other] = await signIn(running[0]!, [phoneOf('provider'), phoneOf('committee')]);
    const { body } = await running[0]!.call<AnyBody>(`/parking/agreements/${night}`, { token });
    const made = await running[0]!.call<AnyBody>('/parking/agreement-proposals', {
      token,
      body: { resourceId: night, terms: { ...body.terms, quota: 25 }, effectiveFrom: date, reason: '商定' },
    });
    const answers = await race(running, Array.from({ length: 20 }), ({ call }) =>
      call(`/parking/agreement-proposals/${made.body.proposal.id}/confirm`, { token: other, body: {} }),
    );
    expect(tally(answers)).toEqual({ '200': 1, '422 /problems/rule': 19 });
    expect((await countedSlots(running[0]!.db, night, date))[0]?.capacity).toBe(25);
    await expectInvariants(running[0]!.db);
  });

  test('who books while the terms change has the night as it was drafted, or as it is now, and never another', async () => {
    running = await startProcesses(3, await seededDatabase());
    const { db } = running[0]!;
    const [token, other] = await signIn(running[0]!, [phoneOf('provider'), phoneOf('committee')]);
    const { body } = await running[0]!.call<AnyBody>(`/parking/agreements/${night}`, { token });
    const terms = {
      ...body.terms,
      quota: 20,
      nightlyFen: 900,
      window: { from: '19:30', to: '07:00', endsNextDay: true },
    };
    const made = await running[0]!.call<AnyBody>('/parking/agreement-proposals', {
      token,
      body: { resourceId: night, terms, effectiveFrom: date, reason: '商定' },
    });
    const drivers = await residents(60);
    const slotId = await nightId();
    const everything = [...drivers.slice(0, 20), null, ...drivers.slice(20)];
    const answers = await race(running, everything, ({ call }, driver) =>
      driver === null
        ? call(`/parking/agreement-proposals/${made.body.proposal.id}/confirm`, { token: other, body: {} })
        : call('/bookings', {
            token: driver.token,
            body: { kind: 'parking', slotIds: [slotId], vehicleId: driver.vehicleId },
          }),
    );
    expect(answers[20]?.status).toBe(200);
    const [slot] = await countedSlots(db, night, date);
    expect([slot?.capacity, slot?.units]).toEqual([20, slot?.taken]);
    expect(slot!.taken).toBeGreaterThan(0);
    const others = await db.query(
      `SELECT b.id FROM booking b JOIN booking_line l ON l.site_id = b.site_id AND l.booking_id = b.id
       JOIN slot s ON s.site_id = l.site_id AND s.id = l.slot_id
       WHERE s.id = $1 AND b.state = 'confirmed' AND (b.starts_at, b.ends_at, b.price_fen) <> (s.starts_at, s.ends_at, s.price_fen)`,
      [Number(slotId)],
    );
    expect(others).toEqual([]);
    await expectInvariants(db);
  });

  test('spaces that are taken back while people book leave no night above what is left', async () => {
    running = await startProcesses(3, await seededDatabase());
    const { db } = running[0]!;
    const [token] = await signIn(running[0]!, [phoneOf('provider')]);
    const drivers = await residents(50);
    const slotId = await nightId();
    const withdrawal = { from: date, to: date, spaces: 9, reason: '活动' };
    const everything = [...drivers.slice(0, 15), null, ...drivers.slice(15, 30), null, ...drivers.slice(30)];
    const answers = await race(running, everything, ({ call }, driver) =>
      driver === null
        ? call(`/parking/agreements/${night}/withdrawals`, { token, body: withdrawal })
        : call('/bookings', {
            token: driver.token,
            body: { kind: 'parking', slotIds: [slotId], vehicleId: driver.vehicleId },
          }),
    );
    expect([answers[15]?.status, answers[31]?.status]).toEqual([200, 200]);
    const [slot] = await countedSlots(db, night, date);
    expect([slot?.capacity, slot?.units]).toEqual([12, slot?.taken]);
    expect(slot!.taken).toBeLessThanOrEqual(12);
    await expectInvariants(db);
  });
});
