import { parseInstant } from '../../api/calendar/time.ts';
import { expire } from '../../api/engine/expire.ts';
import { loadSurroundings } from '../../api/services/context.ts';
import { topUpSlots } from '../../api/services/publish.ts';
import type { OpenDb } from '../../db/db.ts';
import type { SeedResource } from '../../db/seed/caohejing.ts';
import { newPerson, staff } from '../support/person.ts';
import { processOver, signIn, type Process, type Wrap } from '../support/racing.ts';
import { aCanteen, aLot, aRun } from '../support/offers.ts';
import { insertSite } from '../support/site.ts';
import type { Allotment, State, World, WorldSlot } from './oracle-state.ts';

/** Somebody who books: what the model knows them by, and their key to the API. */
export type Member = { name: string; groups: readonly string[]; token: string; vehicleId: string };

/** A tiny site that histories are played on, one after the other, and the processes that serve it. */
export type Service = {
  processes: Process[];
  members: Member[];
  bossToken: string;
  /** How everything stands before a history, also what the model starts from. */
  start: State;
  stops: readonly string[];
  now: () => number;
  moveTo: (instant: number) => void;
  /** Undoes a history: everything stands as at the start again. */
  reset: () => Promise<void>;
  /** What the sweep does, of one process. */
  sweep: (process: Process) => Promise<void>;
  close: () => Promise<void>;
};

/** A Tuesday on which a ride at 08:10, lunch and the nights to come can be booked. */
const startsAt = parseInstant('2026-11-24T07:00:00+08:00');
export const serviceDate = '2026-11-24';
export const month = '2026-11';
const siteId = 77;
const code = 'the-models-site';
const memberCount = 6;

/** How many units each slot has at the start, by the first letter of its name. */
const capacities: Record<string, number> = { a: 2, b: 2, w: 2, d: 3, n: 1 };

/** Units that are kept for a company until a quarter to eight. */
const kept: Allotment[] = ['a1', 'w1'].map((slot) => ({
  slot,
  group: 'demo-ic',
  units: 1,
  taken: 0,
  releaseAt: startsAt + 45 * 60_000,
}));

/** Makes the tiny site in a migrated database, and starts a process of the service over each of these connections to it. */
export async function startService(dbs: readonly OpenDb[], wrap: Wrap = (db) => db): Promise<Service> {
  const db = dbs[0]!;
  let present = startsAt;
  const clock = { now: () => present };
  await insertSite(db, siteId, code, offered());
  await topUpSlots(db, await loadSurroundings(db, code), present);
  const world = await keptSlots(db);
  const processes = dbs.map((own) => processOver(wrap(own), { clock, siteCode: code }));
  const members = await Promise.all(
    Array.from({ length: memberCount }, (_, index) => member(db, processes[0]!, index)),
  );
  const boss = await newPerson(db, siteId, staff('site-administrator'));
  const [bossToken = ''] = await signIn(processes[0]!, [boss.phone]);
  const capacity = Object.fromEntries(Object.keys(world.slots).map((slot) => [slot, capacities[slot[0]!]!]));
  return {
    processes,
    members,
    bossToken,
    start: { world, now: startsAt, capacity, allotments: kept, bookings: [], entries: [], answers: {} },
    stops: shortened(aRun()).stops.map(({ stopId }) => stopId),
    now: () => present,
    moveTo: (instant) => void (present = instant),
    reset: async () => {
      present = startsAt;
      await resetRows(db, world, capacity);
    },
    sweep: async (process) => void (await expire(process.db, siteId, present)),
    close: async () => void (await Promise.all(dbs.map((own) => own.close()))),
  };
}

/** Two runs of three legs at the same time, a canteen with one dish, and a lot. */
function offered(): SeedResource[] {
  const run = aRun();
  const [canteen, dish] = aCanteen();
  const shown = { ...run, facts: shortened(run) };
  return [{ ...shown, id: 'run-a' }, { ...shown, id: 'run-b' }, canteen!, dish!, aLot()];
}

function shortened({ facts }: SeedResource) {
  const run = facts as { stops: { stopId: string }[] };
  return { ...run, stops: run.stops.slice(0, 4) };
}

/** Keeps few of the published slots, so that people meet in them, and gives them short names. */
async function keptSlots(db: OpenDb): Promise<World> {
  await db.query(
    `DELETE FROM slot WHERE site_id = $1 AND NOT (
       service_date = $2 AND (resource_id IN ('run-a', 'run-b') OR kind = 'dish')
       OR kind = 'canteen' AND id IN (
         SELECT id FROM slot WHERE site_id = $1 AND kind = 'canteen' AND service_date = $2 ORDER BY starts_at LIMIT 2)
       OR kind = 'parking' AND service_date BETWEEN $2 AND '2026-11-30')`,
    [siteId, serviceDate],
  );
  const rows = await db.query<WorldSlot & { resourceId: string }>(
    `SELECT id, resource_id AS "resourceId", opens_at AS "opensAt", closes_at AS "closesAt", cancel_until AS "cancelUntil",
       starts_at AS "startsAt", ends_at AS "endsAt" FROM slot WHERE site_id = $1 ORDER BY starts_at, id`,
    [siteId],
  );
  const letters: Record<string, string> = { 'run-a': 'a', 'run-b': 'b', innovation: 'w', 'innovation-hongshao': 'd' };
  const counts: Record<string, number> = {};
  const slots = rows.map(({ resourceId, ...slot }) => {
    const letter = letters[resourceId] ?? 'n';
    counts[letter] = (counts[letter] ?? 0) + 1;
    return [letter + counts[letter], slot] as const;
  });
  return { slots: Object.fromEntries(slots) };
}

async function member(db: OpenDb, process: Process, index: number): Promise<Member> {
  const groups = [index < 2 ? 'demo-ic' : 'demo-games', 'hongxing'];
  const roles = [
    { role: 'employee' as const, organisationId: groups[0]! },
    { role: 'resident' as const, organisationId: groups[1]! },
  ];
  const { phone, vehicleIds } = await newPerson(db, siteId, { roles, vehicles: [{ verified: true }] });
  const [token = ''] = await signIn(process, [phone]);
  return { name: `p${index}`, groups, token, vehicleId: vehicleIds[0]! };
}

async function resetRows(db: OpenDb, world: World, capacity: Record<string, number>): Promise<void> {
  const names = Object.keys(world.slots);
  await db.query(
    `WITH lines AS (DELETE FROM booking_line), draws AS (DELETE FROM allotment_draw), claims AS (DELETE FROM claim),
       queues AS (DELETE FROM waitlist_slot), entries AS (DELETE FROM waitlist_entry), bookings AS (DELETE FROM booking),
       events AS (DELETE FROM event), keys AS (DELETE FROM idempotency_key), kept AS (DELETE FROM allotment)
     UPDATE slot SET taken = 0, version = 1, state = 'active', capacity = u.capacity
     FROM unnest($2::bigint[], $3::int[]) AS u(id, capacity) WHERE site_id = $1 AND slot.id = u.id`,
    [siteId, names.map((name) => world.slots[name]!.id), names.map((name) => capacity[name]!)],
  );
  await db.query(
    `INSERT INTO allotment (site_id, slot_id, organisation_id, units, release_at)
     SELECT $1, u.slot_id, u.organisation_id, u.units, u.release_at
     FROM unnest($2::bigint[], $3::text[], $4::int[], $5::timestamptz[]) AS u(slot_id, organisation_id, units, release_at)`,
    [
      siteId,
      kept.map(({ slot }) => world.slots[slot]!.id),
      kept.map(({ group }) => group),
      kept.map(({ units }) => units),
      kept.map(({ releaseAt }) => new Date(releaseAt).toISOString()),
    ],
  );
}
