import type { Db } from '../../db/db.ts';
import { dateOf, minutesAfter, minutesBefore, plusDays, type Instant } from '../calendar/time.ts';
import { checkIn, checkInTimes, type CheckedIn } from '../engine/check-in.ts';
import { once } from '../engine/once.ts';
import { toTimestamp } from '../engine/sql-values.ts';
import type { Idempotency } from '../engine/types.ts';
import type { Caller } from '../people/caller.ts';
import { maskedPeople, type MaskedPerson } from '../people/masked.ts';
import { bookingsById, type KeptBooking } from './bookings.ts';
import { scanRules } from './check-in-rules.ts';
import { isUuid } from './drafting.ts';
import { managesBooking, managesResource } from './manages.ts';
import type { Pass, Passes } from './pass.ts';
import type { Context } from './service.ts';

/** So many bookings are tried with six digits; with more, two of them would too often have the same. */
const maxTried = 10_000;

type Refused =
  | Exclude<CheckedIn, { ok: true }>
  | { ok: false; problem: 'key-reused' }
  | {
      ok: false;
      problem: 'rule';
      rule: 'code-expired' | 'code-ambiguous' | 'scan-in-future' | 'scan-too-old' | 'no-pass';
    };

/** A booking's pass, for its owner, and when one may be checked in with it (the end excluded). */
export async function passOf(
  context: Context,
  passes: Passes,
  caller: Caller,
  bookingId: string,
): Promise<{ ok: true; pass: Pass; times: { startsAt: Instant; endsAt: Instant } } | Refused> {
  const { db, site, now } = context;
  const [booking] = isUuid(bookingId) ? await bookingsById(db, site.id, [bookingId]) : [];
  if (booking?.personId !== caller.personId) return { ok: false, problem: 'not-found' };
  if (booking.state === 'checked_in') return { ok: false, problem: 'already-checked-in' };
  if (booking.state !== 'confirmed') return { ok: false, problem: 'rule', rule: 'no-pass' };
  const times = (await checkInTimes(db, site.id, [bookingId])).get(bookingId);
  if (!times) throw new Error(`booking ${bookingId} has no slots`);
  if (now >= times.endsAt) return { ok: false, problem: 'rule', rule: 'check-in-closed' };
  return { ok: true, pass: passes.of({ siteId: site.id, bookingId: booking.id }, now), times };
}

/** What a scanner saw: the text of a QR code or six digits, when, and its own name of the scan. */
export type SeenCode = { code: string; at: Instant; nonce: string };

/** Who has come, for the one who scanned: masked. */
export type Arrival = { booking: KeptBooking; person: MaskedPerson; at: Instant };

/** Checks the holder of a pass in, for somebody who manages all that it is of. The same scan sent again is harmless. */
export async function recordScan(
  context: Context,
  passes: Passes,
  caller: Caller,
  seen: SeenCode,
  idempotency: Idempotency | null,
): Promise<({ ok: true; replayed: boolean } & Arrival) | Refused> {
  const { db, site, now } = context;
  if (managedBy(context, caller).length === 0) return { ok: false, problem: 'not-found' };
  if (seen.at > now + scanRules.clockAheadSeconds * 1000) return { ok: false, problem: 'rule', rule: 'scan-in-future' };
  if (seen.at < now - scanRules.uploadHours * 3_600_000) return { ok: false, problem: 'rule', rule: 'scan-too-old' };
  const found = await bookingOf(context, passes, caller, seen);
  if (!found.ok) return found;
  const at = Math.min(seen.at, now);
  const scan = { bookingId: found.bookingId, nonce: seen.nonce, at, by: { actorId: caller.personId } };
  const done = await once<CheckedIn>(
    db,
    { siteId: site.id, at: now, idempotency },
    (tx) => checkIn(tx, { siteId: site.id, now }, scan),
    ({ ok }) => ok,
  );
  if (!done.ok) return done;
  if (!done.result.ok) return done.result;
  const [booking] = await bookingsById(db, site.id, [found.bookingId]);
  const person = booking && (await maskedPeople(db, site.id, [booking.personId])).get(booking.personId);
  if (!booking || !person) throw new Error(`booking ${found.bookingId} is not there any more`);
  return { ok: true, booking, person, at: done.result.at, replayed: done.replayed || done.result.replayed };
}

async function bookingOf(
  context: Context,
  passes: Passes,
  caller: Caller,
  seen: SeenCode,
): Promise<{ ok: true; bookingId: string } | Refused> {
  if (/^\d{6}$/.test(seen.code)) return bookingOfDigits(context, passes, caller, seen);
  const read = passes.read(context.site.id, seen.code, seen.at);
  if (read === null) return { ok: false, problem: 'not-found' };
  if (read === 'expired') return { ok: false, problem: 'rule', rule: 'code-expired' };
  const [booking] = await bookingsById(context.db, context.site.id, [read.bookingId]);
  const isTheirs = booking && managesBooking(context, caller, booking);
  return isTheirs ? { ok: true, bookingId: booking.id } : { ok: false, problem: 'not-found' };
}

/** The resources that the caller may check people in at. */
const managedBy = (context: Context, caller: Caller): string[] =>
  [...context.catalogue.values()]
    // Not the parts: who collects a dish comes for the window.
    .filter(({ id, parentId }) => parentId === null && managesResource(context, caller, id))
    .map(({ id }) => id);

async function bookingOfDigits(
  context: Context,
  passes: Passes,
  caller: Caller,
  { code, at }: SeenCode,
): Promise<{ ok: true; bookingId: string } | Refused> {
  const { site } = context;
  const resourceIds = managedBy(context, caller);
  for (const slackMinutes of [0, earlyOrLateMinutes]) {
    const expected = await expectedAt(context.db, site.timeZone, { siteId: site.id, resourceIds, at, slackMinutes });
    const [bookingId, another] = passes.ofDigits(site.id, code, expected, at);
    if (expected.length > maxTried || another !== undefined)
      return { ok: false, problem: 'rule', rule: 'code-ambiguous' };
    if (bookingId !== undefined) return { ok: true, bookingId };
  }
  return { ok: false, problem: 'not-found' };
}

/** Who comes this much too early or too late is told so; the digits of anybody else are not known. */
const earlyOrLateMinutes = 120;

type Expected = { siteId: number; resourceIds: readonly string[]; at: Instant; slackMinutes: number };

/** A class lasts three weeks: how long before a scan a slot may have begun that somebody still comes for. */
const longestSlotDays = 31;

/**
 * The bookings that some resources could be asked to check in at an instant, or have, by the times of their slots.
 * Indexes: slot_once_per_part, booking_line_by_slot, the primary key of booking.
 */
export async function expectedAt(
  db: Db,
  zone: string,
  { siteId, resourceIds, at, slackMinutes }: Expected,
): Promise<string[]> {
  const date = dateOf(at, zone);
  const rows = await db.query<{ id: string }>(
    `SELECT id FROM booking WHERE site_id = $1 AND state IN ('confirmed', 'checked_in', 'no_show') AND id = ANY(ARRAY(
       SELECT l.booking_id FROM slot s JOIN booking_line l ON l.site_id = s.site_id AND l.slot_id = s.id
       WHERE s.site_id = $1 AND s.resource_id = ANY($2::text[]) AND s.service_date BETWEEN $3 AND $4
         AND coalesce(s.check_in_from, s.starts_at) <= $5 AND coalesce(s.check_in_until, s.ends_at) > $6))
     LIMIT ${maxTried + 1}`,
    [
      siteId,
      resourceIds,
      plusDays(date, -longestSlotDays),
      plusDays(date, 1),
      ...[minutesAfter(at, slackMinutes), minutesBefore(at, slackMinutes)].map(toTimestamp),
    ],
  );
  return rows.map(({ id }) => id);
}
