import type { Db } from '../../db/db.ts';
import type { Instant, IsoDate } from '../calendar/time.ts';
import { toTimestamp } from '../engine/sql-values.ts';
import { liveStates, type Booking, type BookingState } from '../engine/types.ts';

/** A line with what its slot says. */
export type KeptLine = {
  slotId: number;
  resourceId: string;
  units: number;
  startsAt: Instant;
  endsAt: Instant;
  serviceDate: IsoDate;
};

/** A booking with its lines, as it is kept. */
export type KeptBooking = Omit<Booking, 'lines'> & { lines: KeptLine[] };

const columns = `b.id, b.kind, b.person_id AS "personId", b.state, b.created_at AS "createdAt", b.changed_at AS "changedAt",
  b.starts_at AS "startsAt", b.ends_at AS "endsAt", b.service_date AS "serviceDate", b.cancel_until AS "cancelUntil",
  b.price_fen AS "priceFen", b.is_provisional AS "isProvisional", b.bundle_id AS "bundleId", b.details`;

/** Bookings by id with their lines, in the order of the ids; unknown ones are missing. Index: the primary keys. */
export async function bookingsById(db: Db, siteId: number, ids: readonly string[]): Promise<KeptBooking[]> {
  const rows = await db.query<Omit<KeptBooking, 'lines'>>(
    `SELECT ${columns} FROM booking b WHERE b.site_id = $1 AND b.id = ANY($2::uuid[])`,
    [siteId, ids],
  );
  const kept = await withLines(db, siteId, rows);
  return kept.toSorted((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
}

/** One page of a person's bookings, or of a resource's for those who manage it. */
export type BookingSearch = {
  siteId: number;
  personId: string | null;
  resourceId: string | null;
  kind: string | null;
  state: BookingState | null;
  /** `upcoming`: live and not over, soonest first; `past`: the rest, latest first; null: all, latest first. */
  when: 'upcoming' | 'past' | null;
  now: Instant;
  after: { startsAt: Instant; id: string } | null;
  limit: number;
};

/**
 * Index: booking_by_person; for a resource, slot_once_per_part and booking_line_by_slot. Only the conditions that are asked for stand in
 * the statement: one that may be absent at run time (`$3 IS NULL OR …`) made the planner read every booking of the site.
 */
export async function searchBookings(db: Db, search: BookingSearch): Promise<KeptBooking[]> {
  const isAscending = search.when === 'upcoming';
  const direction = isAscending ? 'ASC' : 'DESC';
  const parameters: unknown[] = [search.siteId];
  const bind = (value: unknown): string => `$${parameters.push(value)}`;
  const conditions = ['b.site_id = $1', ...conditionsOf(search, bind)];
  if (search.after) {
    const [startsAt, id] = [bind(toTimestamp(search.after.startsAt)), bind(search.after.id)];
    conditions.push(`(b.starts_at, b.id) ${isAscending ? '>' : '<'} (${startsAt}::timestamptz, ${id}::uuid)`);
  }
  const rows = await db.query<Omit<KeptBooking, 'lines'>>(
    `SELECT ${columns} FROM booking b WHERE ${conditions.join(' AND ')}
     ORDER BY b.starts_at ${direction}, b.id ${direction} LIMIT ${bind(search.limit)}`,
    parameters,
  );
  return withLines(db, search.siteId, rows);
}

/** What a search asks of a booking; every value goes through `bind`. */
function conditionsOf(search: BookingSearch, bind: (value: unknown) => string): string[] {
  const { personId, resourceId, kind, state, when, now } = search;
  const conditions: string[] = [];
  if (personId !== null) conditions.push(`b.person_id = ${bind(personId)}`);
  if (resourceId !== null) {
    conditions.push(
      // An array, so that the resource's bookings are found first and the others never looked at.
      `b.id = ANY(ARRAY(SELECT l.booking_id FROM slot s JOIN booking_line l ON l.site_id = s.site_id AND l.slot_id = s.id
         WHERE s.site_id = $1 AND s.resource_id = ${bind(resourceId)}))`,
    );
  }
  if (kind !== null) conditions.push(`b.kind = ${bind(kind)}`);
  if (state !== null) conditions.push(`b.state = ${bind(state)}`);
  if (when !== null) {
    const isUpcoming = `(b.ends_at > ${bind(toTimestamp(now))} AND b.state = ANY(${bind(liveStates)}::text[]))`;
    conditions.push(when === 'upcoming' ? isUpcoming : `NOT ${isUpcoming}`);
  }
  return conditions;
}

async function withLines(
  db: Db,
  siteId: number,
  bookings: readonly Omit<KeptBooking, 'lines'>[],
): Promise<KeptBooking[]> {
  if (bookings.length === 0) return [];
  const lines = await db.query<KeptLine & { bookingId: string }>(
    `SELECT l.booking_id AS "bookingId", l.slot_id AS "slotId", l.units, s.resource_id AS "resourceId",
       s.starts_at AS "startsAt", s.ends_at AS "endsAt", s.service_date AS "serviceDate"
     FROM booking_line l JOIN slot s ON s.site_id = l.site_id AND s.id = l.slot_id
     WHERE l.site_id = $1 AND l.booking_id = ANY($2::uuid[]) ORDER BY s.starts_at, s.id`,
    [siteId, bookings.map(({ id }) => id)],
  );
  const linesOf = Map.groupBy(lines, ({ bookingId }) => bookingId);
  return bookings.map((booking) => ({
    ...booking,
    lines: (linesOf.get(booking.id) ?? []).map(({ bookingId: _bookingId, ...line }) => line),
  }));
}
