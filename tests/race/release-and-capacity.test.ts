import { afterEach, describe, expect, test } from 'vitest';
import type { AdmissionRequest } from '../../api/engine/types.ts';
import type { OpenDb } from '../../db/db.ts';
import { siteRow } from '../../db/seed/caohejing.ts';
import { lookForDeadlocksSoon } from '../support/fresh-database.ts';
import { expectInvariants } from '../support/invariants.ts';
import {
  administrator,
  countedSlots,
  employeeIds,
  employees,
  race,
  seededDatabase,
  signIn,
  startProcesses,
  stopProcesses,
  tally,
  withinTries,
  type Process,
  type Wrap,
} from '../support/racing.ts';
import { slowDownSlots } from '../support/slow-slots.ts';
import { withoutRowLocks } from '../support/unguarded.ts';

let running: Process[] = [];
afterEach(async () => {
  await stopProcesses(running);
  running = [];
});

const runId = 'run-2';
const serviceDate = '2026-11-24';
const ride = { kind: 'shuttle', runId, serviceDate, boardStopId: 'metro-l9', alightStopId: 'guangqi', seats: 1 };

/** Everybody rides from end to end; the ids of the bookings, empty for those who were refused. */
async function bookAll(tokens: readonly string[]): Promise<string[]> {
  const answers = await race(running, tokens, ({ call }, token) => call('/bookings', { token, body: ride }));
  return answers.map(({ status, body }) => (status === 201 ? String(body['id']) : ''));
}

async function eventsOf(db: OpenDb, type: string): Promise<number> {
  const [row] = await db.query<{ count: number }>('SELECT count(*)::int AS count FROM event WHERE type = $1', [type]);
  return row?.count ?? 0;
}

describe('cancelling', () => {
  test('the same cancel 50 times at once gives the seat back once', async () => {
    running = await startProcesses(3, await seededDatabase());
    const { db } = running[0]!;
    const tokens = await signIn(running[0]!, employees(3));
    const [mine] = await bookAll(tokens);
    const answers = await race(running, Array.from({ length: 50 }), ({ call }) =>
      call(`/bookings/${mine}/cancel`, { token: tokens[0], body: {} }),
    );
    expect(tally(answers)).toEqual({ '200': 50 });
    expect(answers.every(({ body }) => body['state'] === 'cancelled')).toBe(true);
    expect((await countedSlots(db, runId, serviceDate)).map(({ taken }) => taken)).toEqual([2, 2, 2, 2, 2, 2]);
    expect(await eventsOf(db, 'booking.cancelled')).toBe(1);
    await expectInvariants(db);
  });

  test('while cancels race with bookings, every seat that comes back is sold once', async () => {
    running = await startProcesses(3, await seededDatabase());
    const { db } = running[0]!;
    const tokens = await signIn(running[0]!, employees(150));
    const riders = tokens.slice(0, 22);
    const bookings = await bookAll(riders);
    type Step = { token: string; path: string; body: object };
    const cancels: Step[] = [0, 1, 2].flatMap(() =>
      riders.map((token, index) => ({ token, path: `/bookings/${bookings[index]}/cancel`, body: {} })),
    );
    const newcomers: Step[] = tokens.slice(22).map((token) => ({ token, path: '/bookings', body: ride }));
    const mixed = [...cancels, ...newcomers].toSorted((a, b) => (a.token < b.token ? -1 : 1));
    const answers = await race(running, mixed, ({ call }, { path, ...wish }) => call(path, wish));
    const counts = tally(answers);
    expect(counts['200']).toBe(cancels.length);
    const sold = counts['201'] ?? 0;
    expect((counts['409 /problems/slot-full'] ?? 0) + sold).toBe(newcomers.length);
    expect(sold).toBeLessThanOrEqual(22);
    expect((await countedSlots(db, runId, serviceDate)).map(({ taken }) => taken)).toEqual(Array(6).fill(sold));
    expect(await eventsOf(db, 'booking.cancelled')).toBe(22);
    await expectInvariants(db);
  });
});

describe('changing the capacity while people book and cancel', () => {
  test('a cut is made on every leg or refused, and nobody is left without a seat', async () => {
    running = await startProcesses(3, await seededDatabase());
    const { db } = running[0]!;
    const tokens = await signIn(running[0]!, employees(90));
    const [admin] = await signIn(running[0]!, [administrator]);
    const slotIds = (await countedSlots(db, runId, serviceDate)).map(({ id }) => String(id));
    const bookings = await bookAll(tokens.slice(0, 15));
    const cuts = [10, 14, 18, 22, 12, 16, 20, 24, 8, 30].map((capacity) => ({
      token: admin,
      path: '/capacity-changes',
      body: { slotIds, capacity, reason: 'race', onExcess: 'refuse', dryRun: false },
    }));
    const cancels = bookings.map((id, index) => ({ token: tokens[index], path: `/bookings/${id}/cancel`, body: {} }));
    const newcomers = tokens.slice(15).map((token) => ({ token, path: '/bookings', body: ride }));
    const steps = newcomers.flatMap((step, index) =>
      [step, cancels[index], cuts[index]].filter((one) => one !== undefined),
    );
    const answers = await race(running, steps, ({ call }, { path, ...wish }) => call(path, wish));
    const allowed = ['200', '201', '409 /problems/below-booked', '409 /problems/slot-full'];
    expect(Object.keys(tally(answers)).filter((name) => !allowed.includes(name))).toEqual([]);
    const legs = await countedSlots(db, runId, serviceDate);
    // A change touches all legs or none, so they still agree.
    expect(new Set(legs.map(({ capacity }) => capacity)).size).toBe(1);
    expect(new Set(legs.map(({ taken }) => taken)).size).toBe(1);
    const changed = steps.filter(({ path }, index) => path === '/capacity-changes' && answers[index]?.status === 200);
    expect(changed.length).toBeGreaterThan(0);
    await expectInvariants(db);
  });
});

describe('requests for several slots in any order', () => {
  /** So many requests across lanes and three processes; how many deadlocks the server saw. */
  async function deadlocksOf(
    count: number,
    wrap?: Wrap,
  ): Promise<{ deadlocks: number; outcomes: Set<string>; url: string }> {
    const url = await seededDatabase();
    await lookForDeadlocksSoon(url);
    running = await startProcesses(3, url, wrap);
    const legs = await countedSlots(running[0]!.db, runId, serviceDate);
    await running[0]!.db.query('UPDATE slot SET capacity = 200 WHERE id = ANY($1::bigint[])', [
      legs.map(({ id }) => id),
    ]);
    await slowDownSlots(running[0]!.db);
    const wishes = employeeIds(count).map((personId, index) => crossing(personId, legs, index));
    const outcomes = await race(running, wishes, ({ engine }, wish) =>
      engine.admit(wish).then(
        (answer) => (answer.ok ? 'booked' : answer.problem),
        () => 'error',
      ),
    );
    // The server counts a session's deadlocks when it ends.
    await stopProcesses(running);
    running = await startProcesses(1, url);
    const [row] = await running[0]!.db.query<{ deadlocks: number }>(
      'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
    );
    return { deadlocks: row?.deadlocks ?? -1, outcomes: new Set(outcomes), url };
  }

  test('600 of them across lanes and processes end without a deadlock', async () => {
    const { deadlocks, outcomes } = await deadlocksOf(600);
    expect(outcomes).toEqual(new Set(['booked', 'slot-full']));
    expect(deadlocks).toBe(0);
    await expectInvariants(running[0]!.db);
  });

  test(
    'control: without the locks in id order the same requests deadlock, and still nothing is half-made',
    withinTries,
    async () => {
      const { deadlocks } = await deadlocksOf(600, withoutRowLocks);
      expect(deadlocks).toBeGreaterThan(0);
      await expectInvariants(running[0]!.db);
    },
  );
});

/** Three of six slots, chosen and ordered by `index` so that neighbours take them the other way round. */
function crossing(personId: string, legs: readonly { id: number }[], index: number): AdmissionRequest {
  const chosen = [index, index + 1 + (index % 2), index + 4].map((step) => legs[step % legs.length]!.id);
  const slotIds = [...new Set(index % 2 === 0 ? chosen : chosen.toReversed())];
  const startsAt = Date.parse('2026-11-24T08:10:00+08:00');
  const during = { startsAt, endsAt: startsAt + 900_000 };
  return {
    siteId: siteRow.id,
    personId,
    actorId: personId,
    at: Date.parse('2026-11-23T09:00:00+08:00'),
    idempotency: null,
    drafts: [
      {
        kind: 'shuttle',
        lines: slotIds.map((slotId) => ({ slotId, units: 1 })),
        claims: [{ claimantId: personId, scope: 'ride', during }],
        priceFen: 0,
        ...during,
        serviceDate,
        cancelUntil: startsAt,
        isProvisional: false,
        details: {},
      },
    ],
  };
}
