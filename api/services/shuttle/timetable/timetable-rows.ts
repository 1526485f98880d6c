import type { Db } from '../../../../db/db.ts';
import { schedule as scheduleTable } from '../../../../db/schema/index.ts';
import { plusDays, type Instant, type IsoDate, type LocalTime } from '../../../calendar/time.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';
import type { Resource } from '../../service.ts';
import { runTimes, type Direction } from '../run-rules.ts';
import type { RunReceipt } from './run-change-rows.ts';

/** A run of a timetable. `departs` is a local time. */
export type TimetableRun = { runId: string; departs: LocalTime; direction: Direction };

/** What is kept of a version beside its schedules; `ended` are the schedules that it took the place of. */
export type KeptVersion = {
  id: string;
  lineId: string;
  validFrom: IsoDate;
  reason: string;
  at: Instant;
  actorId: string;
  actorRole: string;
  runs: TimetableRun[];
  receipt: RunReceipt & { ended: string[] };
};

const columns = `id, line_id AS "lineId", valid_from AS "validFrom", reason, at, actor_id AS "actorId",
  actor_role AS "actorRole", runs, receipt`;

/** Keeps a version that was made. @throws a unique violation when the line has one of that date */
export async function keepVersion(tx: Db, siteId: number, version: KeptVersion): Promise<void> {
  await tx.query(
    `INSERT INTO timetable_version (site_id, id, line_id, valid_from, reason, at, actor_id, actor_role, runs, receipt)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10::jsonb)`,
    [
      siteId,
      version.id,
      version.lineId,
      version.validFrom,
      version.reason,
      toTimestamp(version.at),
      version.actorId,
      version.actorRole,
      JSON.stringify(version.runs),
      JSON.stringify(version.receipt),
    ],
  );
}

/** The versions of some lines that stand, latest first; a line has a few a year. Index: timetable_version_once_per_date. */
export function versionsOf(db: Db, siteId: number, lineIds: readonly string[]): Promise<KeptVersion[]> {
  return db.query<KeptVersion>(
    `SELECT ${columns} FROM timetable_version
     WHERE site_id = $1 AND line_id = ANY($2::text[]) AND undone_at IS NULL ORDER BY valid_from DESC LIMIT 200`,
    [siteId, lineIds],
  );
}

/** One version, and whether it was taken back; null when there is none. Index: the primary key. */
export async function versionById(
  db: Db,
  siteId: number,
  id: string,
): Promise<(KeptVersion & { undoneAt: Instant | null }) | null> {
  const [version] = await db.query<KeptVersion & { undoneAt: Instant | null }>(
    `SELECT ${columns}, undone_at AS "undoneAt" FROM timetable_version WHERE site_id = $1 AND id = $2`,
    [siteId, id],
  );
  return version ?? null;
}

/** Notes that a version was taken back, and by whom. */
export async function noteVersionUndone(
  tx: Db,
  siteId: number,
  { id, actorId, at }: { id: string; actorId: string; at: Instant },
): Promise<void> {
  await tx.query('UPDATE timetable_version SET undone_at = $3, undone_by = $4 WHERE site_id = $1 AND id = $2', [
    siteId,
    id,
    toTimestamp(at),
    actorId,
  ]);
}

/** Lets schedules of some resources end the day before a date. @returns which ended by it. */
export async function endSchedules(
  tx: Db,
  siteId: number,
  resourceIds: readonly string[],
  before: IsoDate,
): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `UPDATE schedule SET valid_to = $3 WHERE site_id = $1 AND resource_id = ANY($2::text[])
       AND (valid_from IS NULL OR valid_from <= $3) AND (valid_to IS NULL OR valid_to > $3) RETURNING id`,
    [siteId, resourceIds, plusDays(before, -1)],
  );
  return rows.map(({ id }) => id);
}

/**
 * Writes the schedules of a version: each run's, and its wheelchair place's, like the one that it has now but for time and direction. Their
 * ids are the run's with the date, which GTFS keeps as its trips.
 */
export async function writeSchedules(
  tx: Db,
  siteId: number,
  validFrom: IsoDate,
  runs: readonly { resource: Resource; run: TimetableRun }[],
): Promise<void> {
  const rows = runs.flatMap(({ resource, run }) => {
    const like = resource.schedules.toSorted((a, b) => ((a.validFrom ?? '') < (b.validFrom ?? '') ? -1 : 1)).at(-1);
    if (!like) return [];
    const { basis, capacity, priceFen } = like;
    const rule = { ...runTimes.parse(like.rule), departs: run.departs, direction: run.direction };
    const id = `${resource.id}@${validFrom}`;
    return [{ siteId, id, resourceId: resource.id, basis, capacity, priceFen, rule, validFrom }];
  });
  if (rows.length > 0) await tx.orm.insert(scheduleTable).values(rows);
}

/** Takes the schedules of a version away and lets those go on that it ended. */
export async function takeSchedulesBack(
  tx: Db,
  siteId: number,
  resourceIds: readonly string[],
  { validFrom, receipt }: Pick<KeptVersion, 'validFrom' | 'receipt'>,
): Promise<void> {
  await tx.query('DELETE FROM schedule WHERE site_id = $1 AND resource_id = ANY($2::text[]) AND valid_from = $3', [
    siteId,
    resourceIds,
    validFrom,
  ]);
  await tx.query('UPDATE schedule SET valid_to = NULL WHERE site_id = $1 AND id = ANY($2::text[])', [
    siteId,
    receipt.ended,
  ]);
}
