import { minutesAfter, toText, type Instant } from '../../../calendar/time.ts';
import { maskedPeople } from '../../../people/masked.ts';
import type { Context } from '../../service.ts';
import { chargeFen, consequencesOf, minutesLate } from './overstay-rules.ts';
import type { OverstayAnswer } from './overstay-schemas.ts';
import { ladderKey, laddersOf, type KeptOverstay, type Said } from './overstays.ts';

/** Overstays as the API shows them: to their driver with the plate, to anybody else (`forStaff`) masked. */
export async function presentOverstays(
  context: Context,
  overstays: readonly KeptOverstay[],
  forStaff: boolean,
): Promise<OverstayAnswer[]> {
  const { db, site, now } = context;
  const personIds = overstays.map(({ personId }) => personId);
  const [ladders, people] = await Promise.all([
    laddersOf(db, site.id, personIds),
    forStaff ? maskedPeople(db, site.id, personIds) : new Map<string, never>(),
  ]);
  const consequences = new Map([...ladders].map(([key, entries]) => [key, consequencesOf(entries)]));
  const text = (at: Instant) => toText(at, site.timeZone);
  const said = (word: Said | null) => word && { at: text(word.at), text: word.text };
  return overstays.map((overstay) => {
    const { state, leaveBy, terms, decision } = overstay;
    const consequence = consequences.get(ladderKey(overstay))?.get(overstay.id);
    const appealUntil = minutesAfter(overstay.openedAt, terms.appealDays * 1_440);
    const isAppealable = !forStaff && state === 'open' && now <= appealUntil;
    const figures =
      overstay.endedAt === null && state !== 'void'
        ? { minutesLate: minutesLate({ leaveBy, until: now }), chargeFen: chargeFen({ leaveBy, until: now }, terms) }
        : { minutesLate: overstay.minutesLate, chargeFen: overstay.chargeFen };
    return {
      id: overstay.id,
      bookingId: overstay.bookingId,
      resourceId: overstay.resourceId,
      title: overstay.title,
      plate: forStaff ? null : overstay.plate,
      plateMasked: overstay.plateMasked,
      person: people.get(overstay.personId) ?? null,
      leaveBy: text(leaveBy),
      openedAt: text(overstay.openedAt),
      endedAt: overstay.endedAt === null ? null : text(overstay.endedAt),
      ...figures,
      currency: site.currency,
      state,
      consequence: consequence
        ? {
            ...consequence,
            suspendedUntil: consequence.suspendedUntil === null ? null : text(consequence.suspendedUntil),
          }
        : null,
      appeal: said(overstay.appeal),
      appealUntil: isAppealable ? text(appealUntil) : null,
      decision: decision && { at: text(decision.at), text: decision.text, granted: overstay.isGranted },
      waiver: said(overstay.waiver),
      comment: said(overstay.comment),
      version: overstay.version,
    };
  });
}
