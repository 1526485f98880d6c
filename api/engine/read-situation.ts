import type { Queries } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import type { Queue } from './decide.ts';
import type { Allotment, Holder } from './pool.ts';
import { toRange, toTimestamp } from './sql-values.ts';
import type { Claim } from './types.ts';

/** More claims than can stand in the way of one; it keeps the planner from doing anything but one probe per claim. */
const maxInTheWay = 1_000;

/**
 * Live claims that overlap any of these, with who holds them. Index: the exclusion constraint's GiST index, one probe per claim; then the
 * primary key of booking. A plain join was planned as a look at every claim of the site while the statistics were young.
 */
export async function claimsInTheWay(
  tx: Queries,
  siteId: number,
  asked: readonly Claim[],
): Promise<(Claim & Holder)[]> {
  if (asked.length === 0) return [];
  const rows = await tx.query<Omit<Claim, 'during'> & Holder & { startsAt: Instant; endsAt: Instant }>(
    `SELECT DISTINCT c.claimant_id AS "claimantId", c.scope, lower(c.during) AS "startsAt", upper(c.during) AS "endsAt",
       c.booking_id AS "bookingId",
       (SELECT person_id FROM booking b WHERE b.site_id = $1 AND b.id = c.booking_id) AS "personId"
     FROM unnest($2::uuid[], $3::text[], $4::tstzrange[]) AS a(claimant_id, scope, during)
     CROSS JOIN LATERAL (
       SELECT * FROM claim
       WHERE claimant_id = a.claimant_id AND during && a.during AND scope = a.scope AND site_id = $1
       LIMIT ${maxInTheWay}) AS c`,
    [
      siteId,
      asked.map(({ claimantId }) => claimantId),
      asked.map(({ scope }) => scope),
      asked.map(({ during }) => toRange(during)),
    ],
  );
  return rows.map(({ startsAt, endsAt, ...claim }) => ({ ...claim, during: { startsAt, endsAt } }));
}

const openAllotments = `SELECT slot_id AS "slotId", organisation_id AS "organisationId", units, taken, release_at AS "releaseAt"
  FROM allotment WHERE site_id = $1 AND slot_id = ANY($2::bigint[]) AND release_at > $3`;

/** Allotments of some slots that are not released yet. Index: the primary key. Only under the slots' locks. */
export function allotmentsOf(
  tx: Queries,
  siteId: number,
  slotIds: readonly number[],
  at: Instant,
): Promise<Allotment[]> {
  return tx.query<Allotment>(openAllotments, [siteId, slotIds, toTimestamp(at)]);
}

/**
 * The same, with those who wait for any of these slots, by which of them they wait for: in one statement, since mostly there are neither.
 * Indexes: the primary keys of allotment and waitlist_slot.
 */
export async function allotmentsAndQueuesOf(
  tx: Queries,
  siteId: number,
  slotIds: readonly number[],
  at: Instant,
): Promise<{ allotments: Allotment[]; queues: Queue[] }> {
  const rows = await tx.query<Allotment & { queue: Queue | null }>(
    `SELECT a.*, NULL::jsonb AS queue FROM (${openAllotments}) AS a
     UNION ALL
     SELECT NULL, NULL, NULL, NULL, NULL, jsonb_build_object('slotIds', slot_ids, 'bypassed', max(bypassed)) FROM (
       SELECT array_agg(w.slot_id ORDER BY w.slot_id) AS slot_ids, e.bypassed FROM waitlist_slot w
       JOIN waitlist_entry e ON e.site_id = w.site_id AND e.id = w.entry_id
       WHERE w.site_id = $1 AND w.slot_id = ANY($2::bigint[]) GROUP BY e.id, e.bypassed) AS waiting
     GROUP BY slot_ids`,
    [siteId, slotIds, toTimestamp(at)],
  );
  return {
    allotments: rows.flatMap(({ queue, ...allotment }) => (queue === null ? [allotment] : [])),
    queues: rows.flatMap(({ queue }) => queue ?? []),
  };
}
