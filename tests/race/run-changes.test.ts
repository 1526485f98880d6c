import { afterEach, expect, test } from 'vitest';
import { siteRow } from '../../db/seed/caohejing.ts';
import { demoPeople } from '../../db/seed/demo-people.ts';
import { expectInvariants } from '../support/invariants.ts';
import {
  employees,
  race,
  seededDatabase,
  signIn,
  startProcesses,
  stopProcesses,
  type Answer,
  type Process,
} from '../support/racing.ts';

let running: Process[] = [];
afterEach(async () => {
  await stopProcesses(running);
  running = [];
});

const dispatcher = demoPeople.find(({ roles }) => roles.some(({ role }) => role === 'dispatcher'))?.phone ?? '';
const runId = 'run-5';
const serviceDate = '2026-11-24';
const stops = ['guangqi', 'hongqin', 'xinhui', 'zhihui', 'hq', 'innovation', 'metro-l9'];

/** Rides either way, of one or two, between stops that follow from the number; some wait in line if it is full. */
const rideOf = (number: number) => {
  const way = number % 3 === 0 ? stops.toReversed() : stops;
  const board = number % 4;
  return {
    ...{ kind: 'shuttle', runId, serviceDate, seats: 1 + (number % 2) },
    ...{ boardStopId: way[board], alightStopId: way[board + 1 + (number % 3)], joinWaitlist: number % 2 === 0 },
  };
};

/** What the dispatcher does to the run, one after the other, while people book it. */
const steps = [
  { kind: 'retimed', departs: '12:20' },
  { kind: 'flipped' },
  { kind: 'retimed', departs: '12:05' },
  { kind: 'flipped', departs: '12:15' },
  { kind: 'cancelled' },
];

type Kept = { id: string; state: string; isToldOf: boolean; isAsItsSlots: boolean };

/** Each acknowledged booking as it is: whether its owner was told if it gave way, and whether it is what its slots and claims say. */
const keptAs = (db: Process['db'], ids: readonly string[]) =>
  db.query<Kept>(
    `SELECT b.id, b.state, EXISTS (SELECT 1 FROM notice n WHERE n.booking_id = b.id AND n.kind = 'displaced') AS "isToldOf",
       (b.starts_at, b.ends_at) = (min(s.starts_at), max(s.ends_at))
         AND b.details->'boardStop'->>'stopId' = (array_agg(s.facts->>'fromStopId' ORDER BY s.starts_at))[1]
         AND b.details->'alightStop'->>'stopId' = (array_agg(s.facts->>'toStopId' ORDER BY s.starts_at DESC))[1]
         AND (SELECT during = tstzrange(b.starts_at, b.ends_at) FROM claim c WHERE c.site_id = b.site_id AND c.booking_id = b.id)
         AS "isAsItsSlots"
     FROM booking b JOIN booking_line l ON l.site_id = b.site_id AND l.booking_id = b.id
     JOIN slot s ON s.site_id = l.site_id AND s.id = l.slot_id
     WHERE b.site_id = $1 AND b.id = ANY($2::uuid[]) GROUP BY b.site_id, b.id`,
    [siteRow.id, ids],
  );

/** Those of whom nobody knows: not on the run as it is now, not told that they gave way, and not gone by themselves. */
async function lostOf(db: Process['db'], booked: readonly string[]) {
  const kept = await keptAs(db, booked);
  expect(kept).toHaveLength(booked.length);
  return kept.filter(({ state, isToldOf, isAsItsSlots }) => {
    if (state === 'confirmed') return !isAsItsSlots;
    return state === 'displaced' ? !isToldOf : state !== 'cancelled';
  });
}

test('while people book and cancel, a run is retimed, flipped and cancelled: nobody is lost, each moved, was told, or came after', async () => {
  running = await startProcesses(2, await seededDatabase());
  const [first, second] = running as [Process, Process];
  const riders = await signIn(first, employees(90));
  const [staff] = await signIn(first, [dispatcher]);
  const booked: string[] = [];
  const change = async (step: object) => {
    const path = `/shuttle/runs/${runId}/days/${serviceDate}/changes`;
    const answer = await second.call(path, { token: staff, body: { reason: '车辆故障', ...step } });
    expect([step, answer.status, answer.body]).toEqual([step, 200, expect.objectContaining({ applied: true })]);
    return answer as Answer<{ changeId: string }>;
  };
  for (const [round, step] of steps.entries()) {
    const inRound = riders.map((token, index) => ({ token, number: index + round }));
    const [answers] = await Promise.all([
      race(running, inRound, ({ call }, { token, number }) => call('/bookings', { token, body: rideOf(number) })),
      change(step),
    ]);
    const made = answers.flatMap(({ status, body }, index) =>
      status === 201 ? [{ id: String(body['id']), token: inRound[index]!.token }] : [],
    );
    expect(answers.map(({ status }) => status).filter((status) => status >= 500)).toEqual([]);
    booked.push(...made.map(({ id }) => id));
    const leaving = made.filter((_, index) => index % 5 === 0);
    await race(running, leaving, ({ call }, { id, token }) => call(`/bookings/${id}/cancel`, { token, body: {} }));
    expect([step, await lostOf(first.db, booked)]).toEqual([step, []]);
  }
  expect(booked.length).toBeGreaterThan(30);
  // The run is cancelled: nobody is left on it.
  const rides = (await keptAs(first.db, booked)).map(({ state }) => state);
  expect(rides).toContain('displaced');
  expect(rides).not.toContain('confirmed');
  await expectInvariants(first.db);
  // And back to where it was flipped the second time, with whoever can have their ride again.
  const log = await second.call<{ items: { id: string }[] }>(`/shuttle/run-changes?date=${serviceDate}`, {
    token: staff,
  });
  const undone = await second.call(`/shuttle/run-changes/${log.body.items[0]!.id}/undo`, { token: staff, body: {} });
  expect(undone.status).toBe(200);
  expect(await lostOf(first.db, booked)).toEqual([]);
  expect((await keptAs(first.db, booked)).map(({ state }) => state)).toContain('confirmed');
  await expectInvariants(first.db);
});
