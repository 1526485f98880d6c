import { localTimeAfter, toText } from '../../calendar/time.ts';
import type { Service } from '../service.ts';
import { draftSeats, type RideDetails } from './draft-seats.ts';
import { legsOf, rideRules, runOf, shuttleRefusals, type LegFacts } from './rules.ts';
import { otherRuns } from './other-runs.ts';
import type { ShuttleBookingRequest } from './schemas.ts';

/** Tidal shuttles: what they give the engine and the common routes. */
export const shuttle: Service<ShuttleBookingRequest> = {
  kind: 'shuttle',
  partKinds: [],
  browseDays: 7,
  managedBy: ['dispatcher', 'site-administrator'],
  slotsOf: legsOf,
  draft: draftSeats,
  presentResource(resource) {
    const { facts, times } = runOf(resource);
    return {
      facts: {
        run: facts.run,
        direction: facts.direction,
        departs: times.departs,
        stops: facts.stops.map(({ offsetMinutes, ...stop }) => ({
          ...stop,
          time: localTimeAfter(times.departs, offsetMinutes),
        })),
      },
      rules: rideRules(resource),
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
  displaceFirst: (resource) => runOf(resource).times.displaceFirst ?? 'latest-booked',
  isProtected: (details) => (details as RideDetails).isAccessible === true,
  alternatives: otherRuns,
  refusals: shuttleRefusals,
};
