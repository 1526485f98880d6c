import type { Queries } from '../../../../db/db.ts';
import type { Instant } from '../../../calendar/time.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';

/** A round as it is kept. The seed is nobody's business before it is drawn. */
export type Round = {
  id: string;
  resourceId: string;
  month: string;
  opensAt: Instant;
  closesAt: Instant;
  commitment: string;
  seed: string;
  state: 'open' | 'drawn' | 'done';
  entries: number;
};

/** An entry as it is kept. */
export type RoundEntry = {
  id: string;
  roundId: string;
  vehicleId: string;
  plate: string | null;
  enteredAt: Instant;
  number: string | null;
  place: number | null;
  result: 'won' | 'waiting' | 'refused' | null;
  reason: string | null;
  bookingId: string | null;
  waitlistId: number | null;
};

const columns = `r.id, r.resource_id AS "resourceId", r.month, r.opens_at AS "opensAt", r.closes_at AS "closesAt", r.commitment, r.seed,
  r.state, (SELECT count(*)::int FROM parking_round_entry e WHERE e.site_id = r.site_id AND e.round_id = r.id) AS entries`;

/** The round of a month of a lot. Index: parking_round_once_per_month. */
export async function roundOf(db: Queries, siteId: number, resourceId: string, month: string): Promise<Round | null> {
  const [round] = await db.query<Round>(
    `SELECT ${columns} FROM parking_round r WHERE r.site_id = $1 AND r.resource_id = $2 AND r.month = $3`,
    [siteId, resourceId, month],
  );
  return round ?? null;
}

/** A round by its id. Index: the primary key. */
export async function roundById(db: Queries, siteId: number, id: string): Promise<Round | null> {
  const [round] = await db.query<Round>(`SELECT ${columns} FROM parking_round r WHERE r.site_id = $1 AND r.id = $2`, [
    siteId,
    id,
  ]);
  return round ?? null;
}

const listedRounds = 100;

/** The rounds of the months from one on, of one lot or of all, soonest first. Index: parking_round_once_per_month. */
export function roundsFrom(db: Queries, siteId: number, month: string, resourceId: string | null): Promise<Round[]> {
  return db.query<Round>(
    `SELECT ${columns} FROM parking_round r
     WHERE r.site_id = $1 AND r.month >= $2 AND ($3::text IS NULL OR r.resource_id = $3)
     ORDER BY r.month, r.resource_id LIMIT ${listedRounds}`,
    [siteId, month, resourceId],
  );
}

/** A person's entries of some rounds. Index: parking_round_entry_by_person. */
export function entriesOf(
  db: Queries,
  siteId: number,
  personId: string,
  roundIds: readonly string[],
): Promise<RoundEntry[]> {
  return db.query<RoundEntry>(
    `SELECT e.id, e.round_id AS "roundId", e.vehicle_id AS "vehicleId", v.plate, e.entered_at AS "enteredAt", e.number, e.place,
       e.result, e.reason, e.booking_id AS "bookingId", e.waitlist_id AS "waitlistId"
     FROM parking_round_entry e LEFT JOIN vehicle v ON v.site_id = e.site_id AND v.id = e.vehicle_id
     WHERE e.site_id = $1 AND e.person_id = $2 AND e.round_id = ANY($3::uuid[]) ORDER BY e.entered_at, e.id`,
    [siteId, personId, roundIds],
  );
}

/** What is published of a drawn round: no people, no cars. Index: parking_round_entry_place. */
export function publishedEntries(
  db: Queries,
  siteId: number,
  roundId: string,
): Promise<{ id: string; number: string; place: number; result: RoundEntry['result']; reason: string | null }[]> {
  return db.query(
    `SELECT id, number, place, result, reason FROM parking_round_entry
     WHERE site_id = $1 AND round_id = $2 AND place IS NOT NULL ORDER BY place`,
    [siteId, roundId],
  );
}

/** Tells in the log what happened to a round. */
export async function tellOfRound(
  tx: Queries,
  siteId: number,
  event: { type: string; at: Instant; actorId: string | null; facts: object },
): Promise<void> {
  await tx.query('INSERT INTO event (site_id, at, type, actor_id, facts) VALUES ($1, $2, $3, $4, $5)', [
    siteId,
    toTimestamp(event.at),
    `parking-round.${event.type}`,
    event.actorId,
    JSON.stringify(event.facts),
  ]);
}
