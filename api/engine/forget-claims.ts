import type { Db } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import { toTimestamp } from './sql-values.ts';

const batch = 5_000;

/**
 * Forgets where claimants were: nobody can be double-booked in the past, and the claim guard stays as small as the future. Only what is
 * over by the database's clock too, so that a demo whose clock was set ahead loses nothing. Safe from many processes at once.
 * Index: claim_by_end.
 * @returns how many claims were forgotten.
 */
export async function forgetPastClaims(db: Db, siteId: number, now: Instant): Promise<number> {
  for (let total = 0; ;) {
    const rows = await db.query<{ count: number }>(
      `WITH over AS (
         SELECT ctid FROM claim WHERE site_id = $1 AND upper(during) <= least($2::timestamptz, now())
         ORDER BY upper(during) LIMIT ${batch} FOR UPDATE SKIP LOCKED)
       , forgotten AS (DELETE FROM claim WHERE ctid = ANY(ARRAY(SELECT ctid FROM over)) RETURNING 1)
       SELECT count(*)::int AS count FROM forgotten`,
      [siteId, toTimestamp(now)],
    );
    const count = rows[0]?.count ?? 0;
    total += count;
    if (count < batch) return total;
  }
}
