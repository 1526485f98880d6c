import type { Queries } from '../../../../db/db.ts';
import type { Instant, IsoDate } from '../../../calendar/time.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';
import type { RideDetails } from '../draft-seats.ts';

/** A no-show as those who run the shuttles see it. */
export type KeptNoShow = {
  id: string;
  personId: string;
  startsAt: Instant;
  details: RideDetails;
  isCancelled: boolean;
  /** Some seats were given to somebody on standby before the bus left. */
  yielded: boolean;
  excuse: { reason: string; at: Instant; undoneAt: Instant | null } | null;
};

const columns = `b.id, b.person_id AS "personId", b.starts_at AS "startsAt", b.details,
  EXISTS (SELECT 1 FROM booking_line l JOIN slot s ON s.site_id = l.site_id AND s.id = l.slot_id
    WHERE l.site_id = b.site_id AND l.booking_id = b.id AND s.state = 'closed') AS "isCancelled",
  EXISTS (SELECT 1 FROM booking_line l WHERE l.site_id = b.site_id AND l.booking_id = b.id AND l.yielded > 0) AS yielded,
  CASE WHEN e.booking_id IS NOT NULL THEN jsonb_build_object('reason', e.reason,
    'at', extract(epoch FROM e.at) * 1000, 'undoneAt', extract(epoch FROM e.undone_at) * 1000) END AS excuse`;
const source = `booking b LEFT JOIN no_show_excuse e ON e.site_id = b.site_id AND e.booking_id = b.id`;

/** One page of those who missed a ride of some runs on a date, in order of departure. Indexes: slot_once_per_part, booking_line_by_slot. */
export function noShowsOn(
  db: Queries,
  search: {
    siteId: number;
    runIds: readonly string[];
    date: IsoDate;
    after: { startsAt: Instant; id: string } | null;
    limit: number;
  },
): Promise<KeptNoShow[]> {
  const { siteId, runIds, date, after, limit } = search;
  return db.query<KeptNoShow>(
    `SELECT ${columns} FROM ${source}
     WHERE b.site_id = $1 AND b.state = 'no_show' AND b.id = ANY(ARRAY(
         SELECT l.booking_id FROM slot s JOIN booking_line l ON l.site_id = s.site_id AND l.slot_id = s.id
         WHERE s.site_id = $1 AND s.resource_id = ANY($2::text[]) AND s.service_date = $3))
       AND (b.starts_at, b.id) > ($4::timestamptz, $5::uuid)
     ORDER BY b.starts_at, b.id LIMIT $6`,
    [
      siteId,
      runIds,
      date,
      after === null ? '-infinity' : toTimestamp(after.startsAt),
      after?.id ?? '00000000-0000-0000-0000-000000000000',
      limit,
    ],
  );
}

/** What is known of some rides beside their bookings, for those who missed them. Index: the primary keys. */
export async function noShowsById(
  db: Queries,
  siteId: number,
  ids: readonly string[],
): Promise<Map<string, KeptNoShow>> {
  const rows = await db.query<KeptNoShow>(
    `SELECT ${columns} FROM ${source} WHERE b.site_id = $1 AND b.id = ANY($2::uuid[]) AND b.kind = 'shuttle' AND b.state = 'no_show'`,
    [siteId, ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}
