import { dateOf, toText, type Instant } from '../../../calendar/time.ts';
import type { ChangeReceipt } from '../../../engine/capacity-change-rows.ts';
import type { PlannedChange } from '../../../engine/plan-capacity-change.ts';
import type { Caller } from '../../../people/caller.ts';
import { maskedPeople, type MaskedPerson } from '../../../people/masked.ts';
import type { RoleName } from '../../../people/schemas.ts';
import { nobody, presentPlan, type TitleOf } from '../../present-plan.ts';
import type { Context } from '../../service.ts';
import type { AgreementAnswer, AgreementEffectsAnswer, Localized, ProposalAnswer, Side } from './agreement-schemas.ts';
import { termsOf } from './agreement-terms.ts';
import {
  agreementsOf,
  beneficiaryIdOf,
  compoundsOf,
  lotsOf,
  mayOverride,
  partiesOf,
  sidesOf,
  stateOf,
  type Agreement,
  type Lot,
} from './agreements.ts';
import type { StayDetails } from '../stay-details.ts';
import type { Followed } from './follow-terms.ts';
import { openProposals, otherSide, type Proposal } from './proposals.ts';
import { beneficiaryName } from '../rules.ts';
import { suspensionsOf } from './suspend.ts';
import type { Withdrawal } from './withdraw-spaces.ts';

/** What a stay is called. */
const titleOf: TitleOf = ({ details }) => (details as StayDetails).title;

/** Some agreements as one of their parties sees them. */
export async function presentAgreements(
  context: Context,
  caller: Caller,
  agreements: readonly Agreement[],
): Promise<AgreementAnswer[]> {
  const { db, site, now } = context;
  const ids = agreements.map(({ id }) => id);
  const today = dateOf(now, site.timeZone);
  const [open, suspensions, all] = await Promise.all([
    openProposals(db, site.id, ids),
    suspensionsOf(db, site.id, ids, today),
    agreementsOf(db, site.id),
  ]);
  const actors = suspensions.map(({ actorId }) => actorId);
  const people = await maskedPeople(db, site.id, actors);
  return agreements.map((agreement) => {
    const parties = partiesOf(agreement);
    const proposal = open.get(agreement.id);
    const partner = all.find(({ id }) => id === agreement.facts.swapOf);
    return {
      id: agreement.id,
      name: agreement.name,
      lot: shownLot(agreement.lot),
      lender: lenderOf(agreement.lot),
      beneficiary: { id: parties.beneficiaryId, name: beneficiaryName(agreement.facts) },
      terms: termsOf(agreement),
      state: stateOf(agreement, now, site.timeZone),
      sides: [...sidesOf(caller, parties).keys()],
      mayOverride: mayOverride(caller, parties),
      publishedTo: agreement.schedule.publishedTo,
      openProposal: proposal ? { id: proposal.id, waitsForCaller: waitsFor(caller, proposal) } : null,
      suspensions: suspensions
        .filter(({ resourceId }) => resourceId === agreement.id)
        .map(({ id, from, to, reason, resumedFrom, ...by }) => ({
          ...{ id, from, to, reason, resumedFrom },
          by: presentActor(context, by, people),
        })),
      swap: partner ? { id: partner.id, name: partner.name, isMutual: partner.facts.swapOf === agreement.id } : null,
    };
  });
}

/** The agreements of which a caller is a party. */
export async function agreementsFor({ db, site }: Context, caller: Caller): Promise<Agreement[]> {
  const all = await agreementsOf(db, site.id);
  return all.filter((agreement) => sidesOf(caller, partiesOf(agreement)).size > 0);
}

/** What terms can name. */
export async function optionsOf({ db, site }: Context) {
  const [lots, compounds, agreements] = await Promise.all([
    lotsOf(db, site.id),
    compoundsOf(db, site.id),
    agreementsOf(db, site.id),
  ]);
  return {
    lots: lots.map((lot) => ({ ...shownLot(lot), lender: lenderOf(lot) })),
    compounds,
    agreements: agreements.map(({ id, name, lot }) => ({ id, name, lotId: lot.id })),
  };
}

const shownLot = ({ id, name, spaces }: Lot) => ({ id, name, spaces });
const lenderOf = ({ lenderId, lenderName }: Lot) => ({ id: lenderId, name: lenderName });

function presentActor(
  { site }: Context,
  { side, actorRole, actorId, at }: { side: Side; actorRole: RoleName; actorId: string; at: Instant },
  people: ReadonlyMap<string, MaskedPerson>,
) {
  return { side, role: actorRole, person: people.get(actorId) ?? nobody, at: toText(at, site.timeZone) };
}

function waitsFor(caller: Caller, { state, side, lenderId, beneficiaryId }: Proposal): boolean {
  return state === 'open' && sidesOf(caller, { lenderId, beneficiaryId }).has(otherSide(side));
}

/** Some proposals as one of their parties sees them. */
export async function presentProposals(
  context: Context,
  caller: Caller,
  proposals: readonly Proposal[],
): Promise<ProposalAnswer[]> {
  const { db, site } = context;
  const actors = proposals.flatMap(({ proposedBy, closedBy }) => [
    proposedBy,
    ...(closedBy === null ? [] : [closedBy]),
  ]);
  const [lots, compounds, all, people] = await Promise.all([
    lotsOf(db, site.id),
    compoundsOf(db, site.id),
    agreementsOf(db, site.id),
    maskedPeople(db, site.id, actors),
  ]);
  return proposals.map((proposal) => {
    const { resourceId, lotId, terms, state, side, replaced } = proposal;
    const lot = lots.find(({ id }) => id === lotId);
    const agreement = all.find(({ id }) => id === resourceId);
    if (!lot) throw new Error(`the lot ${lotId} of a proposal is not there`);
    const id = beneficiaryIdOf(terms);
    const present = (by: Omit<Parameters<typeof presentActor>[1], 'side'>, bySide: Side) =>
      presentActor(context, { ...by, side: bySide }, people);
    const { closedAt, closedBy, closedRole } = proposal;
    return {
      id: proposal.id,
      resourceId,
      lot: shownLot(lot),
      lender: lenderOf(lot),
      beneficiary: { id, name: nameOf(terms.beneficiary.group, compounds.find((each) => each.id === id)?.name) },
      terms,
      current: state === 'open' && agreement ? termsOf(agreement) : replaced,
      effectiveFrom: proposal.effectiveFrom,
      reason: proposal.reason,
      state,
      proposed: present(
        { actorRole: proposal.proposedRole, actorId: proposal.proposedBy, at: proposal.proposedAt },
        side,
      ),
      closed:
        closedAt === null || closedBy === null || closedRole === null
          ? null
          : {
              ...present(
                { actorRole: closedRole, actorId: closedBy, at: closedAt },
                state === 'withdrawn' ? side : otherSide(side),
              ),
              reason: proposal.closedReason,
            },
      waitsFor: state === 'open' ? otherSide(side) : null,
      waitsForCaller: waitsFor(caller, proposal),
      isOwn: state === 'open' && sidesOf(caller, proposal).has(side),
      changeId: proposal.changeId,
      version: proposal.version,
    };
  });
}

function nameOf(group: Agreement['facts']['beneficiary']['group'], compound: Localized | undefined): Localized {
  if (group === 'compound') return compound ?? { zh: '', en: '' };
  return beneficiaryName({ beneficiary: { group } } as Agreement['facts']);
}

/** What follows from new terms, as the API shows it. */
export async function presentEffects(
  context: Context,
  { published, renewed, kept, change }: Followed,
  applied: boolean,
): Promise<AgreementEffectsAnswer> {
  const plan = change ? await presentPlan(context, change, titleOf) : null;
  return { applied, published, renewed, kept, plan };
}

/** A change of some nights, as the API shows it. */
export const presentStayPlan = (context: Context, change: PlannedChange) => presentPlan(context, change, titleOf);

/** A withdrawal in numbers. */
export function presentWithdrawal({ site }: Context, withdrawal: Withdrawal) {
  const { changeId, from, to, spaces, isOverride, at, actorRole, reason, summary, isUndone } = withdrawal;
  const { displaced, withAlternative } = summary;
  return {
    ...{ changeId, from, to, spaces, isOverride, reason, displaced, withAlternative, isUndone },
    at: toText(at, site.timeZone),
    role: actorRole,
  };
}

/** A withdrawal with its receipt; people are masked. */
export async function presentWithdrawalReceipt(
  context: Context,
  { withdrawal, receipt }: { withdrawal: Withdrawal; receipt: ChangeReceipt },
) {
  const made: PlannedChange = { ok: true, applied: true, changeId: withdrawal.changeId, tag: '', ...receipt };
  const plan = await presentStayPlan(context, made);
  return { ...presentWithdrawal(context, withdrawal), resourceId: withdrawal.resourceId, plan };
}
