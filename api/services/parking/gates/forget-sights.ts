import type { Db } from '../../../../db/db.ts';
import type { Instant } from '../../../calendar/time.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';
import type { Surroundings } from '../../service.ts';
import { gateTermsOf, lotsWithGates } from './lots.ts';

const batch = 5_000;

/**
 * Forgets what gates saw some months ago (docs/domain.md, retention), and who was in by it, some thousands at a time.
 * Indexes: gate_event_by_age, gate_event_by_booking, the primary key of stay_presence.
 */
export async function forgetOldSights(db: Db, { site, catalogue }: Surroundings, now: Instant): Promise<void> {
  const terms = (await lotsWithGates(db, site.id)).map(({ id }) => ({ id, ...gateTermsOf(catalogue, id) }));
  await db.query(
    `WITH kept AS (SELECT * FROM unnest($2::text[], $3::timestamptz[]) AS u(lot_id, since)),
     gone AS (
       DELETE FROM gate_event WHERE (site_id, id) IN (
         SELECT e.site_id, e.id FROM kept JOIN gate_event e ON e.site_id = $1 AND e.lot_id = kept.lot_id AND e.received_at < kept.since
         LIMIT ${batch})
       RETURNING id, booking_id)
     DELETE FROM stay_presence p WHERE p.site_id = $1 AND p.booking_id IN (SELECT booking_id FROM gone)
       AND NOT EXISTS (SELECT FROM gate_event e WHERE e.site_id = $1 AND e.booking_id = p.booking_id AND e.id NOT IN (SELECT id FROM gone))`,
    [site.id, terms.map(({ id }) => id), terms.map(({ keepDays }) => toTimestamp(now - keepDays * 86_400_000))],
  );
}
