import { and, eq, inArray } from '../../../../db/orm.ts';
import type { Db } from '../../../../db/db.ts';
import { organisation } from '../../../../db/schema/index.ts';
import type { LocalizedText } from '../../../../db/schema/sites.ts';

/** The names of some lenders, by id. */
export async function lenderNames(db: Db, siteId: number, ids: readonly string[]): Promise<Map<string, LocalizedText>> {
  if (ids.length === 0) return new Map();
  const rows = await db.orm
    .select({ id: organisation.id, name: organisation.name })
    .from(organisation)
    .where(and(eq(organisation.siteId, siteId), inArray(organisation.id, [...ids])));
  return new Map(rows.map(({ id, name }) => [id, name]));
}
