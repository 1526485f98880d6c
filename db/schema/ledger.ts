import { sql } from '../orm.ts';
import { bigint, check, foreignKey, index, pgTable, primaryKey, text, unique, uuid } from './pg-core.ts';
import { instant, siteId } from './columns.ts';
import { site } from './sites.ts';

/**
 * A pot of fen: a person's meal subsidy or parking credit, an employer's funding, a merchant's or a lender's takings. `floor_fen` says how far it may go below
 * zero (empty: without end, for the accounts that money enters by); the database refuses less.
 */
export const account = pgTable(
  'account',
  {
    siteId: siteId().references(() => site.id),
    id: uuid('id').notNull(),
    kind: text('kind', {
      enum: ['meal-subsidy', 'employer', 'merchant', 'parking-credit', 'parking-provider'],
    }).notNull(),
    /** The person or organisation that it belongs to. */
    owner: text('owner').notNull(),
    balanceFen: bigint('balance_fen', { mode: 'number' }).notNull().default(0),
    floorFen: bigint('floor_fen', { mode: 'number' }),
    /** When what is left in it lapses; empty for never. */
    expiresAt: instant('expires_at'),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    unique('account_once_per_owner').on(table.siteId, table.kind, table.owner, table.expiresAt).nullsNotDistinct(),
    check('account_not_below_floor', sql`${table.floorFen} is null or ${table.balanceFen} >= ${table.floorFen}`),
  ],
);

/** One movement of money between accounts; its entries sum to zero (deferred constraint trigger). */
export const transfer = pgTable(
  'transfer',
  {
    siteId: siteId().references(() => site.id),
    id: uuid('id').notNull(),
    at: instant('at').notNull(),
    reason: text('reason').notNull(),
    bookingId: uuid('booking_id'),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    index('transfer_by_booking').on(table.siteId, table.bookingId),
  ],
);

export const transferEntry = pgTable(
  'transfer_entry',
  {
    siteId: siteId(),
    transferId: uuid('transfer_id').notNull(),
    accountId: uuid('account_id').notNull(),
    amountFen: bigint('amount_fen', { mode: 'number' }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.transferId, table.accountId] }),
    index('transfer_entry_by_account').on(table.siteId, table.accountId),
    foreignKey({
      name: 'transfer_entry_transfer',
      columns: [table.siteId, table.transferId],
      foreignColumns: [transfer.siteId, transfer.id],
    }),
    foreignKey({
      name: 'transfer_entry_account',
      columns: [table.siteId, table.accountId],
      foreignColumns: [account.siteId, account.id],
    }),
    check('transfer_entry_moves_something', sql`${table.amountFen} <> 0`),
  ],
);
