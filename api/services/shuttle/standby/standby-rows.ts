import type { Db, Queries } from '../../../../db/db.ts';
import type { standbyStates } from '../../../../db/schema/index.ts';
import type { Instant, IsoDate } from '../../../calendar/time.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';

export type StandbyState = (typeof standbyStates)[number];

/** A place in the line of those who stand by, as it is kept. */
export type StandbyRow = {
  id: number;
  personId: string;
  runId: string;
  serviceDate: IsoDate;
  boardStopId: string;
  alightStopId: string;
  seats: number;
  state: StandbyState;
  joinedAt: Instant;
  bookingId: string | null;
};

const columns = `id, person_id AS "personId", run_id AS "runId", service_date AS "serviceDate", board_stop_id AS "boardStopId",
  alight_stop_id AS "alightStopId", seats, state, joined_at AS "joinedAt", booking_id AS "bookingId"`;

/** Who waits for some runs of some dates, in order of joining, locked: under the locks of their slots. Index: standby_once_per_run. */
export function lockWaiting(
  tx: Queries,
  siteId: number,
  runs: readonly { runId: string; date: IsoDate }[],
): Promise<StandbyRow[]> {
  return tx.query<StandbyRow>(
    `SELECT ${columns} FROM standby WHERE site_id = $1 AND state = 'waiting'
       AND (run_id, service_date) IN (SELECT * FROM unnest($2::text[], $3::date[])) ORDER BY id FOR UPDATE`,
    [siteId, runs.map(({ runId }) => runId), runs.map(({ date }) => date)],
  );
}

export type NewPlace = Pick<
  StandbyRow,
  'personId' | 'runId' | 'serviceDate' | 'boardStopId' | 'alightStopId' | 'seats'
>;

/** Puts somebody at the end of a run's line, with its event. @returns its id; null when they stand in it already. */
export async function joinLine(tx: Queries, siteId: number, place: NewPlace, at: Instant): Promise<number | null> {
  const [row] = await tx.query<{ id: number }>(
    `WITH joined AS (
       INSERT INTO standby (site_id, person_id, run_id, service_date, board_stop_id, alight_stop_id, seats, state, joined_at, changed_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8, $8)
       ON CONFLICT (site_id, run_id, service_date, person_id) WHERE state = 'waiting' DO NOTHING RETURNING id),
     told AS (
       INSERT INTO event (site_id, at, type, actor_id, facts)
       SELECT $1, $8, 'standby.joined', $2, jsonb_build_object('standbyId', id) FROM joined)
     SELECT id FROM joined`,
    [
      siteId,
      place.personId,
      place.runId,
      place.serviceDate,
      place.boardStopId,
      place.alightStopId,
      place.seats,
      toTimestamp(at),
    ],
  );
  return row?.id ?? null;
}

/** Notes who got a seat, with its event; their rows are locked. */
export async function noteAdmitted(
  tx: Queries,
  siteId: number,
  admitted: readonly { id: number; bookingId: string }[],
  at: Instant,
): Promise<void> {
  if (admitted.length === 0) return;
  await tx.query(
    `WITH admitted AS (
       UPDATE standby SET state = 'admitted', changed_at = $4, booking_id = u.booking_id
       FROM unnest($2::bigint[], $3::uuid[]) AS u(id, booking_id) WHERE standby.site_id = $1 AND standby.id = u.id
       RETURNING standby.id, standby.booking_id)
     INSERT INTO event (site_id, at, type, booking_id, facts)
     SELECT $1, $4, 'standby.admitted', booking_id, jsonb_build_object('standbyId', id) FROM admitted`,
    [siteId, admitted.map(({ id }) => id), admitted.map(({ bookingId }) => bookingId), toTimestamp(at)],
  );
}

/** Takes a person's own place out of the line. @returns its state before, null when it is not theirs. */
export async function leaveLine(
  tx: Queries,
  siteId: number,
  { id, personId }: { id: number; personId: string },
  at: Instant,
): Promise<StandbyState | null> {
  const [row] = await tx.query<{ state: StandbyState }>(
    'SELECT state FROM standby WHERE site_id = $1 AND id = $2 AND person_id = $3 FOR UPDATE',
    [siteId, id, personId],
  );
  if (row?.state !== 'waiting') return row?.state ?? null;
  await tx.query(
    `WITH gone AS (
       UPDATE standby SET state = 'left', changed_at = $3 WHERE site_id = $1 AND id = $2 RETURNING id)
     INSERT INTO event (site_id, at, type, actor_id, facts)
     SELECT $1, $3, 'standby.left', $4, jsonb_build_object('standbyId', id) FROM gone`,
    [siteId, id, toTimestamp(at), personId],
  );
  return 'waiting';
}

/** Ends the waiting of those whose ride is not there any more, with its event; their rows are locked. */
export async function withdrawPlaces(
  tx: Queries,
  siteId: number,
  ids: readonly number[],
  { actorId, at }: { actorId: string; at: Instant },
): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(
    `WITH gone AS (
       UPDATE standby SET state = 'withdrawn', changed_at = $3 WHERE site_id = $1 AND id = ANY($2::bigint[]) RETURNING id)
     INSERT INTO event (site_id, at, type, actor_id, facts)
     SELECT $1, $3, 'standby.withdrawn', $4, jsonb_build_object('standbyId', id) FROM gone ORDER BY id`,
    [siteId, ids, toTimestamp(at), actorId],
  );
}

/**
 * Ends the waiting of those whose bus has left their stop, or whose day is over; idempotent. Indexes: standby_once_per_run (only those who
 * wait stand in it), slot_once_per_part.
 */
export async function lapsePassed(db: Db, siteId: number, now: Instant, today: IsoDate): Promise<void> {
  await db.query(
    `WITH lapsed AS (
       UPDATE standby s SET state = 'lapsed', changed_at = $2
       WHERE s.site_id = $1 AND s.state = 'waiting' AND (s.service_date < $3 OR s.service_date = $3 AND EXISTS (
         SELECT 1 FROM slot WHERE slot.site_id = $1 AND slot.resource_id = s.run_id AND slot.service_date = s.service_date
           AND slot.facts->>'fromStopId' = s.board_stop_id AND slot.starts_at <= $2))
       RETURNING id)
     INSERT INTO event (site_id, at, type, facts)
     SELECT $1, $2, 'standby.lapsed', jsonb_build_object('standbyId', id) FROM lapsed`,
    [siteId, toTimestamp(now), today],
  );
}

/** A place with where it stands: its position among those who wait for the run, and how many these are; null when it waits no more. */
export type StandingPlace = StandbyRow & { position: number | null; waiting: number };

/** A person's places, latest first. Indexes: standby_by_person, standby_once_per_run. */
export function placesOf(
  db: Queries,
  siteId: number,
  personId: string,
  { before, limit }: { before: number | null; limit: number },
): Promise<StandingPlace[]> {
  return db.query<StandingPlace>(
    `SELECT mine.*, line.* FROM (
       SELECT ${columns} FROM standby WHERE site_id = $1 AND person_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4) AS mine
     CROSS JOIN LATERAL (
       SELECT CASE WHEN mine.state = 'waiting' THEN count(*) FILTER (WHERE s.id <= mine.id)::int END AS position,
         count(*)::int AS waiting
       FROM standby s WHERE s.site_id = $1 AND s.run_id = mine."runId" AND s.service_date = mine."serviceDate"
         AND s.state = 'waiting') AS line
     ORDER BY mine.id DESC`,
    [siteId, personId, before ?? Number.MAX_SAFE_INTEGER, limit],
  );
}
