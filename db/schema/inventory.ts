import { sql } from '../orm.ts';
import {
  bigint,
  boolean,
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
import { instant, siteId, transactionId } from './columns.ts';
import { organisation, resource } from './sites.ts';

/**
 * One dated unit of inventory. Nothing but the engine's admission, release and capacity change writes `taken`.
 * `part` tells the slots of one resource and date apart: a pick-up window's start, a run's leg.
 */
export const slot = pgTable(
  'slot',
  {
    siteId: siteId(),
    id: bigint('id', { mode: 'number' }).generatedAlwaysAsIdentity().notNull(),
    resourceId: text('resource_id').notNull(),
    kind: text('kind').notNull(),
    serviceDate: date('service_date', { mode: 'string' }).notNull(),
    part: text('part').notNull(),
    startsAt: instant('starts_at').notNull(),
    endsAt: instant('ends_at').notNull(),
    capacity: integer('capacity').notNull(),
    taken: integer('taken').notNull().default(0),
    opensAt: instant('opens_at').notNull(),
    closesAt: instant('closes_at').notNull(),
    /** Until when a booking of this slot can be cancelled free of charge. */
    cancelUntil: instant('cancel_until').notNull(),
    /** When those who booked it may be checked in; empty: while their booking lasts. */
    checkInFrom: instant('check_in_from'),
    checkInUntil: instant('check_in_until'),
    /** Whether who has not been checked in by then is a no-show. */
    countsNoShows: boolean('counts_no_shows').notNull().default(false),
    /** When those whose booking begins with it are reminded. */
    remindAt: instant('remind_at'),
    /** When those whose booking begins with it, and who have not been checked in, give their units away; empty: never. */
    yieldsAt: instant('yields_at'),
    priceFen: integer('price_fen').notNull().default(0),
    state: text('state', { enum: ['active', 'closed'] })
      .notNull()
      .default('active'),
    closedReason: text('closed_reason'),
    isProvisional: boolean('is_provisional').notNull().default(false),
    /** What the service adds for its pages, e.g. leave-by; the engine never reads it. */
    facts: jsonb('facts'),
    /** Grows with every administrator's edit; what `If-Match` compares. */
    version: integer('version').notNull().default(1),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    unique('slot_once_per_part').on(table.siteId, table.resourceId, table.serviceDate, table.part),
    index('slot_by_kind_and_date').on(table.siteId, table.kind, table.serviceDate),
    // For timers. Their columns are set when a slot is published and never again, so that whoever takes units pays nothing for them.
    index('slot_counting_no_shows')
      .on(table.siteId, table.checkInUntil)
      .where(sql`${table.countsNoShows}`),
    index('slot_reminding')
      .on(table.siteId, table.remindAt)
      .where(sql`${table.remindAt} is not null`),
    index('slot_yielding')
      .on(table.siteId, table.yieldsAt)
      .where(sql`${table.yieldsAt} is not null`),
    foreignKey({
      name: 'slot_resource',
      columns: [table.siteId, table.resourceId],
      foreignColumns: [resource.siteId, resource.id],
    }),
    check('slot_taken_within_capacity', sql`${table.taken} between 0 and ${table.capacity}`),
    check('slot_starts_before_it_ends', sql`${table.startsAt} < ${table.endsAt}`),
    check('slot_opens_before_it_closes', sql`${table.opensAt} <= ${table.closesAt}`),
    check('slot_price_not_negative', sql`${table.priceFen} >= 0`),
  ],
);

/** A part of a slot's capacity kept for a group, released to everyone at a set time. */
export const allotment = pgTable(
  'allotment',
  {
    siteId: siteId(),
    slotId: bigint('slot_id', { mode: 'number' }).notNull(),
    organisationId: text('organisation_id').notNull(),
    units: integer('units').notNull(),
    taken: integer('taken').notNull().default(0),
    releaseAt: instant('release_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.slotId, table.organisationId] }),
    foreignKey({
      name: 'allotment_slot',
      columns: [table.siteId, table.slotId],
      foreignColumns: [slot.siteId, slot.id],
    }),
    foreignKey({
      name: 'allotment_organisation',
      columns: [table.siteId, table.organisationId],
      foreignColumns: [organisation.siteId, organisation.id],
    }),
    check('allotment_taken_within_units', sql`${table.taken} between 0 and ${table.units}`),
  ],
);

/** One append-only row per change of state: the audit log, the outbox and the live feed. */
export const event = pgTable(
  'event',
  {
    siteId: siteId(),
    id: bigint('id', { mode: 'number' }).generatedAlwaysAsIdentity().notNull(),
    at: instant('at').notNull(),
    type: text('type').notNull(),
    /** Empty when the service itself acted. */
    actorId: uuid('actor_id'),
    bookingId: uuid('booking_id'),
    slotId: bigint('slot_id', { mode: 'number' }),
    facts: jsonb('facts'),
    /** Who wrote it: ids commit out of order, and this tells what has become visible since a snapshot. */
    xactId: transactionId('xact_id')
      .notNull()
      .default(sql`pg_current_xact_id()`),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    index('event_by_booking').on(table.siteId, table.bookingId),
  ],
);
