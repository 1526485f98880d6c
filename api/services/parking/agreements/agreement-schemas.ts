import { z } from 'zod';
import { fen, id, instantText, isoDate, localized, pageQuery, shortText } from '../../../http/schemas.ts';
import { displacementOrders } from '../../../engine/displace.ts';
import { capacityPlan } from '../../capacity-schemas.ts';
import { maskedPerson } from '../../schemas.ts';
import { roleName } from '../../../people/schemas.ts';
import { localTime } from '../rules.ts';

export type { Localized } from '../../../http/schemas.ts';

/** The two parties of an agreement: who lends, and for whom. */
export const side = z.enum(['provider', 'beneficiary']);
export type Side = z.infer<typeof side>;

const nightlyLimitFen = 10_000_000;
const price = fen.min(0).max(nightlyLimitFen);

const beneficiary = z.discriminatedUnion('group', [
  z.strictObject({ group: z.literal('compound'), organisationId: id }),
  z.strictObject({ group: z.literal('any-resident') }),
  z.strictObject({ group: z.literal('any-employee') }),
]);

/** All that the two parties agree on. Local times of the site. */
export const agreementTerms = z
  .strictObject({
    lotId: id,
    name: z.strictObject({ zh: shortText(60), en: shortText(100) }),
    beneficiary,
    quota: z.int().min(0).max(100_000).meta({ description: 'spaces lent' }),
    window: z.strictObject({
      from: localTime,
      to: localTime,
      endsNextDay: z.boolean().meta({ description: 'whether `to` is on the next day' }),
    }),
    basis: z.enum(['workday', 'weekday']),
    daysOff: z.enum(['all-day', 'night-only', 'closed']),
    nightlyFen: price,
    monthlyFen: price.nullable(),
    validFrom: isoDate.nullable(),
    validTo: isoDate.nullable(),
    curfew: z.strictObject({ from: localTime, to: localTime }).nullable(),
    withdrawNoticeHours: z.int().min(0).max(8_784),
    releaseCredit: z.enum(['none', 'night-share']),
    monthlyRound: z.enum(['first-come', 'draw']),
    displaceFirst: z.enum(displacementOrders),
    swapOf: id.nullable().meta({ description: 'the agreement by which the beneficiary lends in return' }),
  })
  .meta({ id: 'AgreementTerms' });
export type AgreementTerms = z.infer<typeof agreementTerms>;

const organisationName = z.object({ id, name: localized });
const sideOrNone = side.optional().meta({ description: 'for whom the caller acts, where it could be either' });
const dryRun = z.boolean().default(false);
const reason = shortText(200);

export const proposalRequest = z.strictObject({
  resourceId: id.nullable().meta({ description: 'null for a new agreement' }),
  terms: agreementTerms,
  effectiveFrom: isoDate.meta({ description: 'the first night under these terms' }),
  reason: reason.meta({ description: 'why; those who have to give way read it' }),
  side: sideOrNone,
  dryRun: dryRun.meta({ description: 'true: only shows what would follow' }),
});
export type ProposalRequest = z.infer<typeof proposalRequest>;

export const confirmRequest = z.strictObject({ side: sideOrNone, dryRun });
export const closeRequest = z.strictObject({ reason });

const keptNight = z.object({
  serviceDate: isoDate,
  booked: z.int(),
  why: z
    .enum(['booked', 'waiting', 'neighbour'])
    .meta({ description: 'neighbour: the new times would run into a night that keeps its own' }),
});

/** What follows from new terms: what is remade, what keeps its terms, and the plan of what changes in number. */
export const agreementEffects = z
  .object({
    applied: z.boolean(),
    published: z.int().meta({ description: 'nights that are new' }),
    renewed: z.int().meta({ description: 'nights that get the new times and price' }),
    kept: z.array(keptNight).meta({ description: 'nights that keep their times and price, since somebody has them' }),
    plan: capacityPlan.nullable().meta({ description: 'null where no number changes' }),
  })
  .meta({ id: 'AgreementEffects' });
export type AgreementEffectsAnswer = z.infer<typeof agreementEffects>;

const actor = z.object({ side, role: roleName, person: maskedPerson, at: instantText });

export const proposalAnswer = z
  .object({
    id,
    resourceId: id.nullable(),
    lot: z.object({ id, name: localized, spaces: z.int() }),
    lender: organisationName,
    beneficiary: z.object({ id: id.nullable(), name: localized }),
    terms: agreementTerms,
    current: agreementTerms.nullable().meta({ description: 'what it would take, or took, the place of' }),
    effectiveFrom: isoDate,
    reason: z.string(),
    state: z.enum(['open', 'in-force', 'withdrawn', 'rejected']),
    proposed: actor,
    closed: actor.extend({ reason: z.string().nullable() }).nullable(),
    waitsFor: side.nullable(),
    waitsForCaller: z.boolean(),
    isOwn: z.boolean().meta({ description: 'whether the caller may take it back' }),
    changeId: id.nullable(),
    version: z.int(),
  })
  .meta({ id: 'AgreementProposal' });
export type ProposalAnswer = z.infer<typeof proposalAnswer>;

/** A proposal that was weighed: made, or only tried; with what follows from it. */
export const proposedAnswer = z.object({ proposal: proposalAnswer.nullable(), effects: agreementEffects });

export const suspensionAnswer = z.object({
  id,
  from: isoDate,
  to: isoDate,
  reason: z.string(),
  by: actor,
  resumedFrom: isoDate.nullable(),
});

export const agreementAnswer = z
  .object({
    id,
    name: localized,
    lot: z.object({ id, name: localized, spaces: z.int() }),
    lender: organisationName,
    beneficiary: z.object({ id: id.nullable(), name: localized }),
    terms: agreementTerms,
    state: z.enum(['in-force', 'upcoming', 'ended', 'suspended']),
    sides: z.array(side).meta({ description: 'for whom the caller may act' }),
    mayOverride: z.boolean().meta({ description: 'whether the caller may withdraw with less notice than agreed' }),
    publishedTo: isoDate.nullable(),
    openProposal: z.object({ id, waitsForCaller: z.boolean() }).nullable(),
    suspensions: z.array(suspensionAnswer).meta({ description: 'those that are not over' }),
    swap: z.object({ id, name: localized, isMutual: z.boolean() }).nullable(),
  })
  .meta({ id: 'Agreement' });
export type AgreementAnswer = z.infer<typeof agreementAnswer>;

export const agreementQuery = z.strictObject(pageQuery);
export const proposalQuery = z.strictObject({
  resourceId: id.optional(),
  state: z.enum(['open', 'in-force', 'withdrawn', 'rejected']).optional(),
  ...pageQuery,
});

/** What terms can name: lots, compounds, and agreements for a swap. */
export const agreementOptions = z.object({
  lots: z.array(z.object({ id, name: localized, spaces: z.int(), lender: organisationName })),
  compounds: z.array(organisationName),
  agreements: z.array(z.object({ id, name: localized, lotId: id })),
});

export const suspensionRequest = z.strictObject({ from: isoDate, to: isoDate, reason, side: sideOrNone, dryRun });
export type SuspensionRequest = z.infer<typeof suspensionRequest>;
export const resumeRequest = z.strictObject({
  from: isoDate.meta({ description: 'the first night that is lent again' }),
  reason,
  side: sideOrNone,
  dryRun,
});
export type ResumeRequest = z.infer<typeof resumeRequest>;

export const withdrawalRequest = z.strictObject({
  from: isoDate,
  to: isoDate,
  spaces: z.int().min(1).max(100_000),
  reason,
  override: z
    .boolean()
    .default(false)
    .meta({ description: 'a site administrator may do it with less notice than agreed' }),
  dryRun,
});
export type WithdrawalRequest = z.infer<typeof withdrawalRequest>;

export const withdrawalAnswer = z
  .object({
    changeId: id,
    from: isoDate,
    to: isoDate,
    spaces: z.int(),
    isOverride: z.boolean(),
    at: instantText,
    role: roleName,
    reason: z.string(),
    displaced: z.int(),
    withAlternative: z.int(),
    isUndone: z.boolean(),
  })
  .meta({ id: 'Withdrawal' });

/** A withdrawal with its receipt: each night before and after, and who gave way, masked. */
export const withdrawalReceipt = withdrawalAnswer.extend({ resourceId: id, plan: capacityPlan });

const yearMonth = z.string().regex(/^2\d{3}-(0[1-9]|1[0-2])$/, { error: 'a month, YYYY-MM' });
export const balanceQuery = z.strictObject({ from: yearMonth.optional(), to: yearMonth.optional() });

const lentAndUsed = z.object({
  lentMinutes: z.int().meta({ description: 'space-minutes of the nights that are not closed' }),
  usedMinutes: z.int().meta({ description: 'space-minutes of those that are booked' }),
});

/** What each side of a swap gave and took by month of the service date; never netted. */
export const swapBalance = z
  .object({
    first: z.object({ agreementId: id, name: localized, lender: organisationName }),
    second: z.object({ agreementId: id, name: localized, lender: organisationName }),
    months: z.array(z.object({ month: z.string(), first: lentAndUsed, second: lentAndUsed })),
    total: z.object({ first: lentAndUsed, second: lentAndUsed }),
  })
  .meta({ id: 'SwapBalance' });
export type SwapBalanceAnswer = z.infer<typeof swapBalance>;
