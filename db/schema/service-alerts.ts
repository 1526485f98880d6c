import { sql } from '../orm.ts';
import { check, foreignKey, index, integer, jsonb, pgTable, primaryKey, text, uuid } from './pg-core.ts';
import { instant, siteId } from './columns.ts';
import { shuttleLine } from './shuttle.ts';
import type { LocalizedText } from './sites.ts';

/** Why something is different; the words of GTFS-Realtime, so that map apps understand them. */
export const alertCauses = [
  'other',
  'technical-problem',
  'accident',
  'holiday',
  'weather',
  'maintenance',
  'construction',
  'police-activity',
  'medical-emergency',
  'special-event',
] as const;

/** What it means for riders; the words of GTFS-Realtime. */
export const alertEffects = [
  'no-service',
  'reduced-service',
  'significant-delays',
  'detour',
  'additional-service',
  'modified-service',
  'stop-moved',
  'accessibility-issue',
  'other',
] as const;

/** What riders of a line are told of by its dispatcher: a detour, a stop that has moved. */
export const serviceAlert = pgTable(
  'service_alert',
  {
    siteId: siteId(),
    id: uuid('id').notNull(),
    lineId: text('line_id').notNull(),
    cause: text('cause', { enum: alertCauses }).notNull(),
    effect: text('effect', { enum: alertEffects }).notNull(),
    title: jsonb('title').$type<LocalizedText>().notNull(),
    text: jsonb('text').$type<LocalizedText>(),
    startsAt: instant('starts_at').notNull(),
    /** Empty: until it is ended. */
    endsAt: instant('ends_at'),
    /** The runs and stops that it is about; none of either: the whole line. */
    runIds: text('run_ids')
      .array()
      .notNull()
      .default(sql`'{}'`),
    stopIds: text('stop_ids')
      .array()
      .notNull()
      .default(sql`'{}'`),
    at: instant('at').notNull(),
    actorId: uuid('actor_id').notNull(),
    actorRole: text('actor_role').notNull(),
    /** When it was ended before its time. */
    endedAt: instant('ended_at'),
    endedBy: uuid('ended_by'),
    /** Grows with every step; what `If-Match` compares. */
    version: integer('version').notNull().default(1),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    // What is told now, or will be: few, however many there have been.
    index('service_alert_not_ended')
      .on(table.siteId, table.startsAt, table.id)
      .where(sql`${table.endedAt} is null`),
    index('service_alert_by_time').on(table.siteId, table.at, table.id),
    foreignKey({
      name: 'service_alert_line',
      columns: [table.siteId, table.lineId],
      foreignColumns: [shuttleLine.siteId, shuttleLine.id],
    }),
    check('service_alert_starts_before_it_ends', sql`${table.endsAt} is null or ${table.startsAt} < ${table.endsAt}`),
    check('service_alert_ended_by_somebody', sql`num_nonnulls(${table.endedAt}, ${table.endedBy}) in (0, 2)`),
  ],
);
