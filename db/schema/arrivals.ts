import { sql } from '../orm.ts';
import {
  bigint,
  check,
  date,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from './pg-core.ts';
import { driverLink } from './boarding.ts';
import { booking } from './bookings.ts';
import { instant, siteId } from './columns.ts';
import { person } from './people.ts';
import { resource, site } from './sites.ts';
import { standingRide } from './standing-rides.ts';

/** Who has come: one check-in per booking, and one per scan, however often it is sent. */
export const checkIn = pgTable(
  'check_in',
  {
    siteId: siteId(),
    bookingId: uuid('booking_id').notNull(),
    /** The scanner's own name of the scan. */
    nonce: text('nonce').notNull(),
    /** When it was scanned; it may be told of later. */
    at: instant('at').notNull(),
    recordedAt: instant('recorded_at').notNull(),
    /** Who scanned: somebody with an account, or the holder of a driver's link. */
    actorId: uuid('actor_id'),
    driverLinkId: uuid('driver_link_id'),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.bookingId] }),
    unique('check_in_once_per_scan').on(table.siteId, table.nonce),
    foreignKey({
      name: 'check_in_booking',
      columns: [table.siteId, table.bookingId],
      foreignColumns: [booking.siteId, booking.id],
    }),
    foreignKey({
      name: 'check_in_actor',
      columns: [table.siteId, table.actorId],
      foreignColumns: [person.siteId, person.id],
    }),
    foreignKey({
      name: 'check_in_driver_link',
      columns: [table.siteId, table.driverLinkId],
      foreignColumns: [driverLink.siteId, driverLink.id],
    }),
    check('check_in_by_one', sql`num_nonnulls(${table.actorId}, ${table.driverLinkId}) = 1`),
  ],
);

/** How far a timer of a site has come: what was due up to then is done. Its row lets one process work at a time. */
export const timer = pgTable(
  'timer',
  {
    siteId: integer('site_id')
      .notNull()
      .references(() => site.id),
    name: text('name').notNull(),
    passed: instant('passed'),
  },
  (table) => [primaryKey({ columns: [table.siteId, table.name] })],
);

export const noticeKinds = [
  'reminder',
  'offer',
  'displaced',
  'leave-by',
  'overstay',
  'moved',
  'standby',
  'standing-ride',
  'ride-gone',
  'ride-moved',
] as const;

/**
 * What a person is told of a booking, once of each kind and occasion, of a day of a standing ride, or of a day of a run that they wait for;
 * `id` is the order. Old ones are forgotten.
 */
export const notice = pgTable(
  'notice',
  {
    siteId: siteId(),
    id: bigint('id', { mode: 'number' }).generatedAlwaysAsIdentity().notNull(),
    personId: uuid('person_id').notNull(),
    kind: text('kind', { enum: noticeKinds }).notNull(),
    bookingId: uuid('booking_id'),
    standingRideId: uuid('standing_ride_id'),
    resourceId: text('resource_id'),
    /** Of the resource. */
    serviceDate: date('service_date', { mode: 'string' }),
    /** What the resource is called that day, and why it changed: as they were when the person was told. */
    facts: jsonb('facts'),
    /** Which time it is, where a booking can have several of a kind, or which day of a standing ride; empty elsewhere. */
    occasion: text('occasion').notNull().default(''),
    at: instant('at').notNull(),
    readAt: instant('read_at'),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    unique('notice_once_per_booking').on(table.siteId, table.bookingId, table.kind, table.occasion),
    foreignKey({
      name: 'notice_standing_ride',
      columns: [table.siteId, table.standingRideId],
      foreignColumns: [standingRide.siteId, standingRide.id],
    }),
    foreignKey({
      name: 'notice_resource',
      columns: [table.siteId, table.resourceId],
      foreignColumns: [resource.siteId, resource.id],
    }),
    check(
      'notice_of_something',
      sql`num_nonnulls(${table.bookingId}, ${table.standingRideId}, ${table.resourceId}) = 1`,
    ),
    check('notice_of_a_day', sql`num_nonnulls(${table.resourceId}, ${table.serviceDate}, ${table.facts}) in (0, 3)`),
    index('notice_by_person').on(table.siteId, table.personId, table.id),
    index('notice_unread')
      .on(table.siteId, table.personId)
      .where(sql`${table.readAt} is null`),
    index('notice_by_age').using('brin', table.at),
    foreignKey({
      name: 'notice_person',
      columns: [table.siteId, table.personId],
      foreignColumns: [person.siteId, person.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'notice_booking',
      columns: [table.siteId, table.bookingId],
      foreignColumns: [booking.siteId, booking.id],
    }),
  ],
);
