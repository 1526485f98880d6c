import type { Db, Queries } from '../../../../db/db.ts';
import { holdsRole, type Caller } from '../../../people/caller.ts';
import type { Catalogue, Context, Resource } from '../../service.ts';
import { agreementOf, usualGateTerms, type GateTerms } from '../rules.ts';

export type Lot = {
  id: string;
  organisationId: string;
  kind: 'gated' | 'staffed' | 'onstreet-permit';
  name: Resource['name'];
  spaces: number;
};

/** Who may see who is in a lot, and match what its gate saw. */
const gateRoles = ['provider', 'site-administrator'];

/** The lots of a site that have a gate or guards; a street has neither. */
export async function lotsWithGates(db: Db, siteId: number): Promise<Lot[]> {
  return db.query<Lot>(
    `SELECT id, organisation_id AS "organisationId", kind, name, spaces FROM parking_lot
     WHERE site_id = $1 AND kind <> 'onstreet-permit' ORDER BY id`,
    [siteId],
  );
}

/** Those whose gates the caller runs. */
export async function ownLots({ db, site }: Context, caller: Caller): Promise<Lot[]> {
  if (!caller.roles.some(({ role }) => gateRoles.includes(role))) return [];
  const lots = await lotsWithGates(db, site.id);
  return lots.filter(({ organisationId }) => holdsRole(caller, gateRoles, organisationId));
}

/** One of them; null when it is not there, or not the caller's. */
export async function ownLot(context: Context, caller: Caller, lotId: string): Promise<Lot | null> {
  return (await ownLots(context, caller)).find(({ id }) => id === lotId) ?? null;
}

/** The agreements that lend spaces of some lots. */
export function agreementsOf(catalogue: Catalogue, lotIds: readonly string[]): Map<string, Resource> {
  const wanted = new Set(lotIds);
  const parking = [...catalogue.values()].filter(({ kind, schedules }) => kind === 'parking' && schedules.length > 0);
  return new Map(parking.filter((each) => wanted.has(agreementOf(each).facts.lotId)).map((each) => [each.id, each]));
}

/** What a lot's agreements say of its gate; of several, whoever comes earliest and leaves latest, kept for the shortest time. */
export function gateTermsOf(catalogue: Catalogue, lotId: string): GateTerms {
  const terms = [...agreementsOf(catalogue, [lotId]).values()].map((each) => agreementOf(each).facts.gate);
  if (terms.length === 0) return usualGateTerms;
  return {
    earlyMinutes: Math.max(...terms.map(({ earlyMinutes }) => earlyMinutes)),
    lateHours: Math.max(...terms.map(({ lateHours }) => lateHours)),
    keepDays: Math.min(...terms.map(({ keepDays }) => keepDays)),
  };
}

/**
 * Waits for the others who write sights of a lot, until the transaction ends: who is in follows from all sights of a booking, and two who
 * each see their own only would both be wrong.
 */
export async function holdLot(tx: Queries, siteId: number, lotId: string): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, $2))', [`gate:${lotId}`, siteId]);
}
