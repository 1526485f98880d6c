import type { Db, Queries } from '../../../../db/db.ts';
import { toText, type Instant, type IsoDate } from '../../../calendar/time.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';
import type { Context, Resource, WishRefusal } from '../../service.ts';
import { runAround } from '../run-rules.ts';
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

type Round = { personIds: string[]; since: Instant; answer: Promise<Map<string, Instant[]>> };
type Look = { isUnderWay: boolean; next: Round | null; start: () => void };
const looks = new WeakMap<Queries, Look>();

/**
 * The same for one person, asked before every booking: whoever asks while a look is under way shares the next one, so that a rush pays for
 * few queries. What was committed before the question is always seen.
 */
async function missedOf(db: Db, siteId: number, personId: string, since: Instant): Promise<Instant[]> {
  const look = looks.get(db) ?? { isUnderWay: false, next: null, start: () => {} };
  looks.set(db, look);
  const round = (look.next ??= newRound(db, siteId, look));
  round.personIds.push(personId);
  round.since = Math.min(round.since, since);
  if (!look.isUnderWay) look.start();
  const missed = (await round.answer).get(personId) ?? [];
  return missed.filter((at) => at > since);
}

function newRound(db: Db, siteId: number, look: Look): Round {
  const { promise, resolve } = Promise.withResolvers<void>();
  const round: Round = {
    personIds: [],
    since: Infinity,
    answer: promise.then(() => missedBy(db, siteId, round.personIds, round.since)),
  };
  look.start = () => {
    look.isUnderWay = true;
    look.next = null;
    const goOn = () => {
      look.isUnderWay = false;
      if (look.next) look.start();
    };
    round.answer.then(goOn, goOn);
    resolve();
  };
  return round;
}

/** The rule of a run on a date; null where no-shows block nobody. */
const termsOf = (run: Resource, date: IsoDate): NoShowTerms | null => runAround(run, date).times.noShows ?? null;

/** The refusal of somebody who has missed too many rides; null for anybody else. It says until when. Standing by stays open. */
export async function refuseBlocked(
  context: Context,
  personId: string,
  run: Resource,
  date: IsoDate,
): Promise<WishRefusal | null> {
  const { db, site, now } = context;
  const terms = termsOf(run, date);
  if (!terms) return null;
  const missed = await missedOf(db, site.id, personId, sinceWhen(terms, now));
  const { blockedUntil } = standingOf(missed, terms, now);
  if (blockedUntil === null) return null;
  return { ok: false, problem: 'rule', rule: 'shuttle-blocked', until: toText(blockedUntil, site.timeZone) };
}

/** Where a person stands by the rule of the shuttles; null where no run has one. */
export async function standingFor(
  { db, site, catalogue, now }: Context,
  personId: string,
): Promise<(NoShowStanding & { terms: NoShowTerms }) | null> {
  const runs = [...catalogue.values()].filter(({ kind }) => kind === 'shuttle');
  const terms = runs.map((run) => termsOf(run, '')).find((found) => found !== null) ?? null;
  if (!terms) return null;
  const missed = await missedBy(db, site.id, [personId], sinceWhen(terms, now));
  return { ...standingOf(missed.get(personId) ?? [], terms, now), terms };
}
