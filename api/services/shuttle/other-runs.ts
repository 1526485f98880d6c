import { apart, mainResourceOf, nearest, slotsAround, type AlternativesOf } from '../nearest.ts';
import type { Context, Resource, PlacedBooking } from '../service.ts';
import { rideOn, type RideDetails } from './draft-seats.ts';
import { legsBetween, runOf } from './rules.ts';

/** What is offered to riders who have to give way: the runs before and after in the same direction between the same stops. */
export async function otherRuns(context: Context, bookings: readonly PlacedBooking[]): Promise<AlternativesOf> {
  const runs = [...context.catalogue.values()].filter(({ kind }) => kind === 'shuttle');
  const slots = await slotsAround(context, runs, bookings);
  return new Map(
    bookings.map((booking) => {
      const ride = booking.details as RideDetails;
      const rides = runs.flatMap((run) => {
        const legs = run.id === ride.runId ? null : legsOfRide(run, ride);
        const ofDay = (slots.get(run.id) ?? []).filter(({ serviceDate }) => serviceDate === booking.serviceDate);
        const slotsOfRide = legs ? ofDay.slice(legs.from, legs.to) : [];
        const { boardStop, alightStop, seats } = ride;
        return slotsOfRide.length > 0
          ? [rideOn(run, slotsOfRide, booking.personId, { boardStop, alightStop, seats })]
          : [];
      });
      const own = mainResourceOf(context, booking);
      const drafts = nearest(rides, ({ startsAt }) => apart(startsAt, booking.startsAt));
      return [booking.id, { drafts, offerMinutes: own ? runOf(own).times.offerMinutes : 0 }];
    }),
  );
}

function legsOfRide(run: Resource, { direction, boardStop, alightStop }: RideDetails) {
  const { facts } = runOf(run);
  if (facts.direction !== direction) return null;
  const legs = legsBetween(facts, boardStop.stopId, alightStop.stopId);
  return typeof legs === 'string' ? null : legs;
}
