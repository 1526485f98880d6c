import type { Queries } from '../../db/db.ts';
import type { noticeKinds } from '../../db/schema/index.ts';
import type { Instant, IsoDate } from '../calendar/time.ts';
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

/** Somebody who is told of a day of a resource that they have not booked, with what the service says of it as it is now. */
export type DayNotice = {
  personId: string;
  resourceId: string;
  serviceDate: IsoDate;
  facts: object;
};

/** Tells people of a day of a resource, in the transaction that changes it; once however often they are listed with it. */
export async function writeDayNotices(
  tx: Queries,
  siteId: number,
  { kind, at }: { kind: NoticeKind; at: Instant },
  told: readonly DayNotice[],
): Promise<void> {
  const each = new Map(told.map((one) => [`${one.personId} ${one.serviceDate} ${one.resourceId}`, one]));
  const once = [...each.values()];
  if (once.length === 0) return;
  await tx.query(
    `INSERT INTO notice (site_id, person_id, kind, resource_id, service_date, facts, at)
     SELECT $1, u.person_id, $2, u.resource_id, u.service_date, u.facts, $3
     FROM unnest($4::uuid[], $5::text[], $6::date[], $7::jsonb[]) AS u(person_id, resource_id, service_date, facts)`,
    [
      siteId,
      kind,
      toTimestamp(at),
      once.map(({ personId }) => personId),
      once.map(({ resourceId }) => resourceId),
      once.map(({ serviceDate }) => serviceDate),
      once.map(({ facts }) => JSON.stringify(facts)),
    ],
  );
}
