import type { IsoDate } from '../../../calendar/time.ts';
import type { Schedule } from '../../service.ts';
import type { AgreementTerms, Localized } from './agreement-schemas.ts';
import type { AgreementRule } from './agreement-refusals.ts';
import type { Lending } from './lot-overlap.ts';
import { agreementFacts, type AgreementFacts, type AgreementTimes } from '../rules.ts';

/** What terms become: the facts of the resource, and the schedule that its slots are made from. */
export type Settled = {
  facts: AgreementFacts;
  schedule: Pick<Schedule, 'basis' | 'validFrom' | 'validTo' | 'capacity' | 'priceFen'> & { rule: AgreementTimes };
};

/** The settings of an agreement that its parties do not negotiate, until an administrator says otherwise. */
const usual = {
  opensDaysBefore: 62,
  closesMinutesBeforeEnd: 60,
  cancelMinutesBeforeStart: 0,
  offerMinutes: 60,
  remindMinutesBefore: 60,
};

/** What a lot and its lender say of every agreement about it. */
export type Lent = { lotKind: AgreementFacts['lotKind']; provider: AgreementFacts['provider'] };

/** Turns terms into facts and schedule; what they do not speak of stays as it was. `effectiveFrom` begins a new agreement. */
export function settle(
  terms: AgreementTerms,
  { lotKind, provider }: Lent,
  beneficiaryName: Localized,
  before: { facts: AgreementFacts; times: AgreementTimes } | null,
  effectiveFrom: IsoDate,
): Settled {
  const { beneficiary, window, basis, quota, validFrom, validTo } = terms;
  const begins = validFrom === null || validFrom < effectiveFrom ? effectiveFrom : validFrom;
  return {
    facts: agreementFacts.parse({
      ...before?.facts,
      lotKind,
      provider,
      beneficiary: beneficiary.group === 'compound' ? { ...beneficiary, name: beneficiaryName } : beneficiary,
      monthlyFen: terms.monthlyFen,
      lotId: terms.lotId,
      swapOf: terms.swapOf,
      curfew: terms.curfew,
      withdrawNoticeHours: terms.withdrawNoticeHours,
      releaseCredit: terms.releaseCredit,
      monthlyRound: terms.monthlyRound,
    }),
    schedule: {
      basis,
      // A change leaves the beginning where it was agreed; nights before it are as they were.
      validFrom: before === null ? begins : validFrom,
      validTo,
      capacity: quota,
      priceFen: terms.nightlyFen,
      rule: {
        ...usual,
        ...before?.times,
        window: { from: window.from, to: window.to },
        daysOff: terms.daysOff,
        displaceFirst: terms.displaceFirst,
      },
    },
  };
}

/** The terms of an agreement as it stands. */
export function termsOf(agreement: {
  name: Localized;
  facts: AgreementFacts;
  times: AgreementTimes;
  schedule: Schedule;
}): AgreementTerms {
  const { name, facts, times, schedule } = agreement;
  const { beneficiary } = facts;
  return {
    lotId: facts.lotId,
    name,
    beneficiary:
      beneficiary.group === 'compound'
        ? { group: 'compound', organisationId: beneficiary.organisationId }
        : { group: beneficiary.group },
    quota: schedule.capacity,
    window: { ...times.window, endsNextDay: times.window.to < times.window.from },
    basis: schedule.basis === 'weekday' ? 'weekday' : 'workday',
    daysOff: times.daysOff,
    nightlyFen: schedule.priceFen,
    monthlyFen: facts.monthlyFen,
    validFrom: schedule.validFrom,
    validTo: schedule.validTo,
    curfew: facts.curfew,
    withdrawNoticeHours: facts.withdrawNoticeHours,
    releaseCredit: facts.releaseCredit,
    monthlyRound: facts.monthlyRound,
    displaceFirst: times.displaceFirst ?? 'latest-booked',
    swapOf: facts.swapOf,
  };
}

/** What terms lend of their lot. */
export const lendingOf = (id: string, terms: AgreementTerms): Lending => ({ id, ...terms });

/** The first thing that is wrong with terms by themselves; null when nothing is. `today` is a date of the site. */
export function faultOf(terms: AgreementTerms, effectiveFrom: IsoDate, today: IsoDate): AgreementRule | null {
  const { validFrom, validTo, quota } = terms;
  if (quota === 0) return 'quota-none';
  const window = windowFault(terms);
  if (window !== null) return window;
  if (validTo !== null && ((validFrom !== null && validTo < validFrom) || validTo < effectiveFrom))
    return 'validity-reversed';
  return effectiveFrom < today ? 'effective-past' : null;
}

function windowFault({ window, curfew }: AgreementTerms): AgreementRule | null {
  const { from, to, endsNextDay } = window;
  if (from === to) return endsNextDay ? 'window-too-long' : 'window-empty';
  if (to < from && !endsNextDay) return 'window-reversed';
  if (from < to && endsNextDay) return 'window-too-long';
  return curfew !== null && !isUsable(window, curfew) ? 'curfew' : null;
}

/**
 * Whether one can come when the window begins and go until it ends: neither is within the curfew, in which nothing passes the gate
 * (domain.md, Parking). One may go at its first instant and at its last.
 */
function isUsable(window: { from: string; to: string }, curfew: { from: string; to: string }): boolean {
  if (curfew.from === curfew.to) return false;
  return !isIn(window.from, curfew, true) && !isIn(window.to, curfew, false);
}

/** Whether a wall time lies within a range that may go over midnight; its end never, its start if told so. */
function isIn(time: string, { from, to }: { from: string; to: string }, countsStart: boolean): boolean {
  if (time === from) return countsStart;
  return from < to ? from < time && time < to : time > from || time < to;
}

/** Whether two agreements mirror each other: one lends to residents, the other, of a compound, to employees. */
export function areMirrored(one: AgreementFacts, other: AgreementFacts): boolean {
  const isNight = ({ provider, beneficiary }: AgreementFacts) =>
    provider !== 'compound' && beneficiary.group !== 'any-employee';
  const isReturn = ({ provider, beneficiary }: AgreementFacts) =>
    provider === 'compound' && beneficiary.group === 'any-employee';
  return (isNight(one) && isReturn(other)) || (isReturn(one) && isNight(other));
}
