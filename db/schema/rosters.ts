import { sql } from '../orm.ts';
import {
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
  uniqueIndex,
  uuid,
} from './pg-core.ts';
import { instant, siteId } from './columns.ts';
import { person, vehicle } from './people.ts';
import { organisation } from './sites.ts';

/** A car that a beneficiary organisation says is its household's. Personal data: masked for all but the organisation's committee. */
export const rosterVehicle = pgTable(
  'roster_vehicle',
  {
    siteId: siteId(),
    id: uuid('id').notNull(),
    organisationId: text('organisation_id').notNull(),
    plate: text('plate').notNull(),
    /** E.164; empty where the committee knows none. Whoever proves it at sign-in is a resident of the organisation. */
    phone: text('phone'),
    /** The household, e.g. a building; never an identity number. */
    note: text('note').notNull().default(''),
    /** Local dates of the site, both inclusive; empty: without a bound. */
    validFrom: date('valid_from', { mode: 'string' }),
    validTo: date('valid_to', { mode: 'string' }),
    addedBy: uuid('added_by').notNull(),
    addedAt: instant('added_at').notNull(),
    /** The import that wrote it last; empty for one that was added by hand. */
    importId: uuid('import_id'),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    unique('roster_plate_once').on(table.siteId, table.organisationId, table.plate),
    index('roster_vehicle_by_organisation').on(table.siteId, table.organisationId, table.id),
    index('roster_vehicle_by_plate').on(table.siteId, table.plate),
    index('roster_vehicle_by_phone').on(table.siteId, table.phone),
    // What begins or ends by date; most rows have no dates.
    index('roster_vehicle_beginning')
      .on(table.siteId, table.validFrom)
      .where(sql`${table.validFrom} is not null`),
    index('roster_vehicle_ending')
      .on(table.siteId, table.validTo)
      .where(sql`${table.validTo} is not null`),
    check('roster_vehicle_dates_in_order', sql`${table.validTo} is null or ${table.validFrom} <= ${table.validTo}`),
    foreignKey({
      name: 'roster_vehicle_organisation',
      columns: [table.siteId, table.organisationId],
      foreignColumns: [organisation.siteId, organisation.id],
    }),
  ],
);

/** A file that was imported, with its report and what it takes to undo it; only the newest of an organisation are kept. */
export const rosterImport = pgTable(
  'roster_import',
  {
    siteId: siteId(),
    id: uuid('id').notNull(),
    organisationId: text('organisation_id').notNull(),
    fileName: text('file_name').notNull(),
    mode: text('mode', { enum: ['add', 'replace'] }).notNull(),
    actorId: uuid('actor_id').notNull(),
    at: instant('at').notNull(),
    added: integer('added').notNull(),
    changed: integer('changed').notNull(),
    unchanged: integer('unchanged').notNull(),
    removed: integer('removed').notNull(),
    refused: integer('refused').notNull(),
    /** Vehicles that it verified, and those that it no longer covers. */
    verified: integer('verified').notNull(),
    unverified: integer('unverified').notNull(),
    /** Row by row, as the file was read. */
    report: jsonb('report').notNull(),
    /** The rows that it changed or removed, as they were. */
    before: jsonb('before').notNull(),
    undoneAt: instant('undone_at'),
    undoneBy: uuid('undone_by'),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    index('roster_import_by_organisation').on(table.siteId, table.organisationId, table.id),
    foreignKey({
      name: 'roster_import_organisation',
      columns: [table.siteId, table.organisationId],
      foreignColumns: [organisation.siteId, organisation.id],
    }),
    foreignKey({
      name: 'roster_import_actor',
      columns: [table.siteId, table.actorId],
      foreignColumns: [person.siteId, person.id],
    }),
  ],
);

/**
 * Which plate opened gates for a vehicle, and when. A new plate takes over when it is verified; until then the old one stays good for the
 * bookings that there are.
 */
export const vehiclePlate = pgTable(
  'vehicle_plate',
  {
    siteId: siteId(),
    vehicleId: uuid('vehicle_id').notNull(),
    plate: text('plate').notNull(),
    validFrom: instant('valid_from').notNull(),
    /** Empty while it is good. */
    validTo: instant('valid_to'),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.vehicleId, table.validFrom] }),
    uniqueIndex('vehicle_plate_one_at_a_time')
      .on(table.siteId, table.vehicleId)
      .where(sql`${table.validTo} is null`),
    check('vehicle_plate_times_in_order', sql`${table.validTo} is null or ${table.validFrom} <= ${table.validTo}`),
    foreignKey({
      name: 'vehicle_plate_vehicle',
      columns: [table.siteId, table.vehicleId],
      foreignColumns: [vehicle.siteId, vehicle.id],
    }).onDelete('cascade'),
  ],
);
