import { toTimestamp } from '../../../engine/sql-values.ts';
import type { Instant, IsoDate } from '../../../calendar/time.ts';
import type { Caller } from '../../../people/caller.ts';
import { notFound, refuse } from '../../drafting.ts';
import type { Context, WishRefusal } from '../../service.ts';
import { todayOf } from '../run-days.ts';
import { dispatches } from '../dispatchers.ts';

/** Who says where a bus is: somebody of the staff, or the driver of one run by their link. */
export type PositionActor = { as: 'staff'; caller: Caller } | { as: 'driver'; runId: string; serviceDate: IsoDate };

/** Where a bus was seen. Degrees; bearing from north, clockwise. */
export type SeenPosition = {
  lat: number;
  lng: number;
  bearing: number | null;
  metresPerSecond: number | null;
  at: Instant;
};

export type RecordedPosition = { ok: true; kept: boolean } | WishRefusal;

/**
 * Keeps where the bus of a run is: the latest only, those that come sooner than `everySeconds` after it or are older are ignored, so that
 * any order and any repetition leave the same. Only on the run's own day, and while it is not cancelled. A device whose clock is
 * fast counts as being on time, or nothing after it would be news. Index: the primary key, slot_once_per_part.
 */
export async function recordPosition(
  context: Context,
  actor: PositionActor,
  { runId, serviceDate }: { runId: string; serviceDate: IsoDate },
  seen: SeenPosition,
  everySeconds: number,
): Promise<RecordedPosition> {
  const { db, site, now, catalogue } = context;
  const run = catalogue.get(runId);
  if (run?.kind !== 'shuttle' || !mayRecord(actor, run, serviceDate)) return notFound;
  if (serviceDate !== todayOf(context)) return refuse('run-not-today');
  const [row] = await db.query<{ runs: boolean; kept: boolean }>(
    `WITH running AS (
       SELECT FROM slot WHERE site_id = $1 AND resource_id = $2 AND service_date = $3 AND state = 'active' LIMIT 1),
     kept AS (
       INSERT INTO vehicle_position AS known (site_id, run_id, service_date, at, lat, lng, bearing, metres_per_second)
       SELECT $1, $2, $3, $4, $5, $6, $7, $8 FROM running
       ON CONFLICT (site_id, service_date, run_id) DO UPDATE
         SET at = excluded.at, lat = excluded.lat, lng = excluded.lng, bearing = excluded.bearing,
           metres_per_second = excluded.metres_per_second
         WHERE excluded.at >= known.at + make_interval(secs => $9)
       RETURNING 1)
     SELECT EXISTS (SELECT FROM running) AS runs, EXISTS (SELECT FROM kept) AS kept`,
    [
      ...[site.id, runId, serviceDate, toTimestamp(Math.min(seen.at, now))],
      ...[seen.lat, seen.lng, seen.bearing, seen.metresPerSecond, everySeconds],
    ],
  );
  return row?.runs ? { ok: true, kept: row.kept } : refuse('not-running');
}

function mayRecord(actor: PositionActor, run: { id: string; organisationId: string }, serviceDate: IsoDate): boolean {
  return actor.as === 'driver'
    ? actor.runId === run.id && actor.serviceDate === serviceDate
    : dispatches(actor.caller, run.organisationId);
}
