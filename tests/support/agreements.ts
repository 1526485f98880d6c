import type { z } from 'zod';
import type { agreementTerms } from '../../api/services/parking/agreements/agreement-schemas.ts';
import type { AnyBody, Call } from './call.ts';
import { aResident, staff, type Person } from './person.ts';
import { slotOn } from './slots.ts';
import type { TestSite } from './site.ts';

export type Terms = z.input<typeof agreementTerms>;

/** What a site needs for its agreements to change: both parties of Guangqi Park's night, and who may do anything. */
export async function partiesOn(
  site: TestSite,
): Promise<Record<'provider' | 'committee' | 'administrator', Person & Call>> {
  const [provider, committee, administrator] = await Promise.all([
    site.person(staff('provider')),
    site.person(staff('committee', 'hongxing')),
    site.person(staff('site-administrator', null)),
  ]);
  return { provider, committee, administrator };
}

/** The terms of an agreement as a party reads them, with changes. */
export async function termsLike(party: Call, id: string, changes: Partial<Terms> = {}): Promise<Terms> {
  return { ...(await party.get(`/parking/agreements/${id}`)).body.terms, ...changes };
}

/** Proposes changed terms of an agreement from a date on; what is not said is as it stands. */
export async function propose(
  party: Call,
  id: string,
  changes: Partial<Terms>,
  more: { effectiveFrom?: string; dryRun?: boolean } = {},
) {
  return party.post('/parking/agreement-proposals', {
    resourceId: id,
    terms: await termsLike(party, id, changes),
    effectiveFrom: '2026-11-25',
    reason: '商定',
    ...more,
  });
}

/** Proposes for one side and confirms for the other. @returns what followed */
export async function agree(
  one: Call,
  other: Call,
  id: string,
  changes: Partial<Terms>,
  effectiveFrom = '2026-11-25',
): Promise<AnyBody> {
  const { proposal } = (await propose(one, id, changes, { effectiveFrom })).body;
  const confirmed = await other.post(`/parking/agreement-proposals/${proposal?.id}/confirm`, {});
  if (confirmed.status !== 200) throw new Error(`not confirmed: ${JSON.stringify(confirmed.body)}`);
  return confirmed.body;
}

/** Terms of a new agreement: Guangqi Park lends by day to any employee. */
export const aDayAgreement = (changes: Partial<Terms> = {}): Terms => ({
  lotId: 'guangqi',
  name: { zh: '光启园日间停车', en: 'Guangqi Park, by day' },
  beneficiary: { group: 'any-employee' },
  quota: 10,
  window: { from: '09:00', to: '17:00', endsNextDay: false },
  basis: 'workday',
  daysOff: 'closed',
  nightlyFen: 1_000,
  monthlyFen: null,
  validFrom: null,
  validTo: null,
  curfew: null,
  withdrawNoticeHours: 24,
  releaseCredit: 'none',
  monthlyRound: 'first-come',
  displaceFirst: 'latest-booked',
  swapOf: null,
  ...changes,
});

/** A resident of the compound with a booking of one of its nights, or who waits for it. */
export async function aBookedNight(site: TestSite, date: string, more: object = {}) {
  const driver = await site.person(aResident());
  const { id } = await slotOn(site, 'guangqi-night', date);
  const wish = { kind: 'parking', slotIds: [id], vehicleId: driver.vehicleIds[0], ...more };
  return { driver, booking: (await driver.post('/bookings', wish)).body };
}
