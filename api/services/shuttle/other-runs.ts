import { apart, mainResourceOf, nearest, slotsAround, type AlternativesOf } from '../nearest.ts';
import type { Context, PlacedBooking } from '../service.ts';
import { rideOn, wishOf, type RideDetails } from './draft-seats.ts';
import { runAround, wheelchairKind, wheelchairPlaceOf } from './run-rules.ts';

/** What is offered to riders who have to give way: the runs before and after in the same direction between the same stops. */
export async function otherRuns(context: Context, bookings: readonly PlacedBooking[]): Promise<AlternativesOf> {
  const all = [...context.catalogue.values()];
  const runs = all.filter(({ kind }) => kind === 'shuttle');
  const places = bookings.some(({ details }) => (details as RideDetails).wheelchair)
    ? all.filter(({ kind }) => kind === wheelchairKind)
    : [];
  const slots = await slotsAround(context, [...runs, ...places], bookings);
  return new Map(
    bookings.map((booking) => {
      const ride = booking.details as RideDetails;
      const rides = runs.flatMap((run) => {
        if (run.id === ride.runId) return [];
        const ofDay = [run.id, wheelchairPlaceOf(run.id)]
          .flatMap((id) => slots.get(id) ?? [])
          .filter(({ serviceDate }) => serviceDate === booking.serviceDate);
        const draft = rideOn(context, run, ofDay, booking.personId, wishOf(ride));
        return typeof draft === 'string' ? [] : [draft];
      });
      const own = mainResourceOf(context, booking) ?? context.catalogue.get(ride.runId);
      const drafts = nearest(rides, ({ startsAt }) => apart(startsAt, booking.startsAt));
      return [booking.id, { drafts, offerMinutes: own ? runAround(own, booking.serviceDate).times.offerMinutes : 0 }];
    }),
  );
}
