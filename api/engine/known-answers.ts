import type { Db } from '../../db/db.ts';
import type { Admission, Idempotency } from './types.ts';

/** What a key was first asked, and the bookings that it made. */
export type KnownAnswer = { request: string; bookingIds: string[] };

/** The bookings that some keys have made already. Index: the primary key of idempotency_key, then of booking. */
export async function answersOfKeys(
  db: Db,
  siteId: number,
  keys: readonly string[],
): Promise<Map<string, KnownAnswer>> {
  if (keys.length === 0) return new Map();
  const rows = await db.query<{ key: string; request: string; bookingId: string | null; planIds: string[] | null }>(
    `SELECT k.key, k.request, k.booking_id AS "bookingId",
       (SELECT jsonb_agg(p.id ORDER BY p.id) FROM booking b
        JOIN booking p ON p.site_id = b.site_id AND p.bundle_id = b.bundle_id
        WHERE b.site_id = k.site_id AND b.id = k.booking_id) AS "planIds"
     FROM idempotency_key k WHERE k.site_id = $1 AND k.key = ANY($2::uuid[])`,
    [siteId, keys],
  );
  return new Map(
    rows.map((row) => [
      row.key,
      { request: row.request, bookingIds: row.planIds ?? (row.bookingId ? [row.bookingId] : []) },
    ]),
  );
}

/** The answer that a keyed request has had already; null when its key is new. */
export function replayOf({ key, request }: Idempotency, known: ReadonlyMap<string, KnownAnswer>): Admission | null {
  const answer = known.get(key);
  if (!answer) return null;
  if (answer.request !== request) return { ok: false, problem: 'key-reused' };
  return { ok: true, bookingIds: answer.bookingIds, replayed: true };
}

/** The same for one request outside of admission. */
export async function answerOfKey(db: Db, siteId: number, idempotency: Idempotency): Promise<Admission | null> {
  return replayOf(idempotency, await answersOfKeys(db, siteId, [idempotency.key]));
}
