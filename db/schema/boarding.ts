import { sql } from '../orm.ts';
import { check, date, foreignKey, index, pgTable, primaryKey, smallint, text, uuid } from './pg-core.ts';
import { instant, siteId } from './columns.ts';
import { person } from './people.ts';
import { resource } from './sites.ts';

/** A driver's way to one run on one date, without an account. The link itself is signed, not kept: only its name is. */
export const driverLink = pgTable(
  'driver_link',
  {
    siteId: siteId(),
    id: uuid('id').notNull(),
    runId: text('run_id').notNull(),
    serviceDate: date('service_date', { mode: 'string' }).notNull(),
    createdAt: instant('created_at').notNull(),
    createdBy: uuid('created_by').notNull(),
    expiresAt: instant('expires_at').notNull(),
    revokedAt: instant('revoked_at'),
    revokedBy: uuid('revoked_by'),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    index('driver_link_by_run').on(table.siteId, table.runId, table.serviceDate, table.createdAt),
    foreignKey({
      name: 'driver_link_run',
      columns: [table.siteId, table.runId],
      foreignColumns: [resource.siteId, resource.id],
    }),
    foreignKey({
      name: 'driver_link_maker',
      columns: [table.siteId, table.createdBy],
      foreignColumns: [person.siteId, person.id],
    }),
  ],
);

/**
 * What a driver counted at a stop beside the tickets: who got on without one, and who got off. Counts are added up, each once by its name, so
 * that they may come late, twice and in any order; a miscount is put right by one below zero.
 */
export const boardingCount = pgTable(
  'boarding_count',
  {
    siteId: siteId(),
    runId: text('run_id').notNull(),
    serviceDate: date('service_date', { mode: 'string' }).notNull(),
    /** The scanner's own name of the count. */
    nonce: text('nonce').notNull(),
    stopId: text('stop_id').notNull(),
    withoutTicket: smallint('without_ticket').notNull(),
    alighted: smallint('alighted').notNull(),
    /** When it was counted; it may be told of later. */
    at: instant('at').notNull(),
    recordedAt: instant('recorded_at').notNull(),
    driverLinkId: uuid('driver_link_id').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.runId, table.serviceDate, table.nonce] }),
    foreignKey({
      name: 'boarding_count_driver_link',
      columns: [table.siteId, table.driverLinkId],
      foreignColumns: [driverLink.siteId, driverLink.id],
    }),
    check('boarding_count_counts', sql`${table.withoutTicket} <> 0 or ${table.alighted} <> 0`),
  ],
);
