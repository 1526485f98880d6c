import type { Queries } from '../../../../db/db.ts';
import type { Instant } from '../../../calendar/time.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';
import type { OverstayTerms } from './overstay-rules.ts';
import type { Correction, Figures } from './overstay-settle.ts';

/** What is written of one stay. */
export type SettledStay = {
  bookingId: string;
  personId: string;
  resourceId: string;
  organisationId: string;
  terms: OverstayTerms;
  opened: readonly (Figures & { id: string; leaveBy: Instant })[];
  corrected: readonly Correction[];
};

const timestamp = (at: Instant | null): string | null => (at === null ? null : toTimestamp(at));

/** Writes new overstays and corrections down, each with its event, for all stays at once. */
export async function writeSettled(
  tx: Queries,
  siteId: number,
  stays: readonly SettledStay[],
  now: Instant,
): Promise<void> {
  await writeOpened(tx, siteId, stays, now);
  await writeCorrections(tx, siteId, stays, now);
}

/** Index: overstay_once_per_stay. */
async function writeOpened(tx: Queries, siteId: number, stays: readonly SettledStay[], now: Instant): Promise<void> {
  const rows = stays.flatMap(({ opened, corrected: _corrected, ...stay }) =>
    opened.map((overstay) => ({ ...stay, ...overstay })),
  );
  if (rows.length === 0) return;
  await tx.query(
    `WITH opened AS (
       INSERT INTO overstay (site_id, opened_at, id, booking_id, person_id, resource_id, organisation_id, leave_by, ended_at,
         minutes_late, charge_fen, terms)
       SELECT $1, $2, * FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::timestamptz[], $9::timestamptz[],
         $10::int[], $11::int[], $12::jsonb[])
       ON CONFLICT ON CONSTRAINT overstay_once_per_stay DO NOTHING RETURNING id, booking_id)
     INSERT INTO event (site_id, at, type, booking_id, facts)
     SELECT $1, $2, 'overstay.opened', booking_id, jsonb_build_object('overstayId', id) FROM opened`,
    [
      siteId,
      toTimestamp(now),
      rows.map(({ id }) => id),
      rows.map(({ bookingId }) => bookingId),
      rows.map(({ personId }) => personId),
      rows.map(({ resourceId }) => resourceId),
      rows.map(({ organisationId }) => organisationId),
      rows.map(({ leaveBy }) => toTimestamp(leaveBy)),
      rows.map(({ endedAt }) => timestamp(endedAt)),
      rows.map(({ minutesLate }) => minutesLate),
      rows.map(({ chargeFen }) => chargeFen),
      rows.map(({ terms }) => JSON.stringify(terms)),
    ],
  );
}

/** Under the locks of the rows. */
async function writeCorrections(
  tx: Queries,
  siteId: number,
  stays: readonly SettledStay[],
  now: Instant,
): Promise<void> {
  const rows = stays.flatMap(({ corrected }) => corrected);
  if (rows.length === 0) return;
  await tx.query(
    `WITH corrected AS (
       UPDATE overstay o SET ended_at = u.ended_at, minutes_late = u.minutes_late, charge_fen = u.charge_fen, version = version + 1,
         voided_at = CASE WHEN u.is_void THEN coalesce(o.voided_at, $2::timestamptz) END
       FROM unnest($3::uuid[], $4::timestamptz[], $5::int[], $6::int[], $7::boolean[], $8::text[])
         AS u(id, ended_at, minutes_late, charge_fen, is_void, event)
       WHERE o.site_id = $1 AND o.id = u.id RETURNING o.id, o.booking_id, u.event)
     INSERT INTO event (site_id, at, type, booking_id, facts)
     SELECT $1, $2, 'overstay.' || event, booking_id, jsonb_build_object('overstayId', id) FROM corrected`,
    [
      siteId,
      toTimestamp(now),
      rows.map(({ id }) => id),
      rows.map(({ endedAt }) => timestamp(endedAt)),
      rows.map(({ minutesLate }) => minutesLate),
      rows.map(({ chargeFen }) => chargeFen),
      rows.map(({ isVoid }) => isVoid),
      rows.map(({ event }) => event),
    ],
  );
}
