import type { Db } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import type { Allotment, Holder } from './pool.ts';
import { toRange, toTimestamp } from './sql-values.ts';
import type { Claim } from './types.ts';

/**
 * Live claims that overlap any of these, with who holds them. Index: the exclusion constraint's GiST index, one probe per claim; then the
 * primary key of booking.
 */
export async function claimsInTheWay(tx: Db, siteId: number, asked: readonly Claim[]): Promise<(Claim & Holder)[]> {
  if (asked.length === 0) return [];
  const rows = await tx.query<Omit<Claim, 'during'> & Holder & { startsAt: Instant; endsAt: Instant }>(
    `SELECT DISTINCT c.claimant_id AS "claimantId", c.scope, lower(c.during) AS "startsAt", upper(c.during) AS "endsAt",
       c.booking_id AS "bookingId", b.person_id AS "personId"
     FROM unnest($2::uuid[], $3::text[], $4::tstzrange[]) AS a(claimant_id, scope, during)
     JOIN claim c ON c.site_id = $1 AND c.claimant_id = a.claimant_id AND c.scope = a.scope AND c.during && a.during
     JOIN booking b ON b.site_id = c.site_id AND b.id = c.booking_id`,
    [
      siteId,
      asked.map(({ claimantId }) => claimantId),
      asked.map(({ scope }) => scope),
      asked.map(({ during }) => toRange(during)),
    ],
  );
  return rows.map(({ startsAt, endsAt, ...claim }) => ({ ...claim, during: { startsAt, endsAt } }));
}

/** Allotments of some slots that are not released yet. Index: the primary key. Only under the slots' locks. */
export function allotmentsOf(tx: Db, siteId: number, slotIds: readonly number[], at: Instant): Promise<Allotment[]> {
  return tx.query<Allotment>(
    `SELECT slot_id AS "slotId", organisation_id AS "organisationId", units, taken, release_at AS "releaseAt"
     FROM allotment WHERE site_id = $1 AND slot_id = ANY($2::bigint[]) AND release_at > $3`,
    [siteId, slotIds, toTimestamp(at)],
  );
}
