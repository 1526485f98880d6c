import type { Db } from '../../../../db/db.ts';
import type { runDayChangeKinds } from '../../../../db/schema/index.ts';
import type { Instant, IsoDate, LocalTime } from '../../../calendar/time.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';
import type { Direction } from '../run-rules.ts';
import type { RunEffects } from './reshape-runs.ts';

/** What is kept of a change: enough to say what it came to, and to take it back. */
export type RunReceipt = Pick<RunEffects, 'moved' | 'displaced' | 'leftQueue'>;

/** A change of a run for one date, as it is kept. */
export type KeptRunChange = {
  id: string;
  runId: string;
  serviceDate: IsoDate;
  kind: (typeof runDayChangeKinds)[number];
  reason: string;
  departsBefore: LocalTime | null;
  directionBefore: Direction | null;
  departsAfter: LocalTime | null;
  directionAfter: Direction | null;
  at: Instant;
  actorId: string;
  actorRole: string;
  receipt: RunReceipt;
  undoneAt: Instant | null;
  undoneBy: string | null;
};

const columns = `id, run_id AS "runId", service_date AS "serviceDate", kind, reason, departs_before AS "departsBefore",
  direction_before AS "directionBefore", departs_after AS "departsAfter", direction_after AS "directionAfter", at,
  actor_id AS "actorId", actor_role AS "actorRole", receipt, undone_at AS "undoneAt", undone_by AS "undoneBy"`;

/** Keeps a change that was made. */
export async function keepRunChange(
  tx: Db,
  siteId: number,
  change: Omit<KeptRunChange, 'undoneAt' | 'undoneBy'>,
): Promise<void> {
  await tx.query(
    `INSERT INTO run_day_change (site_id, id, run_id, service_date, kind, reason, departs_before, direction_before, departs_after,
       direction_after, at, actor_id, actor_role, receipt)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::jsonb)`,
    [
      siteId,
      change.id,
      change.runId,
      change.serviceDate,
      change.kind,
      change.reason,
      change.departsBefore,
      change.directionBefore,
      change.departsAfter,
      change.directionAfter,
      toTimestamp(change.at),
      change.actorId,
      change.actorRole,
      JSON.stringify(change.receipt),
    ],
  );
}

/** One change; null when there is none. Index: the primary key. */
export async function runChangeById(db: Db, siteId: number, id: string): Promise<KeptRunChange | null> {
  const [change] = await db.query<KeptRunChange>(
    `SELECT ${columns} FROM run_day_change WHERE site_id = $1 AND id = $2`,
    [siteId, id],
  );
  return change ?? null;
}

/** At most so many changes of a date are listed. */
const maxListed = 200;

/** What was changed of some runs on some dates, and not taken back or that too, latest first. Index: run_day_change_by_date. */
export function runChangesOn(
  db: Db,
  siteId: number,
  runIds: readonly string[],
  dates: readonly IsoDate[],
): Promise<KeptRunChange[]> {
  return db.query<KeptRunChange>(
    `SELECT ${columns} FROM run_day_change
     WHERE site_id = $1 AND service_date = ANY($2::date[]) AND run_id = ANY($3::text[])
     ORDER BY at DESC, id DESC LIMIT ${maxListed}`,
    [siteId, dates, runIds],
  );
}

/** Notes that a change was taken back, and by whom. */
export async function noteUndone(
  tx: Db,
  siteId: number,
  { id, actorId, at }: { id: string; actorId: string; at: Instant },
): Promise<void> {
  await tx.query('UPDATE run_day_change SET undone_at = $3, undone_by = $4 WHERE site_id = $1 AND id = $2', [
    siteId,
    id,
    toTimestamp(at),
    actorId,
  ]);
}
