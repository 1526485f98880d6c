import { sql } from '../orm.ts';
import {
  bigint,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from './pg-core.ts';
import { instant, siteId } from './columns.ts';
import { parkingLot } from './parking-lots.ts';

/** Which way a car went through a gate. */
export const gateEventKinds = ['entry', 'exit'] as const;
/** `unmatched` waits for somebody to say which booking it belongs to, or that it belongs to none. */
export const gateEventStates = ['matched', 'unmatched', 'dismissed'] as const;

/**
 * What a gate saw, once however often it tells. Plate and time together are a movement trace: masked on every way out, and forgotten (`gate`
 * of the agreements). Without a foreign key to the booking, which a late event would lock.
 */
export const gateEvent = pgTable(
  'gate_event',
  {
    siteId: siteId(),
    id: bigint('id', { mode: 'number' }).generatedAlwaysAsIdentity().notNull(),
    lotId: text('lot_id').notNull(),
    /** The device that saw it, and its own number of the sight. */
    serial: text('serial').notNull(),
    event: text('event').notNull(),
    kind: text('kind', { enum: gateEventKinds }).notNull(),
    /** As it was read, in the form that plates are kept in; it may be misread. */
    plate: text('plate').notNull(),
    /** When it was seen, by the gate's clock; it may be told of later. */
    at: instant('at').notNull(),
    receivedAt: instant('received_at').notNull(),
    state: text('state', { enum: gateEventStates }).notNull(),
    bookingId: uuid('booking_id'),
    /** Who matched or dismissed it by hand, when, and why it was dismissed. */
    resolvedBy: uuid('resolved_by'),
    resolvedAt: instant('resolved_at'),
    reason: text('reason'),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    unique('gate_event_once').on(table.siteId, table.lotId, table.serial, table.event),
    index('gate_event_by_booking')
      .on(table.siteId, table.bookingId)
      .where(sql`${table.bookingId} is not null`),
    index('gate_event_unmatched')
      .on(table.siteId, table.lotId, table.id)
      .where(sql`${table.state} = 'unmatched'`),
    index('gate_event_unmatched_by_plate')
      .on(table.siteId, table.lotId, table.plate)
      .where(sql`${table.state} = 'unmatched'`),
    index('gate_event_by_age').using('brin', table.receivedAt),
    foreignKey({
      name: 'gate_event_lot',
      columns: [table.siteId, table.lotId],
      foreignColumns: [parkingLot.siteId, parkingLot.id],
    }),
    check('gate_event_matched_has_booking', sql`(${table.state} = 'matched') = (${table.bookingId} is not null)`),
    check('gate_event_dismissed_has_reason', sql`(${table.state} = 'dismissed') = (${table.reason} is not null)`),
    check('gate_event_resolved_by_somebody', sql`(${table.resolvedBy} is null) = (${table.resolvedAt} is null)`),
  ],
);

/**
 * Whether the car of a booking is in the lot: what the booking's gate events come to (`presenceOf`), written anew whenever one arrives. No row:
 * no gate has seen it. Without a foreign key to the booking, as its events.
 */
export const stayPresence = pgTable(
  'stay_presence',
  {
    siteId: siteId(),
    bookingId: uuid('booking_id').notNull(),
    lotId: text('lot_id').notNull(),
    /** The first entry; null when only an exit is known. */
    enteredAt: instant('entered_at'),
    lastInAt: instant('last_in_at'),
    /** The last exit; null while it is inside. */
    leftAt: instant('left_at'),
    isInside: boolean('is_inside').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.bookingId] }),
    index('stay_presence_inside')
      .on(table.siteId, table.lotId)
      .where(sql`${table.isInside}`),
    check('stay_presence_inside_or_left', sql`${table.isInside} = (${table.leftAt} is null)`),
    check('stay_presence_inside_came_in', sql`not ${table.isInside} or ${table.lastInAt} is not null`),
    check('stay_presence_first_in_before_last', sql`${table.enteredAt} <= ${table.lastInAt}`),
  ],
);

export const gatePushActions = ['allow', 'revoke'] as const;
/** `refused` is the gate's last word; what failed waits to be tried again. */
export const gatePushStates = ['waiting', 'accepted', 'refused'] as const;

/**
 * What is, or has to be, on a lot's allow-list: one row per plate and time, which is first allowed and may be revoked, both under its id.
 * The rows follow from the bookings (`reconcileLists`) and go some time after their end.
 */
export const gatePush = pgTable(
  'gate_push',
  {
    siteId: siteId(),
    id: uuid('id').notNull(),
    lotId: text('lot_id').notNull(),
    bookingId: uuid('booking_id').notNull(),
    plate: text('plate').notNull(),
    startsAt: instant('starts_at').notNull(),
    endsAt: instant('ends_at').notNull(),
    action: text('action', { enum: gatePushActions }).notNull(),
    state: text('state', { enum: gatePushStates }).notNull(),
    /** How often the present action was sent. */
    attempts: integer('attempts').notNull().default(0),
    /** When it is sent next; whoever sends it moves this on first, so that nobody else does. */
    nextAt: instant('next_at').notNull(),
    lastError: text('last_error'),
    changedAt: instant('changed_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    // Two processes that find the same entry missing add it once.
    uniqueIndex('gate_push_allowed_once')
      .on(table.siteId, table.lotId, table.bookingId, table.plate, table.startsAt, table.endsAt)
      .where(sql`${table.action} = 'allow'`),
    index('gate_push_waiting')
      .on(table.siteId, table.nextAt)
      .where(sql`${table.state} = 'waiting'`),
    index('gate_push_by_end').on(table.siteId, table.endsAt),
    foreignKey({
      name: 'gate_push_lot',
      columns: [table.siteId, table.lotId],
      foreignColumns: [parkingLot.siteId, parkingLot.id],
    }),
    check('gate_push_starts_before_it_ends', sql`${table.startsAt} < ${table.endsAt}`),
    check('gate_push_attempts_not_negative', sql`${table.attempts} >= 0`),
  ],
);
