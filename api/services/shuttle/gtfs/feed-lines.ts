import { and, asc, eq } from '../../../../db/orm.ts';
import type { Db } from '../../../../db/db.ts';
import { organisation, shuttleLine, type LocalizedText } from '../../../../db/schema/index.ts';

/** A line with who runs it. */
export type FeedLine = { id: string; name: LocalizedText; agency: { id: string; name: LocalizedText } };

/** The lines of a site, by id. Index: the primary keys. */
export async function linesOf(db: Db, siteId: number): Promise<FeedLine[]> {
  const rows = await db.orm
    .select({ id: shuttleLine.id, name: shuttleLine.name, agencyId: organisation.id, agencyName: organisation.name })
    .from(shuttleLine)
    .innerJoin(
      organisation,
      and(eq(organisation.siteId, shuttleLine.siteId), eq(organisation.id, shuttleLine.organisationId)),
    )
    .where(eq(shuttleLine.siteId, siteId))
    .orderBy(asc(shuttleLine.id));
  return rows.map(({ agencyId, agencyName, ...line }) => ({ ...line, agency: { id: agencyId, name: agencyName } }));
}
