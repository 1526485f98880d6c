import { sql } from '../orm.ts';
import { check, doublePrecision, foreignKey, integer, jsonb, pgTable, primaryKey, text } from './pg-core.ts';
import { siteId } from './columns.ts';
import { organisation, type LocalizedText } from './sites.ts';

/** A place with spaces, whatever agreements lend them; what its agreements lend at one time may not exceed its spaces. */
export const parkingLot = pgTable(
  'parking_lot',
  {
    siteId: siteId(),
    id: text('id').notNull(),
    /** Whose it is: the lender. */
    organisationId: text('organisation_id').notNull(),
    kind: text('kind', { enum: ['gated', 'staffed', 'onstreet-permit'] }).notNull(),
    name: jsonb('name').$type<LocalizedText>().notNull(),
    lat: doublePrecision('lat'),
    lng: doublePrecision('lng'),
    spaces: integer('spaces').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    foreignKey({
      name: 'parking_lot_organisation',
      columns: [table.siteId, table.organisationId],
      foreignColumns: [organisation.siteId, organisation.id],
    }),
    check('parking_lot_spaces_not_negative', sql`${table.spaces} >= 0`),
  ],
);
