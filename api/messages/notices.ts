import type { Db } from '../../db/db.ts';
export { noticeKinds } from '../../db/schema/index.ts';
import type { Instant, IsoDate } from '../calendar/time.ts';
import type { NoticeKind } from '../engine/notices.ts';
import { toTimestamp } from '../engine/sql-values.ts';
import type { BookingState } from '../engine/types.ts';
import type { Localized } from '../http/schemas.ts';

/** What a person was told: of a booking, of a day of a standing ride, or of a day of a resource that they wait for. */
export type KeptNotice = {
  id: number;
  kind: NoticeKind;
  at: Instant;
  readAt: Instant | null;
  booking: {
    id: string;
    kind: string;
    state: BookingState;
    startsAt: Instant;
    endsAt: Instant;
    serviceDate: IsoDate;
    details: unknown;
  } | null;
  standingRide: { id: string; resourceId: string; serviceDate: IsoDate } | null;
  resourceDay: { resourceId: string; serviceDate: IsoDate; title: Localized; reason: string } | null;
};

const columns = `n.id, n.kind, n.at, n.read_at AS "readAt", CASE WHEN b.id IS NOT NULL THEN jsonb_build_object('id', b.id, 'kind', b.kind, 'state', b.state,
  'startsAt', (extract(epoch FROM b.starts_at) * 1000)::bigint, 'endsAt', (extract(epoch FROM b.ends_at) * 1000)::bigint,
  'serviceDate', b.service_date, 'details', b.details) END AS booking, CASE WHEN r.id IS NOT NULL THEN
  jsonb_build_object('id', r.id, 'resourceId', r.run_id, 'serviceDate', n.occasion) END AS "standingRide", CASE WHEN n.resource_id IS NOT NULL THEN
  n.facts || jsonb_build_object('resourceId', n.resource_id, 'serviceDate', n.service_date) END AS "resourceDay"`;
const subjects = `LEFT JOIN booking b ON b.site_id = n.site_id AND b.id = n.booking_id
  LEFT JOIN standing_ride r ON r.site_id = n.site_id AND r.id = n.standing_ride_id`;

/** One page of what a person was told, latest first. Indexes: notice_by_person, notice_unread, the primary keys of booking and standing_ride. */
export function noticesOf(
  db: Db,
  siteId: number,
  personId: string,
  page: { isUnread: boolean; before: number | null; limit: number },
): Promise<KeptNotice[]> {
  return db.query<KeptNotice>(
    `SELECT ${columns} FROM notice n ${subjects}
     WHERE n.site_id = $1 AND n.person_id = $2 ${page.isUnread ? 'AND n.read_at IS NULL' : ''}
       AND n.id < coalesce($3, 9223372036854775807) ORDER BY n.id DESC LIMIT $4`,
    [siteId, personId, page.before, page.limit],
  );
}

/** Notes that a person has read a notice of theirs; reading it twice is harmless. Null when there is none. */
export async function readNotice(
  db: Db,
  siteId: number,
  { personId, noticeId, at }: { personId: string; noticeId: number; at: Instant },
): Promise<KeptNotice | null> {
  const [notice] = await db.query<KeptNotice>(
    `WITH n AS (
       UPDATE notice SET read_at = coalesce(read_at, $4) WHERE site_id = $1 AND person_id = $2 AND id = $3 RETURNING *)
     SELECT ${columns} FROM n ${subjects}`,
    [siteId, personId, noticeId, toTimestamp(at)],
  );
  return notice ?? null;
}

/** Notes that a person has read all that there is. Index: notice_unread. */
export async function readAllNotices(db: Db, siteId: number, personId: string, at: Instant): Promise<void> {
  await db.query('UPDATE notice SET read_at = $3 WHERE site_id = $1 AND person_id = $2 AND read_at IS NULL', [
    siteId,
    personId,
    toTimestamp(at),
  ]);
}

const keptDays = 90;
const batch = 5_000;

/** Forgets what people were told some months ago, some thousands at a time. Index: notice_by_age. */
export async function forgetOldNotices(db: Db, siteId: number, now: Instant): Promise<void> {
  await db.query(
    `DELETE FROM notice WHERE (site_id, id) IN (SELECT site_id, id FROM notice WHERE at < $2 AND site_id = $1 LIMIT $3)`,
    [siteId, toTimestamp(now - keptDays * 86_400_000), batch],
  );
}
