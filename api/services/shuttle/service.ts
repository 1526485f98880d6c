import { localTimeAfter, toText } from '../../calendar/time.ts';
import type { Service } from '../service.ts';
import { noteRefusedRide } from './advisor/refused-rides.ts';
import { dispatcherRoles } from './dispatchers.ts';
import { draftSeats, type RideDetails } from './draft-seats.ts';
import { otherRuns } from './other-runs.ts';
import { rideRules, shuttleRefusals } from './rules.ts';
import { legsOf, runAround, titleOf, wheelchairKind, type LegFacts } from './run-rules.ts';
import { nextRelease, releaseDue } from './standby/release-unscanned.ts';
import type { ShuttleBookingRequest } from './schemas.ts';
import { sweepShuttle } from './sweep-shuttle.ts';

/** Tidal shuttles: what they give the engine and the common routes. */
export const shuttle: Service<ShuttleBookingRequest> = {
  kind: 'shuttle',
  partKinds: [wheelchairKind],
  browseDays: 7,
  managedBy: [...dispatcherRoles],
  slotsOf: legsOf,
  draft: draftSeats,
  presentResource(resource, today) {
    const { run, lineId, direction, stops, times } = runAround(resource, today);
    return {
      name: titleOf(times.departs, direction),
      facts: {
        run,
        lineId,
        direction,
        departs: times.departs,
        stops: stops.map(({ offsetMinutes, ...stop }) => ({
          ...stop,
          time: localTimeAfter(times.departs, offsetMinutes),
        })),
      },
      rules: rideRules(times),
    };
  },
  presentSlot: (slot) => ({ runId: slot.resourceId, ...(slot.facts as LegFacts) }),
  presentBooking(booking, zone) {
    const { title, ...details } = booking.details as RideDetails;
    return {
      title,
      details: { ...details, departsAt: toText(booking.startsAt, zone), arrivesAt: toText(booking.endsAt, zone) },
    };
  },
  displaceFirst: (resource) => runAround(resource, '').times.displaceFirst ?? 'latest-booked',
  isProtected: (details) => {
    const { isAccessible, wheelchair } = details as RideDetails;
    return isAccessible === true || wheelchair === true;
  },
  alternatives: otherRuns,
  refused: noteRefusedRide,
  sweep: sweepShuttle,
  nextMoment: nextRelease,
  atNextMoment: releaseDue,
  refusals: shuttleRefusals,
};
