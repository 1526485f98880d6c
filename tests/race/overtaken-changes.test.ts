import { afterEach, beforeEach, expect, test } from 'vitest';
import { expectInvariants } from '../support/invariants.ts';
import { holdSlots } from '../support/held-slots.ts';
import {
  administrator,
  employees,
  seededDatabase,
  signIn,
  startProcesses,
  stopProcesses,
  type Process,
} from '../support/racing.ts';
import { waitUntil } from '../support/wait-until.ts';

const serviceDate = '2026-11-24';
const ride = (runId: string) => ({
  ...{ kind: 'shuttle', runId, serviceDate, seats: 1, boardStopId: 'metro-l9', alightStopId: 'innovation' },
});

type Displaced = { bookingId: string; alternative: { waitlistId: string; startsAt: string } | null };
type Plan = { changeId: string; displaced: Displaced[] };

let running: Process[] = [];
let url: string;
let rider: string;
let boss: string;
beforeEach(async () => {
  url = await seededDatabase();
  running = await startProcesses(2, url);
  [rider = ''] = await signIn(running[0]!, employees(1));
  [boss = ''] = await signIn(running[0]!, [administrator]);
});
afterEach(async () => {
  await stopProcesses(running);
  running = [];
});

const cut = ({ call }: Process, runId: string, capacity = 0) =>
  call<Plan>('/capacity-changes', {
    token: boss,
    body: {
      ...{ resourceId: runId, from: serviceDate, to: serviceDate, capacity, reason: '检修', onExcess: 'displace' },
    },
  });

/** Does something while somebody else holds a run's slots, once so many wait for them. */
async function whileHeld<Result>(runId: string, work: (whenWaiting: (count: number) => Promise<void>) => Result) {
  const held = await holdSlots(url, runId, serviceDate);
  const whenWaiting = (count: number) =>
    waitUntil(`${count} wait for the slots`, async () => ((await waitingForLocks()) >= count ? true : null));
  const result = work(async (count) => void (await whenWaiting(count)));
  return { result, letGo: () => held.letGo() };
}

async function waitingForLocks(): Promise<number> {
  const [row] = await running[0]!.db.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return row?.count ?? 0;
}

test('somebody who accepts an offer while a cut waits for its slots is offered something else', async () => {
  const [one, two] = running as [Process, Process];
  await one.call('/bookings', { token: rider, body: ride('run-2') });
  const { body: first } = await cut(one, 'run-2');
  const offer = first.displaced[0]?.alternative;
  const runOfOffer = offer?.startsAt.includes('08:35') ? 'run-3' : 'run-1';
  const { result, letGo } = await whileHeld(runOfOffer, async (whenWaiting) => {
    const second = cut(one, runOfOffer);
    await whenWaiting(1);
    const accepted = await two.call(`/waitlist/${offer?.waitlistId}/accept`, { token: rider, body: {} });
    return { second, accepted };
  });
  const { second, accepted } = await result;
  await letGo();
  expect(accepted.status).toBe(200);
  expect((await second).body.displaced).toMatchObject([{ alternative: { waitlistId: expect.any(String) } }]);
  await expectInvariants(one.db);
});

test('somebody who cancels a booking that gives way at the moment is not told that it was cancelled', async () => {
  const [one, two] = running as [Process, Process];
  const { body: booking } = await one.call('/bookings', { token: rider, body: ride('run-2') });
  const { result, letGo } = await whileHeld('run-2', async (whenWaiting) => {
    const cutting = cut(one, 'run-2');
    await whenWaiting(1);
    const cancelling = two.call(`/bookings/${String(booking['id'])}/cancel`, { token: rider, body: {} });
    await whenWaiting(2);
    return { cutting, cancelling };
  });
  const { cutting, cancelling } = await result;
  await letGo();
  expect((await cutting).body.displaced).toMatchObject([{ bookingId: booking['id'] }]);
  expect(await cancelling).toMatchObject({ status: 422, body: { rule: 'already-over' } });
  await expectInvariants(one.db);
});

test('of two who take the same change back at once, the second is told that it was taken back', async () => {
  const [one, two] = running as [Process, Process];
  const { body: change } = await cut(one, 'run-2', 30);
  const undo = ({ call }: Process) => call(`/capacity-changes/${change.changeId}/undo`, { token: boss, body: {} });
  const { result, letGo } = await whileHeld('run-2', async (whenWaiting) => {
    const undoing = undo(one);
    await whenWaiting(1);
    const again = undo(two);
    await whenWaiting(2);
    return { undoing, again };
  });
  const { undoing, again } = await result;
  await letGo();
  expect((await undoing).status).toBe(200);
  expect(await again).toMatchObject({ status: 422, body: { rule: 'already-undone' } });
});
