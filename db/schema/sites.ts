import { sql } from '../orm.ts';
import {
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
  unique,
} from './pg-core.ts';
import { siteId } from './columns.ts';

export type LocalizedText = { zh: string; en: string };

/** One park-and-neighbourhood. `id` is short because every row carries it; `code` is what the outside sees. */
export const site = pgTable(
  'site',
  {
    id: integer('id').primaryKey(),
    code: text('code').notNull(),
    name: jsonb('name').$type<LocalizedText>().notNull(),
    timeZone: text('time_zone').notNull(),
    currency: text('currency').notNull(),
    /** How fast somebody walks from one place to another. 80 is the rule by which estate agents in Japan have to reckon. */
    walkingMetresPerMinute: smallint('walking_metres_per_minute').notNull().default(80),
  },
  (table) => [unique('site_code_unique').on(table.code)],
);

/** Who lends, who benefits, who employs, who cooks: compounds, employers, the park, restaurants, schools. */
export const organisation = pgTable(
  'organisation',
  {
    siteId: siteId().references(() => site.id),
    id: text('id').notNull(),
    kind: text('kind', { enum: ['park', 'street', 'compound', 'employer', 'restaurant', 'school'] }).notNull(),
    name: jsonb('name').$type<LocalizedText>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.siteId, table.id] })],
);

/** Days off and make-up working days as published; a year without a published row is provisional. */
export const calendarDay = pgTable(
  'calendar_day',
  {
    siteId: siteId().references(() => site.id),
    date: date('date', { mode: 'string' }).notNull(),
    kind: text('kind', { enum: ['off', 'workday'] }).notNull(),
    name: jsonb('name').$type<LocalizedText>(),
    source: text('source').notNull(),
    status: text('status', { enum: ['published', 'provisional'] }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.siteId, table.date] })],
);

/** What is booked: an agreement's spaces, a canteen's windows, a dish, a shuttle run's legs, a class. */
export const resource = pgTable(
  'resource',
  {
    siteId: siteId().references(() => site.id),
    id: text('id').notNull(),
    /** The service that owns it, or `dish`: a part of a service that is counted but not listed. */
    kind: text('kind').notNull(),
    parentId: text('parent_id'),
    organisationId: text('organisation_id').notNull(),
    name: jsonb('name').$type<LocalizedText>().notNull(),
    place: jsonb('place').$type<{ name: LocalizedText; lat: number | null; lng: number | null }>(),
    /** The service's own facts and settings, validated by its schemas. */
    facts: jsonb('facts').notNull(),
    sort: smallint('sort').notNull().default(0),
    isActive: boolean('is_active').notNull().default(true),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    index('resource_by_kind').on(table.siteId, table.kind, table.sort),
    index('resource_by_parent').on(table.siteId, table.parentId),
    foreignKey({
      name: 'resource_organisation',
      columns: [table.siteId, table.organisationId],
      foreignColumns: [organisation.siteId, organisation.id],
    }),
    foreignKey({
      name: 'resource_parent',
      columns: [table.siteId, table.parentId],
      foreignColumns: [table.siteId, table.id],
    }),
  ],
);

/** The rules that slots are made from. */
export const schedule = pgTable(
  'schedule',
  {
    siteId: siteId().references(() => site.id),
    id: text('id').notNull(),
    resourceId: text('resource_id').notNull(),
    basis: text('basis', { enum: ['workday', 'weekday', 'daily'] }).notNull(),
    validFrom: date('valid_from', { mode: 'string' }),
    validTo: date('valid_to', { mode: 'string' }),
    capacity: integer('capacity').notNull(),
    priceFen: integer('price_fen').notNull().default(0),
    /** The service dates whose slots exist, both inclusive; empty before the first publication. */
    publishedFrom: date('published_from', { mode: 'string' }),
    publishedTo: date('published_to', { mode: 'string' }),
    /** The service's own rule for times, opening and closing, validated by its schemas. */
    rule: jsonb('rule').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    index('schedule_by_resource').on(table.siteId, table.resourceId),
    foreignKey({
      name: 'schedule_resource',
      columns: [table.siteId, table.resourceId],
      foreignColumns: [resource.siteId, resource.id],
    }),
    check('schedule_capacity_not_negative', sql`${table.capacity} >= 0`),
    check('schedule_price_not_negative', sql`${table.priceFen} >= 0`),
    check('schedule_validity_in_order', sql`${table.validTo} is null or ${table.validFrom} <= ${table.validTo}`),
  ],
);
