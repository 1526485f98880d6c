import type { Context } from '../../service.ts';
import { todayOf } from '../run-days.ts';
import { comingTrips, goingDescriptor, occupancyOf, plannedDescriptor, type DayTrip } from './day-trips.ts';
import { secondsOf, type FeedEntity, type StopTimeUpdate } from './realtime-message.ts';

/**
 * What is otherwise than the static feed says, as far ahead as seats are sold: trips that go at other times, are cancelled, or are added;
 * one that goes the other way is cancelled and added. Of today's others it is said how full they are, and no time. One query.
 */
export async function tripUpdates(context: Context): Promise<FeedEntity[]> {
  const today = todayOf(context);
  const trips = await comingTrips(context);
  return trips.flatMap((trip) => updatesOf(context, trip, today));
}

function updatesOf(context: Context, trip: DayTrip, today: string): FeedEntity[] {
  const { resource, date, planned, isCancelled, isPlannedWay, isOnTime } = trip;
  const id = `${resource.id}:${date}`;
  const cancelled = planned && { id, tripUpdate: { trip: plannedDescriptor(planned, date, 'CANCELED') } };
  if (isCancelled) return cancelled ? [cancelled] : [];
  const going = goingDescriptor(context, trip);
  const as = (entityId: string, stopTimeUpdate: StopTimeUpdate[]) => ({
    id: entityId,
    tripUpdate: { trip: going, stopTimeUpdate },
  });
  if (isPlannedWay && isOnTime) return date === today ? [as(id, stopsOf(trip, false))] : [];
  if (isPlannedWay) return [as(id, stopsOf(trip, true))];
  return [...(cancelled ? [cancelled] : []), as(`added:${id}`, stopsOf(trip, true))];
}

function stopsOf({ legs, stopIds }: DayTrip, hasTimes: boolean): StopTimeUpdate[] {
  return stopIds.map((stopId, index) => {
    const [before, after] = [legs[index - 1], legs[index]];
    return {
      stopSequence: index + 1,
      stopId,
      ...(hasTimes && before && { arrival: { time: secondsOf(before.endsAt) } }),
      ...(hasTimes && after && { departure: { time: secondsOf(after.startsAt) } }),
      scheduleRelationship: hasTimes ? 'SCHEDULED' : 'NO_DATA',
      ...(after && { departureOccupancyStatus: occupancyOf(after.taken, after.capacity).status }),
    };
  });
}
