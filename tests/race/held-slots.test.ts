import { afterEach, expect, test } from 'vitest';
import { openDb } from '../../db/open.ts';
import { seatWishes } from '../support/booking-stream.ts';
import { holdSlots, type HeldSlots } from '../support/held-slots.ts';
import { expectInvariants } from '../support/invariants.ts';
import {
  employees,
  processOver,
  seededDatabase,
  signIn,
  stopProcesses,
  tally,
  type Process,
} from '../support/racing.ts';

const serviceDate = '2026-11-24';
const heldRun = 'run-2';

let running: Process[] = [];
let held: HeldSlots | null = null;
afterEach(async () => {
  await held?.letGo();
  held = null;
  await stopProcesses(running);
  running = [];
});

async function start(): Promise<{ url: string; process: Process }> {
  const url = await seededDatabase();
  const process = processOver(await openDb({ url }), { requestDeadlineMilliseconds: 5_000 });
  running.push(process);
  return { url, process };
}

const isOfHeldRun = ({ body }: { body: object }) => Reflect.get(body, 'runId') === heldRun;

test('slots that somebody outside holds keep only their own bookings waiting, and those end with 503', async () => {
  const { url, process } = await start();
  const { call } = process;
  const tokens = await signIn(process, employees(40));
  const wishes = seatWishes(tokens, serviceDate);
  const post = ({ token, key, body }: (typeof wishes)[number]) =>
    call('/bookings', { token, body, headers: { 'idempotency-key': key } });
  const blocked = wishes.filter(isOfHeldRun);
  const booked = await Promise.all(blocked.slice(0, 12).map(post));
  expect(tally(booked)).toEqual({ 201: 12 });

  held = await holdSlots(url, heldRun, serviceDate);
  const cancels = booked.map(({ body }, index) =>
    call(`/bookings/${String(body['id'])}/cancel`, { token: tokens[index], body: {} }),
  );
  const hopeless = blocked.slice(12).map(post);
  // Everything else goes on, mixed with them and after them.
  const others = await Promise.all(wishes.filter((wish) => !isOfHeldRun(wish)).map(post));
  expect(Object.keys(tally(others)).toSorted()).toEqual(['201', '409 /problems/slot-full']);
  const [later] = await signIn(process, employees(1, 40));
  expect((await call('/bookings', { token: later })).status).toBe(200);
  expect((await call('/slots?kind=shuttle&limit=100')).status).toBe(200);

  const failed = await Promise.all([...hopeless, ...cancels]);
  expect(tally(failed)).toEqual({ '503 /problems/busy': failed.length });
  expect(failed.every(({ headers }) => headers.has('retry-after'))).toBe(true);

  await held.letGo();
  held = null;
  // Nothing was done for those who were told so, and the slot is open again.
  const repeated = await Promise.all(blocked.slice(12).map(post));
  expect(tally(repeated)).toEqual({ 201: 10, '409 /problems/slot-full': 18 });
  expect(repeated.some(({ headers }) => headers.has('idempotent-replay'))).toBe(false);
  const cancelled = await Promise.all(
    booked.map(({ body }, index) => call(`/bookings/${String(body['id'])}/cancel`, { token: tokens[index], body: {} })),
  );
  expect(tally(cancelled)).toEqual({ 200: 12 });
  await expectInvariants(process.db);
});
