import type { Db } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import { once, type Once } from '../engine/once.ts';
import { toTimestamp } from '../engine/sql-values.ts';
import type { Idempotency } from '../engine/types.ts';
import { newId } from '../new-id.ts';
import { planImport, type ImportMode, type ImportPlan, type ReportRow } from './roster-plan.ts';
import { readRoster } from './roster-rows.ts';
import { readTable, type TableFault } from './roster-table.ts';
import { currentRoster, maxRosterVehicles, tellRosterEvent, writeEntries, type RosterVehicle } from './rosters.ts';
import { lockRosters, settleVehicles, type Here, type Settled } from './verification.ts';

export type FileRule = TableFault | 'no-plate-column' | 'no-rows' | 'roster-full';
export type ImportRefusal =
  | { ok: false; problem: 'not-found' }
  | { ok: false; problem: 'rule'; rule: FileRule | 'already-undone' | 'roster-changed-since' };

export type RosterFile = { bytes: Uint8Array; fileName: string; mode: ImportMode };

export type Import = {
  id: string;
  fileName: string;
  mode: ImportMode;
  actorId: string;
  at: Instant;
  counts: ImportPlan['counts'];
  verified: number;
  unverified: number;
  undoneAt: Instant | null;
};

/** How many imports of an organisation are kept, with their reports. */
const keptImports = 20;

type By = { organisationId: string; actorId: string };
type Before = (RosterVehicle & { importId: string | null })[];

const refuse = (rule: Extract<ImportRefusal, { rule: string }>['rule']): ImportRefusal => ({
  ok: false,
  problem: 'rule',
  rule,
});

/** What a file would do to a roster, row by row; nothing is written. */
export async function planRosterImport(
  db: Db,
  here: Here,
  by: By,
  file: RosterFile,
): Promise<{ ok: true; plan: ImportPlan } | ImportRefusal> {
  const table = readTable(file.bytes);
  if (!table.ok) return refuse(table.rule);
  const read = readRoster(table.rows);
  if (!read.ok) return refuse(read.rule);
  const current = await currentRoster(db, here.siteId, by.organisationId);
  const plan = planImport(read.rows, current, file.mode);
  const isTooMuch = current.size + plan.counts.added - plan.counts.removed > maxRosterVehicles;
  return isTooMuch ? refuse('roster-full') : { ok: true, plan };
}

/** Takes a file over into a roster and settles the vehicles of all rows that changed, in one transaction. @returns the import's id. */
export async function importRoster(
  db: Db,
  here: Here,
  by: By,
  file: RosterFile,
  idempotency: Idempotency | null,
): Promise<Once<{ ok: true; importId: string } | ImportRefusal>> {
  return once<{ ok: true; importId: string } | ImportRefusal>(
    db,
    { siteId: here.siteId, at: here.now, idempotency },
    async (tx) => {
      await lockRosters(tx, here.siteId);
      const planned = await planRosterImport(tx, here, by, file);
      if (!planned.ok) return planned;
      const { plan } = planned;
      const importId = newId();
      const current = await currentRoster(tx, here.siteId, by.organisationId);
      const changed = plan.write.map(({ plate }) => plate).filter((plate) => current.has(plate));
      const before = [...changed, ...plan.remove].flatMap((plate) => current.get(plate) ?? []);
      await removePlates(tx, here.siteId, by.organisationId, plan.remove);
      await writeEntries(tx, here, { ...by, importId }, plan.write);
      const lost = [...changed, ...plan.remove];
      const settled = await settleVehicles(tx, here, {
        touched: [...plan.write.map(({ plate }) => plate), ...plan.remove],
        lost,
      });
      await keepImport(tx, here, { ...by, importId }, { file, plan, before, settled });
      await tellRosterEvent(tx, here, 'roster.imported', { ...by, importId });
      return { ok: true, importId };
    },
    ({ ok }) => ok,
  );
}

/** Takes an import back: what it added goes, what it changed or removed is as it was; only while nobody changed those rows since. */
export async function undoImport(
  db: Db,
  here: Here,
  by: By,
  importId: string,
  idempotency: Idempotency | null,
): Promise<Once<({ ok: true } & Settled) | ImportRefusal>> {
  return once<({ ok: true } & Settled) | ImportRefusal>(
    db,
    { siteId: here.siteId, at: here.now, idempotency },
    async (tx) => {
      await lockRosters(tx, here.siteId);
      const [kept] = await tx.query<{ report: ReportRow[]; before: Before; undoneAt: Instant | null }>(
        `SELECT report, before, undone_at AS "undoneAt" FROM roster_import
         WHERE site_id = $1 AND organisation_id = $2 AND id = $3`,
        [here.siteId, by.organisationId, importId],
      );
      if (!kept) return { ok: false, problem: 'not-found' };
      if (kept.undoneAt !== null) return refuse('already-undone');
      const platesWith = (...outcomes: ReportRow['outcome'][]): string[] =>
        kept.report.flatMap(({ outcome, plate }) => (outcomes.includes(outcome) ? [plate] : []));
      const [added, written, removed] = [platesWith('added'), platesWith('added', 'changed'), platesWith('removed')];
      const current = await currentRoster(tx, here.siteId, by.organisationId);
      const isAsLeft =
        written.every((plate) => current.get(plate)?.importId === importId) &&
        removed.every((plate) => !current.has(plate));
      if (!isAsLeft) return refuse('roster-changed-since');
      await removePlates(tx, here.siteId, by.organisationId, added);
      await writeEntries(tx, here, { ...by, importId: null }, kept.before);
      const settled = await settleVehicles(tx, here, { touched: [...written, ...removed], lost: written });
      await tx.query('UPDATE roster_import SET undone_at = $3, undone_by = $4 WHERE site_id = $1 AND id = $2', [
        here.siteId,
        importId,
        toTimestamp(here.now),
        by.actorId,
      ]);
      await tellRosterEvent(tx, here, 'roster.import-undone', { ...by, importId });
      return { ok: true, ...settled };
    },
    ({ ok }) => ok,
  );
}

const columnsOfImport = `id, file_name AS "fileName", mode, actor_id AS "actorId", at, verified, unverified, undone_at AS "undoneAt",
  jsonb_build_object('added', added, 'changed', changed, 'unchanged', unchanged, 'removed', removed, 'refused', refused) AS counts`;

/** The imports of an organisation, the newest first, without their reports. Index: roster_import_by_organisation. */
export function importsOf(
  db: Db,
  search: { siteId: number; organisationId: string; before: string | null; limit: number },
): Promise<Import[]> {
  return db.query<Import>(
    `SELECT ${columnsOfImport} FROM roster_import
     WHERE site_id = $1 AND organisation_id = $2 AND ($3::uuid IS NULL OR id < $3::uuid) ORDER BY id DESC LIMIT $4`,
    [search.siteId, search.organisationId, search.before, search.limit],
  );
}

/** One import with its report. */
export async function importById(
  db: Db,
  siteId: number,
  organisationId: string,
  importId: string,
): Promise<(Import & { report: ReportRow[] }) | null> {
  const [found] = await db.query<Import & { report: ReportRow[] }>(
    `SELECT ${columnsOfImport}, report FROM roster_import WHERE site_id = $1 AND organisation_id = $2 AND id = $3`,
    [siteId, organisationId, importId],
  );
  return found ?? null;
}

async function removePlates(tx: Db, siteId: number, organisationId: string, plates: readonly string[]): Promise<void> {
  if (plates.length === 0) return;
  await tx.query('DELETE FROM roster_vehicle WHERE site_id = $1 AND organisation_id = $2 AND plate = ANY($3::text[])', [
    siteId,
    organisationId,
    plates,
  ]);
}

type Done = { file: RosterFile; plan: ImportPlan; before: Before; settled: Settled };

/** Keeps what was done; of older imports only as many as there may be. */
async function keepImport(tx: Db, here: Here, by: By & { importId: string }, done: Done): Promise<void> {
  const { counts, report } = done.plan;
  await tx.query(
    `INSERT INTO roster_import (site_id, id, organisation_id, file_name, mode, actor_id, at, added, changed, unchanged, removed, refused,
       verified, unverified, report, before)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15::jsonb, $16::jsonb)`,
    [
      here.siteId,
      by.importId,
      by.organisationId,
      done.file.fileName,
      done.file.mode,
      by.actorId,
      toTimestamp(here.now),
      counts.added,
      counts.changed,
      counts.unchanged,
      counts.removed,
      counts.refused,
      done.settled.verified,
      done.settled.unverified,
      JSON.stringify(report),
      JSON.stringify(done.before),
    ],
  );
  await tx.query(
    `DELETE FROM roster_import WHERE site_id = $1 AND organisation_id = $2 AND id < (
       SELECT min(id::text)::uuid FROM (SELECT id FROM roster_import WHERE site_id = $1 AND organisation_id = $2
         ORDER BY id DESC LIMIT $3) kept)`,
    [here.siteId, by.organisationId, keptImports],
  );
}
