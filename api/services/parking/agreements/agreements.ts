import type { Db } from '../../../../db/db.ts';
import { dateOf, type Instant, type IsoDate } from '../../../calendar/time.ts';
import { holdsRole, type Caller } from '../../../people/caller.ts';
import type { RoleName } from '../../../people/schemas.ts';
import type { Resource, Schedule } from '../../service.ts';
import type { AgreementTerms, Localized, Side } from './agreement-schemas.ts';
import { agreementOf, type AgreementFacts, type AgreementTimes } from '../rules.ts';

/** A lot as its agreements need it. */
export type Lot = {
  id: string;
  lenderId: string;
  lenderName: Localized;
  provider: AgreementFacts['provider'];
  kind: AgreementFacts['lotKind'];
  name: Localized;
  lat: number | null;
  lng: number | null;
  spaces: number;
};

/** An agreement as it stands, read anew: what one has just changed is not remembered from before. */
export type Agreement = {
  id: string;
  name: Localized;
  resource: Resource;
  facts: AgreementFacts;
  times: AgreementTimes;
  schedule: Schedule;
  lot: Lot;
};

/** More agreements than a site can have. */
const maxAgreements = 1_000;

const lotColumns = `jsonb_build_object('id', l.id, 'lenderId', l.organisation_id, 'lenderName', o.name, 'kind', l.kind, 'name', l.name,
  'lat', l.lat, 'lng', l.lng, 'spaces', l.spaces,
  'provider', CASE o.kind WHEN 'compound' THEN 'compound' WHEN 'street' THEN 'street' ELSE 'park' END)`;

/** The agreements of a site in the order to show them, or of one lot. Indexes: resource_by_kind, schedule_by_resource. */
export async function agreementsOf(db: Db, siteId: number, lotId: string | null = null): Promise<Agreement[]> {
  const rows = await db.query<Resource & { schedule: Schedule; lot: Lot }>(
    `SELECT r.id, r.kind, r.parent_id AS "parentId", r.organisation_id AS "organisationId", r.name, r.place, r.facts,
       jsonb_build_object('id', s.id, 'basis', s.basis, 'validFrom', s.valid_from, 'validTo', s.valid_to, 'capacity', s.capacity,
         'priceFen', s.price_fen, 'publishedFrom', s.published_from, 'publishedTo', s.published_to, 'rule', s.rule) AS schedule,
       ${lotColumns} AS lot
     FROM resource r
     JOIN schedule s ON s.site_id = r.site_id AND s.resource_id = r.id
     JOIN parking_lot l ON l.site_id = r.site_id AND l.id = r.facts->>'lotId'
     JOIN organisation o ON o.site_id = l.site_id AND o.id = l.organisation_id
     WHERE r.site_id = $1 AND r.kind = 'parking' AND r.is_active AND ($2::text IS NULL OR r.facts->>'lotId' = $2)
     ORDER BY r.sort, r.id LIMIT ${maxAgreements}`,
    [siteId, lotId],
  );
  return rows.map(({ schedule, lot, ...row }) => {
    const resource: Resource = { ...row, schedules: [schedule] };
    const { facts, times } = agreementOf(resource);
    return { id: row.id, name: row.name, resource, facts, times, schedule, lot };
  });
}

/** Locks a lot, so that its agreements change one after the other; null when there is none. Index: the primary key. */
export async function lockLot(tx: Db, siteId: number, lotId: string): Promise<Lot | null> {
  const [row] = await tx.query<{ lot: Lot }>(
    `SELECT ${lotColumns} AS lot FROM parking_lot l
     JOIN organisation o ON o.site_id = l.site_id AND o.id = l.organisation_id
     WHERE l.site_id = $1 AND l.id = $2 FOR UPDATE OF l`,
    [siteId, lotId],
  );
  return row?.lot ?? null;
}

/** The lots of a site, by name. Index: the primary key. */
export async function lotsOf(db: Db, siteId: number): Promise<Lot[]> {
  const rows = await db.query<{ lot: Lot }>(
    `SELECT ${lotColumns} AS lot FROM parking_lot l
     JOIN organisation o ON o.site_id = l.site_id AND o.id = l.organisation_id
     WHERE l.site_id = $1 ORDER BY l.id LIMIT ${maxAgreements}`,
    [siteId],
  );
  return rows.map(({ lot }) => lot);
}

/** The compounds of a site: whom an agreement can be for by name. */
export function compoundsOf(db: Db, siteId: number): Promise<{ id: string; name: Localized }[]> {
  return db.query(
    `SELECT id, name FROM organisation WHERE site_id = $1 AND kind = 'compound' ORDER BY id LIMIT ${maxAgreements}`,
    [siteId],
  );
}

/** Who the two parties are; a group has no organisation. */
export type Parties = { lenderId: string; beneficiaryId: string | null };

export const partiesOf = ({ lot, facts: { beneficiary } }: Agreement): Parties => ({
  lenderId: lot.lenderId,
  beneficiaryId: beneficiary.group === 'compound' ? beneficiary.organisationId : null,
});

export const beneficiaryIdOf = ({ beneficiary }: AgreementTerms): string | null =>
  beneficiary.group === 'compound' ? beneficiary.organisationId : null;

/** For which sides a caller may act, and in what role. A site administrator may act for either, and speaks for groups. */
export function sidesOf(caller: Caller, { lenderId, beneficiaryId }: Parties): Map<Side, RoleName> {
  const sides = new Map<Side, RoleName>();
  if (holdsRole(caller, ['provider'], lenderId)) sides.set('provider', 'provider');
  else if (holdsRole(caller, ['site-administrator'], lenderId)) sides.set('provider', 'site-administrator');
  if (beneficiaryId !== null && holdsRole(caller, ['committee'], beneficiaryId)) sides.set('beneficiary', 'committee');
  // A role without an organisation holds everywhere, also for those who have none.
  else if (holdsRole(caller, ['site-administrator'], beneficiaryId ?? ''))
    sides.set('beneficiary', 'site-administrator');
  return sides;
}

/** Whether a caller may be a party of any agreement. */
export const isParty = (caller: Caller): boolean =>
  caller.roles.some(({ role }) => role === 'provider' || role === 'committee' || role === 'site-administrator');

/** Whether a caller may let the notice of a withdrawal go. */
export const mayOverride = (caller: Caller, { lenderId }: Parties): boolean =>
  holdsRole(caller, ['site-administrator'], lenderId);

/** What an agreement is at an instant. */
export function stateOf({ schedule, times }: Agreement, now: Instant, zone: string) {
  const today: IsoDate = dateOf(now, zone);
  if (schedule.validTo !== null && schedule.validTo < today) return 'ended' as const;
  if (schedule.validFrom !== null && schedule.validFrom > today) return 'upcoming' as const;
  const isSuspended = times.suspensions?.some(({ from, to }) => from <= today && today <= to);
  return isSuspended === true ? ('suspended' as const) : ('in-force' as const);
}
