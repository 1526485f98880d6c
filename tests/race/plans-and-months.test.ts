import { afterEach, describe, expect, test } from 'vitest';
import { expectInvariants } from '../support/invariants.ts';
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

describe('200 residents race for a month of 30 spaces, all or nothing', () => {
  test('no night is sold more than 30 times, and nobody gets a part of a month', async () => {
    running = await startProcesses(3, await seededDatabase());
    const { db } = running[0]!;
    const cars = await giveCars(running[0]!.db, employeeIds(200));
    const tokens = await signIn(running[0]!, employees(200));
    const answers = await race(running, cars, ({ call }, vehicleId) =>
      call('/bookings', {
        token: tokens[cars.indexOf(vehicleId)],
        body: { kind: 'parking', resourceId: 'guangqi-night', month: '2026-12', vehicleId },
      }),
    );
    expect(tally(answers)).toEqual({ '201': 30, '409 /problems/slot-full': 170 });
    const nights = await countedSlots(db, 'guangqi-night', '2026-12-01', '2026-12-31');
    expect(nights.map(({ units }) => units)).toEqual(Array.from({ length: 31 }, () => 30));
    await expectInvariants(db);
  });

  test('single nights racing with months never leave a month in part', async () => {
    running = await startProcesses(3, await seededDatabase());
    const { db } = running[0]!;
    const cars = await giveCars(running[0]!.db, employeeIds(200));
    const tokens = await signIn(running[0]!, employees(200));
    const nights = await countedSlots(db, 'guangqi-night', '2026-12-01', '2026-12-31');
    const wishes = cars.map((vehicleId, index) => {
      const night = nights[(index * 7) % nights.length]!;
      const isMonth = index % 2 === 0;
      const wish = isMonth ? { resourceId: 'guangqi-night', month: '2026-12' } : { slotIds: [String(night.id)] };
      return { token: tokens[index], body: { kind: 'parking', vehicleId, ...wish } };
    });
    const answers = await race(running, wishes, ({ call }, wish) => call('/bookings', wish));
    expect(Object.keys(tally(answers)).toSorted()).toEqual(['201', '409 /problems/slot-full']);
    const sizes = await db.query<{ nights: number; month: string | null }>(
      `SELECT count(*)::int AS nights, b.details->>'month' AS month FROM booking b
       JOIN booking_line l ON l.site_id = b.site_id AND l.booking_id = b.id GROUP BY b.site_id, b.id`,
    );
    expect(sizes.length).toBe(answers.filter(({ status }) => status === 201).length);
    expect(sizes.filter(({ nights: count, month }) => count !== (month === null ? 1 : 31))).toEqual([]);
    const after = await countedSlots(db, 'guangqi-night', '2026-12-01', '2026-12-31');
    expect(Math.max(...after.map(({ units }) => units))).toBe(30);
    await expectInvariants(db);
  });
});

describe('100 day plans race for a lunch window of five', () => {
  test('five people get shuttle and lunch, and nobody gets one without the other', async () => {
    running = await startProcesses(3, await seededDatabase());
    const { db, call } = running[0]!;
    const serviceDate = '2026-11-24';
    const [window] = await db.query<{ id: number }>(
      `UPDATE slot SET capacity = 5 WHERE id = (
         SELECT id FROM slot WHERE resource_id = 'innovation' AND service_date = $1 ORDER BY starts_at LIMIT 1) RETURNING id`,
      [serviceDate],
    );
    const tokens = await signIn(running[0]!, employees(100));
    const slotId = String(window?.id);
    // Tomorrow's menu is published today at 15:00; the clock stands before it, so the window is opened by hand.
    await db.query(
      `UPDATE slot SET opens_at = '2026-11-23T00:00:00Z' WHERE kind IN ('canteen', 'dish') AND service_date = $1`,
      [serviceDate],
    );
    const menu = await call<{ items: { id: string }[] }>(`/menus?slotId=${slotId}`);
    const dishId = menu.body.items[0]?.id;
    const lunch = { kind: 'canteen', slotId, items: [{ dishId, quantity: 1 }] };
    const shuttle = {
      kind: 'shuttle',
      runId: 'run-2',
      serviceDate,
      boardStopId: 'metro-l9',
      alightStopId: 'hq',
      seats: 1,
    };
    const plans = tokens.map((token, index) => ({
      token,
      body: { bookings: index % 2 === 0 ? [shuttle, lunch] : [lunch, shuttle] },
    }));
    const answers = await race(running, plans, (process, plan) => process.call('/bookings/bundle', plan));
    expect(tally(answers)).toEqual({ '201': 5, '409 /problems/slot-full': 95 });
    const legs = await countedSlots(db, 'run-2', serviceDate);
    expect(legs.map(({ units }) => units)).toEqual([5, 5, 0, 0, 0, 0]);
    const windows = await countedSlots(db, 'innovation', serviceDate);
    expect(windows[0]?.units).toBe(5);
    await expectInvariants(db);
  });
});

describe('a month that takes the last free nights', () => {
  test('is answered with the same booking when it is asked for again with its key', async () => {
    running = await startProcesses(2, await seededDatabase());
    const [car] = await giveCars(running[0]!.db, employeeIds(1));
    const [token] = await signIn(running[0]!, employees(1));
    await running[0]!.db.query(`UPDATE slot SET capacity = 1 WHERE resource_id = 'guangqi-night'`);
    const body = { kind: 'parking', resourceId: 'guangqi-night', month: '2026-12', vehicleId: car, allowPartial: true };
    const wish = { token, body, headers: { 'idempotency-key': 'december' } };
    const first = await running[0]!.call('/bookings', wish);
    expect(first.status).toBe(201);
    const again = await running[1]!.call('/bookings', wish);
    expect([again.status, again.body['id']]).toEqual([201, first.body['id']]);
    expect(again.headers.get('idempotent-replay')).toBe('true');
    const other = await running[1]!.call('/bookings', { ...wish, body: { ...body, month: '2026-11' } });
    expect(tally([other])).toEqual({ '422 /problems/key-reused': 1 });
  });
});
