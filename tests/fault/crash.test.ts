import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { parseInstant } from '../../api/calendar/time.ts';
import { expire } from '../../api/engine/expire.ts';
import type { Db } from '../../db/db.ts';
import { openDb } from '../../db/open.ts';
import { siteRow } from '../../db/seed/caohejing.ts';
import { buildPagesIfNeeded } from '../../scripts/build-pages.ts';
import { createChurn, type Churn } from '../support/churn.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { expectInvariants } from '../support/invariants.ts';
import { startPostgres } from '../support/postgres.ts';
import { employees } from '../support/racing.ts';
import { migrateDatabase } from '../support/seed-demo-site.ts';
import { randomFrom } from '../support/seeded-random.ts';
import { startServer, type ServerProcess } from '../support/server-process.ts';
import { signInAt } from '../support/service-client.ts';

/** So many crashes of each kind, at moments that follow from the seed: `FAULT_SEED=… npm test -- fault` has the same ones again. */
const rounds = Number(process.env['FAULT_ROUNDS'] ?? 10);
const seed = Number(process.env['FAULT_SEED'] ?? Date.now() % 1_000_000);
/** The embedded database takes some seconds to start. */
const embeddedRounds = Math.ceil(rounds / 10);

const settings = {
  DEMO: 'on',
  DEMO_NOW: '2026-11-23T06:00:00+08:00',
  SESSION_SECRET: 'a-secret-of-the-fault-tests-0123456789abcdef',
  REQUESTS_PER_MINUTE: '1000000',
};

beforeAll(async () => {
  console.log(`FAULT_ROUNDS=${rounds} FAULT_SEED=${seed}`);
  await buildPagesIfNeeded();
});

type Finishing = Pick<TestContext, 'onTestFinished'>;

async function start(env: Record<string, string>, { onTestFinished }: Finishing): Promise<ServerProcess> {
  const server = await startServer({ ...settings, ...env });
  onTestFinished(async () => {
    server.signal('SIGKILL');
    await server.ended;
  });
  return server;
}

async function churnAt({ url }: ServerProcess): Promise<Churn> {
  return createChurn(await Promise.all(employees(30).map((phone) => signInAt(url, phone))), seed);
}

async function expectSound(churn: Churn, db: Db): Promise<void> {
  await churn.expectKept(db);
  // Who stands behind somebody that is booked elsewhere by now is served by the next sweep at the latest.
  await expire(db, siteRow.id, parseInstant(settings.DEMO_NOW));
  await expectInvariants(db);
}

/** The moments of the crashes: after so many answers since the one before, and up to ten milliseconds. */
function moments(count: number): { answers: number; milliseconds: number }[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => ({ answers: 1 + random.whole(100), milliseconds: random.whole(10) }));
}

/** Lets everybody go on at the server until `crash` has come in the midst of it and left them without an answer. */
async function churnUntil(
  churn: Churn,
  url: string,
  moment: { answers: number; milliseconds: number },
  crash: () => void,
) {
  let left = moment.answers;
  await churn.run(url, () => {
    if (--left === 0) setTimeout(crash, moment.milliseconds);
  });
}

/** Kills the server with -9 again and again, and starts it anew; stops it at the end. */
async function killServer(
  count: number,
  env: Record<string, string>,
  finishing: Finishing,
  afterRound: (churn: Churn) => Promise<void>,
): Promise<Churn> {
  let server = await start(env, finishing);
  const churn = await churnAt(server);
  for (const moment of moments(count)) {
    const killed = server;
    await churnUntil(churn, server.url, moment, () => killed.signal('SIGKILL'));
    expect(await killed.ended).toBe(137);
    server = await start(env, finishing);
    await churn.repeatUnanswered(server.url);
    await afterRound(churn);
  }
  server.signal('SIGTERM');
  expect(await server.ended).toBe(0);
  console.log(`the server was killed ${count} times:`, churn.counts());
  return churn;
}

const patience = { timeout: 10 * 60_000 };
describe('what was acknowledged is there, and a repeat with its key doubles nothing', patience, () => {
  test.concurrent('when the server is killed', async (context) => {
    const url = await freshDatabase();
    const db = await openDb({ url, connections: 2 });
    context.onTestFinished(() => db.close());
    const churn = await killServer(rounds, { DATABASE_URL: url }, context, (soFar) => expectSound(soFar, db));
    expect(churn.counts().repeated).toBeGreaterThan(rounds);
  });

  test.concurrent('when PostgreSQL and all of its processes are killed', async (context) => {
    const postgres = await startPostgres({ isOwn: true, durable: true, migrate: migrateDatabase });
    context.onTestFinished(() => postgres.stop());
    const url = await postgres.createDatabase();
    const server = await start({ DATABASE_URL: url }, context);
    const churn = await churnAt(server);
    for (const moment of moments(rounds)) {
      const restarts: Promise<void>[] = [];
      await churnUntil(churn, server.url, moment, () => restarts.push(postgres.crash()));
      await Promise.all(restarts);
      await churn.repeatUnanswered(server.url);
      const db = await openDb({ url, connections: 2 });
      await expectSound(churn, db);
      await db.close();
    }
    expect(churn.counts().repeated).toBeGreaterThan(rounds);
    console.log(`PostgreSQL was killed ${rounds} times:`, churn.counts());
  });

  test.concurrent('when the server is killed with its embedded database', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'chaoxi-data-'));
    context.onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const churn = await killServer(embeddedRounds, { DATA_DIR: folder }, context, async () => {});
    const db = await openDb({ folder });
    await expectSound(churn, db);
    await db.close();
    expect(churn.counts().repeated).toBeGreaterThan(embeddedRounds);
  });
});
