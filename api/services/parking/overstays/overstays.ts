import type { Db } from '../../../../db/db.ts';
import type { Instant } from '../../../calendar/time.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';
import { standingOf, type LadderEntry, type OverstayTerms, type Standing } from './overstay-rules.ts';

/** `void` is said instead of any other state. */
export type OverstayState = 'open' | 'appealed' | 'upheld' | 'granted' | 'waived' | 'void';

/** A word of somebody's, and when it was said. */
export type Said = { at: Instant; text: string };

/** An overstay as it is kept, with what its booking says. */
export type KeptOverstay = {
  id: string;
  bookingId: string;
  personId: string;
  resourceId: string;
  organisationId: string;
  title: { zh: string; en: string };
  plate: string | null;
  plateMasked: string;
  leaveBy: Instant;
  openedAt: Instant;
  endedAt: Instant | null;
  minutesLate: number;
  chargeFen: number;
  terms: OverstayTerms;
  state: OverstayState;
  appeal: Said | null;
  decision: Said | null;
  /** What the decision was; it stays when the overstay is waived afterwards. */
  isGranted: boolean;
  waiver: Said | null;
  comment: Said | null;
  version: number;
};

type Row = Omit<KeptOverstay, SaidName> & Record<SaidName, string | null> & Record<`${SaidName}At`, Instant | null>;
type SaidName = 'appeal' | 'decision' | 'waiver' | 'comment';

const columns = `o.id, o.booking_id AS "bookingId", o.person_id AS "personId", o.resource_id AS "resourceId",
  o.organisation_id AS "organisationId", b.details->'title' AS title, b.details->>'plateMasked' AS "plateMasked", v.plate,
  o.leave_by AS "leaveBy", o.opened_at AS "openedAt", o.ended_at AS "endedAt", o.minutes_late AS "minutesLate",
  o.charge_fen AS "chargeFen", o.terms, CASE WHEN o.voided_at IS NULL THEN o.state ELSE 'void' END AS state, o.version,
  o.appeal, o.appealed_at AS "appealAt", o.decision, o.decided_at AS "decisionAt",
  o.state = 'granted' AS "isGranted", o.waiver, o.waived_at AS "waiverAt",
  o.comment, o.commented_at AS "commentAt"`;
/** The car's own row may be gone, or somebody else's by now: then its plate is not known any more. */
const source = `overstay o JOIN booking b ON b.site_id = o.site_id AND b.id = o.booking_id
  LEFT JOIN vehicle v ON v.site_id = o.site_id AND v.id = (b.details->>'vehicleId')::uuid AND v.person_id = o.person_id`;

function kept(row: Row): KeptOverstay {
  const said = (name: SaidName): Said | null => {
    const [text, at] = [row[name], row[`${name}At`]];
    return text === null || at === null ? null : { text, at };
  };
  const { appealAt: _a, decisionAt: _d, waiverAt: _w, commentAt: _c, ...rest } = row;
  return {
    ...rest,
    appeal: said('appeal'),
    decision: said('decision'),
    waiver: said('waiver'),
    comment: said('comment'),
  };
}

/** One page of overstays: of a person, or of some lenders. */
export type OverstaySearch = {
  siteId: number;
  of: { personId: string } | { lenders: 'all' | readonly string[] };
  resourceId: string | null;
  bookingId: string | null;
  state: OverstayState | null;
  /** Only of cars that are late now. */
  isInside: boolean;
  after: { openedAt: Instant; id: string } | null;
  limit: number;
};

/**
 * Latest first. Indexes: overstay_by_person, overstay_by_lender, overstay_by_resource, overstay_by_time, overstay_inside, overstay_appealed.
 * Only the conditions that are asked for stand in the statement, so that the planner knows which index serves.
 */
export async function searchOverstays(db: Db, search: OverstaySearch): Promise<KeptOverstay[]> {
  const parameters: unknown[] = [search.siteId];
  const bind = (value: unknown): string => `$${parameters.push(value)}`;
  const conditions = ['o.site_id = $1', ...conditionsOf(search, bind)];
  const rows = await db.query<Row>(
    `SELECT ${columns} FROM ${source} WHERE ${conditions.join(' AND ')}
     ORDER BY o.opened_at DESC, o.id DESC LIMIT ${bind(search.limit)}`,
    parameters,
  );
  return rows.map(kept);
}

/** What a search asks of an overstay; every value goes through `bind`. */
function conditionsOf(search: OverstaySearch, bind: (value: unknown) => string): string[] {
  const { of, resourceId, bookingId, state, isInside, after } = search;
  const conditions: string[] = [];
  if ('personId' in of) conditions.push(`o.person_id = ${bind(of.personId)}`);
  else if (of.lenders !== 'all') conditions.push(`o.organisation_id = ANY(${bind(of.lenders)}::text[])`);
  if (resourceId !== null) conditions.push(`o.resource_id = ${bind(resourceId)}`);
  if (bookingId !== null) conditions.push(`o.booking_id = ${bind(bookingId)}`);
  if (state === 'void') conditions.push('o.voided_at IS NOT NULL');
  // The state stands in the statement itself, or an index for one state would not serve.
  else if (state !== null) conditions.push(`o.state = '${state}' AND o.voided_at IS NULL`);
  if (isInside) conditions.push('o.ended_at IS NULL AND o.voided_at IS NULL');
  if (after !== null)
    conditions.push(
      `(o.opened_at, o.id) < (${bind(toTimestamp(after.openedAt))}::timestamptz, ${bind(after.id)}::uuid)`,
    );
  return conditions;
}

/** One overstay; null when there is none. Index: the primary keys. */
export async function overstayById(db: Db, siteId: number, id: string): Promise<KeptOverstay | null> {
  const [row] = await db.query<Row>(`SELECT ${columns} FROM ${source} WHERE o.site_id = $1 AND o.id = $2`, [
    siteId,
    id,
  ]);
  return row ? kept(row) : null;
}

/** All overstays of some people at every lender, by `ladderKey`: a person has few. Index: overstay_by_person. */
export async function laddersOf(
  db: Db,
  siteId: number,
  personIds: readonly string[],
): Promise<Map<string, LadderEntry[]>> {
  const rows = await db.query<LadderEntry & { personId: string; organisationId: string }>(
    `SELECT id, person_id AS "personId", organisation_id AS "organisationId", leave_by AS "leaveBy", terms,
       voided_at IS NULL AND state IN ('open', 'upheld') AS counts
     FROM overstay WHERE site_id = $1 AND person_id = ANY($2::uuid[]) ORDER BY leave_by`,
    [siteId, [...new Set(personIds)]],
  );
  return Map.groupBy(rows, ladderKey);
}

/** Overstays count per person and lender. */
export const ladderKey = ({ personId, organisationId }: { personId: string; organisationId: string }): string =>
  `${personId} ${organisationId}`;

/** Where a person stands with each lender at whom they have overstayed, by the lender's id. */
export async function standingsOf(
  db: Db,
  siteId: number,
  personId: string,
  now: Instant,
): Promise<Map<string, Standing & { terms: OverstayTerms }>> {
  const ladders = await laddersOf(db, siteId, [personId]);
  return new Map(
    [...ladders].flatMap(([key, entries]) => {
      const terms = entries.at(-1)?.terms;
      return terms ? [[key.slice(personId.length + 1), { ...standingOf(entries, terms, now), terms }]] : [];
    }),
  );
}

/** Until when a person may not book a lender's spaces; null when they may. Index: overstay_by_person. */
export async function suspendedUntil(
  { db, site, now }: { db: Db; site: { id: number }; now: Instant },
  personId: string,
  lender: string,
): Promise<Instant | null> {
  return (await standingsOf(db, site.id, personId, now)).get(lender)?.suspendedUntil ?? null;
}
