import { localTimeOf, plusDays, type IsoDate } from '../../../calendar/time.ts';
import { slotsOfResources } from '../../../engine/find-slots.ts';
import type { Slot } from '../../../engine/types.ts';
import type { Context, Resource } from '../../service.ts';
import { todayOf } from '../run-days.ts';
import { directionOf, factsOf, runBy, type LegFacts } from '../run-rules.ts';
import { plannedTrip, timesOf, type Trip } from './planned-trips.ts';
import type { OccupancyStatus, TripDescriptor } from './realtime-message.ts';
import { compact } from './service-days.ts';
import { directionIds } from './static-feed.ts';

/** A run on a date as it will go, beside what the static feed says of it. */
export type DayTrip = {
  resource: Resource;
  date: IsoDate;
  /** In order; at least one. */
  legs: Slot[];
  /** One more than there are legs. */
  stopIds: readonly string[];
  /** What the static feed has; null for a run that was added. */
  planned: Trip | null;
  isCancelled: boolean;
  /** Whether it stops as planned, at whatever time; else it is another trip. */
  isPlannedWay: boolean;
  isOnTime: boolean;
};

/** The runs of today and of the days for which seats are sold, as the slots have them. One query. Index: slot_once_per_part. */
export async function comingTrips(context: Context): Promise<DayTrip[]> {
  const today = todayOf(context);
  const days = Array.from({ length: daysSold(context) + 1 }, (_, index) => plusDays(today, index));
  return tripsOn(context, days);
}

/** The runs of some dates, that are not over. One query. */
export async function tripsOn(context: Context, dates: readonly IsoDate[]): Promise<DayTrip[]> {
  const { db, site, catalogue, now } = context;
  const runs = [...catalogue.values()].filter(({ kind }) => kind === 'shuttle');
  const ids = runs.map(({ id }) => id);
  const slots = await slotsOfResources(db, site.id, ids, dates);
  const legsOf = Map.groupBy(slots, ({ resourceId, serviceDate }) => `${serviceDate} ${resourceId}`);
  return [...legsOf.values()]
    .filter((legs) => (legs.at(-1)?.endsAt ?? 0) > now)
    .flatMap((legs) => {
      const resource = catalogue.get(legs[0]?.resourceId ?? '');
      return resource ? [dayTrip(context, resource, legs)] : [];
    });
}

/** How many days before seats are sold, at most. */
function daysSold({ catalogue }: Pick<Context, 'catalogue'>): number {
  const runs = [...catalogue.values()].filter(({ kind }) => kind === 'shuttle');
  const days = runs.flatMap((run) => run.schedules.map((schedule) => runBy(run, schedule).times.opensDaysBefore));
  return Math.max(0, ...days);
}

function dayTrip({ catalogue, calendar, site }: Context, resource: Resource, legs: Slot[]): DayTrip {
  const date = legs[0]?.serviceDate ?? '';
  const planned = plannedTrip(catalogue, calendar, resource, date);
  const ends = legs.map(({ facts }) => facts as LegFacts);
  const stopIds = [...ends.map(({ fromStopId }) => fromStopId), ends.at(-1)?.toStopId ?? ''];
  const clock = (instant: number) => localTimeOf(instant, site.timeZone);
  const times = [...legs.map(({ startsAt }) => clock(startsAt)), clock(legs.at(-1)?.endsAt ?? 0)];
  const plannedStops = planned?.run.stops.map(({ stopId }) => stopId) ?? [];
  return {
    ...{ resource, date, legs, stopIds, planned },
    isCancelled: legs.every(({ state }) => state === 'closed'),
    isPlannedWay: planned !== null && plannedStops.join() === stopIds.join(),
    isOnTime: planned !== null && timesOf(planned).join() === times.join(),
  };
}

/** The planned trip, as it is cancelled or goes. */
export function plannedDescriptor(
  planned: Trip,
  date: IsoDate,
  scheduleRelationship: 'SCHEDULED' | 'CANCELED',
): TripDescriptor {
  return {
    tripId: planned.id,
    routeId: planned.run.lineId,
    startDate: compact(date),
    directionId: directionIds[planned.run.direction],
    scheduleRelationship,
  };
}

/** How a trip goes: as planned, or as one that is added. */
export function goingDescriptor(context: Pick<Context, 'site'>, trip: DayTrip): TripDescriptor {
  const { planned, isPlannedWay, resource, date, legs } = trip;
  if (planned && isPlannedWay) return plannedDescriptor(planned, date, 'SCHEDULED');
  return {
    tripId: `added:${resource.id}:${date}`,
    routeId: factsOf(resource).lineId,
    startDate: compact(date),
    startTime: `${localTimeOf(legs[0]?.startsAt ?? 0, context.site.timeZone)}:00`,
    directionId: directionIds[directionOf(resource, legs)],
    scheduleRelationship: 'ADDED',
  };
}

/** How full a bus is with so many of its seats taken: few seats are left when less than half of them are. */
export function occupancyOf(taken: number, capacity: number): { status: OccupancyStatus; percentage: number } {
  const percentage = capacity > 0 ? Math.min(100, Math.round((taken / capacity) * 100)) : 100;
  if (taken >= capacity) return { status: 'FULL', percentage };
  if (taken === 0) return { status: 'EMPTY', percentage };
  return { status: taken * 2 > capacity ? 'FEW_SEATS_AVAILABLE' : 'MANY_SEATS_AVAILABLE', percentage };
}
