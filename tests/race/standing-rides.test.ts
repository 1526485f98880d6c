import { afterEach, expect, test } from 'vitest';
import { parseInstant } from '../../api/calendar/time.ts';
import { freshSlots } from '../../api/engine/kept-slots.ts';
import { loadSurroundings } from '../../api/services/context.ts';
import { topUpSlots } from '../../api/services/publish.ts';
import { sweepStandingRides } from '../../api/services/shuttle/standing/standing-sweep.ts';
import { siteRow } from '../../db/seed/caohejing.ts';
import { expectInvariants } from '../support/invariants.ts';
import {
  employees,
  now,
  seededDatabase,
  signIn,
  startProcesses,
  stopProcesses,
  type Process,
} from '../support/racing.ts';

let processes: Process[] = [];
afterEach(() => stopProcesses(processes));

async function sweepAt({ db }: Process, at: number): Promise<number> {
  const surroundings = await loadSurroundings(db, siteRow.code);
  await topUpSlots(db, surroundings, at);
  return sweepStandingRides({ db, slots: freshSlots(db), now: at, ...surroundings });
}

test('many processes that sweep at once book one seat a day for each standing ride, and no more than there are', async () => {
  processes = await startProcesses(3, await seededDatabase());
  const [first] = processes as [Process];
  const tokens = await signIn(first, employees(30));
  const body = {
    runId: 'run-2',
    boardStopId: 'metro-l9',
    alightStopId: 'guangqi',
    seats: 1,
    from: '2026-12-02',
    until: '2026-12-03',
  };
  for (const token of tokens) expect((await first.call('/shuttle/standing-rides', { token, body })).status).toBe(201);
  expect(parseInstant(now)).toBeLessThan(parseInstant('2026-11-25T00:00:00+08:00'));

  const at = parseInstant('2026-11-25T00:00:00+08:00');
  const looked = await Promise.all(processes.flatMap((process) => [sweepAt(process, at), sweepAt(process, at)]));
  expect(looked.reduce((sum, count) => sum + count, 0)).toBe(30);

  const rows = await first.db.query<{ outcome: string; days: number; bookings: number }>(
    `SELECT outcome, count(*)::int AS days, count(DISTINCT booking_id)::int AS bookings FROM standing_ride_day GROUP BY outcome ORDER BY outcome`,
  );
  expect(rows).toEqual([
    { outcome: 'booked', days: 22, bookings: 22 },
    { outcome: 'full', days: 8, bookings: 0 },
  ]);
  const [made] = await first.db.query<{ count: number }>('SELECT count(*)::int AS count FROM booking');
  expect(made?.count).toBe(22);
  await expectInvariants(first.db);
});
