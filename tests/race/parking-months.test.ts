import { afterEach, describe, expect, test } from 'vitest';
import { parseInstant } from '../../api/calendar/time.ts';
import { sweep } from '../../api/sweep.ts';
import type { Db, OpenDb, Queries } from '../../db/db.ts';
import { siteRow } from '../../db/seed/caohejing.ts';
import { expectInvariants } from '../support/invariants.ts';
import { lookForDeadlocksSoon } from '../support/fresh-database.ts';
import {
  countedSlots,
  employeeIds,
  employees,
  race,
  seededDatabase,
  signIn,
  startProcesses,
  stopProcesses,
  tally,
  type Process,
} from '../support/racing.ts';
import { giveCars } from '../support/resident-cars.ts';

let running: Process[] = [];
afterEach(async () => {
  await stopProcesses(running);
  running = [];
});

const lot = 'guangqi-night';
const monthOf = (vehicleId: string, month = '2026-12', change: object = {}) => ({
  kind: 'parking',
  resourceId: lot,
  month,
  vehicleId,
  ...change,
});

/** Residents with a car each, signed in, on so many processes. */
async function residents(count: number, processes = 2) {
  const url = await seededDatabase();
  await lookForDeadlocksSoon(url);
  running = await startProcesses(processes, url);
  const cars = await giveCars(running[0]!.db, employeeIds(count));
  const tokens = await signIn(running[0]!, employees(count));
  return cars.map((vehicleId, index) => ({ vehicleId, token: tokens[index]! }));
}

async function nightsOfBookings(db: Db): Promise<Record<string, number>> {
  const rows = await db.query<{ nights: number; month: string }>(
    `SELECT count(*)::int AS nights, b.details->>'month' AS month FROM booking b
     JOIN booking_line l ON l.site_id = b.site_id AND l.booking_id = b.id
     WHERE b.state = 'confirmed' GROUP BY b.site_id, b.id`,
  );
  return Object.fromEntries(
    Object.entries(Object.groupBy(rows, ({ nights, month }) => `${month}: ${nights}`)).map(([name, list]) => [
      name,
      list!.length,
    ]),
  );
}

describe('200 residents race for a month while ten holders may renew', () => {
  test('20 of them get it whole, the ten renew, no night is over 30', async () => {
    const people = await residents(210);
    const [holders, others] = [people.slice(0, 10), people.slice(10)];
    const { db } = running[0]!;
    const held = await race(running, holders, ({ call }, { token, vehicleId }) =>
      call('/bookings', { token, body: monthOf(vehicleId, '2026-11') }),
    );
    expect(tally(held)).toEqual({ '201': 10 });
    const answers = await race(running, others, ({ call }, { token, vehicleId }) =>
      call('/bookings', { token, body: monthOf(vehicleId) }),
    );
    expect(tally(answers)).toEqual({ '201': 20, '422 /problems/rule': 180 });
    const renewed = await race(running, holders, ({ call }, { token, vehicleId }) =>
      call('/bookings', { token, body: monthOf(vehicleId) }),
    );
    expect(tally(renewed)).toEqual({ '201': 10 });
    const nights = await countedSlots(db, lot, '2026-12-01', '2026-12-31');
    expect(nights.map(({ units }) => units)).toEqual(Array(31).fill(30));
    expect(await nightsOfBookings(db)).toEqual({ '2026-11: 8': 10, '2026-12: 31': 30 });
    await expectInvariants(db);
  });
});

describe('giving nights back', () => {
  async function aHeldMonth() {
    const people = await residents(30);
    const [holder] = people;
    const { body } = await running[0]!.call<{ id: string; lines: { slotId: string; serviceDate: string }[] }>(
      '/bookings',
      { token: holder!.token, body: monthOf(holder!.vehicleId) },
    );
    return { people, holder: holder!, month: body };
  }
  const path = (id: string) => `/parking/bookings/${id}/release-nights`;

  test('the same night 40 times at once is given back and credited once', async () => {
    const { holder, month } = await aHeldMonth();
    const { db } = running[0]!;
    const slotIds = [month.lines[9]!.slotId];
    const answers = await race(running, Array.from({ length: 40 }), ({ call }) =>
      call(path(month.id), { token: holder.token, body: { slotIds } }),
    );
    expect(tally(answers)).toEqual({ '200': 1, '422 /problems/rule': 39 });
    const [night] = await countedSlots(db, lot, '2026-12-10');
    expect([night!.taken, night!.units]).toEqual([0, 0]);
    expect(await credits(db)).toEqual([967]);
    await expectInvariants(db);
  });

  test('with one key at once is one release, answered alike', async () => {
    const { holder, month } = await aHeldMonth();
    const wish = { token: holder.token, body: { slotIds: [month.lines[9]!.slotId] } };
    const headers = { 'idempotency-key': 'once' };
    const answers = await race(running, Array.from({ length: 20 }), ({ call }) =>
      call(path(month.id), { ...wish, headers }),
    );
    expect(Object.keys(tally(answers)).filter((name) => !['200', '409 /problems/in-flight'].includes(name))).toEqual(
      [],
    );
    expect(await credits(running[0]!.db)).toEqual([967]);
  });

  test('every night at once, while the month is cancelled and others take the nights, leaves nothing askew', async () => {
    const { people, holder, month } = await aHeldMonth();
    const { db } = running[0]!;
    type Step = { token: string; path: string; body: object };
    const releases: Step[] = month.lines.map(({ slotId }) => ({
      token: holder.token,
      path: path(month.id),
      body: { slotIds: [slotId] },
    }));
    const takers: Step[] = people.slice(1).map(({ token, vehicleId }, index) => ({
      token,
      path: '/bookings',
      body: { kind: 'parking', slotIds: [month.lines[index]!.slotId], vehicleId, joinWaitlist: true },
    }));
    const cancel: Step = { token: holder.token, path: `/bookings/${month.id}/cancel`, body: {} };
    const steps = [...releases, ...takers].flatMap((step, index) => (index === 25 ? [step, cancel] : [step]));
    const answers = await race(running, steps, ({ call }, { path: to, ...wish }) => call(to, wish));
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
    const nights = await countedSlots(db, lot, '2026-12-01', '2026-12-31');
    for (const { taken, units } of nights) expect(taken).toBe(units);
    // What was given back before the month was cancelled goes back with it.
    expect((await credits(db)).every((fen) => fen === 0)).toBe(true);
    await expectInvariants(db);
  });

  test('a released night is offered once, to the one who has waited longest, whoever else comes at that moment', async () => {
    const { people, holder, month } = await aHeldMonth();
    const { db } = running[0]!;
    const slotId = month.lines[9]!.slotId;
    await db.query('UPDATE slot SET capacity = 1 WHERE id = $1', [slotId]);
    const waits: string[] = [];
    for (const { token, vehicleId } of people.slice(1, 4)) {
      const body = { kind: 'parking', slotIds: [slotId], vehicleId, joinWaitlist: true };
      waits.push(String((await running[0]!.call('/bookings', { token, body })).body['id']));
    }
    const newcomers = people.slice(4).map(({ token, vehicleId }) => ({
      token,
      path: '/bookings',
      body: { kind: 'parking', slotIds: [slotId], vehicleId },
    }));
    const release = { token: holder.token, path: path(month.id), body: { slotIds: [slotId] } };
    const answers = await race(running, [release, ...newcomers], ({ call }, { path: to, ...wish }) => call(to, wish));
    expect(tally(answers)).toEqual({ '200': 1, '409 /problems/slot-full': newcomers.length });
    const states = await db.query<{ id: number; state: string }>('SELECT id, state FROM waitlist_entry ORDER BY id');
    expect(states.map(({ state }) => state)).toEqual(['offered', 'waiting', 'waiting']);
    expect(states.map(({ id }) => String(id))).toEqual(waits);
  });
});

describe('credit that two months ask for at once', () => {
  test('is spent once', async () => {
    const [holder] = await residents(1);
    const { db } = running[0]!;
    const { token, vehicleId } = holder!;
    const { body: now } = await running[0]!.call<{ id: string; lines: { slotId: string }[] }>('/bookings', {
      token,
      body: monthOf(vehicleId, '2026-11'),
    });
    await running[0]!.call(`/parking/bookings/${now.id}/release-nights`, {
      token,
      body: { slotIds: [now.lines[5]!.slotId] },
    });
    const [second] = await db.query<{ id: string }>(
      `INSERT INTO vehicle (site_id, id, person_id, plate, plate_class, verified_at)
       SELECT site_id, gen_random_uuid(), person_id, '沪C00001', 'ordinary', verified_at FROM vehicle WHERE id = $1 RETURNING id`,
      [vehicleId],
    );
    const answers = await race(running, [vehicleId, second!.id], ({ call }, car) =>
      call('/bookings', { token, body: monthOf(car) }),
    );
    expect(tally(answers)).toEqual({ '201': 2 });
    expect(await credits(db)).toEqual([0]);
    const paid = await db.query<{ creditFen: number }>(
      `SELECT (details->>'creditFen')::int AS "creditFen" FROM booking WHERE details->>'month' = '2026-12' ORDER BY 1`,
    );
    expect(paid.map(({ creditFen }) => creditFen)).toEqual([0, 1500]);
    await expectInvariants(db);
  });
});

describe('a draw of 200 cars for 30 spaces', () => {
  const closing = parseInstant('2026-11-21T00:00:00+08:00');
  const at = (instant: number) => ({ now: () => instant });

  async function anOpenRound() {
    running = await startProcesses(2, await seededDatabase());
    const { db } = running[0]!;
    await db.query(`UPDATE resource SET facts = facts || '{"monthlyRound": "draw"}' WHERE id = $1`, [lot]);
    await sweep(db, at(parseInstant('2026-11-16T09:00:00+08:00')), siteRow.code);
    const cars = await giveCars(db, employeeIds(200));
    const [round] = await db.query<{ id: string }>('SELECT id FROM parking_round');
    await db.query(
      `INSERT INTO parking_round_entry (site_id, id, round_id, person_id, vehicle_id, entered_at)
       SELECT $1, gen_random_uuid(), $2, v.person_id, v.id, now() FROM vehicle v WHERE v.id = ANY($3::uuid[])`,
      [siteRow.id, round!.id, cars],
    );
    return db;
  }

  async function expectDrawn(db: Db): Promise<void> {
    const entries = await db.query<{
      place: number;
      result: string;
      bookingId: string | null;
      waitlistId: number | null;
    }>(
      `SELECT place, result, booking_id AS "bookingId", waitlist_id AS "waitlistId" FROM parking_round_entry ORDER BY place`,
    );
    expect(entries.map(({ place }) => place)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
    const results = entries.map(({ result }) => result);
    expect(results).toEqual([...Array(30).fill('won'), ...Array(170).fill('waiting')]);
    const queue = entries.slice(30).map(({ waitlistId }) => waitlistId!);
    expect(queue).toEqual(queue.toSorted((a, b) => a - b));
    expect(await nightsOfBookings(db)).toEqual({ '2026-12: 31': 30 });
    await expectInvariants(db);
  }

  test('is drawn once by two processes that sweep at once: in its order, whole months, nobody twice', async () => {
    const db = await anOpenRound();
    const sweeps = running.flatMap((process) => [process, process]);
    await Promise.all(sweeps.map((process) => sweep(process.db, at(closing), siteRow.code)));
    // Who found it leased has left it to the other one, which may have been a batch short of the end.
    await sweep(db, at(closing), siteRow.code);
    expect(await db.query('SELECT 1 FROM parking_round WHERE state <> $1', ['done'])).toEqual([]);
    await expectDrawn(db);
  });

  test('that dies after its bookings and before it has told of them is finished by the next sweep, alike', async () => {
    const db = await anOpenRound();
    const dying = failingOn(db, /UPDATE parking_round_entry SET result/);
    await expect(sweep(dying, at(closing), siteRow.code)).rejects.toThrow('died');
    expect(await db.query('SELECT 1 FROM parking_round_entry WHERE result IS NOT NULL')).toEqual([]);
    expect(Object.values(await nightsOfBookings(db))).toEqual([30]);
    await sweep(running[1]!.db, at(closing + 10 * 60_000), siteRow.code);
    await expectDrawn(db);
  });
});

/** A database whose connection is lost when some statement is asked for. */
function failingOn(db: OpenDb, statement: RegExp): OpenDb {
  const query: Queries['query'] = (text, parameters) => {
    if (statement.test(text)) throw new Error('died');
    return db.query(text, parameters);
  };
  return new Proxy(db, { get: (target, name) => (name === 'query' ? query : Reflect.get(target, name)) });
}

async function credits(db: Db): Promise<number[]> {
  const rows = await db.query<{ balanceFen: number }>(
    `SELECT balance_fen AS "balanceFen" FROM account WHERE kind = 'parking-credit'`,
  );
  return rows.map(({ balanceFen }) => balanceFen);
}
