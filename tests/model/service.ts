import { parseInstant } from '../../api/calendar/time.ts';
import { expire } from '../../api/engine/expire.ts';
import { loadSurroundings } from '../../api/services/context.ts';
import { topUpSlots } from '../../api/services/publish.ts';
import type { OpenDb } from '../../db/db.ts';
import type { SeedResource } from '../../db/seed/caohejing.ts';
import { newPerson, staff } from '../support/person.ts';
import { processOver, signIn, type Process, type Wrap } from '../support/racing.ts';
import { aCanteen, aClass, aLot, aRun } from '../support/offers.ts';
import { insertSite } from '../support/site.ts';
import type { Allotment, Size, State } from './oracle-state.ts';
import type { World, WorldSlot } from './world.ts';

/** Somebody who books: what the model knows them by, and their key to the API. */
export type Member = { name: string; groups: readonly string[]; token: string; vehicleId: string; childIds: string[] };

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
const capacities: Record<string, number> = { a: 2, b: 2, c: 1, w: 2, d: 3, n: 1, m: 1, x: 2, y: 1 };

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
  const sizes = Object.fromEntries(
    Object.keys(world.slots).map((slot) => [slot, { capacity: capacities[slot[0]!]!, closed: null }]),
  );
  const nothing = { bookings: [], entries: [], changes: [], answers: {}, idOf: (label: string) => label };
  return {
    processes,
    members,
    bossToken,
    start: { world, now: startsAt, sizes, allotments: kept, ...nothing },
    stops: shortened(aRun()).stops.map(({ stopId }) => stopId),
    now: () => present,
    moveTo: (instant) => void (present = instant),
    reset: async () => {
      present = startsAt;
      await resetRows(db, world, sizes);
    },
    sweep: async (process) => void (await expire(process.db, siteId, present)),
    close: async () => void (await Promise.all(dbs.map((own) => own.close()))),
  };
}

/**
 * Two runs of three legs at the same time and one after them, a canteen with one dish, two lots for the same people, and two classes. On the
 * first run the largest party gives way first, in the canteen whoever ordered first.
 */
function offered(): SeedResource[] {
  const run = aRun();
  const [canteen, dish] = aCanteen();
  const shown = { ...run, facts: shortened(run) };
  const later = aRun({ id: 'run-3' });
  return [
    { ...declaring('largest-party', shown), id: 'run-a' },
    { ...shown, id: 'run-b' },
    { ...later, facts: shortened(later), id: 'run-c' },
    declaring('earliest-booked', canteen!),
    dish!,
    aLot(),
    { ...aLot(), id: 'other-lot' },
    aClass(),
    aClass({ id: 'summer-1-b' }),
  ];
}

function declaring(displaceFirst: string, resource: SeedResource): SeedResource {
  const { schedule } = resource;
  return { ...resource, schedule: schedule && { ...schedule, rule: { ...schedule.rule, displaceFirst } } };
}

function shortened({ facts }: SeedResource) {
  const run = facts as { stops: { stopId: string }[] };
  return { ...run, stops: run.stops.slice(0, 4) };
}

const letters: Record<string, string> = {
  'run-a': 'a',
  'run-b': 'b',
  'run-c': 'c',
  innovation: 'w',
  'innovation-hongshao': 'd',
  'guangqi-night': 'n',
  'other-lot': 'm',
  'summer-1-a': 'x',
  'summer-1-b': 'y',
};

/** Keeps few of the published slots, so that people meet in them, and gives them short names. */
async function keptSlots(db: OpenDb): Promise<World> {
  await db.query(
    `DELETE FROM slot WHERE site_id = $1 AND NOT (
       service_date = $2 AND kind IN ('shuttle', 'dish')
       OR kind = 'canteen' AND id IN (
         SELECT id FROM slot WHERE site_id = $1 AND kind = 'canteen' AND service_date = $2 ORDER BY starts_at LIMIT 2)
       OR kind = 'parking' AND service_date BETWEEN $2 AND '2026-11-30'
       OR kind = 'childcare' AND part = 'session-1')`,
    [siteId, serviceDate],
  );
  const rows = await db.query<WorldSlot & { resourceId: string }>(
    `SELECT id, resource_id AS "resourceId", opens_at AS "opensAt", closes_at AS "closesAt", cancel_until AS "cancelUntil",
       starts_at AS "startsAt", ends_at AS "endsAt" FROM slot WHERE site_id = $1 ORDER BY starts_at, id`,
    [siteId],
  );
  const counts: Record<string, number> = {};
  const slots = rows.map(({ resourceId, ...slot }) => {
    const letter = letters[resourceId]!;
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
  const children = [2, 4].map((grade) => ({ grade, verified: true }));
  const { phone, vehicleIds, childIds } = await newPerson(db, siteId, {
    roles,
    vehicles: [{ verified: true }],
    children,
  });
  const [token = ''] = await signIn(process, [phone]);
  return { name: `p${index}`, groups, token, vehicleId: vehicleIds[0]!, childIds };
}

async function resetRows(db: OpenDb, world: World, sizes: Record<string, Size>): Promise<void> {
  const names = Object.keys(world.slots);
  await db.query(
    `WITH lines AS (DELETE FROM booking_line), draws AS (DELETE FROM allotment_draw), claims AS (DELETE FROM claim),
       notices AS (DELETE FROM notice), queues AS (DELETE FROM waitlist_slot), entries AS (DELETE FROM waitlist_entry), bookings AS (DELETE FROM booking),
       events AS (DELETE FROM event), keys AS (DELETE FROM idempotency_key), kept AS (DELETE FROM allotment),
       touched AS (DELETE FROM capacity_change_resource), changes AS (DELETE FROM capacity_change)
     UPDATE slot SET taken = 0, version = 1, state = 'active', closed_reason = NULL, capacity = u.capacity
     FROM unnest($2::bigint[], $3::int[]) AS u(id, capacity) WHERE site_id = $1 AND slot.id = u.id`,
    [siteId, names.map((name) => world.slots[name]!.id), names.map((name) => sizes[name]!.capacity)],
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
