import { eq } from 'drizzle-orm';
import { createApp } from '../../api/app.ts';
import { parseCalendarCsv } from '../../api/calendar/csv.ts';
import { parseInstant, type Instant } from '../../api/calendar/time.ts';
import { createDeps, createMemory } from '../../api/deps.ts';
import { createLive } from '../../api/live.ts';
import type { ListenerLimits } from '../../api/http/listeners.ts';
import type { SmsSender } from '../../api/messages/sms.ts';
import { loadSurroundings } from '../../api/services/context.ts';
import { topUpSlots } from '../../api/services/publish.ts';
import type { OpenDb } from '../../db/db.ts';
import { openEmbedded } from '../../db/embedded.ts';
import { migrate } from '../../db/migrate.ts';
import * as schema from '../../db/schema/index.ts';
import {
  lots,
  organisations,
  shuttleLines,
  shuttleStops,
  siteRow,
  type SeedResource,
} from '../../db/seed/caohejing.ts';
import { readFileSync } from 'node:fs';
import { callerOver, type Call } from './call.ts';
import { gateSecret } from './gate-messages.ts';
import { newPerson, type Person, type PersonSketch } from './person.ts';

/** A Monday morning on which canteens, runs and lots are open for days to come. */
export const monday = '2026-11-23T09:00:00+08:00';

const secret = 'the-secret-of-the-api-tests-0123456789';
let database: Promise<OpenDb> | null = null;
let lastSiteId = 1000;

/** The one embedded database of this vitest worker, migrated. */
export function testDatabase(): Promise<OpenDb> {
  database ??= openEmbedded().then(async (db) => {
    await migrate(db);
    return db;
  });
  return database;
}

const calendar2026 = parseCalendarCsv(
  readFileSync(new URL('../../db/seed/calendar-2026.csv', import.meta.url), 'utf8'),
);

/** How a test wants its site; `now` is RFC 3339. */
export type SiteSketch = {
  now?: string;
  isDemo?: boolean;
  sms?: SmsSender | null;
  origin?: string | null;
  requestsPerMinute?: number;
  addressRequestsPerMinute?: number;
  listeners?: Partial<ListenerLimits>;
  /** What the runtime says of every caller's network address. */
  address?: string | null;
};

/** A site of its own for one test: rows that nobody else sees, a clock that the test moves, and the app over both. */
export type TestSite = Awaited<ReturnType<typeof aSite>>;

/** Makes a site that offers these resources, publishes its slots for its clock's day, and starts the app for it. */
export async function aSite(offered: readonly SeedResource[] = [], sketch: SiteSketch = {}) {
  const db = await testDatabase();
  const siteId = ++lastSiteId;
  const code = `site-${siteId}`;
  const clock = movableClock(sketch.now ?? monday);
  await insertSite(db, siteId, code, offered);
  const surroundings = () => loadSurroundings(db, code);
  const topUp = async () => topUpSlots(db, await surroundings(), clock.now());
  await topUp();

  const config = {
    isDemo: sketch.isDemo ?? true,
    origin: sketch.origin ?? null,
    siteCode: code,
    requestDeadlineMilliseconds: 10_000,
    gate: { secret: gateSecret, pushUrl: null, pushFolder: null },
    vehiclesPerPerson: 3,
    gtfs: { feedSeconds: 3600, realtimeSeconds: 15, positionSeconds: 5, positionStaleSeconds: 90 },
    requestsPerMinute: sketch.requestsPerMinute ?? 100_000,
    addressRequestsPerMinute: sketch.addressRequestsPerMinute ?? 100_000,
  };
  const memory = createMemory(config, secret);
  const logged: string[] = [];
  const limits = { listeners: 100, listenersPerAddress: 10, ...sketch.listeners };
  const live = createLive(db, clock, limits, (error) => void logged.push(`the log: ${String(error)}`));
  const deps = {
    ...createDeps(db, clock, { ...config, sms: null }, memory, {
      log: (level, message, facts) => void logged.push(`${level}: ${message} ${JSON.stringify(facts)}`),
      addressOf: () => sketch.address ?? null,
      live,
    }),
    sms: sketch.sms ?? null,
  };
  const app = createApp(deps);
  const call = callerOver((request) => app.fetch(request), logged);

  return {
    id: siteId,
    code,
    db,
    app,
    clock,
    deps,
    surroundings,
    /** Publishes what is due at the clock's present. @returns how many slots were made. */
    topUp,
    /** Calls the API as nobody. */
    ...call,
    /** Lets the app read the catalogue and the calendar anew. */
    forgetSurroundings: () => void (memory.surroundings.value = null),
    /** A new person of this site, signed in. */
    async person(sketched: PersonSketch = {}): Promise<Person & Call> {
      const made = await newPerson(db, siteId, sketched);
      const { token } = await memory.sessions.start(db, siteId, made.id, clock.now());
      return { ...made, token, ...call.with({ authorization: `Bearer ${token}` }) };
    },
    /** The rows that requests write, counted; what a refused request must leave as it was. */
    rows: () => writtenRows(db, siteId),
  };
}

function movableClock(start: string) {
  let present: Instant = parseInstant(start);
  return {
    now: () => present,
    /** Moves to an instant, RFC 3339. */
    set: (text: string) => void (present = parseInstant(text)),
    advance: (seconds: number) => void (present += seconds * 1000),
  };
}

/** Writes a site down with its organisations, its calendar and what it offers; slots are published separately. */
export async function insertSite(db: OpenDb, siteId: number, code: string, offered: readonly SeedResource[]) {
  if (!calendar2026.ok) throw new Error('the calendar of 2026 cannot be read');
  const { days } = calendar2026;
  await db.transaction(async ({ orm }) => {
    await orm.insert(schema.site).values({ ...siteRow, id: siteId, code });
    await orm.insert(schema.organisation).values(organisations().map((row) => ({ siteId, ...row })));
    await orm.insert(schema.parkingLot).values(lots().map((row) => ({ siteId, ...row })));
    await orm.insert(schema.shuttleLine).values(shuttleLines().map((row) => ({ siteId, ...row })));
    await orm.insert(schema.shuttleStop).values(shuttleStops().map((row) => ({ siteId, ...row })));
    await orm.insert(schema.calendarDay).values(days.map((day) => ({ siteId, ...day })));
    for (const [sort, { schedule, ...resource }] of offered.entries()) {
      await orm.insert(schema.resource).values({ siteId, sort, ...resource });
      if (schedule)
        await orm.insert(schema.schedule).values({ siteId, id: resource.id, resourceId: resource.id, ...schedule });
    }
  });
}

/** Everything that a request may write, in figures; equal figures before and after mean that nothing was written. */
async function writtenRows(db: OpenDb, siteId: number): Promise<Record<string, number>> {
  const tables = [
    'booking',
    'booking_line',
    'claim',
    'event',
    'idempotency_key',
    'person',
    'session',
    'transfer',
    'slot',
    'waitlist_entry',
  ];
  const counts = tables.map((table) => `(SELECT count(*)::int FROM ${table} WHERE site_id = $1) AS ${table}`);
  const [row] = await db.query<Record<string, number>>(
    `SELECT ${counts.join(', ')},
       (SELECT coalesce(sum(taken), 0)::int FROM slot WHERE site_id = $1) AS taken,
       (SELECT coalesce(sum(capacity), 0)::int FROM slot WHERE site_id = $1) AS capacity,
       (SELECT coalesce(sum(version), 0)::int FROM slot WHERE site_id = $1) AS versions,
       (SELECT count(*)::int FROM booking WHERE site_id = $1 AND state = 'cancelled') AS cancelled,
       (SELECT md5(string_agg(name || locale, ',' ORDER BY id)) FROM person WHERE site_id = $1) AS names`,
    [siteId],
  );
  return row ?? {};
}

/** Closes a slot as the operator would, without a route for it yet: no change of a slot is without its event. */
export async function closeSlot(site: TestSite, slotId: string, reason = '检修'): Promise<void> {
  const id = Number(slotId);
  await site.db.transaction(async ({ orm }) => {
    await orm.update(schema.slot).set({ state: 'closed', closedReason: reason }).where(eq(schema.slot.id, id));
    await orm.insert(schema.event).values({ siteId: site.id, at: site.clock.now(), type: 'slot.closed', slotId: id });
  });
}
