import type { Db } from '../../../../db/db.ts';
import type { Instant, IsoDate } from '../../../calendar/time.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';
import type { BookingState } from '../../../engine/types.ts';
import type { Decided } from './standing-rules.ts';

/** What a standing ride asks for, every time. */
export type StandingTerms = {
  runId: string;
  boardStopId: string;
  alightStopId: string;
  seats: number;
  isAccessible: boolean;
  wheelchair: boolean;
  joinsWaitlist: boolean;
  weekdays: number[];
  firstDate: IsoDate;
  lastDate: IsoDate;
};

export type StandingRide = StandingTerms & {
  id: string;
  personId: string;
  state: 'active' | 'paused' | 'ended';
  dueAt: Instant | null;
  version: number;
};

/** A day as it was done, and what has become of it. */
export type DoneDay = Decided & {
  rideId: string;
  date: IsoDate;
  bookingState: BookingState | null;
  startsAt: Instant | null;
  cancelUntil: Instant | null;
  waitlistState: 'waiting' | 'offered' | 'accepted' | 'declined' | 'lapsed' | 'withdrawn' | null;
};

export const rideColumns = `r.id, r.person_id AS "personId", r.run_id AS "runId", r.board_stop_id AS "boardStopId",
  r.alight_stop_id AS "alightStopId", r.seats, r.is_accessible AS "isAccessible", r.wheelchair,
  r.joins_waitlist AS "joinsWaitlist", to_jsonb(r.weekdays) AS weekdays, r.first_date AS "firstDate", r.last_date AS "lastDate",
  r.state, r.due_at AS "dueAt", r.version`;

/** One page of a person's standing rides, latest first. Index: standing_ride_by_person. */
export function ridesOf(
  db: Db,
  siteId: number,
  personId: string,
  page: { state: string | null; before: string | null; limit: number },
): Promise<StandingRide[]> {
  return db.query<StandingRide>(
    `SELECT ${rideColumns} FROM standing_ride r WHERE r.site_id = $1 AND r.person_id = $2
       AND ($3::text IS NULL OR r.state = $3) AND ($4::uuid IS NULL OR r.id < $4) ORDER BY r.id DESC LIMIT $5`,
    [siteId, personId, page.state, page.before, page.limit],
  );
}

/** A person's standing ride; null when there is none, or it is somebody else's. `locks` holds it until the transaction ends. */
export async function rideOfPerson(
  db: Db,
  siteId: number,
  personId: string,
  id: string,
  { locks }: { locks: boolean } = { locks: false },
): Promise<StandingRide | null> {
  const [ride] = await db.query<StandingRide>(
    `SELECT ${rideColumns} FROM standing_ride r WHERE r.site_id = $1 AND r.id = $2 AND r.person_id = $3${locks ? ' FOR UPDATE' : ''}`,
    [siteId, id, personId],
  );
  return ride ?? null;
}

/** What was done for the days of some rides, in order of date. Indexes: the primary keys. */
export function doneDays(db: Db, siteId: number, rideIds: readonly string[]): Promise<DoneDay[]> {
  return db.query<DoneDay>(
    `SELECT d.ride_id AS "rideId", d.service_date AS date, d.outcome, d.rule, coalesce(d.booking_id, e.offer_booking_id) AS "bookingId",
       d.waitlist_id AS "waitlistId", b.state AS "bookingState", b.starts_at AS "startsAt", b.cancel_until AS "cancelUntil",
       e.state AS "waitlistState"
     FROM standing_ride_day d
     LEFT JOIN waitlist_entry e ON e.site_id = d.site_id AND e.id = d.waitlist_id
     LEFT JOIN booking b ON b.site_id = d.site_id AND b.id = coalesce(d.booking_id, e.offer_booking_id)
     WHERE d.site_id = $1 AND d.ride_id = ANY($2::uuid[]) ORDER BY d.service_date`,
    [siteId, rideIds],
  );
}

/** The dates from a day on that some rides have done with, by ride. */
export async function datesDone(
  db: Db,
  siteId: number,
  rideIds: readonly string[],
  from: IsoDate,
): Promise<Map<string, Set<IsoDate>>> {
  const rows = await db.query<{ rideId: string; dates: IsoDate[] }>(
    `SELECT ride_id AS "rideId", jsonb_agg(service_date) AS dates FROM standing_ride_day
     WHERE site_id = $1 AND ride_id = ANY($2::uuid[]) AND service_date >= $3 GROUP BY ride_id`,
    [siteId, rideIds, from],
  );
  return new Map(rows.map(({ rideId, dates }) => [rideId, new Set(dates)]));
}

export async function insertRide(
  tx: Db,
  siteId: number,
  { id, personId, at, ...terms }: StandingTerms & { id: string; personId: string; at: Instant },
): Promise<void> {
  await tx.query(
    `INSERT INTO standing_ride (site_id, id, person_id, run_id, board_stop_id, alight_stop_id, seats, is_accessible, wheelchair,
       joins_waitlist, weekdays, first_date, last_date, state, due_at, created_at, changed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::smallint[], $12, $13, 'active', $14, $14, $14)`,
    [
      ...[siteId, id, personId, terms.runId, terms.boardStopId, terms.alightStopId, terms.seats, terms.isAccessible],
      ...[terms.wheelchair, terms.joinsWaitlist, terms.weekdays, terms.firstDate, terms.lastDate, toTimestamp(at)],
    ],
  );
}

/** Other terms; what failed from a day on is forgotten, so that it is tried again. */
export async function changeRide(
  tx: Db,
  siteId: number,
  { id, at, today, ...terms }: StandingTerms & { id: string; at: Instant; today: IsoDate },
): Promise<void> {
  await tx.query(
    `WITH again AS (
       DELETE FROM standing_ride_day WHERE site_id = $1 AND ride_id = $2 AND service_date >= $12
         AND outcome NOT IN ('booked', 'waiting'))
     UPDATE standing_ride SET run_id = $3, board_stop_id = $4, alight_stop_id = $5, seats = $6, is_accessible = $7, wheelchair = $8,
       joins_waitlist = $9, weekdays = $10::smallint[], last_date = $11, changed_at = $13, version = version + 1
     WHERE site_id = $1 AND id = $2`,
    [
      ...[siteId, id, terms.runId, terms.boardStopId, terms.alightStopId, terms.seats, terms.isAccessible],
      ...[terms.wheelchair, terms.joinsWaitlist, terms.weekdays, terms.lastDate, today, toTimestamp(at)],
    ],
  );
}

/** Notes that it books or does not book from now on; it is due only while it does. */
export async function setState(
  tx: Db,
  siteId: number,
  ride: { id: string; state: StandingRide['state']; at: Instant },
): Promise<void> {
  await tx.query(
    `UPDATE standing_ride SET state = $3, changed_at = $4, version = version + 1,
       due_at = CASE WHEN $3 = 'active' THEN $4::timestamptz END WHERE site_id = $1 AND id = $2`,
    [siteId, ride.id, ride.state, toTimestamp(ride.at)],
  );
}

export async function writeDays(
  tx: Db,
  siteId: number,
  at: Instant,
  days: readonly (Decided & { rideId: string; date: IsoDate })[],
): Promise<void> {
  if (days.length === 0) return;
  await tx.query(
    `INSERT INTO standing_ride_day (site_id, ride_id, service_date, outcome, rule, booking_id, waitlist_id, at)
     SELECT $1, u.*, $2 FROM unnest($3::uuid[], $4::date[], $5::text[], $6::text[], $7::uuid[], $8::bigint[]) AS u`,
    [
      siteId,
      toTimestamp(at),
      days.map(({ rideId }) => rideId),
      days.map(({ date }) => date),
      days.map(({ outcome }) => outcome),
      days.map(({ rule }) => rule),
      days.map(({ bookingId }) => bookingId),
      days.map(({ waitlistId }) => waitlistId),
    ],
  );
}

/** When each is due next; null for never. */
export async function setDue(
  tx: Db,
  siteId: number,
  rides: readonly { id: string; dueAt: Instant | null }[],
): Promise<void> {
  await tx.query(
    `UPDATE standing_ride SET due_at = u.due_at FROM unnest($2::uuid[], $3::timestamptz[]) AS u(id, due_at)
     WHERE standing_ride.site_id = $1 AND standing_ride.id = u.id`,
    [siteId, rides.map(({ id }) => id), rides.map(({ dueAt }) => (dueAt === null ? null : toTimestamp(dueAt)))],
  );
}

/** Tells riders of days that need a look. */
export async function tellOfDays(
  tx: Db,
  siteId: number,
  at: Instant,
  days: readonly { rideId: string; personId: string; date: IsoDate }[],
): Promise<void> {
  if (days.length === 0) return;
  await tx.query(
    `INSERT INTO notice (site_id, person_id, kind, standing_ride_id, occasion, at)
     SELECT $1, u.person_id, 'standing-ride', u.ride_id, u.occasion, $2
     FROM unnest($3::uuid[], $4::uuid[], $5::text[]) AS u(person_id, ride_id, occasion)`,
    [
      siteId,
      toTimestamp(at),
      days.map(({ personId }) => personId),
      days.map(({ rideId }) => rideId),
      days.map(({ date }) => date),
    ],
  );
}

/** Who did what with it, for the log. */
export async function noteStep(
  tx: Db,
  siteId: number,
  step: { type: 'made' | 'changed' | 'paused' | 'resumed' | 'ended'; rideId: string; actorId: string; at: Instant },
): Promise<void> {
  await tx.query(
    `INSERT INTO event (site_id, at, type, actor_id, facts) VALUES ($1, $2, $3, $4, jsonb_build_object('standingRideId', $5::uuid))`,
    [siteId, toTimestamp(step.at), `standing-ride.${step.type}`, step.actorId, step.rideId],
  );
}
