import { transactionWithRetry, type Db } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import { toTimestamp } from './sql-values.ts';
import type { Idempotency } from './types.ts';

export type Once<Result> = { ok: true; result: Result; replayed: boolean } | { ok: false; problem: 'key-reused' };

/**
 * Runs a command in one transaction together with its retry key: the same key and request get the first result again, without a
 * second effect. A result that `isKept` turns down (a refusal, which wrote nothing) is not kept: a retry is decided anew.
 * `Result` must survive JSON.
 */
export async function once<Result extends object>(
  db: Db,
  call: { siteId: number; at: Instant; idempotency: Idempotency | null },
  work: (tx: Db) => Promise<Result>,
  isKept: (result: Result) => boolean = () => true,
): Promise<Once<Result>> {
  const { siteId, at, idempotency } = call;
  if (!idempotency) return { ok: true, result: await transactionWithRetry(db, work), replayed: false };
  return transactionWithRetry(db, async (tx) => {
    // Two calls with one key meet here: the second waits until the first has committed, then finds its answer.
    await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, $2))', [idempotency.key, siteId]);
    const [known] = await tx.query<{ request: string; answer: Result | null }>(
      'SELECT request, answer FROM idempotency_key WHERE site_id = $1 AND key = $2',
      [siteId, idempotency.key],
    );
    if (known && (known.request !== idempotency.request || !known.answer)) return { ok: false, problem: 'key-reused' };
    if (known?.answer) return { ok: true, result: known.answer, replayed: true };
    const result = await work(tx);
    if (isKept(result)) {
      await tx.query(
        'INSERT INTO idempotency_key (site_id, key, request, created_at, answer) VALUES ($1, $2, $3, $4, $5::jsonb)',
        [siteId, idempotency.key, idempotency.request, toTimestamp(at), JSON.stringify(result)],
      );
    }
    return { ok: true, result, replayed: false };
  });
}
