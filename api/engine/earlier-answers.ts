import type { Queries } from '../../db/db.ts';
import type { Admission, Idempotency } from './types.ts';

/** What a retry key was used for: the request, and the bookings or the place in the queue that came of it. */
export type KnownAnswer = { request: string; bookingIds: string[]; entryId: number | null };

/** What is known of some retry keys. Index: the primary key of idempotency_key, then of booking. */
export async function answersOfKeys(
  db: Queries,
  siteId: number,
  keys: readonly string[],
): Promise<Map<string, KnownAnswer>> {
  if (keys.length === 0) return new Map();
  const rows = await db.query<{
    key: string;
    request: string;
    bookingId: string | null;
    planIds: string[] | null;
    answer: { entryId?: number } | null;
  }>(
    `SELECT k.key, k.request, k.booking_id AS "bookingId", k.answer,
       (SELECT jsonb_agg(p.id ORDER BY p.id) FROM booking b
        JOIN booking p ON p.site_id = b.site_id AND p.bundle_id = b.bundle_id
        WHERE b.site_id = k.site_id AND b.id = k.booking_id) AS "planIds"
     FROM idempotency_key k WHERE k.site_id = $1 AND k.key = ANY($2::uuid[])`,
    [siteId, keys],
  );
  return new Map(
    rows.map(({ key, request, bookingId, planIds, answer }) => [
      key,
      { request, bookingIds: planIds ?? (bookingId ? [bookingId] : []), entryId: answer?.entryId ?? null },
    ]),
  );
}

/** The first answer to a request that came before; null for one that is new. */
export function earlierAnswer(
  known: ReadonlyMap<string, KnownAnswer>,
  idempotency: Idempotency | null,
): Exclude<Admission, { problem: 'stale-draft' }> | null {
  const answer = idempotency && known.get(idempotency.key);
  if (!answer) return null;
  if (answer.request !== idempotency.request) return { ok: false, problem: 'key-reused' };
  if (answer.entryId !== null) return { ok: true, entryId: answer.entryId, replayed: true };
  return { ok: true, bookingIds: answer.bookingIds, made: null, replayed: true };
}
