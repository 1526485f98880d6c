import { sql } from '../orm.ts';
import { foreignKey, index, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from './pg-core.ts';
import { instant, siteId } from './columns.ts';
import { person } from './people.ts';
import { resource } from './sites.ts';

/** A change of capacity that was made: who, why, before and after, who gave way. Its ids grow with time. */
export const capacityChange = pgTable(
  'capacity_change',
  {
    siteId: siteId(),
    id: uuid('id').notNull(),
    at: instant('at').notNull(),
    actorId: uuid('actor_id').notNull(),
    /** In what role the actor did it: what those who were displaced are told. */
    actorRole: text('actor_role').notNull(),
    reason: text('reason').notNull(),
    /** The change that this one takes back. */
    undoes: uuid('undoes'),
    /** What a list shows of it. */
    summary: jsonb('summary').notNull(),
    /** All of it: each slot before and after, each booking that gave way with what it held. */
    receipt: jsonb('receipt').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.id] }),
    uniqueIndex('capacity_change_undone_once')
      .on(table.siteId, table.undoes)
      .where(sql`${table.undoes} is not null`),
    foreignKey({
      name: 'capacity_change_actor',
      columns: [table.siteId, table.actorId],
      foreignColumns: [person.siteId, person.id],
    }),
  ],
);

/** Which resources a change touches, so that each one's changes are found in order. */
export const capacityChangeResource = pgTable(
  'capacity_change_resource',
  {
    siteId: siteId(),
    resourceId: text('resource_id').notNull(),
    changeId: uuid('change_id').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.siteId, table.resourceId, table.changeId] }),
    index('capacity_change_resource_by_change').on(table.siteId, table.changeId),
    foreignKey({
      name: 'capacity_change_resource_change',
      columns: [table.siteId, table.changeId],
      foreignColumns: [capacityChange.siteId, capacityChange.id],
    }),
    foreignKey({
      name: 'capacity_change_resource_resource',
      columns: [table.siteId, table.resourceId],
      foreignColumns: [resource.siteId, resource.id],
    }),
  ],
);
