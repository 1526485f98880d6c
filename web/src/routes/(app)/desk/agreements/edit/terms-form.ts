import type { AgreementTerms } from '$lib/api.ts';
import { textOf } from '$lib/form-text.ts';

/** The fields of the form as they were written: what is no number stays visible to be mended. */
export const fieldNames = [
  ...([
    'resource',
    'lot',
    'beneficiary',
    'nameZh',
    'nameEn',
    'quota',
    'from',
    'to',
    'ends',
    'basis',
    'daysOff',
  ] as const),
  ...(['nightly', 'monthly', 'validFrom', 'validTo', 'curfewFrom', 'curfewTo', 'notice', 'credit', 'round'] as const),
  ...(['order', 'swap', 'effectiveFrom', 'reason', 'side'] as const),
] as const;
export type FieldName = (typeof fieldNames)[number];
export type Values = Record<FieldName, string>;

/** Fields that need something else. */
export type Faults = Partial<Record<FieldName, 'missing' | 'number'>>;

/** Reads the form. */
export const valuesIn = (form: FormData): Values =>
  Object.fromEntries(fieldNames.map((name) => [name, textOf(form, name)])) as Values;

const yuan = (fen: number | null): string => (fen === null ? '' : String(fen / 100));

/** The form of an agreement's terms as they stand. */
export function valuesOf(resource: string, terms: AgreementTerms, effectiveFrom: string): Values {
  const { beneficiary, window } = terms;
  return {
    resource,
    lot: terms.lotId,
    beneficiary: beneficiary.group === 'compound' ? `compound:${beneficiary.organisationId}` : beneficiary.group,
    nameZh: terms.name.zh,
    nameEn: terms.name.en,
    quota: String(terms.quota),
    from: window.from,
    to: window.to,
    ends: window.endsNextDay ? 'next' : 'same',
    basis: terms.basis,
    daysOff: terms.daysOff,
    nightly: yuan(terms.nightlyFen),
    monthly: yuan(terms.monthlyFen),
    validFrom: terms.validFrom ?? '',
    validTo: terms.validTo ?? '',
    curfewFrom: terms.curfew?.from ?? '',
    curfewTo: terms.curfew?.to ?? '',
    notice: String(terms.withdrawNoticeHours),
    credit: terms.releaseCredit,
    round: terms.monthlyRound,
    order: terms.displaceFirst,
    swap: terms.swapOf ?? '',
    effectiveFrom,
    reason: '',
    side: '',
  };
}

/** The form of a new agreement. */
export const newValues = (lot: string, effectiveFrom: string): Values => ({
  ...{ resource: '', lot, beneficiary: 'any-resident', nameZh: '', nameEn: '', quota: '' },
  ...{ from: '18:30', to: '08:00', ends: 'next', basis: 'workday', daysOff: 'all-day', nightly: '', monthly: '' },
  ...{
    validFrom: '',
    validTo: '',
    curfewFrom: '',
    curfewTo: '',
    notice: '24',
    credit: 'night-share',
    round: 'first-come',
  },
  ...{ order: 'latest-booked', swap: '', effectiveFrom, reason: '', side: '' },
});

/** What is missing or is no number. */
export function faultsOf(values: Values): Faults {
  const faults: Faults = {};
  for (const name of ['lot', 'nameZh', 'nameEn', 'from', 'to', 'effectiveFrom', 'reason'] as const)
    if (values[name] === '') faults[name] = 'missing';
  for (const name of ['quota', 'notice'] as const) if (!/^\d{1,6}$/.test(values[name])) faults[name] = 'number';
  if (!isMoney(values.nightly)) faults.nightly = 'number';
  if (values.monthly !== '' && !isMoney(values.monthly)) faults.monthly = 'number';
  if ((values.curfewFrom === '') !== (values.curfewTo === '')) faults.curfewTo = 'missing';
  return faults;
}

const isMoney = (text: string): boolean => /^\d{1,6}(\.\d{1,2})?$/.test(text);
const fenOf = (text: string): number => Math.round(Number(text) * 100);
const orNull = (text: string): string | null => (text === '' ? null : text);

/** The body of `POST /parking/agreement-proposals`, of values without a fault. */
export function proposalOf(values: Values, dryRun: boolean) {
  const [group, organisationId = ''] = values.beneficiary.split(':');
  const terms: AgreementTerms = {
    lotId: values.lot,
    name: { zh: values.nameZh, en: values.nameEn },
    beneficiary:
      group === 'compound' ? { group, organisationId } : { group: group === 'any-employee' ? group : 'any-resident' },
    quota: Number(values.quota),
    window: { from: values.from, to: values.to, endsNextDay: values.ends === 'next' },
    basis: values.basis === 'weekday' ? 'weekday' : 'workday',
    daysOff: values.daysOff === 'night-only' || values.daysOff === 'closed' ? values.daysOff : 'all-day',
    nightlyFen: fenOf(values.nightly),
    monthlyFen: values.monthly === '' ? null : fenOf(values.monthly),
    validFrom: orNull(values.validFrom),
    validTo: orNull(values.validTo),
    curfew: values.curfewFrom === '' ? null : { from: values.curfewFrom, to: values.curfewTo },
    withdrawNoticeHours: Number(values.notice),
    releaseCredit: values.credit === 'none' ? 'none' : 'night-share',
    monthlyRound: values.round === 'draw' ? 'draw' : 'first-come',
    displaceFirst:
      values.order === 'earliest-booked' || values.order === 'largest-party' ? values.order : 'latest-booked',
    swapOf: orNull(values.swap),
  };
  const side: 'provider' | 'beneficiary' | null =
    values.side === 'provider' || values.side === 'beneficiary' ? values.side : null;
  return {
    resourceId: orNull(values.resource),
    terms,
    effectiveFrom: values.effectiveFrom,
    reason: values.reason,
    ...(side && { side }),
    dryRun,
  };
}
