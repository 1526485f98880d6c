import { expect, test } from 'vitest';
import type { AgreementTerms } from '$lib/api.ts';
import { faultsOf, newValues, proposalOf, valuesIn, valuesOf } from './terms-form.ts';

const terms: AgreementTerms = {
  lotId: 'guangqi',
  name: { zh: '光启园夜间停车', en: 'Guangqi Park, by night' },
  beneficiary: { group: 'compound', organisationId: 'hongxing' },
  quota: 30,
  window: { from: '18:30', to: '08:00', endsNextDay: true },
  basis: 'workday',
  daysOff: 'closed',
  nightlyFen: 1_550,
  monthlyFen: null,
  validFrom: null,
  validTo: '2027-12-31',
  curfew: { from: '22:00', to: '06:00' },
  withdrawNoticeHours: 48,
  releaseCredit: 'none',
  monthlyRound: 'draw',
  displaceFirst: 'earliest-booked',
  swapOf: 'sample-compound-day',
};

test('terms come back from the form as they went in', () => {
  const values = { ...valuesOf('guangqi-night', terms, '2026-11-25'), reason: '商定' };
  const form = new FormData();
  for (const [name, value] of Object.entries(values)) form.set(name, value);
  expect(faultsOf(valuesIn(form))).toEqual({});
  expect(proposalOf(valuesIn(form), true)).toEqual({
    ...{ resourceId: 'guangqi-night', terms, effectiveFrom: '2026-11-25', reason: '商定', dryRun: true },
  });
});

test('what is missing, or no number, is asked for and never taken for nothing', () => {
  expect(faultsOf(newValues('guangqi', '2026-11-25'))).toEqual({
    ...{ nameZh: 'missing', nameEn: 'missing', reason: 'missing', quota: 'number', nightly: 'number' },
  });
  const values = { ...valuesOf('guangqi-night', terms, '2026-11-25'), reason: '商定' };
  expect(faultsOf({ ...values, monthly: 'three', curfewTo: '', nightly: '1.234' })).toEqual({
    ...{ monthly: 'number', curfewTo: 'missing', nightly: 'number' },
  });
});
