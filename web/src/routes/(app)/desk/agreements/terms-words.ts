import type { AgreementTerms, Localized } from '$lib/api.ts';
import type { Wording } from '$lib/i18n/wording.ts';

/** One term in words: what it is about, and what is agreed. */
export interface TermWords {
  key: string;
  label: string;
  value: string;
}

/** Names that terms refer to by id. */
export interface TermNames {
  lot: Localized;
  beneficiary: Localized;
  /** The agreement that it is swapped with. */
  swap: Localized | null;
}

/** All terms in words, in the order to read them. */
export function termsWords(terms: AgreementTerms, names: TermNames, { t, price, dates, name }: Wording): TermWords[] {
  const { labels, values } = t.agreements;
  const date = (on: string | null): string => (on === null ? values.open : dates.date(on));
  const words: [keyof typeof labels, string][] = [
    ['name', name(terms.name)],
    ['lot', name(names.lot)],
    ['beneficiary', name(names.beneficiary)],
    ['quota', values.quota(terms.quota)],
    ['window', values.window(terms.window.from, terms.window.to, terms.window.endsNextDay)],
    ['basis', values.basis[terms.basis]],
    ['daysOff', values.daysOff[terms.daysOff]],
    ['nightly', price(terms.nightlyFen)],
    ['monthly', terms.monthlyFen === null ? values.noMonthly : price(terms.monthlyFen)],
    [
      'validity',
      terms.validFrom === null && terms.validTo === null
        ? values.always
        : values.validity(date(terms.validFrom), date(terms.validTo)),
    ],
    ['curfew', terms.curfew === null ? values.none : `${terms.curfew.from} – ${terms.curfew.to}`],
    ['notice', values.hours(terms.withdrawNoticeHours)],
    ['credit', values.credit[terms.releaseCredit]],
    ['round', values.round[terms.monthlyRound]],
    ['order', values.order[terms.displaceFirst]],
    ['swap', terms.swapOf === null ? values.none : names.swap ? name(names.swap) : terms.swapOf],
  ];
  return words.map(([key, value]) => ({ key, label: labels[key], value }));
}
