import { inject } from 'vitest';
import { createApp } from '../../api/app.ts';
import { parseInstant } from '../../api/calendar/time.ts';
import { clockFrom, type Clock } from '../../api/clock.ts';
import { createDeps, createMemory } from '../../api/deps.ts';
import { createLive } from '../../api/live.ts';
import type { Engine } from '../../api/engine/engine.ts';
import { loadSurroundings } from '../../api/services/context.ts';
import { topUpSlots } from '../../api/services/publish.ts';
import type { OpenDb } from '../../db/db.ts';
import { migrate } from '../../db/migrate.ts';
import { openDb } from '../../db/open.ts';
import { siteRow } from '../../db/seed/caohejing.ts';
import { demoPeople, loadTesters } from '../../db/seed/demo-people.ts';
import { loadSeed } from '../../db/seed/load.ts';
import { freshDatabase } from './fresh-database.ts';
import { gateSecret } from './gate-messages.ts';
import { createDatabaseOn } from './postgres.ts';
import { seedDemoSite } from './seed-demo-site.ts';

/** A Monday morning on which runs, lots and canteens are open for days to come. */
export const now = '2026-11-23T09:00:00+08:00';

/** One process of the service, as far as it matters to a race: its own app, engine and connections. */
export type Process = {
  db: OpenDb;
  engine: Engine;
  call: Call;
  /** A GET whose answer is not read: for streams. */
  open: (path: string, headers?: Record<string, string>) => Promise<Response>;
  close: () => Promise<void>;
};

export type Answer<Body = Record<string, unknown>> = { status: number; headers: Headers; body: Body };
export type Call = <Body = Record<string, unknown>>(
  path: string,
  options?: { token?: string | undefined; body?: object; headers?: Record<string, string> },
) => Promise<Answer<Body>>;

/** What a test does to a database before the service gets it, e.g. take a guard away. */
export type Wrap = (db: OpenDb) => OpenDb;

let seeded: Promise<string> | null = null;

/** The address of a PostgreSQL database of one's own that holds the demo site at `now`. */
export async function seededDatabase(): Promise<string> {
  seeded ??= freshDatabase().then(async (url) => {
    await seedDemoSite(url, now);
    return new URL(url).pathname.slice(1);
  });
  return createDatabaseOn(inject('postgresUrl'), { template: await seeded });
}

/** An embedded database in memory that holds the demo site at `now`. */
export async function seededEmbedded(): Promise<OpenDb> {
  const db = await openDb({ folder: null });
  await migrate(db);
  await loadSeed(db, parseInstant(now));
  await topUpSlots(db, await loadSurroundings(db, siteRow.code), parseInstant(now));
  return db;
}

/** Some processes of the service on one database, each with its own connections. */
export async function startProcesses(count: number, url: string, wrap: Wrap = (db) => db): Promise<Process[]> {
  return Promise.all(Array.from({ length: count }, async () => processOver(wrap(await openDb({ url })))));
}

const defaults = {
  isDemo: true,
  origin: null,
  sms: null,
  siteCode: siteRow.code,
  vehiclesPerPerson: 5,
  gtfs: { feedSeconds: 3600, realtimeSeconds: 15, positionSeconds: 5, positionStaleSeconds: 90 },
  requestDeadlineMilliseconds: 10_000,
  gate: { secret: gateSecret, pushUrl: null, pushFolder: null },
  requestsPerMinute: 1_000_000,
  addressRequestsPerMinute: 1_000_000,
};
const secret = 'a-secret-of-the-race-tests-0123456789abcdef';

/** A process of the service over an open database; of the demo site at `now` and running on, unless told otherwise. */
export function processOver(
  db: OpenDb,
  {
    clock = clockFrom(parseInstant(now), () => Date.now()),
    ...settings
  }: { clock?: Clock } & Partial<typeof defaults> = {},
): Process {
  const config = { ...defaults, ...settings };
  const live = createLive(db, clock, { listeners: 1_000, listenersPerAddress: 1_000 }, () => {});
  const memory = createMemory(config, secret);
  const deps = createDeps(db, clock, config, memory, { log: () => {}, addressOf: () => null, live });
  const app = createApp(deps);
  const call: Call = async (path, { token, body, headers = {} } = {}) => {
    const response = await app.fetch(
      new Request(`http://chaoxi.test/api/v1${path}`, {
        method: body ? 'POST' : 'GET',
        headers: {
          ...(body ? { 'content-type': 'application/json' } : {}),
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...headers,
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
      }),
    );
    return { status: response.status, headers: response.headers, body: (await response.json()) as never };
  };
  const open: Process['open'] = async (path, headers = {}) =>
    app.fetch(new Request(`http://chaoxi.test/api/v1${path}`, { headers }));
  return {
    db,
    engine: deps.engine,
    call,
    open,
    close: async () => {
      live.end();
      await db.close();
    },
  };
}

/** Ends all of them; harmless when some did not start. */
export async function stopProcesses(processes: readonly Process[]): Promise<void> {
  await Promise.all(processes.map(({ close }) => close()));
}

/** Signs people in with their phones, as anybody does; the tokens hold in every process. */
export function signIn({ call }: Pick<Process, 'call'>, phones: readonly string[]): Promise<string[]> {
  return Promise.all(
    phones.map(async (phone) => {
      const { body: sent } = await call<{ demoCode: string }>('/auth/otp', { body: { phone } });
      const { body } = await call<{ token: string }>('/auth/session', { body: { phone, code: sent.demoCode } });
      return body.token;
    }),
  );
}

/** The phones of some employees of the load test, from the first on. */
export const employees = (count: number, first = 0): string[] =>
  loadTesters.slice(first, first + count).map(({ phone }) => phone);

/** Their ids, in the same order. */
export const employeeIds = (count: number, first = 0): string[] =>
  loadTesters.slice(first, first + count).map(({ id }) => id);

/** The phone of the one who administers the site. */
export const administrator = demoPeople.find(({ role }) => role === 'site-administrator')?.phone ?? '';

/** For a control that must see a race which is a matter of chance: it has to show in one of so many tries. */
export const withinTries = { retry: 9 };

/** Does the same for everybody at once, spread over the processes. */
export function race<Item, Result>(
  processes: readonly Process[],
  items: readonly Item[],
  act: (process: Process, item: Item) => Promise<Result>,
): Promise<Result[]> {
  return Promise.all(items.map((item, index) => act(processes[index % processes.length]!, item)));
}

/** How often each status and problem came, e.g. `{ '201': 22, '409 /problems/slot-full': 378 }`. */
export function tally(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const name = typeof body['type'] === 'string' ? `${status} ${body['type']}` : String(status);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

export type CountedSlot = { id: number; capacity: number; taken: number; units: number; serviceDate: string };

/** A resource's slots between two dates in order of start, with what live bookings hold of them. */
export function countedSlots(db: OpenDb, resourceId: string, from: string, to = from): Promise<CountedSlot[]> {
  return db.query<CountedSlot>(
    `SELECT s.id, s.capacity, s.taken, s.service_date AS "serviceDate", coalesce(sum(l.units) FILTER (WHERE b.id IS NOT NULL), 0)::int AS units
     FROM slot s LEFT JOIN booking_line l ON l.site_id = s.site_id AND l.slot_id = s.id
     LEFT JOIN booking b ON b.site_id = l.site_id AND b.id = l.booking_id AND b.state IN ('held', 'confirmed', 'checked_in', 'completed', 'no_show')
     WHERE s.site_id = $1 AND s.resource_id = $2 AND s.service_date BETWEEN $3 AND $4
     GROUP BY s.site_id, s.id ORDER BY s.starts_at`,
    [siteRow.id, resourceId, from, to],
  );
}
