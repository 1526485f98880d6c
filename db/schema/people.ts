import { sql } from '../orm.ts';
import { check, foreignKey, index, pgTable, primaryKey, smallint, text, unique, uniqueIndex, uuid } from './pg-core.ts';
import { databaseNow, instant, siteId } from './columns.ts';
import { organisation, site } from './sites.ts';

export const person = pgTable(
  'person',
  {
    siteId: siteId().references(() => site.id),
    id: uuid('id').notNull(),
    /** E.164, personal data: masked on every way out. */
    phone: text('phone').notNull(),
    name: text('name').notNull(),
    locale: text('locale', { enum: ['zh-CN', 'en'] })
      .notNull()
      .default('zh-CN'),
    createdAt: instant('created_at').notNull().default(databaseNow),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    unique('person_phone_unique').on(table.siteId, table.phone),
  ],
);

/** A role is held in an organisation, or on the whole site when `organisation_id` is empty. */
export const personRole = pgTable(
  'person_role',
  {
    siteId: siteId(),
    personId: uuid('person_id').notNull(),
    role: text('role').notNull(),
    organisationId: text('organisation_id'),
  },
  (table) => [
    unique('person_role_unique').on(table.siteId, table.personId, table.role, table.organisationId).nullsNotDistinct(),
    foreignKey({
      name: 'person_role_person',
      columns: [table.siteId, table.personId],
      foreignColumns: [person.siteId, person.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'person_role_organisation',
      columns: [table.siteId, table.organisationId],
      foreignColumns: [organisation.siteId, organisation.id],
    }),
  ],
);

export const vehicle = pgTable(
  'vehicle',
  {
    siteId: siteId(),
    id: uuid('id').notNull(),
    personId: uuid('person_id').notNull(),
    plate: text('plate').notNull(),
    plateClass: text('plate_class', { enum: ['ordinary', 'new-energy'] }).notNull(),
    /** When the beneficiary group's roster confirmed it; empty until then. */
    verifiedAt: instant('verified_at'),
    /** When its owner took it off their list; its bookings and plates stay on record. */
    removedAt: instant('removed_at'),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    index('vehicle_by_person').on(table.siteId, table.personId),
    uniqueIndex('vehicle_plate_once_per_person')
      .on(table.siteId, table.personId, table.plate)
      .where(sql`${table.removedAt} is null`),
    index('vehicle_by_plate')
      .on(table.siteId, table.plate)
      .where(sql`${table.removedAt} is null`),
    check('vehicle_removed_is_unverified', sql`${table.removedAt} is null or ${table.verifiedAt} is null`),
    // One car, one claimant: a second verified row for the plate would be a way round the overlap rule.
    uniqueIndex('vehicle_plate_verified_once')
      .on(table.siteId, table.plate)
      .where(sql`${table.verifiedAt} is not null`),
    foreignKey({
      name: 'vehicle_person',
      columns: [table.siteId, table.personId],
      foreignColumns: [person.siteId, person.id],
    }).onDelete('cascade'),
  ],
);

export const child = pgTable(
  'child',
  {
    siteId: siteId(),
    id: uuid('id').notNull(),
    guardianId: uuid('guardian_id').notNull(),
    name: text('name').notNull(),
    /** School grade 1–9; empty for a child below school age. */
    grade: smallint('grade'),
    /** When the binding of guardian and child was verified; empty until then. */
    verifiedAt: instant('verified_at'),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    index('child_by_guardian').on(table.siteId, table.guardianId),
    check('child_grade_in_range', sql`${table.grade} is null or ${table.grade} between 1 and 9`),
    foreignKey({
      name: 'child_guardian',
      columns: [table.siteId, table.guardianId],
      foreignColumns: [person.siteId, person.id],
    }).onDelete('cascade'),
  ],
);

export const session = pgTable(
  'session',
  {
    siteId: siteId(),
    id: uuid('id').notNull(),
    personId: uuid('person_id').notNull(),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    revokedAt: instant('revoked_at'),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    index('session_by_person').on(table.siteId, table.personId),
    index('session_by_expiry').on(table.expiresAt),
    foreignKey({
      name: 'session_person',
      columns: [table.siteId, table.personId],
      foreignColumns: [person.siteId, person.id],
    }).onDelete('cascade'),
  ],
);

/** A one-time code that was sent; only its keyed hash is kept. One per phone: a new one replaces the old. */
export const oneTimeCode = pgTable(
  'one_time_code',
  {
    siteId: siteId().references(() => site.id),
    phone: text('phone').notNull(),
    codeHash: text('code_hash').notNull(),
    sentAt: instant('sent_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    attempts: smallint('attempts').notNull().default(0),
    /** Codes sent to this phone since `window_start`, for the cap. */
    sentInWindow: smallint('sent_in_window').notNull().default(1),
    windowStart: instant('window_start').notNull(),
  },
  (table) => [primaryKey({ columns: [table.siteId, table.phone] })],
);
