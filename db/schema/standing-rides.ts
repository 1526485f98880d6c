import { sql } from '../orm.ts';
import {
  bigint,
  boolean,
  check,
  date,
  foreignKey,
  index,
  pgTable,
  primaryKey,
  smallint,
  text,
  uuid,
} from './pg-core.ts';
import { instant, siteId } from './columns.ts';
import { person } from './people.ts';
import { resource } from './sites.ts';

/** What came of one day of a standing ride; of `not-running` nobody is told when it is a day off. */
export const standingOutcomes = ['booked', 'waiting', 'full', 'overlap', 'not-running', 'refused'] as const;

/** "Every working day at 08:10": a ride that books itself, day by day, as soon as each day can be booked. */
export const standingRide = pgTable(
  'standing_ride',
  {
    siteId: siteId(),
    id: uuid('id').notNull(),
    personId: uuid('person_id').notNull(),
    runId: text('run_id').notNull(),
    boardStopId: text('board_stop_id').notNull(),
    alightStopId: text('alight_stop_id').notNull(),
    seats: smallint('seats').notNull(),
    isAccessible: boolean('is_accessible').notNull(),
    wheelchair: boolean('wheelchair').notNull(),
    /** Whether it waits in line on a day that is full. */
    joinsWaitlist: boolean('joins_waitlist').notNull(),
    /** ISO weekdays, 1 is Monday; empty for every working day of the calendar. */
    weekdays: smallint('weekdays').array().notNull(),
    firstDate: date('first_date', { mode: 'string' }).notNull(),
    lastDate: date('last_date', { mode: 'string' }).notNull(),
    state: text('state', { enum: ['active', 'paused', 'ended'] }).notNull(),
    /** When its next day can be booked; empty when there is none left, or it does not book. */
    dueAt: instant('due_at'),
    createdAt: instant('created_at').notNull(),
    changedAt: instant('changed_at').notNull(),
    version: smallint('version').notNull().default(1),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    index('standing_ride_by_person').on(table.siteId, table.personId, table.id),
    index('standing_ride_due')
      .on(table.siteId, table.dueAt)
      .where(sql`${table.dueAt} is not null`),
    foreignKey({
      name: 'standing_ride_person',
      columns: [table.siteId, table.personId],
      foreignColumns: [person.siteId, person.id],
    }),
    foreignKey({
      name: 'standing_ride_run',
      columns: [table.siteId, table.runId],
      foreignColumns: [resource.siteId, resource.id],
    }),
    check('standing_ride_seats', sql`${table.seats} between 1 and 4`),
    check('standing_ride_dates_in_order', sql`${table.firstDate} <= ${table.lastDate}`),
    check('standing_ride_due_while_active', sql`${table.dueAt} is null or ${table.state} = 'active'`),
  ],
);

/**
 * What was done for one day, once: a day that has its row is never booked again, whatever becomes of the booking. The booking and the place in
 * the queue are not foreign keys: neither is ever deleted.
 */
export const standingRideDay = pgTable(
  'standing_ride_day',
  {
    siteId: siteId(),
    rideId: uuid('ride_id').notNull(),
    serviceDate: date('service_date', { mode: 'string' }).notNull(),
    outcome: text('outcome', { enum: standingOutcomes }).notNull(),
    /** The rule that refused it. */
    rule: text('rule'),
    /** What was booked, or is in the way. */
    bookingId: uuid('booking_id'),
    waitlistId: bigint('waitlist_id', { mode: 'number' }),
    at: instant('at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.rideId, table.serviceDate] }),
    foreignKey({
      name: 'standing_ride_day_ride',
      columns: [table.siteId, table.rideId],
      foreignColumns: [standingRide.siteId, standingRide.id],
    }),
    check('standing_ride_day_booked', sql`${table.outcome} <> 'booked' or ${table.bookingId} is not null`),
    check('standing_ride_day_waiting', sql`(${table.outcome} = 'waiting') = (${table.waitlistId} is not null)`),
    check('standing_ride_day_refused', sql`${table.outcome} <> 'refused' or ${table.rule} is not null`),
  ],
);
