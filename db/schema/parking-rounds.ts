import { sql } from '../orm.ts';
import { bigint, check, foreignKey, index, integer, pgTable, primaryKey, text, unique, uuid } from './pg-core.ts';
import { instant, siteId } from './columns.ts';
import { person } from './people.ts';
import { resource } from './sites.ts';

/**
 * A month of a lot that is given out by draw. `commitment` is the SHA-256 of the seed and is public from the beginning; the seed is told
 * when the round is drawn, so that anybody can draw again.
 */
export const parkingRound = pgTable(
  'parking_round',
  {
    siteId: siteId(),
    id: uuid('id').notNull(),
    resourceId: text('resource_id').notNull(),
    /** `YYYY-MM` */
    month: text('month').notNull(),
    opensAt: instant('opens_at').notNull(),
    closesAt: instant('closes_at').notNull(),
    commitment: text('commitment').notNull(),
    /** 64 hexadecimal digits; never on a way out before the round is drawn. */
    seed: text('seed').notNull(),
    /** `drawn`: the order is public, bookings are being made in it; `done`: every entry has its result. */
    state: text('state', { enum: ['open', 'drawn', 'done'] })
      .notNull()
      .default('open'),
    /** Until when one process makes the bookings alone; whoever stops in the middle of it is followed by another one. */
    workingUntil: instant('working_until'),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    unique('parking_round_once_per_month').on(table.siteId, table.resourceId, table.month),
    index('parking_round_closing')
      .on(table.siteId, table.closesAt)
      .where(sql`${table.state} <> 'done'`),
    foreignKey({
      name: 'parking_round_resource',
      columns: [table.siteId, table.resourceId],
      foreignColumns: [resource.siteId, resource.id],
    }),
    check('parking_round_opens_before_it_closes', sql`${table.opensAt} < ${table.closesAt}`),
    check('parking_round_has_seed', sql`${table.seed} ~ '^[0-9a-f]{64}$' and ${table.commitment} ~ '^[0-9a-f]{64}$'`),
  ],
);

/** A car that takes part in a round; its number, place and result come with the draw. */
export const parkingRoundEntry = pgTable(
  'parking_round_entry',
  {
    siteId: siteId(),
    id: uuid('id').notNull(),
    roundId: uuid('round_id').notNull(),
    personId: uuid('person_id').notNull(),
    vehicleId: uuid('vehicle_id').notNull(),
    enteredAt: instant('entered_at').notNull(),
    /** SHA-256 of seed and entry id, hexadecimal. */
    number: text('number'),
    /** 1 is served first. */
    place: integer('place'),
    result: text('result', { enum: ['won', 'waiting', 'refused'] }),
    /** For a refusal: the rule's name, or the problem's. */
    reason: text('reason'),
    bookingId: uuid('booking_id'),
    waitlistId: bigint('waitlist_id', { mode: 'number' }),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    unique('parking_round_entry_once_per_vehicle').on(table.siteId, table.roundId, table.vehicleId),
    unique('parking_round_entry_place').on(table.siteId, table.roundId, table.place),
    index('parking_round_entry_by_person').on(table.siteId, table.personId),
    foreignKey({
      name: 'parking_round_entry_round',
      columns: [table.siteId, table.roundId],
      foreignColumns: [parkingRound.siteId, parkingRound.id],
    }),
    foreignKey({
      name: 'parking_round_entry_person',
      columns: [table.siteId, table.personId],
      foreignColumns: [person.siteId, person.id],
    }),
    check('parking_round_entry_numbered', sql`(${table.number} is null) = (${table.place} is null)`),
    check('parking_round_entry_result_after_draw', sql`${table.result} is null or ${table.place} is not null`),
  ],
);
