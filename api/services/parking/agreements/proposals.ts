import type { Db } from '../../../../db/db.ts';
import type { Instant, IsoDate } from '../../../calendar/time.ts';
import type { Caller } from '../../../people/caller.ts';
import type { RoleName } from '../../../people/schemas.ts';
import { toTimestamp } from '../../../engine/sql-values.ts';
import type { AgreementTerms, Side } from './agreement-schemas.ts';

/** A proposal as it is kept. */
export type Proposal = {
  id: string;
  resourceId: string | null;
  lotId: string;
  lenderId: string;
  beneficiaryId: string | null;
  terms: AgreementTerms;
  replaced: AgreementTerms | null;
  reason: string;
  effectiveFrom: IsoDate;
  state: 'open' | 'in-force' | 'withdrawn' | 'rejected';
  side: Side;
  proposedAt: Instant;
  proposedBy: string;
  proposedRole: RoleName;
  closedAt: Instant | null;
  closedBy: string | null;
  closedRole: RoleName | null;
  closedReason: string | null;
  changeId: string | null;
  version: number;
};

const columns = `id, resource_id AS "resourceId", lot_id AS "lotId", lender_id AS "lenderId", beneficiary_id AS "beneficiaryId", terms,
  replaced, reason, effective_from AS "effectiveFrom", state, side, proposed_at AS "proposedAt", proposed_by AS "proposedBy",
  proposed_role AS "proposedRole", closed_at AS "closedAt", closed_by AS "closedBy", closed_role AS "closedRole",
  closed_reason AS "closedReason", change_id AS "changeId", version`;

/** The other party. */
export const otherSide = (side: Side): Side => (side === 'provider' ? 'beneficiary' : 'provider');

/** Keeps a proposal: its own side has confirmed it by that. */
export async function insertProposal(
  tx: Db,
  siteId: number,
  proposal: Omit<
    Proposal,
    'replaced' | 'state' | 'closedAt' | 'closedBy' | 'closedRole' | 'closedReason' | 'changeId' | 'version'
  >,
): Promise<void> {
  await tx.query(
    `INSERT INTO agreement_proposal (site_id, id, resource_id, lot_id, lender_id, beneficiary_id, terms, reason, effective_from, state,
       side, proposed_at, proposed_by, proposed_role)
     VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, 'open', $10, $11, $12, $13)`,
    [
      siteId,
      proposal.id,
      proposal.resourceId,
      proposal.lotId,
      proposal.lenderId,
      proposal.beneficiaryId,
      JSON.stringify(proposal.terms),
      proposal.reason,
      proposal.effectiveFrom,
      proposal.side,
      toTimestamp(proposal.proposedAt),
      proposal.proposedBy,
      proposal.proposedRole,
    ],
  );
}

/** How an open proposal ends. */
export type Closing = {
  state: 'in-force' | 'withdrawn' | 'rejected';
  at: Instant;
  actorId: string;
  actorRole: RoleName;
  reason: string | null;
  resourceId: string | null;
  replaced: AgreementTerms | null;
  changeId: string | null;
};

/** Ends an open proposal, whose row the caller has locked. */
export async function closeProposal(tx: Db, siteId: number, id: string, closing: Closing): Promise<void> {
  await tx.query(
    `UPDATE agreement_proposal SET state = $3, closed_at = $4, closed_by = $5, closed_role = $6, closed_reason = $7,
       resource_id = coalesce(resource_id, $8), replaced = $9::jsonb, change_id = $10, version = version + 1
     WHERE site_id = $1 AND id = $2`,
    [
      siteId,
      id,
      closing.state,
      toTimestamp(closing.at),
      closing.actorId,
      closing.actorRole,
      closing.reason,
      closing.resourceId,
      closing.replaced === null ? null : JSON.stringify(closing.replaced),
      closing.changeId,
    ],
  );
}

/** One proposal; with `lock` nobody else answers it meanwhile. Index: the primary key. */
export async function proposalById(db: Db, siteId: number, id: string, lock: boolean): Promise<Proposal | null> {
  const [row] = await db.query<Proposal>(
    `SELECT ${columns} FROM agreement_proposal WHERE site_id = $1 AND id = $2 ${lock ? 'FOR UPDATE' : ''}`,
    [siteId, id],
  );
  return row ?? null;
}

/** The open proposals of some agreements, by agreement. Index: agreement_proposal_one_open. */
export async function openProposals(
  db: Db,
  siteId: number,
  resourceIds: readonly string[],
): Promise<Map<string, Proposal>> {
  const rows = await db.query<Proposal>(
    `SELECT ${columns} FROM agreement_proposal WHERE site_id = $1 AND resource_id = ANY($2::text[]) AND state = 'open'`,
    [siteId, resourceIds],
  );
  return new Map(rows.map((row) => [row.resourceId ?? '', row]));
}

/** Whose proposals a caller may see. */
type Reach = { everyLender: boolean; lenders: string[]; everyBeneficiary: boolean; beneficiaries: string[] };

function reachOf(caller: Caller): Reach {
  const organisations = (roles: readonly RoleName[]) =>
    caller.roles.filter(({ role }) => roles.includes(role)).map(({ organisationId }) => organisationId);
  const lenders = organisations(['provider', 'site-administrator']);
  const beneficiaries = organisations(['committee', 'site-administrator']);
  const named = (ids: readonly (string | null)[]) => ids.filter((id) => id !== null);
  return {
    everyLender: lenders.includes(null),
    lenders: named(lenders),
    everyBeneficiary: beneficiaries.includes(null),
    beneficiaries: named(beneficiaries),
  };
}

/** One page of the proposals of a caller's parties, newest first. Indexes: agreement_proposal_by_lender, _by_beneficiary, _by_resource. */
export function proposalsFor(
  db: Db,
  siteId: number,
  caller: Caller,
  search: { resourceId: string | null; state: string | null; before: string | null; limit: number },
): Promise<Proposal[]> {
  const { everyLender, lenders, everyBeneficiary, beneficiaries } = reachOf(caller);
  return db.query<Proposal>(
    `SELECT ${columns} FROM agreement_proposal
     WHERE site_id = $1 AND ($2 OR lender_id = ANY($3::text[]) OR $4 AND beneficiary_id IS NOT NULL OR beneficiary_id = ANY($5::text[]))
       AND ($6::text IS NULL OR resource_id = $6) AND ($7::text IS NULL OR state = $7) AND ($8::uuid IS NULL OR id < $8)
     ORDER BY id DESC LIMIT $9`,
    [
      siteId,
      everyLender,
      lenders,
      everyBeneficiary,
      beneficiaries,
      search.resourceId,
      search.state,
      search.before,
      search.limit,
    ],
  );
}
