import type { Db } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import { writeNotices } from './notices.ts';
import { toTimestamp } from './sql-values.ts';
import { runTimer, type Due } from './timers.ts';

/**
 * Reminds everybody once of what they have booked, when the slot that it begins with says so; not of what they booked after that moment, and
 * not of what has begun. Idempotent, and safe from many processes at once.
 * @returns how many were reminded.
 */
export function remind(db: Db, siteId: number, now: Instant): Promise<number> {
  return runTimer(db, { siteId, name: 'reminder', now }, (tx, due) => remindSome(tx, siteId, due, now));
}

/** Indexes: booking_line_by_slot, notice_once_per_booking, the primary key of booking. */
async function remindSome(tx: Db, siteId: number, { slotIds, limit }: Due, now: Instant) {
  const due = await tx.query<{ id: string; personId: string }>(
    `SELECT b.id, b.person_id AS "personId" FROM booking b
     WHERE b.site_id = $1 AND b.state = 'confirmed' AND b.starts_at > $3
       AND b.id = ANY(ARRAY(SELECT booking_id FROM booking_line WHERE site_id = $1 AND slot_id = ANY($2::bigint[])))
       AND EXISTS (
         SELECT 1 FROM booking_line l JOIN slot s ON s.site_id = l.site_id AND s.id = l.slot_id
         WHERE l.site_id = $1 AND l.booking_id = b.id AND l.slot_id = ANY($2::bigint[])
           AND s.starts_at = b.starts_at AND b.created_at <= s.remind_at)
       AND NOT EXISTS (SELECT 1 FROM notice n WHERE n.site_id = $1 AND n.booking_id = b.id AND n.kind = 'reminder')
     ORDER BY b.id LIMIT $4`,
    [siteId, slotIds, toTimestamp(now), limit],
  );
  await writeNotices(tx, siteId, { kind: 'reminder', at: now }, due);
  return { found: due.length, done: due.length };
}
