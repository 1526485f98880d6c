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
  smallint,
  text,
  uuid,
  type AnyPgColumn,
} from './pg-core.ts';
import { instant, instantRange, siteId } from './columns.ts';
import { slot } from './inventory.ts';
import { person } from './people.ts';

/** The first four are live; they and `no_show` hold their units and claims. */
export const bookingStates = [
  'held',
  'confirmed',
  'checked_in',
  'completed',
  'cancelled',
  'expired',
  'no_show',
  'displaced',
] as const;

export const waitlistStates = ['waiting', 'offered', 'accepted', 'declined', 'lapsed', 'withdrawn'] as const;

/** The month of an instant, in UTC so that it never changes. */
const monthOf = (at: AnyPgColumn) => sql`date_trunc('month', ${at} AT TIME ZONE 'UTC')`;

/**
 * What somebody has booked. Without a foreign key to the person: people are never deleted, and each look at them locked their row, which
 * took a sixth of a batch's time in the database. The doctor looks instead.
 */
export const booking = pgTable(
  'booking',
  {
    siteId: siteId(),
    id: uuid('id').notNull(),
    kind: text('kind').notNull(),
    personId: uuid('person_id').notNull(),
    state: text('state', { enum: bookingStates }).notNull(),
    createdAt: instant('created_at').notNull(),
    changedAt: instant('changed_at').notNull(),
    /** A hold's expiry; empty for anything but a hold. */
    expiresAt: instant('expires_at'),
    startsAt: instant('starts_at').notNull(),
    endsAt: instant('ends_at').notNull(),
    serviceDate: date('service_date', { mode: 'string' }).notNull(),
    cancelUntil: instant('cancel_until').notNull(),
    priceFen: integer('price_fen').notNull(),
    isProvisional: boolean('is_provisional').notNull(),
    /** The day plan that it is a part of. */
    bundleId: uuid('bundle_id'),
    /** What the service needs to show it, as it was when it was booked. */
    details: jsonb('details').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    // By month first: a new booking touches the pages of its own month only, however long the past is.
    index('booking_by_month_and_person').on(table.siteId, monthOf(table.startsAt), table.personId, table.startsAt),
    index('booking_hold_expiring')
      .on(table.expiresAt)
      .where(sql`${table.state} = 'held'`),
    // Few, and only touched when somebody did not come: what ladders of no-shows look at before each booking.
    index('booking_no_show')
      .on(table.siteId, table.personId, table.startsAt)
      .where(sql`${table.state} = 'no_show'`),
    index('booking_by_bundle')
      .on(table.siteId, table.bundleId)
      .where(sql`${table.bundleId} is not null`),
    check('booking_price_not_negative', sql`${table.priceFen} >= 0`),
    check('booking_starts_before_it_ends', sql`${table.startsAt} < ${table.endsAt}`),
    check('booking_hold_has_expiry', sql`(${table.state} = 'held') = (${table.expiresAt} is not null)`),
  ],
);

/**
 * How many units of which slot a booking takes. Without foreign keys: the engine alone writes lines, together with their bookings and under
 * the locks of their slots, none of which are ever deleted; the checks took a fifth of a booking's time. The doctor looks instead.
 */
export const bookingLine = pgTable(
  'booking_line',
  {
    siteId: siteId(),
    bookingId: uuid('booking_id').notNull(),
    slotId: bigint('slot_id', { mode: 'number' }).notNull(),
    units: integer('units').notNull(),
    /** Units that it held and gave away, since nobody had come by then (`slot.yields_at`): taken back if they are still free. */
    yielded: integer('yielded').notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.bookingId, table.slotId] }),
    index('booking_line_by_slot').on(table.siteId, table.slotId),
    check(
      'booking_line_units_or_yielded',
      sql`${table.units} >= 0 and ${table.yielded} >= 0 and ${table.units} + ${table.yielded} > 0`,
    ),
  ],
);

/**
 * Where a claimant is while a booking is live. Rows go when the booking ends or their time is over, so that the exclusion constraint
 * (custom migration: same claimant, same scope, overlapping `during`) needs no condition and stays as small as the future.
 */
export const claim = pgTable(
  'claim',
  {
    siteId: siteId(),
    bookingId: uuid('booking_id').notNull(),
    claimantId: uuid('claimant_id').notNull(),
    /** The conflict scope, e.g. a stay, a ride: one claimant cannot be in two of the same scope at a time. */
    scope: text('scope').notNull(),
    during: instantRange('during').notNull(),
  },
  (table) => [
    index('claim_by_booking').on(table.siteId, table.bookingId),
    index('claim_by_end').on(sql`upper(${table.during})`),
  ],
);

/** Someone's place in the queue for slots that are full; `id` is the order of arrival. */
export const waitlistEntry = pgTable(
  'waitlist_entry',
  {
    siteId: siteId(),
    id: bigint('id', { mode: 'number' }).generatedAlwaysAsIdentity().notNull(),
    personId: uuid('person_id').notNull(),
    kind: text('kind').notNull(),
    state: text('state', { enum: waitlistStates }).notNull(),
    createdAt: instant('created_at').notNull(),
    changedAt: instant('changed_at').notNull(),
    /** When none of its choices can be had any more. */
    closesAt: instant('closes_at').notNull(),
    /** How often somebody behind it was served from a slot that it waits for. */
    bypassed: smallint('bypassed').notNull().default(0),
    /** The first of the bookings that are held for it while it is offered, or that came of it. */
    offerBookingId: uuid('offer_booking_id'),
    /** What it waits for: choices of booking drafts, and the groups whose allotments it may draw on. */
    wish: jsonb('wish').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    index('waitlist_entry_by_person').on(table.siteId, table.personId, table.id),
    index('waitlist_entry_by_kind').on(table.siteId, table.kind, table.closesAt),
    index('waitlist_entry_by_offer').on(table.siteId, table.offerBookingId),
    index('waitlist_entry_closing')
      .on(table.closesAt)
      .where(sql`${table.state} = 'waiting'`),
    foreignKey({
      name: 'waitlist_entry_person',
      columns: [table.siteId, table.personId],
      foreignColumns: [person.siteId, person.id],
    }),
    foreignKey({
      name: 'waitlist_entry_offer',
      columns: [table.siteId, table.offerBookingId],
      foreignColumns: [booking.siteId, booking.id],
    }),
  ],
);

/** Which slots a waiting entry waits for. Rows go when it waits no more, so that a slot's queue is found at once. */
export const waitlistSlot = pgTable(
  'waitlist_slot',
  {
    siteId: siteId(),
    slotId: bigint('slot_id', { mode: 'number' }).notNull(),
    entryId: bigint('entry_id', { mode: 'number' }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.slotId, table.entryId] }),
    index('waitlist_slot_by_entry').on(table.siteId, table.entryId),
    foreignKey({
      name: 'waitlist_slot_entry',
      columns: [table.siteId, table.entryId],
      foreignColumns: [waitlistEntry.siteId, waitlistEntry.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'waitlist_slot_slot',
      columns: [table.siteId, table.slotId],
      foreignColumns: [slot.siteId, slot.id],
    }),
  ],
);

/** Which of a booking's units came out of a group's allotment, so that they go back there. */
export const allotmentDraw = pgTable(
  'allotment_draw',
  {
    siteId: siteId(),
    bookingId: uuid('booking_id').notNull(),
    slotId: bigint('slot_id', { mode: 'number' }).notNull(),
    organisationId: text('organisation_id').notNull(),
    units: integer('units').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.bookingId, table.slotId, table.organisationId] }),
    foreignKey({
      name: 'allotment_draw_booking',
      columns: [table.siteId, table.bookingId],
      foreignColumns: [booking.siteId, booking.id],
    }),
    check('allotment_draw_units_positive', sql`${table.units} > 0`),
  ],
);

/** The first answer to a keyed request: what a retry gets again. The keys are 16-byte hashes. */
export const idempotencyKey = pgTable(
  'idempotency_key',
  {
    siteId: siteId(),
    /** Hash of caller and key. */
    key: uuid('key').notNull(),
    /** Hash of method, path and body: the same key with another request is an error. */
    request: uuid('request').notNull(),
    createdAt: instant('created_at').notNull(),
    /** For an admission: the first booking that it made. */
    bookingId: uuid('booking_id'),
    /** For any other command: its result. */
    answer: jsonb('answer'),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.key] }),
    // Keys come in order of age: a few blocks' bounds tell which are old.
    index('idempotency_key_by_age').using('brin', table.createdAt),
    check('idempotency_key_has_answer', sql`num_nonnulls(${table.bookingId}, ${table.answer}) = 1`),
  ],
);
