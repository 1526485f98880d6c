import type { Db } from '../../../../db/db.ts';
import type { serviceAlert } from '../../../../db/schema/index.ts';
import type { Instant } from '../../../calendar/time.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';

/** A service alert as it is kept, with who runs its line. */
export type KeptAlert = Omit<typeof serviceAlert.$inferSelect, 'siteId' | 'actorId' | 'actorRole' | 'endedBy'> & {
  organisationId: string;
};

export type AlertState = 'upcoming' | 'current' | 'over' | 'ended';

/** What an alert is at an instant. */
export function stateOf({ startsAt, endsAt, endedAt }: KeptAlert, now: Instant): AlertState {
  if (endedAt !== null) return 'ended';
  if (endsAt !== null && endsAt <= now) return 'over';
  return startsAt <= now ? 'current' : 'upcoming';
}

const columns = `a.id, a.line_id AS "lineId", a.cause, a.effect, a.title, a.text, a.starts_at AS "startsAt", a.ends_at AS "endsAt",
  a.run_ids AS "runIds", a.stop_ids AS "stopIds", a.at, a.ended_at AS "endedAt", a.version, l.organisation_id AS "organisationId"`;
const source = 'service_alert a JOIN shuttle_line l ON l.site_id = a.site_id AND l.id = a.line_id';

/** The most that are told at once: more would tell riders nothing. */
const mostAtOnce = 100;

/** Alerts that hold from `from` on, those that began last first. Index: service_alert_not_ended. */
export function alertsFrom(db: Db, siteId: number, from: Instant): Promise<KeptAlert[]> {
  return db.query<KeptAlert>(
    `SELECT ${columns} FROM ${source}
     WHERE a.site_id = $1 AND a.ended_at IS NULL AND (a.ends_at IS NULL OR a.ends_at > $2)
     ORDER BY a.starts_at DESC, a.id DESC LIMIT ${mostAtOnce}`,
    [siteId, toTimestamp(from)],
  );
}

/** One page of all alerts of some organisations' lines, latest first. Index: service_alert_by_time. */
export function alertsOf(
  db: Db,
  siteId: number,
  page: { organisations: 'all' | readonly string[]; after: { at: Instant; id: string } | null; limit: number },
): Promise<KeptAlert[]> {
  const { organisations, after, limit } = page;
  return db.query<KeptAlert>(
    `SELECT ${columns} FROM ${source}
     WHERE a.site_id = $1 AND ($2::text[] IS NULL OR l.organisation_id = ANY($2::text[]))
       AND ($3::timestamptz IS NULL OR (a.at, a.id) < ($3::timestamptz, $4::uuid))
     ORDER BY a.at DESC, a.id DESC LIMIT $5`,
    [
      siteId,
      organisations === 'all' ? null : organisations,
      after ? toTimestamp(after.at) : null,
      after?.id ?? null,
      limit,
    ],
  );
}

/** An alert, locked until the transaction ends. */
export async function lockAlert(tx: Db, siteId: number, id: string): Promise<KeptAlert | null> {
  const [row] = await tx.query<KeptAlert>(
    `SELECT ${columns} FROM ${source} WHERE a.site_id = $1 AND a.id = $2 FOR UPDATE OF a`,
    [siteId, id],
  );
  return row ?? null;
}

/** An alert. Index: the primary key. */
export async function alertById(db: Db, siteId: number, id: string): Promise<KeptAlert | null> {
  const [row] = await db.query<KeptAlert>(`SELECT ${columns} FROM ${source} WHERE a.site_id = $1 AND a.id = $2`, [
    siteId,
    id,
  ]);
  return row ?? null;
}
