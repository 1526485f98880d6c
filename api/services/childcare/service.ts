import type { Service } from '../service.ts';
import { draftEnrolment, type EnrolmentDetails } from './draft-enrolment.ts';
import { childcareRefusals, classOf, enrolmentRules, sessionSlotsOf } from './rules.ts';
import { otherClasses } from './other-classes.ts';
import type { ChildcareBookingRequest } from './schemas.ts';

/** Summer care and nursery: what it gives the engine and the common routes. */
export const childcare: Service<ChildcareBookingRequest> = {
  kind: 'childcare',
  partKinds: [],
  browseDays: 366,
  managedBy: ['care-teacher', 'site-administrator'],
  slotsOf: (_resource, schedule, dates, calendar, zone) => sessionSlotsOf(schedule, dates, calendar, zone),
  draft: draftEnrolment,
  presentResource(resource) {
    const { facts, times, schedule } = classOf(resource);
    return {
      facts: {
        type: facts.type,
        grades: facts.grades,
        ageMonths: facts.ageMonths,
        hours: times ? { ...times.hours, extendedTo: facts.extendedTo } : null,
        feeFenPerSession: schedule?.priceFen ?? null,
      },
      rules: enrolmentRules(resource),
    };
  },
  presentSlot: (slot) => slot.facts as object,
  presentBooking(booking) {
    const { title, ...details } = booking.details as EnrolmentDetails;
    return { title, details: { ...details, className: title } };
  },
  displaceFirst: (resource) => classOf(resource).times?.displaceFirst ?? 'latest-booked',
  isProtected: () => false,
  alternatives: otherClasses,
  refusals: childcareRefusals,
};
