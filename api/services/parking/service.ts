import { toText } from '../../calendar/time.ts';
import type { Service } from '../service.ts';
import { followBookings } from './gates/gate-sweep.ts';
import { draftStay, type StayDetails } from './draft-stay.ts';
import { agreementOf, beneficiaryName, parkingRefusals, stayRules, staysOf } from './rules.ts';
import { otherLots } from './other-lots.ts';
import { sweepParking } from './sweep-parking.ts';
import { mayNotTake } from './refuse-suspended.ts';
import type { ParkingBookingRequest } from './schemas.ts';

/** Off-peak parking: what it gives the engine and the common routes. */
export const parking: Service<ParkingBookingRequest> = {
  kind: 'parking',
  partKinds: [],
  browseDays: 7,
  managedBy: ['provider', 'site-administrator'],
  slotsOf: (_resource, schedule, dates, calendar, zone) => staysOf(schedule, dates, calendar, zone),
  draft: draftStay,
  presentResource(resource) {
    const { facts, times, schedule } = agreementOf(resource);
    return {
      facts: {
        lotKind: facts.lotKind,
        provider: facts.provider,
        beneficiary: beneficiaryName(facts),
        window: times.window,
        daysOff: times.daysOff,
        basis: schedule.basis,
        nightlyFen: schedule.priceFen,
        monthlyFen: facts.monthlyFen,
      },
      rules: stayRules(resource),
    };
  },
  presentSlot: (slot, zone) => ({ leaveBy: toText((slot.facts as { leaveBy: number }).leaveBy, zone) }),
  presentBooking(booking, zone) {
    const { title, ...details } = booking.details as StayDetails;
    return {
      title,
      details: { ...details, plateWaiting: details.plateWaiting ?? null, leaveBy: toText(booking.endsAt, zone) },
    };
  },
  displaceFirst: (resource) => agreementOf(resource).times.displaceFirst ?? 'latest-booked',
  isProtected: () => false,
  mayNotTake,
  alternatives: otherLots,
  sweep: sweepParking,
  followBookings,
  refusals: parkingRefusals,
};
