import { afterEach, expect, inject, test } from 'vitest';
import { openDb } from '../../db/open.ts';
import { createDatabaseOn } from '../support/postgres.ts';
import { startServer, type ServerProcess } from '../support/server-process.ts';
import { callServer } from '../support/service-client.ts';

const env = {
  DEMO: 'on',
  DEMO_NOW: '2026-11-23T09:00:00+08:00',
  SESSION_SECRET: 'a-secret-of-the-fault-tests-0123456789abcdef',
};

let servers: ServerProcess[] = [];
afterEach(async () => {
  for (const server of servers) server.signal('SIGKILL');
  await Promise.all(servers.map(({ ended }) => ended));
  servers = [];
});

test('three processes start at once on an empty database, and make everything once', async () => {
  const url = await createDatabaseOn(inject('postgresUrl'));
  const started = await Promise.allSettled([1, 2, 3].map(() => startServer({ ...env, DATABASE_URL: url })));
  servers = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  expect(started.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []))).toEqual([]);
  const answers = await Promise.all(
    servers.map((server) => callServer<{ items: unknown[] }>(server.url, '/slots?kind=shuttle&limit=100')),
  );
  expect(new Set(answers.map(({ body }) => JSON.stringify(body.items))).size).toBe(1);
  expect(answers[0]!.body.items.length).toBeGreaterThan(0);
  const db = await openDb({ url, connections: 1 });
  const [money] = await db.query<{ transfers: number; balance: number }>(
    `SELECT (SELECT count(*)::int FROM transfer) AS transfers, (SELECT sum(balance_fen)::int FROM account) AS balance`,
  );
  await db.close();
  // Two meal cards are filled, each once.
  expect(money).toEqual({ transfers: 2, balance: 0 });
});
