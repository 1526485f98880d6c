import { afterEach, expect, test } from 'vitest';
import { openDb } from '../../db/open.ts';
import { acknowledged, seatWishes, sendWishes, unanswered } from '../support/booking-stream.ts';
import { cuttableLink, type CuttableLink } from '../support/cuttable-link.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { expectInvariants } from '../support/invariants.ts';
import { employees, tally } from '../support/racing.ts';
import { startServer, type ServerProcess } from '../support/server-process.ts';
import { callServer, signInAt } from '../support/service-client.ts';
import { waitUntil } from '../support/wait-until.ts';

const settings = {
  DEMO: 'on',
  DEMO_NOW: '2026-11-23T06:00:00+08:00',
  SESSION_SECRET: 'a-secret-of-the-fault-tests-0123456789abcdef',
  REQUEST_DEADLINE_SECONDS: '3',
};
/** No request may take longer, whatever the database does; with what a busy machine adds. Milliseconds. */
const deadline = 15_000;

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function serviceOverLink(): Promise<{ databaseUrl: string; link: CuttableLink; server: ServerProcess }> {
  const databaseUrl = await freshDatabase();
  const link = await cuttableLink(databaseUrl);
  cleanups.push(() => link.close());
  const server = await startServer({ ...settings, DATABASE_URL: link.url });
  cleanups.push(async () => {
    server.signal('SIGKILL');
    await server.ended;
  });
  return { databaseUrl, link, server };
}

const isReady = async (url: string) => (await fetch(`${url}/health/ready`)).status === 200 || null;

test('bookings during an outage are answered 503, and the service recovers by itself without losing or doubling any', async () => {
  const { databaseUrl, link, server } = await serviceOverLink();
  const tokens = await Promise.all(employees(40).map((phone) => signInAt(server.url, phone)));
  const cuts: Promise<void>[] = [];
  const outcomes = await sendWishes(server.url, seatWishes(tokens, '2026-11-24'), {
    onAcknowledged: (count) => {
      if (count === 30) cuts.push(link.cut());
    },
  });
  await Promise.all(cuts);
  expect(outcomes.filter(({ answer }) => answer === null)).toEqual([]);
  const failed = outcomes.flatMap(({ answer }) => (answer && answer.status >= 500 ? [answer] : []));
  expect(failed.length).toBeGreaterThan(0);
  expect(Object.keys(tally(failed))).toEqual(['503 /problems/database-away']);
  expect(failed.every(({ headers }) => headers.has('retry-after'))).toBe(true);
  expect(Math.max(...outcomes.map(({ milliseconds }) => milliseconds))).toBeLessThan(deadline);
  expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
  expect((await fetch(`${server.url}/health/ready`)).status).toBe(503);

  await link.restore();
  await waitUntil('the service is ready again', () => isReady(server.url), 30_000);
  const repeated = await sendWishes(server.url, unanswered(outcomes));
  const allowed = ['201', '409 /problems/slot-full'];
  expect(Object.keys(tally(repeated.map(({ answer }) => answer!))).filter((name) => !allowed.includes(name))).toEqual(
    [],
  );

  const db = await openDb({ url: databaseUrl });
  cleanups.push(() => db.close());
  const bookings = await db.query<{ id: string }>(`SELECT id FROM booking WHERE state = 'confirmed'`);
  expect(bookings.map(({ id }) => id).toSorted()).toEqual(
    [...acknowledged(outcomes), ...acknowledged(repeated)].toSorted(),
  );
  await expectInvariants(db);
});

test('when the server ends every session, as in a restart, requests are answered and the next ones succeed', async () => {
  const { databaseUrl, server } = await serviceOverLink();
  const tokens = await Promise.all(employees(40).map((phone) => signInAt(server.url, phone)));
  const operator = await openDb({ url: databaseUrl, connections: 1 });
  cleanups.push(() => operator.close());
  const outcomes = await sendWishes(server.url, seatWishes(tokens, '2026-11-24'), {
    onAcknowledged: (count) => {
      if (count % 20 !== 0) return;
      void operator.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
      );
    },
  });
  const allowed = ['201', '409 /problems/slot-full', '503 /problems/database-away'];
  expect(Object.keys(tally(outcomes.map(({ answer }) => answer!))).filter((name) => !allowed.includes(name))).toEqual(
    [],
  );
  const repeated = await sendWishes(server.url, unanswered(outcomes));
  expect(
    Object.keys(tally(repeated.map(({ answer }) => answer!))).filter((name) => !allowed.slice(0, 2).includes(name)),
  ).toEqual([]);
  const bookings = await operator.query<{ id: string }>(`SELECT id FROM booking WHERE state = 'confirmed'`);
  expect(bookings.map(({ id }) => id).toSorted()).toEqual(
    [...acknowledged(outcomes), ...acknowledged(repeated)].toSorted(),
  );
  await expectInvariants(operator);
});

/** What people do beside booking: each asks the database for something. */
const otherCalls = (url: string, token: string) => [
  callServer(url, '/slots?kind=shuttle&limit=20'),
  callServer(url, '/bookings', { token }),
  callServer(url, '/auth/otp', { body: { phone: employees(1)[0]! } }),
];

test('while the database says nothing at all every request ends with 503 in time, and all goes on when it speaks again', async () => {
  const { link, server } = await serviceOverLink();
  const token = await signInAt(server.url, employees(1)[0]!);
  link.freeze();
  const startedAt = performance.now();
  const bookings = seatWishes([token], '2026-11-24').map((wish) => callServer(server.url, '/bookings', wish));
  const ready = fetch(`${server.url}/health/ready`);
  const answers = await Promise.all([...bookings, ...otherCalls(server.url, token)]);
  expect(performance.now() - startedAt).toBeLessThan(deadline);
  expect(tally(answers)).toEqual({ '503 /problems/database-away': answers.length });
  expect(answers.every(({ headers }) => headers.has('retry-after'))).toBe(true);
  expect((await ready).status).toBe(503);
  expect((await fetch(`${server.url}/health/live`)).status).toBe(200);

  await link.restore();
  await waitUntil('the service is ready again', () => isReady(server.url), 30_000);
  const wish = seatWishes([token], '2026-11-25')[0]!;
  expect((await callServer(server.url, '/bookings', wish)).status).toBe(201);
});

test('connections that were swallowed for good are left, and new ones made', async () => {
  const { link, server } = await serviceOverLink();
  const token = await signInAt(server.url, employees(1)[0]!);
  link.swallow();
  const wishes = seatWishes([token], '2026-11-24');
  const lost = await Promise.all(wishes.map((wish) => callServer(server.url, '/bookings', wish)));
  expect(tally(lost)).toEqual({ '503 /problems/database-away': lost.length });

  const repeat = async (wish: (typeof wishes)[number]) => {
    const answer = await callServer(server.url, '/bookings', wish).catch(() => null);
    return answer?.status === 201 || null;
  };
  for (const wish of wishes) await waitUntil('the booking is made', () => repeat(wish), 60_000);
});
