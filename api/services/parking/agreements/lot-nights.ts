import type { Db } from '../../../../db/db.ts';
import type { Instant } from '../../../calendar/time.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';
import type { Context } from '../../service.ts';
import { refuseBy } from './agreement-command.ts';
import { agreementsOf, type Lot } from './agreements.ts';

type Night = { resourceId: string; startsAt: Instant; endsAt: Instant; capacity: number };

/**
 * Refuses when the published nights of an agreement and of others would fill their lot beyond its spaces: terms that fit each other are not
 * enough while nights that somebody has booked keep the terms of before. Index: slot_once_per_part.
 * @throws Refusing
 */
export async function refuseOverfilledNights(
  tx: Db,
  { site, now }: Context,
  lot: Lot,
  resourceId: string,
): Promise<void> {
  const agreements = await agreementsOf(tx, site.id, lot.id);
  const nights = await tx.query<Night>(
    `SELECT resource_id AS "resourceId", starts_at AS "startsAt", ends_at AS "endsAt", capacity FROM slot
     WHERE site_id = $1 AND resource_id = ANY($2::text[]) AND service_date >= ($3::timestamptz - interval '2 days')::date
       AND ends_at > $3 AND state = 'active' ORDER BY starts_at`,
    [site.id, agreements.map(({ id }) => id), toTimestamp(now)],
  );
  const found = overfilled(nights, lot.spaces, resourceId);
  if (found === null) return;
  const others = agreements.filter(({ id }) => id !== resourceId && found.ids.has(id));
  refuseBy('lot-overbooked', {
    spaces: lot.spaces,
    lent: found.lent,
    agreements: others.map(({ id, name }) => ({ id, name })),
  });
}

/** The first time at which an agreement's night and others' are more than there are spaces. Nights in order of start. */
function overfilled(
  nights: readonly Night[],
  spaces: number,
  resourceId: string,
): { lent: number; ids: Set<string> } | null {
  let open: Night[] = [];
  for (const night of nights) {
    open = [...open.filter(({ endsAt }) => endsAt > night.startsAt), night];
    const ids = new Set(open.map((each) => each.resourceId));
    const lent = open.reduce((sum, { capacity }) => sum + capacity, 0);
    // One by itself is its owner's affair: an administrator may have given it more.
    if (lent > spaces && ids.size > 1 && ids.has(resourceId)) return { lent, ids };
  }
  return null;
}
