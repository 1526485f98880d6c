import type { Db } from '../../../../db/db.ts';
import { dateOf, plusDays, type IsoDate } from '../../../calendar/time.ts';
import { horizon } from '../../horizon.ts';
import type { Context } from '../../service.ts';
import { notThere, refuseBy, type Overbooked } from './agreement-command.ts';
import type { AgreementTerms, Localized } from './agreement-schemas.ts';
import { areMirrored, faultOf, lendingOf, settle, termsOf, type Settled } from './agreement-terms.ts';
import { agreementsOf, beneficiaryIdOf, compoundsOf, lockLot, type Agreement, type Lot } from './agreements.ts';
import { peakOf } from './lot-overlap.ts';
import { beneficiaryName } from '../rules.ts';

/** Terms for an agreement, or for a new one. */
export type Wanted = { resourceId: string | null; terms: AgreementTerms; effectiveFrom: IsoDate };

/** Terms that may come into force as things stand. */
export type Weighed = { lot: Lot; before: Agreement | null; settled: Settled; beneficiaryName: Localized };

/**
 * Looks whether terms may come into force, under the lock of their lot, so that no two agreements fill it at once.
 * @throws Refusing by the name of the first rule that does not allow it
 */
export async function weighTerms(tx: Db, context: Context, wanted: Wanted): Promise<Weighed> {
  const { terms, effectiveFrom } = wanted;
  const { site, now } = context;
  const today = dateOf(now, site.timeZone);
  const lot = await lockLot(tx, site.id, terms.lotId);
  const all = await agreementsOf(tx, site.id);
  const before = wanted.resourceId === null ? null : (all.find(({ id }) => id === wanted.resourceId) ?? notThere());
  if (!lot) return refuseBy('lot-unknown');
  if (before && !hasSameParties(before, terms)) return refuseBy('parties-fixed');
  const fault = faultOf(terms, effectiveFrom, today);
  if (fault !== null) return refuseBy(fault);
  if (terms.quota > lot.spaces) return refuseBy('quota-above-lot');
  // Nights before the new terms have to be there already: what is published later follows the terms of then.
  const lastPublished = before?.schedule.publishedTo ?? horizon(now, site.timeZone).to;
  if (before && effectiveFrom > plusDays(lastPublished, 1)) return refuseBy('effective-too-late');
  const name = await nameOfBeneficiary(tx, context, terms);
  const settled = settle(terms, { lotKind: lot.kind, provider: lot.provider }, name, before, effectiveFrom);
  refuseOverbooked(wanted, lot, all);
  refuseLoneSwap(wanted, settled, all);
  return { lot, before, settled, beneficiaryName: beneficiaryName(settled.facts) };
}

function hasSameParties({ facts }: Agreement, terms: AgreementTerms): boolean {
  const { beneficiary, lotId } = facts;
  const id = beneficiary.group === 'compound' ? beneficiary.organisationId : null;
  return lotId === terms.lotId && beneficiary.group === terms.beneficiary.group && id === beneficiaryIdOf(terms);
}

async function nameOfBeneficiary(tx: Db, { site }: Context, terms: AgreementTerms): Promise<Localized> {
  const id = beneficiaryIdOf(terms);
  if (id === null) return { zh: '', en: '' };
  const compound = (await compoundsOf(tx, site.id)).find((each) => each.id === id);
  return compound?.name ?? refuseBy('beneficiary-unknown');
}

/** What all agreements of a lot lend at one time may not exceed its spaces. */
function refuseOverbooked({ resourceId, terms, effectiveFrom }: Wanted, lot: Lot, all: readonly Agreement[]): void {
  const others = all.filter(({ id, facts }) => facts.lotId === lot.id && id !== resourceId);
  const own = { ...terms, validFrom: laterOf(terms.validFrom, effectiveFrom) };
  const lendings = [lendingOf('', own), ...others.map((other) => lendingOf(other.id, termsOf(other)))];
  const peak = peakOf(lendings, effectiveFrom);
  // What overfills the lot without these terms is not theirs to mend.
  if (peak === null || peak.spaces <= lot.spaces || !peak.ids.includes('')) return;
  const together = others.filter(({ id }) => peak.ids.includes(id));
  const overbooked: Overbooked = {
    spaces: lot.spaces,
    lent: peak.spaces,
    agreements: together.map(({ id, name }) => ({ id, name })),
  };
  refuseBy('lot-overbooked', overbooked);
}

const laterOf = (date: IsoDate | null, other: IsoDate): IsoDate => (date !== null && date > other ? date : other);

/** A swap is of two agreements that mirror each other and name nobody else. */
function refuseLoneSwap({ resourceId }: Wanted, { facts }: Settled, all: readonly Agreement[]): void {
  if (facts.swapOf === null) return;
  const partner = all.find(({ id }) => id === facts.swapOf);
  const namesAnother = partner && partner.facts.swapOf !== null && partner.facts.swapOf !== resourceId;
  if (!partner || partner.id === resourceId || namesAnother || !areMirrored(facts, partner.facts))
    refuseBy('swap-not-mutual');
}
