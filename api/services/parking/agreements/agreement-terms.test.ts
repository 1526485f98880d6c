import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { aDayAgreement, type Terms } from '../../../../tests/support/agreements.ts';
import { agreementTerms } from './agreement-schemas.ts';
import { areMirrored, faultOf } from './agreement-terms.ts';
import type { AgreementFacts } from '../rules.ts';

const terms = (changes: Partial<Terms>) => agreementTerms.parse(aDayAgreement(changes));
const fault = (changes: Partial<Terms>) => faultOf(terms(changes), '2026-11-25', '2026-11-23');

const someMinute = fc.nat(1439);
const timeOf = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

test('a window is fine exactly if it is longer than nothing and shorter than a day, minute by minute', () => {
  fc.assert(
    fc.property(someMinute, someMinute, fc.boolean(), (from, to, endsNextDay) => {
      const length = to - from + (endsNextDay ? 1440 : 0);
      const found = fault({ window: { from: timeOf(from), to: timeOf(to), endsNextDay } });
      expect(found === null).toBe(length > 0 && length < 1440);
      expect(found === 'window-reversed').toBe(length < 0);
    }),
    { numRuns: 500 },
  );
});

test('a curfew leaves a window usable exactly if the gate opens as it begins and until it ends', () => {
  const isShut = (minute: number, from: number, to: number) =>
    (minute - from + 1440) % 1440 < (to - from + 1440) % 1440;
  fc.assert(
    fc.property(someMinute, someMinute, someMinute, someMinute, (from, to, start, end) => {
      fc.pre(from !== to && start !== end);
      const found = fault({
        window: { from: timeOf(from), to: timeOf(to), endsNextDay: to < from },
        curfew: { from: timeOf(start), to: timeOf(end) },
      });
      // The last car goes in the minute before the window's end, or as the curfew ends with it.
      const canLeave = to === start || to === end || !isShut(to, start, end);
      expect(found === null).toBe(!isShut(from, start, end) && canLeave);
    }),
    { numRuns: 500 },
  );
});

test('a curfew of the whole day, or of none, is no curfew', () => {
  expect(fault({ curfew: { from: '22:00', to: '22:00' } })).toBe('curfew');
});

test('what is still to come may begin today, and not before', () => {
  expect(faultOf(terms({}), '2026-11-23', '2026-11-23')).toBeNull();
  expect(faultOf(terms({}), '2026-11-22', '2026-11-23')).toBe('effective-past');
});

test.each([
  ['park', 'compound', 'compound', 'any-employee', true],
  ['street', 'any-resident', 'compound', 'any-employee', true],
  ['compound', 'any-employee', 'park', 'compound', true],
  ['park', 'compound', 'park', 'any-employee', false],
  ['compound', 'any-employee', 'compound', 'any-employee', false],
  ['park', 'compound', 'street', 'any-resident', false],
])('%s for %s and %s for %s mirror each other: %s', (provider, group, other, otherGroup, expected) => {
  const facts = (lender: string, to: string) => ({ provider: lender, beneficiary: { group: to } }) as AgreementFacts;
  expect(areMirrored(facts(provider, group), facts(other, otherGroup))).toBe(expected);
});
