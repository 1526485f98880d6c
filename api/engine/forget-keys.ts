import type { Db } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import { toTimestamp } from './sql-values.ts';

const keptMilliseconds = 24 * 3_600_000;
const batch = 10_000;

/** Forgets retry keys after a day (api.md: kept 24 h), some thousands at a time. Index: idempotency_key_by_age. */
export async function forgetOldKeys(db: Db, siteId: number, now: Instant): Promise<void> {
  await db.query(
    `DELETE FROM idempotency_key WHERE (site_id, key) IN (
       SELECT site_id, key FROM idempotency_key WHERE created_at < $2 AND site_id = $1 LIMIT $3)`,
    [siteId, toTimestamp(now - keptMilliseconds), batch],
  );
}
