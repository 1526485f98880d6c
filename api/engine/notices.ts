import type { Queries } from '../../db/db.ts';
import type { noticeKinds } from '../../db/schema/index.ts';
import type { Instant } from '../calendar/time.ts';
import { toTimestamp } from './sql-values.ts';

export type NoticeKind = (typeof noticeKinds)[number];

/**
 * Tells the owners of some bookings what became of them, in the transaction in which it did: once of each kind and occasion, however often
 * it is written. Index: notice_once_per_booking.
 */
export async function writeNotices(
  tx: Queries,
  siteId: number,
  { kind, at }: { kind: NoticeKind; at: Instant },
  bookings: readonly { id: string; personId: string; occasion?: string }[],
): Promise<void> {
  if (bookings.length === 0) return;
  await tx.query(
    `INSERT INTO notice (site_id, person_id, kind, booking_id, occasion, at)
     SELECT $1, u.person_id, $2, u.booking_id, u.occasion, $3
     FROM unnest($4::uuid[], $5::uuid[], $6::text[]) AS u(booking_id, person_id, occasion)
     ON CONFLICT ON CONSTRAINT notice_once_per_booking DO NOTHING`,
    [
      siteId,
      kind,
      toTimestamp(at),
      bookings.map(({ id }) => id),
      bookings.map(({ personId }) => personId),
      bookings.map(({ occasion = '' }) => occasion),
    ],
  );
}
