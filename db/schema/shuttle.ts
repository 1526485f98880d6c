import { sql } from '../orm.ts';
import {
  check,
  date,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uniqueIndex,
  uuid,
} from './pg-core.ts';
import { instant, siteId } from './columns.ts';
import { resource, organisation, type LocalizedText } from './sites.ts';

/** A bus line: who runs it, and with how many buses how often. Its runs are resources that name it. */
export const shuttleLine = pgTable(
  'shuttle_line',
  {
    siteId: siteId(),
    id: text('id').notNull(),
    organisationId: text('organisation_id').notNull(),
    name: jsonb('name').$type<LocalizedText>().notNull(),
    buses: smallint('buses').notNull(),
    /** Minutes from a bus's departure until it can depart again, whichever way. */
    cycleMinutes: smallint('cycle_minutes').notNull(),
    /** How many runs a day it may have. */
    runsPerDay: smallint('runs_per_day').notNull(),
    /** How the advisor counts and proposes; what is left out is as usual. */
    advisor: jsonb('advisor').notNull().default({}),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    foreignKey({
      name: 'shuttle_line_organisation',
      columns: [table.siteId, table.organisationId],
      foreignColumns: [organisation.siteId, organisation.id],
    }),
    check('shuttle_line_has_buses', sql`${table.buses} > 0 and ${table.cycleMinutes} > 0 and ${table.runsPerDay} > 0`),
  ],
);

/** The stops of a line, in inbound order. */
export const shuttleStop = pgTable(
  'shuttle_stop',
  {
    siteId: siteId(),
    lineId: text('line_id').notNull(),
    id: text('id').notNull(),
    position: smallint('position').notNull(),
    name: jsonb('name').$type<LocalizedText>().notNull(),
    lat: doublePrecision('lat').notNull(),
    lng: doublePrecision('lng').notNull(),
    /** Minutes from the departure at the first stop, inbound; outbound they are mirrored. */
    offsetMinutes: smallint('offset_minutes').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.lineId, table.id] }),
    unique('shuttle_stop_once_per_position').on(table.siteId, table.lineId, table.position),
    foreignKey({
      name: 'shuttle_stop_line',
      columns: [table.siteId, table.lineId],
      foreignColumns: [shuttleLine.siteId, shuttleLine.id],
    }),
  ],
);

export const rideDemandKinds = ['refusal', 'search'] as const;

/** How often somebody found no seat, or looked for one, from stop to stop at a quarter of an hour. Nobody's name stands beside it. */
export const rideDemand = pgTable(
  'ride_demand',
  {
    siteId: siteId(),
    serviceDate: date('service_date', { mode: 'string' }).notNull(),
    /** Quarters of an hour since midnight at the stop where they would board. */
    quarter: smallint('quarter').notNull(),
    fromStopId: text('from_stop_id').notNull(),
    toStopId: text('to_stop_id').notNull(),
    kind: text('kind', { enum: rideDemandKinds }).notNull(),
    count: integer('count').notNull(),
  },
  (table) => [
    primaryKey({
      name: 'ride_demand_once_per_quarter',
      columns: [table.siteId, table.serviceDate, table.quarter, table.fromStopId, table.toStopId, table.kind],
    }),
    check('ride_demand_of_a_day', sql`${table.quarter} between 0 and 95`),
    check('ride_demand_counts_somebody', sql`${table.count} > 0`),
  ],
);

export const runDayChangeKinds = ['cancelled', 'retimed', 'flipped', 'added'] as const;

/** What a dispatcher changed of a run for one date, and why; the slots of the date hold what became of it. */
export const runDayChange = pgTable(
  'run_day_change',
  {
    siteId: siteId(),
    id: uuid('id').notNull(),
    runId: text('run_id').notNull(),
    serviceDate: date('service_date', { mode: 'string' }).notNull(),
    kind: text('kind', { enum: runDayChangeKinds }).notNull(),
    reason: text('reason').notNull(),
    /** As it was before; empty for a run that was added. Local time. */
    departsBefore: text('departs_before'),
    directionBefore: text('direction_before', { enum: ['inbound', 'outbound'] }),
    /** As it goes by this change; empty for a run that was cancelled. */
    departsAfter: text('departs_after'),
    directionAfter: text('direction_after', { enum: ['inbound', 'outbound'] }),
    at: instant('at').notNull(),
    actorId: uuid('actor_id').notNull(),
    actorRole: text('actor_role').notNull(),
    /** The capacity change that displaced riders, if it was one. */
    changeId: uuid('change_id'),
    /** Who moved with the run and who gave way, with what they held: enough to say why, and to take it back. */
    receipt: jsonb('receipt').notNull().default({}),
    undoneAt: instant('undone_at'),
    undoneBy: uuid('undone_by'),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    index('run_day_change_by_date').on(table.siteId, table.serviceDate, table.runId, table.at),
    foreignKey({
      name: 'run_day_change_run',
      columns: [table.siteId, table.runId],
      foreignColumns: [resource.siteId, resource.id],
    }),
  ],
);

/**
 * A timetable of a line from a date on, and why. What its runs do then is said by their schedules, which begin on that date; the timetable
 * that a line was set up with has no row here.
 */
export const timetableVersion = pgTable(
  'timetable_version',
  {
    siteId: siteId(),
    id: uuid('id').notNull(),
    lineId: text('line_id').notNull(),
    validFrom: date('valid_from', { mode: 'string' }).notNull(),
    reason: text('reason').notNull(),
    at: instant('at').notNull(),
    actorId: uuid('actor_id').notNull(),
    actorRole: text('actor_role').notNull(),
    /** The runs that it has: which, when, which way. */
    runs: jsonb('runs').notNull(),
    /** Who moved and who gave way because of it, with what they held. */
    receipt: jsonb('receipt').notNull().default({}),
    undoneAt: instant('undone_at'),
    undoneBy: uuid('undone_by'),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    uniqueIndex('timetable_version_once_per_date')
      .on(table.siteId, table.lineId, table.validFrom)
      .where(sql`${table.undoneAt} is null`),
    foreignKey({
      name: 'timetable_version_line',
      columns: [table.siteId, table.lineId],
      foreignColumns: [shuttleLine.siteId, shuttleLine.id],
    }),
  ],
);

/** Where the bus of a run was last seen; the latest only. */
export const vehiclePosition = pgTable(
  'vehicle_position',
  {
    siteId: siteId(),
    runId: text('run_id').notNull(),
    serviceDate: date('service_date', { mode: 'string' }).notNull(),
    at: instant('at').notNull(),
    lat: doublePrecision('lat').notNull(),
    lng: doublePrecision('lng').notNull(),
    /** Degrees from north, clockwise. */
    bearing: doublePrecision('bearing'),
    metresPerSecond: doublePrecision('metres_per_second'),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.serviceDate, table.runId] }),
    foreignKey({
      name: 'vehicle_position_run',
      columns: [table.siteId, table.runId],
      foreignColumns: [resource.siteId, resource.id],
    }),
    check('vehicle_position_on_earth', sql`${table.lat} between -90 and 90 and ${table.lng} between -180 and 180`),
  ],
);
