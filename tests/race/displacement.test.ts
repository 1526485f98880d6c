import { afterEach, describe, expect, test } from 'vitest';
import { parseInstant } from '../../api/calendar/time.ts';
import { changeCapacity } from '../../api/engine/plan-capacity-change.ts';
import { transactionWithRetry } from '../../db/db.ts';
import { siteRow } from '../../db/seed/caohejing.ts';
import { expectInvariants } from '../support/invariants.ts';
import {
  administrator,
  countedSlots,
  employeeIds,
  employees,
  now,
  race,
  seededDatabase,
  signIn,
  startProcesses,
  stopProcesses,
  tally,
  type Answer,
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

/** Rides of one to three seats between stops that follow from the number; some wait in line if it is full. */
const rideOf = (number: number) => {
  const board = number % 3;
  return {
    ...{ kind: 'shuttle', runId, serviceDate, seats: 1 + (number % 3) },
    ...{ boardStopId: stops[board], alightStopId: stops[board + 1 + (number % 4)], joinWaitlist: number % 2 === 0 },
  };
};

type Step = { token: string | undefined; path: string; body: object };
type Listed = { items: { id: string; state: string }[] };

const change = (token: string | undefined, more: object): Step => ({
  token,
  path: '/capacity-changes',
  body: { resourceId: runId, from: serviceDate, to: serviceDate, reason: '检修', onExcess: 'displace', ...more },
});

/** What is ended, offered or kept of a person's, to be acted on next. */
async function stepsOf({ call }: Process, token: string, number: number): Promise<Step[]> {
  const [waits, bookings] = await Promise.all([
    call<Listed>('/waitlist?state=offered', { token }),
    call<Listed>('/bookings?state=confirmed', { token }),
  ]);
  const answers = waits.body.items.map(({ id }) => `/waitlist/${id}/${number % 2 === 0 ? 'accept' : 'decline'}`);
  const cancels = number % 5 === 0 ? bookings.body.items.map(({ id }) => `/bookings/${id}/cancel`) : [];
  return [...answers, ...cancels].map((path) => ({ token, path, body: {} }));
}

const changesOf = ({ db }: Process) =>
  db.query<{ id: string }>('SELECT id FROM capacity_change WHERE undoes IS NULL ORDER BY id DESC LIMIT 6');

describe('cuts with displacement while people book, cancel, accept and decline on three processes', () => {
  test('never put a slot above its capacity, and everybody who gives way has a receipt', async () => {
    running = await startProcesses(3, await seededDatabase());
    const [one] = running as [Process];
    const tokens = await signIn(one, employees(90));
    const [boss] = await signIn(one, [administrator]);
    await race(running, [...tokens.slice(0, 50).entries()], ({ call }, [number, token]) =>
      call('/bookings', { token, body: rideOf(number) }),
    );
    const seen: Record<string, number> = {};
    for (let round = 0; round < 4; round++) {
      const people = await race(running, [...tokens.entries()], (process, [number, token]) =>
        stepsOf(process, token, number + round),
      );
      const undos = (await changesOf(one)).map(({ id }): Step => ({
        token: boss,
        path: `/capacity-changes/${id}/undo`,
        body: {},
      }));
      const changes = [
        change(boss, { capacity: 8 + round }),
        change(boss, { capacity: 30 }),
        change(boss, { capacity: 3, dryRun: true }),
        change(boss, { capacity: 12 }),
        change(boss, { capacity: 26, closed: round === 1 }),
        change(boss, { capacity: 30, closed: false }),
      ];
      const newcomers = tokens.map((token, number): Step => ({ token, path: '/bookings', body: rideOf(number) }));
      const steps = newcomers.flatMap((step, index) => {
        const mine = [step, ...(people[index] ?? [])];
        const [next, undo] = [changes[index / 15], undos[(index - 7) / 15]];
        return [...mine, ...(next ? [next] : []), ...(undo ? [undo] : [])];
      });
      const answers = await race(running, steps, ({ call }, { path, body, token }) => call(path, { token, body }));
      for (const [name, count] of Object.entries(tally(answers))) seen[name] = (seen[name] ?? 0) + count;
      await expectInvariants(one.db);
    }
    const unexpected = Object.keys(seen).filter((name) => !/^(200|201|202|409|422)\b/.test(name));
    expect(unexpected.map((name) => [name, seen[name]])).toEqual([]);
    for (const { taken, capacity, units } of await countedSlots(one.db, runId, serviceDate)) {
      expect(taken).toBe(units);
      expect(taken).toBeLessThanOrEqual(capacity);
    }
    const receipts = await one.db.query<{ isKept: boolean }>(
      `SELECT c.id IS NOT NULL AS "isKept" FROM booking b
       LEFT JOIN event e ON e.site_id = b.site_id AND e.booking_id = b.id AND e.type = 'booking.displaced'
       LEFT JOIN capacity_change c ON c.site_id = e.site_id AND c.id = (e.facts->>'changeId')::uuid
       WHERE b.state = 'displaced'`,
    );
    expect(receipts.length).toBeGreaterThan(10);
    expect(receipts.filter(({ isKept }) => !isKept)).toEqual([]);
  });
});

const wholeWay = { kind: 'shuttle', runId, serviceDate, boardStopId: stops[0], alightStopId: stops[6], seats: 1 };

/** What each of these people is offered. */
const offersOf = ({ call }: Process, tokens: readonly string[]) =>
  Promise.all(
    tokens.map(async (token) => (await call<Listed>('/waitlist?state=offered', { token })).body.items[0]?.id),
  );

/** Everybody accepts at once, and in the midst of it something else happens; what each got. */
async function acceptWhile(tokens: readonly string[], offers: readonly (string | undefined)[], other: Step) {
  const accepts = tokens.map((token, index): Step => ({ token, path: `/waitlist/${offers[index]}/accept`, body: {} }));
  const middle = 4;
  const steps = accepts.toSpliced(middle, 0, other);
  const answers = await race(running, steps, ({ call }, { path, body, token }) => call(path, { token, body }));
  expect(answers[middle]?.status).toBe(200);
  return answers.toSpliced(middle, 1).map(({ status }) => status);
}

const liveOf = ({ call }: Process, tokens: readonly string[]) =>
  Promise.all(tokens.map(async (token) => (await call<Listed>('/bookings?state=confirmed', { token })).body.items));

describe('whoever accepts an offer in the moment', () => {
  test('when the cut is undone has either it or the former seat, and an acceptance that was acknowledged stands', async () => {
    running = await startProcesses(3, await seededDatabase());
    const [one] = running as [Process];
    const tokens = await signIn(one, employees(20));
    const [boss] = await signIn(one, [administrator]);
    await race(running, tokens, ({ call }, token) => call('/bookings', { token, body: wholeWay }));
    for (let round = 0; round < 4; round++) {
      const cut = await one.call<{ changeId: string }>('/capacity-changes', change(boss, { capacity: 0 }));
      const offers = await offersOf(one, tokens);
      const undo: Step = { token: boss, path: `/capacity-changes/${cut.body.changeId}/undo`, body: {} };
      const statuses = await acceptWhile(tokens, offers, undo);
      const live = await liveOf(one, tokens);
      const runs = live.map((items) =>
        items.map((item) => (item as unknown as { details: { runId: string } }).details.runId),
      );
      expect(runs.map((own) => own.length)).toEqual(tokens.map(() => 1));
      const offered = statuses.flatMap((status, index) => (offers[index] ? [{ status, run: runs[index]?.[0] }] : []));
      expect(offered.filter(({ status, run }) => (status === 200) === (run === runId))).toEqual([]);
      await expectInvariants(one.db);
      await race(running, [...live.entries()], ({ call }, [index, items]) =>
        call(`/bookings/${items[0]?.id}/cancel`, { token: tokens[index], body: {} }),
      );
      await race(running, tokens, ({ call }, token) => call('/bookings', { token, body: wholeWay }));
    }
  });

  test('when it is withdrawn comes too late, and keeps the place in line', async () => {
    running = await startProcesses(2, await seededDatabase());
    const [one, two] = running as [Process, Process];
    const tokens = await signIn(one, employees(23));
    const [boss] = await signIn(one, [administrator]);
    await race(running, tokens.slice(0, 22), ({ call }, token) => call('/bookings', { token, body: wholeWay }));
    const waiter = tokens[22];
    const waits = await one.call<{ id: string }>('/bookings', {
      token: waiter,
      body: { ...wholeWay, joinWaitlist: true },
    });
    await one.call('/capacity-changes', change(boss, { capacity: 23 }));
    const accepting: Promise<Answer>[] = [];
    /** Asked for under the locks, once it is known who is in the way: the moment in which the offer is accepted elsewhere. */
    const alternatives = async () => {
      if ((await locksHeld(two)) > 0 && accepting.length === 0) {
        const answer = two.call(`/waitlist/${waits.body.id}/accept`, { token: waiter, body: {} });
        accepting.push(answer);
        let isAnswered = false;
        void answer.then(() => (isAnswered = true));
        await waitUntil('the acceptance waits or is done', async () => isAnswered || (await someoneWaits(two)) || null);
      }
      return new Map();
    };
    const slotIds = (await countedSlots(one.db, runId, serviceDate)).map(({ id }) => id);
    const outcome = await transactionWithRetry(one.db, (tx) =>
      changeCapacity(tx, {
        ...{ siteId: siteRow.id, slotIds, reason: '检修', actorId: employeeIds(1)[0] ?? '', actorRole: 'dispatcher' },
        targetOf: () => ({ capacity: 21, state: 'active', closedReason: null }),
        at: parseInstant(now),
        expectedTag: null,
        displacement: { order: 'latest-booked', isProtected: () => false, alternatives },
        dryRun: false,
      }),
    );
    expect(outcome).toMatchObject({ ok: true, displaced: [{ state: 'held' }, { state: 'confirmed' }] });
    const [accepted] = await Promise.all(accepting);
    expect(accepted).toMatchObject({ status: 422, body: { rule: 'no-offer' } });
    expect((await one.call(`/waitlist/${waits.body.id}`, { token: waiter })).body).toMatchObject({ state: 'waiting' });
    await expectInvariants(one.db);
  });
});

/** How many rows of the run's slots are locked by a transaction that is under way. */
async function locksHeld({ db }: Process): Promise<number> {
  const free = await db.query(
    `SELECT id FROM slot WHERE resource_id = $1 AND service_date = $2 FOR UPDATE SKIP LOCKED`,
    [runId, serviceDate],
  );
  return 6 - free.length;
}

async function someoneWaits({ db }: Process): Promise<boolean> {
  const waiting = await db.query(
    `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return waiting.length > 0;
}
