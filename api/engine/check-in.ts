import type { Db } from '../../db/db.ts';
import type { HalfOpen, Instant } from '../calendar/time.ts';
import { toTimestamp } from './sql-values.ts';
import type { BookingState } from './types.ts';

/** One scan of a booking's pass. */
export type Scan = {
  siteId: number;
  bookingId: string;
  /** The scanner's own name of the scan: sent again, it has no second effect. */
  nonce: string;
  /** When it was scanned; not after `now`. */
  at: Instant;
  /** When it is told of. */
  now: Instant;
  actorId: string;
};

export type CheckedIn =
  | { ok: true; at: Instant; replayed: boolean }
  | { ok: false; problem: 'not-found' }
  | { ok: false; problem: 'already-checked-in' }
  | { ok: false; problem: 'rule'; rule: 'not-confirmed' | 'check-in-not-open' | 'check-in-closed' | 'nonce-used' };

/**
 * Writes down that somebody has come, once per booking and once per scan, in the caller's transaction. Who was taken for a no-show was
 * there after all, if the scan was in time and only its telling was late.
 */
export async function checkIn(tx: Db, scan: Scan): Promise<CheckedIn> {
  const { siteId, bookingId, nonce } = scan;
  const [booking] = await tx.query<{ state: BookingState }>(
    'SELECT state FROM booking WHERE site_id = $1 AND id = $2 FOR UPDATE',
    [siteId, bookingId],
  );
  if (!booking) return { ok: false, problem: 'not-found' };
  const [earlier] = await tx.query<{ nonce: string; at: Instant }>(
    'SELECT nonce, at FROM check_in WHERE site_id = $1 AND booking_id = $2',
    [siteId, bookingId],
  );
  if (earlier?.nonce === nonce) return { ok: true, at: earlier.at, replayed: true };
  if (earlier) return { ok: false, problem: 'already-checked-in' };
  if (booking.state !== 'confirmed' && booking.state !== 'no_show') return refuse('not-confirmed');
  const times = await checkInTimes(tx, siteId, bookingId);
  if (scan.at < times.startsAt) return refuse('check-in-not-open');
  if (scan.at >= times.endsAt) return refuse('check-in-closed');
  return (await record(tx, scan, booking.state)) ? { ok: true, at: scan.at, replayed: false } : refuse('nonce-used');
}

/**
 * When a booking may be checked in, the end excluded: what the first of its slots to say so declares; else while it lasts.
 * Indexes: the primary keys. @throws when there is no such booking.
 */
export async function checkInTimes(db: Db, siteId: number, bookingId: string): Promise<HalfOpen> {
  const [times] = await db.query<HalfOpen>(
    `SELECT coalesce(min(s.check_in_from), b.starts_at) AS "startsAt", coalesce(min(s.check_in_until), b.ends_at) AS "endsAt"
     FROM booking b JOIN booking_line l ON l.site_id = b.site_id AND l.booking_id = b.id
     JOIN slot s ON s.site_id = l.site_id AND s.id = l.slot_id
     WHERE b.site_id = $1 AND b.id = $2 GROUP BY b.site_id, b.id`,
    [siteId, bookingId],
  );
  if (!times) throw new Error(`booking ${bookingId} has no slots`);
  return times;
}

/** Under the booking's lock. @returns false when the scan's name was that of another booking's. */
async function record(tx: Db, scan: Scan, before: 'confirmed' | 'no_show'): Promise<boolean> {
  const { siteId, bookingId, nonce, at, now, actorId } = scan;
  const made = await tx.query(
    `INSERT INTO check_in (site_id, booking_id, nonce, at, recorded_at, actor_id) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT ON CONSTRAINT check_in_once_per_scan DO NOTHING RETURNING 1`,
    [siteId, bookingId, nonce, toTimestamp(at), toTimestamp(now), actorId],
  );
  if (made.length === 0) return false;
  await tx.query(
    `WITH came AS (
       UPDATE booking SET state = 'checked_in', changed_at = $3 WHERE site_id = $1 AND id = $2 RETURNING id)
     INSERT INTO event (site_id, at, type, actor_id, booking_id, facts)
     SELECT $1, $3, 'booking.checked_in', $4, id, $5::jsonb FROM came`,
    [siteId, bookingId, toTimestamp(now), actorId, JSON.stringify({ scannedAt: toTimestamp(at), before })],
  );
  return true;
}

const refuse = <Rule extends string>(rule: Rule) => ({ ok: false, problem: 'rule', rule }) as const;
