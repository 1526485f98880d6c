import type { Db } from '../../../../db/db.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';
import type { Instant } from '../../../calendar/time.ts';
import type { Ride, RunKey } from './rides.ts';

/** People at a stop, or on a run: who was expected, who boarded with a ticket or without, who got off. */
export type Tally = { expected: number; boarded: number; withoutTicket: number; alighted: number };

/** What was counted at a stop, under the scanner's own name for it. */
export type Count = { nonce: string; stopId: string; withoutTicket: number; alighted: number; at: Instant };

const nobody: Tally = { expected: 0, boarded: 0, withoutTicket: 0, alighted: 0 };

const hasBoarded = ({ state }: Pick<Ride, 'state'>): boolean => state === 'checked_in' || state === 'completed';

/** Adds up a run's day by stop. Pure. */
export function tallyByStop(
  rides: readonly Pick<Ride, 'state' | 'details'>[],
  counts: readonly Pick<Count, 'stopId' | 'withoutTicket' | 'alighted'>[],
): Map<string, Tally> {
  const tallies = new Map<string, Tally>();
  const at = (stopId: string): Tally => tallies.get(stopId) ?? nobody;
  for (const ride of rides) {
    const { boardStop, seats } = ride.details;
    const { expected, boarded, ...rest } = at(boardStop.stopId);
    const came = hasBoarded(ride) ? seats : 0;
    tallies.set(boardStop.stopId, { ...rest, expected: expected + seats, boarded: boarded + came });
  }
  for (const { stopId, withoutTicket, alighted } of counts) {
    const before = at(stopId);
    const counted = { withoutTicket: before.withoutTicket + withoutTicket, alighted: before.alighted + alighted };
    tallies.set(stopId, { ...before, ...counted });
  }
  return tallies;
}

/** All stops together. Pure. */
export function tallyOfRun(stops: Iterable<Tally>): Tally {
  const total = { ...nobody };
  for (const tally of stops)
    for (const part of ['expected', 'boarded', 'withoutTicket', 'alighted'] as const) total[part] += tally[part];
  return total;
}

/** What was counted on a run's day, added up per stop. Index: the primary key of boarding_count. */
export function countsOf(
  db: Db,
  { siteId, runId, serviceDate }: RunKey,
): Promise<Pick<Count, 'stopId' | 'withoutTicket' | 'alighted'>[]> {
  return db.query(
    `SELECT stop_id AS "stopId", sum(without_ticket)::int AS "withoutTicket", sum(alighted)::int AS alighted
     FROM boarding_count WHERE site_id = $1 AND run_id = $2 AND service_date = $3 GROUP BY stop_id`,
    [siteId, runId, serviceDate],
  );
}

/** Writes counts down, each once by its name, in one statement. */
export async function recordCounts(
  tx: Db,
  { siteId, runId, serviceDate }: RunKey,
  told: { counts: readonly Count[]; driverLinkId: string; now: Instant },
): Promise<void> {
  const { counts, driverLinkId, now } = told;
  await tx.query(
    `INSERT INTO boarding_count (site_id, run_id, service_date, nonce, stop_id, without_ticket, alighted, at, recorded_at, driver_link_id)
     SELECT $1, $2, $3, nonce, stop_id, without_ticket, alighted, at, $4, $5
     FROM unnest($6::text[], $7::text[], $8::int[], $9::int[], $10::timestamptz[])
       AS u(nonce, stop_id, without_ticket, alighted, at) ORDER BY nonce
     ON CONFLICT DO NOTHING`,
    [
      siteId,
      runId,
      serviceDate,
      toTimestamp(now),
      driverLinkId,
      counts.map(({ nonce }) => nonce),
      counts.map(({ stopId }) => stopId),
      counts.map(({ withoutTicket }) => withoutTicket),
      counts.map(({ alighted }) => alighted),
      counts.map(({ at }) => toTimestamp(at)),
    ],
  );
}
