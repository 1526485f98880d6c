import type { Db } from '../../db/db.ts';
import type { HalfOpen } from '../calendar/time.ts';
import { toRange } from './sql-values.ts';

/** Where a claimant is already, in a scope, as far as it meets a span of time. Index: claim_no_overlap. */
export function claimsDuring(
  db: Db,
  siteId: number,
  claimant: { claimantId: string; scope: string },
  span: HalfOpen,
): Promise<HalfOpen[]> {
  return db.query<HalfOpen>(
    `SELECT lower(during) AS "startsAt", upper(during) AS "endsAt" FROM claim
     WHERE site_id = $1 AND claimant_id = $2 AND scope = $3 AND during && $4::tstzrange`,
    [siteId, claimant.claimantId, claimant.scope, toRange(span)],
  );
}
