import type { Db } from '../../db/db.ts';
import type { HalfOpen, Instant } from '../calendar/time.ts';
import { decideCheckIns, type CheckedIn, type KnownCheckIn, type Scan, type Situation } from './decide-check-ins.ts';
import { toTimestamp } from './sql-values.ts';
import { lockSlots } from './slot-rows.ts';
import type { BookingState, Slot } from './types.ts';
import { givenAway, retakeUnits, yieldingSlots, type GivenAway } from './yield-units.ts';

export type { CheckedIn } from './decide-check-ins.ts';

/** Where scans are told of, and when. */
export type ScanSite = { siteId: number; now: Instant };

/** Writes one scan down: `checkInAll` of one. */
export async function checkIn(tx: Db, site: ScanSite, scan: Scan): Promise<CheckedIn> {
  const [answer] = await checkInAll(tx, site, [scan]);
  if (!answer) throw new Error('a scan was not answered');
  return answer;
}

/**
 * Writes down who has come, once per booking and once per scan, in the caller's transaction; each scan is answered as if they had come one
 * by one in this order. Who was taken for a no-show was there after all, if the scan was in time and only its telling was late. A few
 * statements, whatever the number of scans; some more when another scanner took one of their names meanwhile. Slots that can be given away are
 * locked before the bookings, as everywhere.
 */
export async function checkInAll(tx: Db, site: ScanSite, scans: readonly Scan[]): Promise<CheckedIn[]> {
  const ids = [...new Set(scans.map(({ bookingId }) => bookingId))];
  const slots = await lockYielding(tx, site.siteId, ids);
  const bookings = await lockBookings(tx, site.siteId, ids);
  const given = slots.size === 0 ? new Map<string, GivenAway>() : await givenAway(tx, site.siteId, ids);
  const free = new Map([...slots].map(([id, slot]) => [id, unitsLeft(slot)]));
  const answers = new Map<Scan, CheckedIn>();
  for (let rest = scans; rest.length > 0;) {
    const known = await knownCheckIns(tx, site.siteId, rest);
    const situation = { bookings, known, givenAway: given, free, now: site.now };
    const decided = decideCheckIns(situation, rest).map((answer, index) => [rest[index], answer] as const);
    const coming = decided.flatMap(([scan, answer]) => (scan && answer.ok && !answer.replayed ? [scan] : []));
    const written = await record(tx, site, coming, bookings);
    const retaking = decided.flatMap(([scan, answer]) =>
      scan && answer.ok && answer.retakes && written.has(scan.bookingId) ? [scan.bookingId] : [],
    );
    await retakeUnits(tx, site.siteId, retaking, site.now);
    for (const { slotId, units } of retaking.flatMap((id) => given.get(id)?.lines ?? []))
      free.set(slotId, (free.get(slotId) ?? 0) - units);
    const again = new Set(coming.flatMap(({ bookingId }) => (written.has(bookingId) ? [] : [bookingId])));
    for (const [scan, answer] of decided) if (scan && !again.has(scan.bookingId)) answers.set(scan, answer);
    rest = rest.filter(({ bookingId }) => again.has(bookingId));
  }
  return scans.flatMap((scan) => answers.get(scan) ?? []);
}

/**
 * When some bookings may be checked in, the end excluded: what the first of a booking's slots to say so declares; else while it lasts.
 * By booking; what is not there is left out. Indexes: the primary keys.
 */
export async function checkInTimes(
  db: Db,
  siteId: number,
  bookingIds: readonly string[],
): Promise<Map<string, HalfOpen>> {
  const rows = await db.query<HalfOpen & { id: string }>(
    `SELECT b.id, coalesce(min(s.check_in_from), b.starts_at) AS "startsAt", coalesce(min(s.check_in_until), b.ends_at) AS "endsAt"
     FROM booking b JOIN booking_line l ON l.site_id = b.site_id AND l.booking_id = b.id
     JOIN slot s ON s.site_id = l.site_id AND s.id = l.slot_id
     WHERE b.site_id = $1 AND b.id = ANY($2::uuid[]) GROUP BY b.site_id, b.id`,
    [siteId, bookingIds],
  );
  return new Map(rows.map(({ id, startsAt, endsAt }) => [id, { startsAt, endsAt }]));
}

/** Whoever gives units away, or takes them back, holds these: so what was given away is known, and what is free stays free. */
async function lockYielding(tx: Db, siteId: number, bookingIds: readonly string[]): Promise<Map<number, Slot>> {
  const slotIds = await yieldingSlots(tx, siteId, bookingIds);
  return slotIds.length === 0 ? new Map<number, Slot>() : lockSlots(tx, siteId, slotIds);
}

const unitsLeft = ({ state, capacity, taken }: Slot): number => (state === 'active' ? capacity - taken : 0);

/** Locks in id order, so that two batches do not wait for each other; what is read afterwards stands until the transaction ends. */
async function lockBookings(tx: Db, siteId: number, ids: readonly string[]): Promise<Situation['bookings']> {
  const locked = await tx.query<{ id: string; state: BookingState }>(
    'SELECT id, state FROM booking WHERE site_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR UPDATE',
    [siteId, ids],
  );
  const times = await checkInTimes(tx, siteId, ids);
  // Who gave everything back has no slots any more: no scan is in time.
  return new Map(locked.map(({ id, state }) => [id, { state, times: times.get(id) ?? { startsAt: 0, endsAt: 0 } }]));
}

/** Every check-in of the scans' bookings, or under one of their names. Indexes: the primary key, check_in_once_per_scan. */
function knownCheckIns(tx: Db, siteId: number, scans: readonly Scan[]): Promise<KnownCheckIn[]> {
  return tx.query<KnownCheckIn>(
    `SELECT booking_id AS "bookingId", nonce, at FROM check_in WHERE site_id = $1 AND booking_id = ANY($2::uuid[])
     UNION SELECT booking_id, nonce, at FROM check_in WHERE site_id = $1 AND nonce = ANY($3::text[])`,
    [siteId, scans.map(({ bookingId }) => bookingId), scans.map(({ nonce }) => nonce)],
  );
}

/**
 * Under the bookings' locks; names are taken in their order, so that two batches do not wait for each other. @returns the bookings that were
 * checked in: not those whose scan has a name that another scanner took meanwhile.
 */
async function record(
  tx: Db,
  { siteId, now }: ScanSite,
  scans: readonly Scan[],
  bookings: Situation['bookings'],
): Promise<Set<string>> {
  if (scans.length === 0) return new Set();
  const came = await tx.query<{ id: string }>(
    `WITH scan AS (
       SELECT * FROM unnest($3::uuid[], $4::text[], $5::timestamptz[], $6::uuid[], $7::uuid[], $8::jsonb[])
         AS u(booking_id, nonce, at, actor_id, driver_link_id, facts)),
     made AS (
       INSERT INTO check_in (site_id, booking_id, nonce, at, recorded_at, actor_id, driver_link_id)
       SELECT $1, booking_id, nonce, at, $2, actor_id, driver_link_id FROM scan ORDER BY nonce
       ON CONFLICT ON CONSTRAINT check_in_once_per_scan DO NOTHING RETURNING booking_id),
     came AS (
       UPDATE booking SET state = 'checked_in', changed_at = $2
       WHERE site_id = $1 AND id IN (SELECT booking_id FROM made) RETURNING id)
     INSERT INTO event (site_id, at, type, actor_id, booking_id, facts)
     SELECT $1, $2, 'booking.checked_in', scan.actor_id, came.id, scan.facts FROM came JOIN scan ON scan.booking_id = came.id
     ORDER BY came.id RETURNING booking_id AS id`,
    [
      siteId,
      toTimestamp(now),
      scans.map(({ bookingId }) => bookingId),
      scans.map(({ nonce }) => nonce),
      scans.map(({ at }) => toTimestamp(at)),
      scans.map(({ by }) => ('actorId' in by ? by.actorId : null)),
      scans.map(({ by }) => ('driverLinkId' in by ? by.driverLinkId : null)),
      scans.map(({ bookingId, at, by }) =>
        JSON.stringify({
          scannedAt: toTimestamp(at),
          before: bookings.get(bookingId)?.state,
          ...('driverLinkId' in by && { driverLinkId: by.driverLinkId }),
        }),
      ),
    ],
  );
  return new Set(came.map(({ id }) => id));
}
