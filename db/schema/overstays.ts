import { sql } from '../orm.ts';
import { check, foreignKey, index, integer, jsonb, pgTable, primaryKey, text, unique, uuid } from './pg-core.ts';
import { booking } from './bookings.ts';
import { instant, siteId } from './columns.ts';
import { person } from './people.ts';
import { resource } from './sites.ts';

/** `open` stands without an appeal; only `open` and `upheld` count. Whether it is void is a fact of its own, since facts may change. */
export const overstayStates = ['open', 'appealed', 'upheld', 'granted', 'waived'] as const;

/**
 * A car that stayed longer than its stay: one per booking and joined stay. Its times follow from what the gate saw, its state from what
 * people decided.
 */
export const overstay = pgTable(
  'overstay',
  {
    siteId: siteId(),
    id: uuid('id').notNull(),
    bookingId: uuid('booking_id').notNull(),
    /** The end of the joined stay. */
    leaveBy: instant('leave_by').notNull(),
    personId: uuid('person_id').notNull(),
    resourceId: text('resource_id').notNull(),
    /** The lender: overstays count per lender. */
    organisationId: text('organisation_id').notNull(),
    /** When it was noticed and told. */
    openedAt: instant('opened_at').notNull(),
    /** When the car left, or its next stay began; empty while it is late. */
    endedAt: instant('ended_at'),
    minutesLate: integer('minutes_late').notNull(),
    chargeFen: integer('charge_fen').notNull(),
    /** The agreement's terms of overstays, as they were then. */
    terms: jsonb('terms').notNull(),
    state: text('state', { enum: overstayStates }).notNull().default('open'),
    /** When it was found that the car had left in time. */
    voidedAt: instant('voided_at'),
    appealedAt: instant('appealed_at'),
    appeal: text('appeal'),
    decidedAt: instant('decided_at'),
    decidedBy: uuid('decided_by'),
    decision: text('decision'),
    waivedAt: instant('waived_at'),
    waivedBy: uuid('waived_by'),
    waiver: text('waiver'),
    /** What the lender says of it; the last word stands. */
    commentedAt: instant('commented_at'),
    commentedBy: uuid('commented_by'),
    comment: text('comment'),
    /** Grows with every step; what `If-Match` compares. */
    version: integer('version').notNull().default(1),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    unique('overstay_once_per_stay').on(table.siteId, table.bookingId, table.leaveBy),
    index('overstay_by_person').on(table.siteId, table.personId, table.openedAt, table.id),
    index('overstay_by_time').on(table.siteId, table.openedAt, table.id),
    index('overstay_by_lender').on(table.siteId, table.organisationId, table.openedAt, table.id),
    index('overstay_by_resource').on(table.siteId, table.resourceId, table.openedAt, table.id),
    index('overstay_inside')
      .on(table.siteId, table.openedAt, table.id)
      .where(sql`${table.endedAt} is null and ${table.voidedAt} is null`),
    index('overstay_appealed')
      .on(table.siteId, table.openedAt, table.id)
      .where(sql`${table.state} = 'appealed' and ${table.voidedAt} is null`),
    foreignKey({
      name: 'overstay_booking',
      columns: [table.siteId, table.bookingId],
      foreignColumns: [booking.siteId, booking.id],
    }),
    foreignKey({
      name: 'overstay_person',
      columns: [table.siteId, table.personId],
      foreignColumns: [person.siteId, person.id],
    }),
    foreignKey({
      name: 'overstay_resource',
      columns: [table.siteId, table.resourceId],
      foreignColumns: [resource.siteId, resource.id],
    }),
    check('overstay_ends_after_leave_by', sql`${table.endedAt} > ${table.leaveBy}`),
    check('overstay_figures_not_negative', sql`${table.minutesLate} >= 0 and ${table.chargeFen} >= 0`),
    check('overstay_appeal_has_words', sql`(${table.appealedAt} is null) = (${table.appeal} is null)`),
    check(
      'overstay_decided_by_somebody_for_a_reason',
      sql`num_nonnulls(${table.decidedAt}, ${table.decidedBy}, ${table.decision}) in (0, 3)`,
    ),
    check(
      'overstay_waived_by_somebody_for_a_reason',
      sql`num_nonnulls(${table.waivedAt}, ${table.waivedBy}, ${table.waiver}) in (0, 3)`,
    ),
    check(
      'overstay_commented_by_somebody',
      sql`num_nonnulls(${table.commentedAt}, ${table.commentedBy}, ${table.comment}) in (0, 3)`,
    ),
    check('overstay_decided_after_appeal', sql`${table.decidedAt} is null or ${table.appealedAt} is not null`),
    check(
      'overstay_state_says_what_was_done',
      sql`case ${table.state}
        when 'open' then ${table.appealedAt} is null and ${table.waivedAt} is null
        when 'appealed' then ${table.appealedAt} is not null and ${table.decidedAt} is null and ${table.waivedAt} is null
        when 'waived' then ${table.waivedAt} is not null
        else ${table.decidedAt} is not null and ${table.waivedAt} is null end`,
    ),
  ],
);

/**
 * Bookings whose car has to be looked at again, and when: at once after each change of its presence (trigger `stay_presence_is_watched`), then
 * at the next moment of its stay. Without a foreign key to the booking, as the presence.
 */
export const stayWatch = pgTable(
  'stay_watch',
  {
    siteId: siteId(),
    bookingId: uuid('booking_id').notNull(),
    dueAt: instant('due_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.bookingId] }),
    index('stay_watch_due').on(table.siteId, table.dueAt),
  ],
);
