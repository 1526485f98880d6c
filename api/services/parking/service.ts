import { toText } from '../../calendar/time.ts';
import type { Service } from '../service.ts';
import { followBookings } from './gates/gate-sweep.ts';
import { creditOfCancelled, settleCredit } from './months/credit.ts';
import { draftStay } from './draft-stay.ts';
import { monthReport } from './months/month-nights.ts';
import type { StayDetails } from './stay-details.ts';
import { agreementOf, beneficiaryName, parkingRefusals, stayRules, staysOf } from './rules.ts';
import { otherLots } from './other-lots.ts';
import { sweepParking } from './sweep-parking.ts';
import { mayNotTake } from './overstays/refuse-suspended.ts';
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
        monthlyRound: facts.monthlyRound,
        releaseCredit: facts.releaseCredit,
      },
      rules: stayRules(resource),
    };
  },
  presentSlot: (slot, zone) => ({ leaveBy: toText((slot.facts as { leaveBy: number }).leaveBy, zone) }),
  presentBooking(booking, zone) {
    const {
      title,
      creditFen = 0,
      plateWaiting = null,
      releasedNights = [],
      resourceId: _resourceId,
      ...details
    } = booking.details as StayDetails;
    return {
      title,
      details: { ...details, creditFen, plateWaiting, releasedNights, leaveBy: toText(booking.endsAt, zone) },
    };
  },
  displaceFirst: (resource) => agreementOf(resource).times.displaceFirst ?? 'latest-booked',
  isProtected: () => false,
  mayNotTake,
  alternatives: otherLots,
  async explain(context, request, refusedSlotId) {
    if (!('month' in request)) return {};
    const report = await monthReport(context, request, refusedSlotId);
    return 'ok' in report ? {} : { failing: report.failing, rest: report.rest };
  },
  async settle(context, bookings) {
    const paid = bookings.filter(({ details }) => ((details as StayDetails).creditFen ?? 0) > 0);
    await settleCredit(
      context,
      paid.map(({ id }) => id),
    );
  },
  cancelled: creditOfCancelled,
  sweep: sweepParking,
  followBookings,
  refusals: parkingRefusals,
};
