import { sql } from '../orm.ts';
import {
  bigint,
  check,
  date,
  foreignKey,
  index,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from './pg-core.ts';
import { booking } from './bookings.ts';
import { instant, siteId } from './columns.ts';
import { person } from './people.ts';
import { resource } from './sites.ts';

/** `admitted` got a seat, `left` went away, `lapsed` saw the bus leave, `withdrawn` waited for what does not run any more. */
export const standbyStates = ['waiting', 'admitted', 'left', 'lapsed', 'withdrawn'] as const;

/** Somebody who stands by for seats of a run that are not taken up; `id` is the order of joining. */
export const standby = pgTable(
  'standby',
  {
    siteId: siteId(),
    id: bigint('id', { mode: 'number' }).generatedAlwaysAsIdentity().notNull(),
    personId: uuid('person_id').notNull(),
    runId: text('run_id').notNull(),
    serviceDate: date('service_date', { mode: 'string' }).notNull(),
    boardStopId: text('board_stop_id').notNull(),
    alightStopId: text('alight_stop_id').notNull(),
    seats: smallint('seats').notNull(),
    state: text('state', { enum: standbyStates }).notNull(),
    joinedAt: instant('joined_at').notNull(),
    changedAt: instant('changed_at').notNull(),
    /** The booking that came of it. */
    bookingId: uuid('booking_id'),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    uniqueIndex('standby_once_per_run')
      .on(table.siteId, table.runId, table.serviceDate, table.personId)
      .where(sql`${table.state} = 'waiting'`),
    index('standby_by_person').on(table.siteId, table.personId, table.id),
    foreignKey({
      name: 'standby_person',
      columns: [table.siteId, table.personId],
      foreignColumns: [person.siteId, person.id],
    }),
    foreignKey({
      name: 'standby_run',
      columns: [table.siteId, table.runId],
      foreignColumns: [resource.siteId, resource.id],
    }),
    foreignKey({
      name: 'standby_booking',
      columns: [table.siteId, table.bookingId],
      foreignColumns: [booking.siteId, booking.id],
    }),
    check('standby_has_seats', sql`${table.seats} > 0`),
    check('standby_admitted_has_booking', sql`(${table.state} = 'admitted') = (${table.bookingId} is not null)`),
  ],
);

/** A no-show that does not count, and why; taken back when it was wrong. The latest word stands. */
export const noShowExcuse = pgTable(
  'no_show_excuse',
  {
    siteId: siteId(),
    bookingId: uuid('booking_id').notNull(),
    reason: text('reason').notNull(),
    at: instant('at').notNull(),
    actorId: uuid('actor_id').notNull(),
    undoneAt: instant('undone_at'),
    undoneBy: uuid('undone_by'),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.bookingId] }),
    foreignKey({
      name: 'no_show_excuse_booking',
      columns: [table.siteId, table.bookingId],
      foreignColumns: [booking.siteId, booking.id],
    }),
  ],
);
