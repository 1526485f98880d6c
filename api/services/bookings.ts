import type { Db } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import { toTimestamp } from '../engine/sql-values.ts';
import { liveStates, type BookingState } from '../engine/types.ts';
import { displacementsOf, type KeptDisplacement } from './displacements.ts';
import type { KeptLine, PlacedBooking } from './service.ts';

/** A booking with its lines, as it is kept, and why it gave way if it did. */
export type KeptBooking = PlacedBooking & { displacement: KeptDisplacement | null };

type BookingRow = Omit<KeptBooking, 'lines' | 'displacement'>;

const columns = `b.id, b.kind, b.person_id AS "personId", b.state, b.created_at AS "createdAt", b.changed_at AS "changedAt",
  b.starts_at AS "startsAt", b.ends_at AS "endsAt", b.service_date AS "serviceDate", b.cancel_until AS "cancelUntil",
  b.price_fen AS "priceFen", b.is_provisional AS "isProvisional", b.bundle_id AS "bundleId", b.details`;

/** Bookings by id with their lines, in the order of the ids; unknown ones are missing. Index: the primary keys. */
export async function bookingsById(db: Db, siteId: number, ids: readonly string[]): Promise<KeptBooking[]> {
  const rows = await db.query<BookingRow>(
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
  /** The day plan that they are parts of. */
  bundleId?: string | null;
  /** `upcoming`: live and not over, soonest first; `past`: the rest, latest first; null: all, latest first. */
  when: 'upcoming' | 'past' | null;
  now: Instant;
  after: { startsAt: Instant; id: string } | null;
  limit: number;
};

/**
 * Index: for a person, booking_by_month_and_person, one probe per month that the site has bookings of; for a resource, slot_once_per_part
 * and booking_line_by_slot; for a day plan, booking_by_bundle. Only the conditions that are asked for stand in the statement: one that may be absent at run time
 * (`$3 IS NULL OR …`) made the planner read every booking of the site.
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
  const page = `ORDER BY b.starts_at ${direction}, b.id ${direction} LIMIT ${bind(search.limit)}`;
  const found = `SELECT * FROM booking b WHERE ${conditions.join(' AND ')}`;
  const source =
    search.personId === null || typeof search.bundleId === 'string'
      ? `(${found})`
      : `${eachMonth} CROSS JOIN LATERAL (${found} AND ${month} = m.month ${page})`;
  const rows = await db.query<BookingRow>(`SELECT ${columns} FROM ${source} AS b ${page}`, parameters);
  return withLines(db, search.siteId, rows);
}

/** As the index has it. */
const month = `date_trunc('month', b.starts_at AT TIME ZONE 'UTC')`;
const monthAtEnd = (direction: 'ASC' | 'DESC'): string =>
  `(SELECT ${month} FROM booking b WHERE b.site_id = $1 ORDER BY ${month} ${direction} LIMIT 1)`;
const eachMonth = `generate_series(${monthAtEnd('ASC')}, ${monthAtEnd('DESC')}, interval '1 month') AS m(month)`;

/** What a search asks of a booking; every value goes through `bind`. */
function conditionsOf(search: BookingSearch, bind: (value: unknown) => string): string[] {
  const { personId, resourceId, kind, state, bundleId = null, when, now } = search;
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
  if (bundleId !== null) conditions.push(`b.bundle_id = ${bind(bundleId)}`);
  if (state !== null) conditions.push(`b.state = ${bind(state)}`);
  if (when !== null) {
    const isUpcoming = `(b.ends_at > ${bind(toTimestamp(now))} AND b.state = ANY(${bind(liveStates)}::text[]))`;
    conditions.push(when === 'upcoming' ? isUpcoming : `NOT ${isUpcoming}`);
  }
  return conditions;
}

async function withLines(db: Db, siteId: number, bookings: readonly BookingRow[]): Promise<KeptBooking[]> {
  if (bookings.length === 0) return [];
  const lines = await db.query<KeptLine & { bookingId: string }>(
    `SELECT l.booking_id AS "bookingId", l.slot_id AS "slotId", l.units, s.resource_id AS "resourceId",
       s.starts_at AS "startsAt", s.ends_at AS "endsAt", s.service_date AS "serviceDate"
     FROM booking_line l JOIN slot s ON s.site_id = l.site_id AND s.id = l.slot_id
     WHERE l.site_id = $1 AND l.booking_id = ANY($2::uuid[]) ORDER BY s.starts_at, s.id`,
    [siteId, bookings.map(({ id }) => id)],
  );
  const displaced = bookings.filter(({ state }) => state === 'displaced').map(({ id }) => id);
  const displacements = await displacementsOf(db, siteId, displaced);
  const linesOf = Map.groupBy(lines, ({ bookingId }) => bookingId);
  return bookings.map((booking) => ({
    ...booking,
    lines: (linesOf.get(booking.id) ?? []).map(({ bookingId: _bookingId, ...line }) => line),
    displacement: displacements.get(booking.id) ?? null,
  }));
}
