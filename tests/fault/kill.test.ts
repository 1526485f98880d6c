import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { OpenDb } from '../../db/db.ts';
import { openDb } from '../../db/open.ts';
import { acknowledged, seatWishes, sendWishes, unanswered } from '../support/booking-stream.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { expectInvariants } from '../support/invariants.ts';
import { employees, tally } from '../support/racing.ts';
import { startServer, type ServerProcess } from '../support/server-process.ts';
import { signInAt } from '../support/service-client.ts';

const now = '2026-11-23T06:00:00+08:00';
const sessionSecret = 'a-secret-of-the-fault-tests-0123456789abcdef';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(env: Record<string, string>): Promise<ServerProcess> {
  const server = await startServer({ ...env, DEMO_NOW: now });
  cleanups.push(async () => {
    server.signal('SIGKILL');
    await server.ended;
  });
  return server;
}

/** Where the data is: what the server is told, and how to look at it once the server has stopped. */
type Place = { env: Record<string, string>; look: () => Promise<OpenDb> };
const places: Record<string, () => Promise<Place>> = {
  'on the embedded database': async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chaoxi-data-'));
    cleanups.push(() => rm(folder, { recursive: true, force: true }));
    return { env: { DATA_DIR: folder }, look: () => openDb({ folder }) };
  },
  'on PostgreSQL': async () => {
    const url = await freshDatabase();
    return { env: { DATABASE_URL: url, DEMO: 'on', SESSION_SECRET: sessionSecret }, look: () => openDb({ url }) };
  },
};

/** Each round kills the server at another moment of its stream of bookings. */
const rounds = [
  { serviceDate: '2026-11-24', killAfter: 3 },
  { serviceDate: '2026-11-25', killAfter: 30 },
  { serviceDate: '2026-11-26', killAfter: 75 },
];

describe.each(Object.entries(places))('kill -9 in the middle of a stream of bookings %s', (_name, place) => {
  test('every acknowledged booking is there, nothing is half-made, and a repeat with its key doubles nothing', async () => {
    const { env, look } = await place();
    let server = await start(env);
    const tokens = await Promise.all(employees(40).map((phone) => signInAt(server.url, phone)));
    const kept: string[] = [];
    for (const { serviceDate, killAfter } of rounds) {
      const killed = server;
      const outcomes = await sendWishes(server.url, seatWishes(tokens, serviceDate), {
        onAcknowledged: (count) => {
          if (count === killAfter) killed.signal('SIGKILL');
        },
      });
      expect(await killed.ended).toBe(137);
      const lost = unanswered(outcomes);
      expect(lost.length).toBeGreaterThan(0);
      kept.push(...acknowledged(outcomes));

      server = await start(env);
      const repeated = await sendWishes(server.url, lost);
      // Granted now or then; an overlap would be the wish in its own way, because its key was not known.
      const answers = repeated.map(({ answer }) => answer!);
      const allowed = ['201', '409 /problems/slot-full'];
      expect(Object.keys(tally(answers)).filter((name) => !allowed.includes(name))).toEqual([]);
      kept.push(...acknowledged(repeated));
    }
    server.signal('SIGTERM');
    expect(await server.ended).toBe(0);

    const db = await look();
    cleanups.push(() => db.close());
    const bookings = await db.query<{ id: string }>(`SELECT id FROM booking WHERE state = 'confirmed'`);
    expect(bookings.map(({ id }) => id).toSorted()).toEqual(kept.toSorted());
    await expectInvariants(db);
  });
});
