import type { Queries } from '../../../../db/db.ts';
import { toText, type Instant } from '../../../calendar/time.ts';
import type { NoShowBar } from '../../../engine/types.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';
import type { Context } from '../../service.ts';
import { runAround, type RunTimes } from '../run-rules.ts';
import { sinceWhen, standingOf, type NoShowStanding, type NoShowTerms } from './no-show-rules.ts';

/** A no-show counts unless it is excused, or the run was closed after all: what the operator cancels never counts. */
const counts = `NOT EXISTS (SELECT 1 FROM no_show_excuse e
    WHERE e.site_id = b.site_id AND e.booking_id = b.id AND e.undone_at IS NULL)
  AND NOT EXISTS (SELECT 1 FROM booking_line l JOIN slot s ON s.site_id = l.site_id AND s.id = l.slot_id
    WHERE l.site_id = b.site_id AND l.booking_id = b.id AND s.state = 'closed')`;

/** The starts of the rides that some people missed and that count, by person. Index: booking_no_show. */
async function missedBy(
  db: Queries,
  siteId: number,
  personIds: readonly string[],
  since: Instant,
): Promise<Map<string, Instant[]>> {
  const rows = await db.query<{ personId: string; startsAt: Instant }>(
    `SELECT b.person_id AS "personId", b.starts_at AS "startsAt" FROM booking b
     WHERE b.site_id = $1 AND b.person_id = ANY($2::uuid[]) AND b.starts_at > $3 AND b.state = 'no_show' AND b.kind = 'shuttle'
       AND ${counts}`,
    [siteId, personIds, toTimestamp(since)],
  );
  const byPerson = Map.groupBy(rows, ({ personId }) => personId);
  return new Map([...byPerson].map(([personId, missed]) => [personId, missed.map(({ startsAt }) => startsAt)]));
}

/** What bars somebody who has missed too many rides from a run with these times, and until when. Standing by stays open. */
export function barsOf({ site, now }: Pick<Context, 'site' | 'now'>, { noShows: terms }: RunTimes): NoShowBar[] {
  if (!terms) return [];
  const until = (missed: readonly Instant[]) => {
    const { blockedUntil } = standingOf(missed, terms, now);
    return blockedUntil === null ? null : toText(blockedUntil, site.timeZone);
  };
  return [
    { rule: 'shuttle-blocked', since: sinceWhen(terms, now), atLeast: terms.blockAt, countedOf: missedBy, until },
  ];
}

/** Where a person stands by the rule of the shuttles; null where no run has one. */
export async function standingFor(
  { db, site, catalogue, now }: Context,
  personId: string,
): Promise<(NoShowStanding & { terms: NoShowTerms }) | null> {
  const runs = [...catalogue.values()].filter(({ kind }) => kind === 'shuttle');
  const terms = runs.map((run) => runAround(run, '').times.noShows).find((found) => found !== undefined);
  if (!terms) return null;
  const missed = await missedBy(db, site.id, [personId], sinceWhen(terms, now));
  return { ...standingOf(missed.get(personId) ?? [], terms, now), terms };
}
