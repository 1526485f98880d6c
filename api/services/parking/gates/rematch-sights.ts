import { transactionWithRetry, type Db } from '../../../../db/db.ts';
import type { Instant } from '../../../calendar/time.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';
import type { Surroundings } from '../../service.ts';
import { agreementsOf, gateTermsOf, holdLot, lotsWithGates } from './lots.ts';
import { matchSight, type Sight, type Stay } from './match-sight.ts';
import { refreshPresence } from './refresh-presence.ts';
import { staysAround } from './stays.ts';

/** A sight waits so long for the booking that it belongs to; later ones are matched by hand. */
const waitsHours = 48;
const perRound = 1_000;

type WaitingSight = Sight & { id: number; lotId: string };

/**
 * Looks again at sights that matched no booking: some are told before their booking is made, as by who books at the gate. Only those whose
 * plate has a stay by now are looked at, so that strangers' cars cost nothing.
 */
export async function rematchSights(db: Db, { site, catalogue }: Surroundings, now: Instant): Promise<void> {
  const lotIds = (await lotsWithGates(db, site.id)).map(({ id }) => id);
  const agreements = agreementsOf(catalogue, lotIds);
  const range = { startsAt: now - waitsHours * 3_600_000, endsAt: now };
  const stays = await staysAround(db, { site, resourceIds: [...agreements.keys()], range });
  if (stays.length === 0) return;
  const lotOf = (stay: Stay) => (agreements.get(stay.resourceId)?.facts as { lotId: string } | undefined)?.lotId ?? '';
  const ofLot = Map.groupBy(stays, lotOf);
  const waiting = await waitingSights(db, site.id, { since: range.startsAt, stays, lotOf });
  for (const [lotId, sights] of Map.groupBy(waiting, (sight) => sight.lotId)) {
    const margins = gateTermsOf(catalogue, lotId);
    const ofPlate = Map.groupBy(ofLot.get(lotId) ?? [], ({ plate }) => plate);
    const matched = sights.flatMap((sight) => {
      const stay = matchSight(sight, ofPlate.get(sight.plate) ?? [], margins);
      return stay ? [{ id: sight.id, bookingId: stay.bookingId }] : [];
    });
    if (matched.length > 0) await keepMatches(db, site.id, lotId, matched);
  }
}

/** Index: gate_event_unmatched_by_plate. */
function waitingSights(
  db: Db,
  siteId: number,
  { since, stays, lotOf }: { since: Instant; stays: readonly Stay[]; lotOf: (stay: Stay) => string },
): Promise<WaitingSight[]> {
  return db.query<WaitingSight>(
    `SELECT e.id, e.lot_id AS "lotId", e.kind, e.plate, e.at
     FROM (SELECT DISTINCT * FROM unnest($2::text[], $3::text[])) AS u(lot_id, plate)
     JOIN gate_event e ON e.site_id = $1 AND e.state = 'unmatched' AND e.lot_id = u.lot_id AND e.plate = u.plate AND e.at > $4
     ORDER BY e.id DESC LIMIT ${perRound}`,
    [siteId, stays.map(lotOf), stays.map(({ plate }) => plate), toTimestamp(since)],
  );
}

async function keepMatches(
  db: Db,
  siteId: number,
  lotId: string,
  matched: readonly { id: number; bookingId: string }[],
): Promise<void> {
  await transactionWithRetry(db, async (tx) => {
    await holdLot(tx, siteId, lotId);
    const kept = await tx.query<{ bookingId: string }>(
      `UPDATE gate_event e SET state = 'matched', booking_id = u.booking_id
       FROM unnest($2::bigint[], $3::uuid[]) AS u(id, booking_id)
       WHERE e.site_id = $1 AND e.id = u.id AND e.state = 'unmatched' RETURNING e.booking_id AS "bookingId"`,
      [siteId, matched.map(({ id }) => id), matched.map(({ bookingId }) => bookingId)],
    );
    await refreshPresence(
      tx,
      siteId,
      lotId,
      kept.map(({ bookingId }) => bookingId),
    );
  });
}
