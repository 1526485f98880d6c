import type { Db } from '../../../../db/db.ts';
import { newId } from '../../../new-id.ts';
import type { Once } from '../../../engine/once.ts';
import type { Idempotency } from '../../../engine/types.ts';
import type { Caller } from '../../../people/caller.ts';
import type { RoleName } from '../../../people/schemas.ts';
import { isUuid } from '../../drafting.ts';
import type { Context } from '../../service.ts';
import { command, notThere, refuseBy, Refusing, type Refused } from './agreement-command.ts';
import type { ProposalRequest, Side } from './agreement-schemas.ts';
import { termsOf } from './agreement-terms.ts';
import { beneficiaryIdOf, sidesOf, type Parties } from './agreements.ts';
import { comeIntoForce } from './come-into-force.ts';
import type { Followed } from './follow-terms.ts';
import { closeProposal, insertProposal, openProposals, otherSide, proposalById, type Proposal } from './proposals.ts';
import { weighTerms } from './weigh-terms.ts';

/** A proposal that was made or answered, and what follows or would follow from it. */
export type Proposed = { proposalId: string | null; resourceId: string | null; followed: Followed | null };

/** The side for which a caller acts: the one that is named, else the first that is theirs. @throws Refusing when none is */
export function actingFor(
  caller: Caller,
  parties: Parties,
  wanted: Side | undefined,
): { side: Side; actorId: string; actorRole: RoleName } {
  const sides = sidesOf(caller, parties);
  const side = wanted ?? [...sides.keys()][0];
  const actorRole = side && sides.get(side);
  return side && actorRole ? { side, actorId: caller.personId, actorRole } : notThere();
}

/**
 * Proposes terms for one side, which has confirmed them by that; or shows what would follow if the other confirmed at once. Terms that
 * could not come into force as things stand are refused at once.
 */
export function proposeTerms(
  context: Context,
  caller: Caller,
  request: ProposalRequest,
  idempotency: Idempotency | null,
): Promise<Once<Proposed> | Refused> {
  const { terms, resourceId, effectiveFrom, reason, dryRun } = request;
  const { site, now } = context;
  return command(context, { idempotency, dryRun }, async (tx) => {
    const weighed = await weighTerms(tx, context, request);
    const parties = { lenderId: weighed.lot.lenderId, beneficiaryId: beneficiaryIdOf(terms) };
    const acting = actingFor(caller, parties, request.side);
    if (resourceId !== null && (await openProposals(tx, site.id, [resourceId])).size > 0) refuseBy('proposal-open');
    if (dryRun) {
      const made = await comeIntoForce(tx, context, { ...request, weighed }, { ...acting, reason, dryRun });
      return { proposalId: null, ...made };
    }
    const id = newId();
    await insertProposal(tx, site.id, {
      id,
      resourceId,
      lotId: terms.lotId,
      ...parties,
      terms,
      reason,
      effectiveFrom,
      side: acting.side,
      proposedAt: now,
      proposedBy: acting.actorId,
      proposedRole: acting.actorRole,
    });
    return { proposalId: id, resourceId, followed: null };
  });
}

/** An answer to a proposal: whose, to which version of it, and whether it is only tried. */
export type Answering = {
  id: string;
  side: Side | undefined;
  expectedVersion: number | null;
  dryRun: boolean;
  idempotency: Idempotency | null;
};

/** Confirms a proposal for the other side: its terms come into force in the same transaction. */
export function confirmProposal(
  context: Context,
  caller: Caller,
  { id, side, expectedVersion, dryRun, idempotency }: Answering,
): Promise<Once<Proposed> | Refused> {
  return command(context, { idempotency, dryRun }, async (tx) => {
    const proposal = await openProposal(tx, context, caller, id, expectedVersion);
    const wanted = otherSide(proposal.side);
    if (side === proposal.side || !sidesOf(caller, proposal).has(wanted)) refuseBy('other-side-confirms');
    const acting = actingFor(caller, proposal, wanted);
    const weighed = await weighTerms(tx, context, proposal);
    const { reason } = proposal;
    const made = await comeIntoForce(tx, context, { ...proposal, weighed }, { ...acting, reason, dryRun });
    await closeProposal(tx, context.site.id, id, {
      ...acting,
      state: 'in-force',
      at: context.now,
      reason: null,
      resourceId: made.resourceId,
      replaced: weighed.before && termsOf(weighed.before),
      changeId: made.followed.change?.changeId ?? null,
    });
    return { proposalId: id, ...made };
  });
}

/** Rejects a proposal for the other side, or takes it back for its own; with a reason. */
export function endProposal(
  context: Context,
  caller: Caller,
  { id, expectedVersion, idempotency }: Omit<Answering, 'side' | 'dryRun'>,
  { state, reason }: { state: 'rejected' | 'withdrawn'; reason: string },
): Promise<Once<Proposed> | Refused> {
  return command(context, { idempotency, dryRun: false }, async (tx) => {
    const proposal = await openProposal(tx, context, caller, id, expectedVersion);
    const side = state === 'withdrawn' ? proposal.side : otherSide(proposal.side);
    const { actorId, actorRole } = actingFor(caller, proposal, side);
    await closeProposal(tx, context.site.id, id, {
      state,
      at: context.now,
      actorId,
      actorRole,
      reason,
      resourceId: proposal.resourceId,
      replaced: null,
      changeId: null,
    });
    return { proposalId: id, resourceId: proposal.resourceId, followed: null };
  });
}

/** A proposal of the caller's parties that is open, as the caller has seen it, locked. @throws Refusing */
async function openProposal(
  tx: Db,
  context: Context,
  caller: Caller,
  id: string,
  expectedVersion: number | null,
): Promise<Proposal> {
  const found = isUuid(id) ? await proposalById(tx, context.site.id, id, true) : null;
  if (!found || sidesOf(caller, found).size === 0) return notThere();
  if (found.state !== 'open') return refuseBy('proposal-closed');
  if (expectedVersion !== null && expectedVersion !== found.version)
    throw new Refusing({ ok: false, problem: 'changed', version: found.version });
  return found;
}
