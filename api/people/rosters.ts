import { transactionWithRetry, type Db } from '../../db/db.ts';
import type { Instant, IsoDate } from '../calendar/time.ts';
import { once, type Once } from '../engine/once.ts';
import { toTimestamp } from '../engine/sql-values.ts';
import type { Idempotency } from '../engine/types.ts';
import { newId } from '../new-id.ts';
import { holdsRole, type Caller } from './caller.ts';
import { readEntry, type RosterColumn, type RosterEntry, type RowFault } from './roster-rows.ts';
import { lockRosters, settleVehicles, type Here } from './verification.ts';

/** Who keeps rosters: the beneficiary's committee its own, the site's administrator all. */
const keepers = ['committee', 'site-administrator'];

/** How many cars an organisation's roster may hold. */
export const maxRosterVehicles = 20_000;

export type Roster = { organisationId: string; name: { zh: string; en: string }; vehicles: number };
export type RosterVehicle = RosterEntry & { id: string; addedAt: Instant };
export type RosterRefusal =
  | { ok: false; problem: 'not-found' }
  | { ok: false; problem: 'rule'; rule: 'plate-on-roster' | 'roster-full' }
  | { ok: false; problem: 'rule'; rule: RowFault['rule']; fault: RowFault };

/** Whether the caller keeps an organisation's roster. */
export const keepsRoster = (caller: Caller, organisationId: string): boolean =>
  holdsRole(caller, keepers, organisationId);

/** Whether the caller may read a roster unmasked without being asked why: the committee itself. */
export const isOwnRoster = (caller: Caller, organisationId: string): boolean =>
  caller.roles.some((held) => held.role === 'committee' && held.organisationId === organisationId);

/** The rosters that the caller keeps, by name. */
export async function rostersOf(db: Db, siteId: number, caller: Caller): Promise<Roster[]> {
  const compounds = await db.query<Roster>(
    `SELECT o.id AS "organisationId", o.name,
       (SELECT count(*)::int FROM roster_vehicle r WHERE r.site_id = o.site_id AND r.organisation_id = o.id) AS vehicles
     FROM organisation o WHERE o.site_id = $1 AND (o.kind = 'compound' OR o.id = ANY($2::text[])) ORDER BY o.id`,
    [siteId, caller.roles.flatMap((held) => (held.role === 'committee' ? [held.organisationId ?? ''] : []))],
  );
  return compounds.filter(({ organisationId }) => keepsRoster(caller, organisationId));
}

/** The roster's organisation, if the caller keeps it. */
export async function rosterOf(db: Db, siteId: number, caller: Caller, organisationId: string): Promise<Roster | null> {
  if (!keepsRoster(caller, organisationId)) return null;
  return (await rostersOf(db, siteId, caller)).find((roster) => roster.organisationId === organisationId) ?? null;
}

const columnsOfVehicle = `id, plate, phone, note, valid_from::text AS "validFrom", valid_to::text AS "validTo", added_at AS "addedAt"`;

/**
 * Cars of a roster, the newest first; `tail`: only those whose plate ends so; `before`: the id that the list goes on from, since a plate has
 * no place in an address. Index: roster_vehicle_by_organisation.
 */
export function rosterVehicles(
  db: Db,
  search: { siteId: number; organisationId: string; tail: string; before: string | null; limit: number },
): Promise<RosterVehicle[]> {
  return db.query<RosterVehicle>(
    `SELECT ${columnsOfVehicle} FROM roster_vehicle
     WHERE site_id = $1 AND organisation_id = $2 AND ($3::uuid IS NULL OR id < $3::uuid)
       AND right(plate, length($4)) = $4 ORDER BY id DESC LIMIT $5`,
    [search.siteId, search.organisationId, search.before, search.tail, search.limit],
  );
}

/** Puts one car on a roster. */
export async function addToRoster(
  db: Db,
  here: Here,
  by: { organisationId: string; actorId: string },
  typed: Record<RosterColumn, string>,
  idempotency: Idempotency | null,
): Promise<Once<{ ok: true; id: string } | RosterRefusal> | RosterRefusal> {
  const read = readEntry(typed);
  if (!read.ok) return { ok: false, problem: 'rule', rule: read.fault.rule, fault: read.fault };
  const { entry } = read;
  return once<{ ok: true; id: string } | RosterRefusal>(
    db,
    { siteId: here.siteId, at: here.now, idempotency },
    async (tx) => {
      await lockRosters(tx, here.siteId);
      const current = await currentRoster(tx, here.siteId, by.organisationId);
      if (current.has(entry.plate)) return { ok: false, problem: 'rule', rule: 'plate-on-roster' };
      if (current.size >= maxRosterVehicles) return { ok: false, problem: 'rule', rule: 'roster-full' };
      const [id = ''] = await writeEntries(tx, here, { ...by, importId: null }, [entry]);
      await settleVehicles(tx, here, { touched: [entry.plate], lost: [] });
      await tellRosterEvent(tx, here, 'roster.vehicle-added', by);
      return { ok: true, id };
    },
    ({ ok }) => ok,
  );
}

/** Takes one car off a roster: bookings that there are stay, new ones need another proof. */
export async function removeFromRoster(
  db: Db,
  here: Here,
  by: { organisationId: string; actorId: string },
  id: string,
): Promise<{ ok: true; unverified: number } | RosterRefusal> {
  return transactionWithRetry(db, (tx) => removeWithin(tx, here, by, id));
}

async function removeWithin(
  tx: Db,
  here: Here,
  by: { organisationId: string; actorId: string },
  id: string,
): Promise<{ ok: true; unverified: number } | RosterRefusal> {
  await lockRosters(tx, here.siteId);
  const [gone] = await tx.query<{ plate: string }>(
    'DELETE FROM roster_vehicle WHERE site_id = $1 AND organisation_id = $2 AND id = $3 RETURNING plate',
    [here.siteId, by.organisationId, id],
  );
  if (!gone) return { ok: false, problem: 'not-found' };
  const { unverified } = await settleVehicles(tx, here, { touched: [gone.plate], lost: [gone.plate] });
  await tellRosterEvent(tx, here, 'roster.vehicle-removed', by);
  return { ok: true, unverified };
}

/** All of a roster by plate; bounded by `maxRosterVehicles`. */
export async function currentRoster(db: Db, siteId: number, organisationId: string) {
  const rows = await db.query<RosterVehicle & { importId: string | null }>(
    `SELECT ${columnsOfVehicle}, import_id AS "importId" FROM roster_vehicle
     WHERE site_id = $1 AND organisation_id = $2 ORDER BY plate`,
    [siteId, organisationId],
  );
  return new Map(rows.map((row) => [row.plate, row]));
}

type Writer = { organisationId: string; actorId: string; importId: string | null };

/** Writes cars down, in place of what the roster said of the same plates. @returns their ids. */
export async function writeEntries(
  tx: Db,
  here: Here,
  by: Writer,
  entries: readonly (RosterEntry & { importId?: string | null })[],
): Promise<string[]> {
  if (entries.length === 0) return [];
  const column = <Value>(of: (entry: RosterEntry & { importId?: string | null }) => Value): Value[] => entries.map(of);
  const rows = await tx.query<{ id: string }>(
    `INSERT INTO roster_vehicle (site_id, id, organisation_id, plate, phone, note, valid_from, valid_to, added_by, added_at, import_id)
     SELECT $1, u.id, $2, u.plate, u.phone, u.note, u.valid_from, u.valid_to, $3, $4, u.import_id
     FROM unnest($5::uuid[], $6::text[], $7::text[], $8::text[], $9::date[], $10::date[], $11::uuid[])
       AS u(id, plate, phone, note, valid_from, valid_to, import_id)
     ON CONFLICT (site_id, organisation_id, plate) DO UPDATE SET phone = excluded.phone, note = excluded.note,
       valid_from = excluded.valid_from, valid_to = excluded.valid_to, added_by = excluded.added_by,
       added_at = excluded.added_at, import_id = excluded.import_id
     RETURNING id`,
    [
      here.siteId,
      by.organisationId,
      by.actorId,
      toTimestamp(here.now),
      column(() => newId()),
      column(({ plate }) => plate),
      column(({ phone }) => phone),
      column(({ note }) => note),
      column(({ validFrom }): IsoDate | null => validFrom),
      column(({ validTo }): IsoDate | null => validTo),
      column(({ importId }) => (importId === undefined ? by.importId : importId)),
    ],
  );
  return rows.map(({ id }) => id);
}

/** Leaves an event for the audit: who did what to which roster; no plate, no phone. */
export async function tellRosterEvent(
  tx: Db,
  { siteId, now }: Here,
  type: string,
  by: { organisationId: string; actorId: string; importId?: string },
): Promise<void> {
  const { actorId, ...facts } = by;
  await tx.query('INSERT INTO event (site_id, at, type, actor_id, facts) VALUES ($1, $2, $3, $4, $5::jsonb)', [
    siteId,
    toTimestamp(now),
    type,
    actorId,
    JSON.stringify(facts),
  ]);
}
