import type { Db } from '../../db/db.ts';
import type { Instant, IsoDate } from '../calendar/time.ts';
import type { Displaced, DisplacementPlan } from './displace-bookings.ts';
import type { Holdings } from './displacement-rows.ts';
import type { PlannedSlot } from './slot-targets.ts';
import type { Offer } from './promote.ts';
import { toTimestamp } from './sql-values.ts';

/** A change in a few numbers, for a list. */
export type ChangeSummary = {
  slots: number;
  from: IsoDate;
  to: IsoDate;
  before: { least: number; most: number };
  after: { least: number; most: number };
  /** How many of its slots it closed or reopened. */
  closed: number;
  reopened: number;
  displaced: number;
  withAlternative: number;
  promoted: number;
};

/** All that is kept of a change: enough to say why, and to take it back. */
export type ChangeReceipt = {
  changes: PlannedSlot[];
  displaced: (Displaced & Holdings)[];
  promoted: Offer[];
};

/** A change as it is kept. */
export type KeptChange = {
  id: string;
  at: Instant;
  actorId: string;
  actorRole: string;
  reason: string;
  /** The change that it takes back, and the one that takes it back. */
  undoes: string | null;
  undoneBy: string | null;
  resourceIds: string[];
  summary: ChangeSummary;
};

/** Keeps a change that was made. */
export async function recordChange(
  tx: Db,
  change: Pick<KeptChange, 'id' | 'at' | 'actorId' | 'actorRole' | 'reason' | 'undoes'> & {
    siteId: number;
    changes: readonly PlannedSlot[];
    displaced: readonly Displaced[];
    plan: Pick<DisplacementPlan, 'holdings'>;
    promoted: readonly Offer[];
  },
): Promise<void> {
  const { siteId, id, changes, displaced, plan, promoted } = change;
  const none: Holdings = { claims: [], draws: [] };
  const receipt: ChangeReceipt = {
    changes: [...changes],
    displaced: displaced.map((each) => ({ ...each, ...(plan.holdings.get(each.bookingId) ?? none) })),
    promoted: [...promoted],
  };
  await tx.query(
    `INSERT INTO capacity_change (site_id, id, at, actor_id, actor_role, reason, undoes, summary, receipt)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9::jsonb)`,
    [
      siteId,
      id,
      toTimestamp(change.at),
      change.actorId,
      change.actorRole,
      change.reason,
      change.undoes,
      JSON.stringify(summaryOf(receipt)),
      JSON.stringify(receipt),
    ],
  );
  await tx.query(
    `INSERT INTO capacity_change_resource (site_id, resource_id, change_id)
     SELECT $1, u.resource_id, $2 FROM unnest($3::text[]) AS u(resource_id)`,
    [siteId, id, [...new Set(changes.map(({ resourceId }) => resourceId))]],
  );
}

function summaryOf({ changes, displaced, promoted }: ChangeReceipt): ChangeSummary {
  const dates = changes.map(({ serviceDate }) => serviceDate).toSorted();
  return {
    slots: changes.length,
    from: dates[0] ?? '',
    to: dates.at(-1) ?? '',
    before: spread(changes.map(({ before }) => before)),
    after: spread(changes.map(({ after }) => after)),
    closed: changes.filter(({ stateBefore, stateAfter }) => stateBefore === 'active' && stateAfter === 'closed').length,
    reopened: changes.filter(({ stateBefore, stateAfter }) => stateBefore === 'closed' && stateAfter === 'active')
      .length,
    displaced: displaced.length,
    withAlternative: displaced.filter(({ alternative }) => alternative !== null).length,
    promoted: promoted.length,
  };
}

const spread = (numbers: readonly number[]) => ({ least: Math.min(...numbers), most: Math.max(...numbers) });

const columns = `c.id, c.at, c.actor_id AS "actorId", c.actor_role AS "actorRole", c.reason, c.undoes, c.summary,
  (SELECT u.id FROM capacity_change u WHERE u.site_id = c.site_id AND u.undoes = c.id) AS "undoneBy",
  (SELECT jsonb_agg(r.resource_id ORDER BY r.resource_id) FROM capacity_change_resource r
   WHERE r.site_id = c.site_id AND r.change_id = c.id) AS "resourceIds"`;

/** One page of the changes of a resource, newest first. Index: the primary key of capacity_change_resource, backwards. */
export function changesOf(
  db: Db,
  siteId: number,
  resourceId: string,
  page: { before: string | null; limit: number },
): Promise<KeptChange[]> {
  return db.query<KeptChange>(
    `SELECT ${columns} FROM capacity_change_resource mine
     JOIN capacity_change c ON c.site_id = mine.site_id AND c.id = mine.change_id
     WHERE mine.site_id = $1 AND mine.resource_id = $2 AND ($3::uuid IS NULL OR mine.change_id < $3)
     ORDER BY mine.change_id DESC LIMIT $4`,
    [siteId, resourceId, page.before, page.limit],
  );
}

/** One change with its receipt; null when there is none. With `lock` nobody else can undo it meanwhile. Index: the primary key. */
export async function changeById(
  db: Db,
  siteId: number,
  id: string,
  lock: boolean,
): Promise<(KeptChange & { receipt: ChangeReceipt }) | null> {
  // In a statement of its own: one that waits for the row would go on with what it saw of others before, whether it was taken back meanwhile.
  if (lock) await db.query('SELECT id FROM capacity_change WHERE site_id = $1 AND id = $2 FOR UPDATE', [siteId, id]);
  const [change] = await db.query<KeptChange & { receipt: ChangeReceipt }>(
    `SELECT ${columns}, c.receipt FROM capacity_change c WHERE c.site_id = $1 AND c.id = $2`,
    [siteId, id],
  );
  return change ?? null;
}
