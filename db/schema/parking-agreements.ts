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
  text,
  uniqueIndex,
  uuid,
} from './pg-core.ts';
import { instant, siteId } from './columns.ts';
import { parkingLot } from './parking-lots.ts';
import { organisation, resource } from './sites.ts';

/**
 * Terms of a parking agreement that one party has proposed: complete, and in force once both have confirmed. Whoever acts for a side is
 * kept with the role in which they did.
 */
export const agreementProposal = pgTable(
  'agreement_proposal',
  {
    siteId: siteId(),
    id: uuid('id').notNull(),
    /** The agreement that it changes; empty while it is a new one. */
    resourceId: text('resource_id'),
    lotId: text('lot_id').notNull(),
    lenderId: text('lender_id').notNull(),
    /** The beneficiary's organisation; empty for a group, for which a site administrator speaks. */
    beneficiaryId: text('beneficiary_id'),
    terms: jsonb('terms').notNull(),
    /** The terms that it took the place of, once it is in force. */
    replaced: jsonb('replaced'),
    reason: text('reason').notNull(),
    effectiveFrom: date('effective_from', { mode: 'string' }).notNull(),
    state: text('state', { enum: ['open', 'in-force', 'withdrawn', 'rejected'] }).notNull(),
    side: text('side', { enum: ['provider', 'beneficiary'] }).notNull(),
    proposedAt: instant('proposed_at').notNull(),
    proposedBy: uuid('proposed_by').notNull(),
    proposedRole: text('proposed_role').notNull(),
    /** When the other side confirmed or rejected it, or its own took it back; and why, if not confirmed. */
    closedAt: instant('closed_at'),
    closedBy: uuid('closed_by'),
    closedRole: text('closed_role'),
    closedReason: text('closed_reason'),
    /** The change of capacity that its coming into force made. */
    changeId: uuid('change_id'),
    version: integer('version').notNull().default(1),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    uniqueIndex('agreement_proposal_one_open')
      .on(table.siteId, table.resourceId)
      .where(sql`${table.state} = 'open'`),
    index('agreement_proposal_by_lender').on(table.siteId, table.lenderId, table.id),
    index('agreement_proposal_by_beneficiary').on(table.siteId, table.beneficiaryId, table.id),
    index('agreement_proposal_by_resource').on(table.siteId, table.resourceId, table.id),
    foreignKey({
      name: 'agreement_proposal_resource',
      columns: [table.siteId, table.resourceId],
      foreignColumns: [resource.siteId, resource.id],
    }),
    foreignKey({
      name: 'agreement_proposal_lot',
      columns: [table.siteId, table.lotId],
      foreignColumns: [parkingLot.siteId, parkingLot.id],
    }),
    foreignKey({
      name: 'agreement_proposal_lender',
      columns: [table.siteId, table.lenderId],
      foreignColumns: [organisation.siteId, organisation.id],
    }),
    check('agreement_proposal_open_until_closed', sql`(${table.state} = 'open') = (${table.closedAt} is null)`),
    check(
      'agreement_proposal_in_force_somewhere',
      sql`${table.state} <> 'in-force' or ${table.resourceId} is not null`,
    ),
  ],
);

/** A time in which an agreement lends nothing; either party may say so. It ends at its last date or when somebody resumes it. */
export const agreementSuspension = pgTable(
  'agreement_suspension',
  {
    siteId: siteId(),
    id: uuid('id').notNull(),
    resourceId: text('resource_id').notNull(),
    fromDate: date('from_date', { mode: 'string' }).notNull(),
    toDate: date('to_date', { mode: 'string' }).notNull(),
    reason: text('reason').notNull(),
    side: text('side', { enum: ['provider', 'beneficiary'] }).notNull(),
    at: instant('at').notNull(),
    actorId: uuid('actor_id').notNull(),
    actorRole: text('actor_role').notNull(),
    /** The change that closed what was published already. */
    changeId: uuid('change_id'),
    /** From when on it lends again, where it was resumed before its end. */
    resumedFrom: date('resumed_from', { mode: 'string' }),
    resumedAt: instant('resumed_at'),
    resumedBy: uuid('resumed_by'),
    resumedRole: text('resumed_role'),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    index('agreement_suspension_by_resource').on(table.siteId, table.resourceId, table.id),
    foreignKey({
      name: 'agreement_suspension_resource',
      columns: [table.siteId, table.resourceId],
      foreignColumns: [resource.siteId, resource.id],
    }),
    check('agreement_suspension_in_order', sql`${table.fromDate} <= ${table.toDate}`),
  ],
);

/** A change of capacity by which the lender took spaces back for some dates. */
export const agreementWithdrawal = pgTable(
  'agreement_withdrawal',
  {
    siteId: siteId(),
    changeId: uuid('change_id').notNull(),
    resourceId: text('resource_id').notNull(),
    fromDate: date('from_date', { mode: 'string' }).notNull(),
    toDate: date('to_date', { mode: 'string' }).notNull(),
    spaces: integer('spaces').notNull(),
    /** A site administrator did it with less notice than agreed. */
    isOverride: boolean('is_override').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.changeId] }),
    index('agreement_withdrawal_by_resource').on(table.siteId, table.resourceId, table.changeId),
    foreignKey({
      name: 'agreement_withdrawal_resource',
      columns: [table.siteId, table.resourceId],
      foreignColumns: [resource.siteId, resource.id],
    }),
    check('agreement_withdrawal_spaces_positive', sql`${table.spaces} > 0`),
  ],
);
