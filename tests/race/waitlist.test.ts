import { afterEach, describe, expect, test } from 'vitest';
import { expectInvariants } from '../support/invariants.ts';
import {
  administrator,
  countedSlots,
  employees,
  race,
  seededDatabase,
  signIn,
  startProcesses,
  stopProcesses,
  tally,
  type Process,
} from '../support/racing.ts';
import { waitUntil } from '../support/wait-until.ts';

let running: Process[] = [];
afterEach(async () => {
  await stopProcesses(running);
  running = [];
});

const runId = 'run-2';
const serviceDate = '2026-11-24';
const stops = ['metro-l9', 'innovation', 'hq', 'zhihui', 'xinhui', 'hongqin', 'guangqi'];

/** Rides of one to three seats between stops that follow from the number, so that every run of the test is the same. */
const rideOf = (number: number) => {
  const board = number % 3;
  return {
    kind: 'shuttle',
    runId,
    serviceDate,
    boardStopId: stops[board],
    alightStopId: stops[board + 1 + (number % 4)],
    seats: 1 + (number % 3),
    joinWaitlist: true,
  };
};

type Wait = { id: string; state: string };

async function queueOf(process: Process, token: string): Promise<Wait[]> {
  const { body } = await process.call<{ items: Wait[] }>('/waitlist', { token });
  return body.items;
}

describe('120 people on three processes want 22 seats', () => {
  test('whatever is cancelled, accepted, declined and added at once, the queue is served and nothing is sold twice', async () => {
    running = await startProcesses(3, await seededDatabase());
    const [one] = running as [Process];
    const tokens = await signIn(one, employees(120));
    const [boss] = await signIn(one, [administrator]);
    const asked = await race(running, [...tokens.entries()], ({ call }, [number, token]) =>
      call('/bookings', { token, body: rideOf(number) }),
    );
    expect(new Set(Object.keys(tally(asked)))).toEqual(new Set(['201', '202']));
    await expectInvariants(one.db);

    for (let round = 0; round < 3; round++) {
      const answers = await race(running, [...tokens.entries()], async (process, [number, token]) => {
        const { call } = process;
        if (number === 0) {
          const capacity = 22 + round * 4;
          return [
            await call('/capacity-changes', {
              token: boss,
              body: { resourceId: runId, from: serviceDate, to: serviceDate, capacity, reason: '加座' },
            }),
          ];
        }
        const waits = (await queueOf(process, token)).filter(({ state }) => state === 'offered');
        const replies = waits.map(({ id }) =>
          call(`/waitlist/${id}/${number % 2 === 0 ? 'accept' : 'decline'}`, { token, body: {} }),
        );
        const { body } = await call<{ items: Wait[] }>('/bookings?state=confirmed', { token });
        const cancels =
          number % 4 === round ? body.items.map(({ id }) => call(`/bookings/${id}/cancel`, { token, body: {} })) : [];
        return Promise.all([...replies, ...cancels]);
      });
      expect(new Set(answers.flat().map(({ status }) => status)).difference(new Set([200, 422]))).toEqual(new Set());
      await expectInvariants(one.db);
    }
    for (const { taken, capacity, units } of await countedSlots(one.db, runId, serviceDate)) {
      expect(taken).toBe(units);
      expect(taken).toBeLessThanOrEqual(capacity);
    }
  });
});

test('an offer that is accepted and declined by its owner in the same moment ends one way', async () => {
  running = await startProcesses(3, await seededDatabase());
  const [one] = running as [Process];
  const tokens = await signIn(one, employees(9));
  const full = { ...rideOf(0), seats: 4, boardStopId: stops[0], alightStopId: stops[6] };
  await race(running, tokens.slice(0, 5), ({ call }, token) => call('/bookings', { token, body: full }));
  const waiter = tokens[8];
  const joined = await one.call<Wait>('/bookings', { token: waiter, body: full });
  expect(joined.status).toBe(202);
  const [mine] = (await one.call<{ items: Wait[] }>('/bookings', { token: tokens[0] })).body.items;
  await one.call(`/bookings/${mine?.id}/cancel`, { token: tokens[0], body: {} });
  const answers = await race(
    running,
    Array.from({ length: 20 }, (_, index) => (index % 2 ? 'accept' : 'decline')),
    ({ call }, word) => call(`/waitlist/${joined.body.id}/${word}`, { token: waiter, body: {} }),
  );
  expect(new Set(answers.map(({ status }) => status)).difference(new Set([200, 422]))).toEqual(new Set());
  const [entry] = await queueOf(one, waiter ?? '');
  const { body } = await one.call<{ items: Wait[] }>('/bookings', { token: waiter });
  expect([entry?.state, body.items[0]?.state]).toEqual(
    entry?.state === 'accepted' ? ['accepted', 'confirmed'] : ['declined', 'cancelled'],
  );
  await expectInvariants(one.db);
});

test('a party that was passed twice is passed once more, however many take its slots in the same moment', async () => {
  running = await startProcesses(2, await seededDatabase());
  const [one] = running as [Process];
  const [partyOf, first, second] = await signIn(one, employees(3));
  const onLeg = (leg: number) => ({
    ...rideOf(0),
    boardStopId: stops[leg],
    alightStopId: stops[leg + 1],
    seats: 1,
    joinWaitlist: false,
  });
  const [boss] = await signIn(one, [administrator]);
  const less = { resourceId: runId, from: serviceDate, to: serviceDate, capacity: 3, reason: '检修' };
  await one.call('/capacity-changes', { token: boss, body: less });
  const party = { ...rideOf(0), boardStopId: stops[0], alightStopId: stops[2], seats: 4 };
  expect((await one.call('/bookings', { token: partyOf, body: party })).status).toBe(202);
  for (let round = 0; round < 15; round++) {
    await one.db.query(`UPDATE waitlist_entry SET bypassed = 2`);
    const rides = [
      { token: first, body: onLeg(0) },
      { token: second, body: onLeg(1) },
    ];
    const answers = await race(running, rides, ({ call }, ride) => call('/bookings', ride));
    expect(tally(answers)).toEqual({ '201': 1, '409 /problems/slot-full': 1 });
    const made = answers.findIndex(({ status }) => status === 201);
    await one.call(`/bookings/${String(answers[made]?.body['id'])}/cancel`, { token: rides[made]?.token, body: {} });
  }
  await expectInvariants(one.db);
});

test('somebody can cancel while whoever is offered the seat books elsewhere at that time', async () => {
  running = await startProcesses(1, await seededDatabase());
  const [one] = running as [Process];
  const tokens = await signIn(one, employees(6));
  const full = { ...rideOf(0), seats: 4, boardStopId: stops[0], alightStopId: stops[6], joinWaitlist: false };
  const booked = await Promise.all(tokens.slice(0, 5).map((token) => one.call('/bookings', { token, body: full })));
  const waiter = tokens[5];
  const joined = await one.call<Wait>('/bookings', { token: waiter, body: { ...full, joinWaitlist: true } });
  expect(joined.status).toBe(202);
  let cancelled: Promise<{ status: number }> | null = null;
  await one.db.transaction(async (elsewhere) => {
    await elsewhere.query(
      `INSERT INTO claim SELECT b.site_id, b.id, e.person_id, 'ride', tstzrange(b.starts_at, b.ends_at)
       FROM waitlist_entry e, booking b WHERE b.id = $1`,
      [booked[1]?.body['id']],
    );
    cancelled = one.call(`/bookings/${String(booked[0]?.body['id'])}/cancel`, { token: tokens[0], body: {} });
    await waitUntil('the cancellation waits for the claim', async () => {
      // Not in the transaction, which would be shown the same again and again.
      const [row] = await one.db.query<{ waits: boolean }>(
        `SELECT count(*) > 0 AS waits FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%WITH new AS%'`,
      );
      return row?.waits ? true : null;
    });
  });
  expect((await cancelled!).status).toBe(200);
  const [entry] = await queueOf(one, waiter ?? '');
  expect(entry?.state).toBe('waiting');
});
