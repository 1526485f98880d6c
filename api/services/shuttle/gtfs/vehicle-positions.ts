import type { Db } from '../../../../db/db.ts';
import type { Instant, IsoDate } from '../../../calendar/time.ts';
import type { Slot } from '../../../engine/types.ts';
import type { Context } from '../../service.ts';
import { todayOf } from '../run-days.ts';
import { factsOf } from '../run-rules.ts';
import { goingDescriptor, occupancyOf, tripsOn, type DayTrip } from './day-trips.ts';
import { secondsOf, type FeedEntity } from './realtime-message.ts';

/** What is known of a bus on its leg of now. */
type Seen = {
  slotId: number;
  /** Seats of those who were checked in on the leg. */
  aboard: number;
  at: Instant | null;
  lat: number | null;
  lng: number | null;
  bearing: number | null;
  metresPerSecond: number | null;
};

/**
 * The buses that are on their way, or have said where they are not longer ago than `staleSeconds`: where, and how full. Two queries.
 */
export async function vehiclePositions(context: Context, staleSeconds: number): Promise<FeedEntity[]> {
  const today = todayOf(context);
  const trips = (await tripsOn(context, [today])).filter(({ isCancelled }) => !isCancelled);
  const legs = trips.flatMap((trip) => legNow(trip, context.now));
  const seen = new Map((await seenOn(context.db, context.site.id, today, legs)).map((row) => [row.slotId, row]));
  return trips.flatMap((trip, index) => {
    const leg = legs[index];
    const row = leg && seen.get(leg.id);
    return row ? positionOf(context, trip, leg, row, staleSeconds) : [];
  });
}

/** The leg that a run is on by its times: before the departure its first, after the arrival its last. */
function legNow({ legs }: DayTrip, now: Instant): Slot[] {
  const leg = legs.findLast(({ startsAt }) => startsAt <= now) ?? legs[0];
  return leg ? [leg] : [];
}

/** Indexes: the primary key of vehicle_position, booking_line_by_slot. */
function seenOn(db: Db, siteId: number, date: IsoDate, legs: readonly Slot[]): Promise<Seen[]> {
  return db.query<Seen>(
    `SELECT leg.slot_id AS "slotId", p.at, p.lat, p.lng, p.bearing, p.metres_per_second AS "metresPerSecond",
       (SELECT coalesce(sum(l.units), 0)::int FROM booking_line l JOIN booking b ON b.site_id = l.site_id AND b.id = l.booking_id
        WHERE l.site_id = $1 AND l.slot_id = leg.slot_id AND b.state IN ('checked_in', 'completed')) AS aboard
     FROM unnest($3::bigint[], $4::text[]) AS leg(slot_id, run_id)
     LEFT JOIN vehicle_position p ON p.site_id = $1 AND p.service_date = $2 AND p.run_id = leg.run_id`,
    [siteId, date, legs.map(({ id }) => id), legs.map(({ resourceId }) => resourceId)],
  );
}

function positionOf(context: Context, trip: DayTrip, leg: Slot, seen: Seen, staleSeconds: number): FeedEntity[] {
  const { now } = context;
  const { resource, date } = trip;
  const isOnTheWay = (trip.legs[0]?.startsAt ?? now) <= now;
  const isFresh = seen.at !== null && seen.at >= now - staleSeconds * 1000;
  if (!isOnTheWay && !isFresh) return [];
  // Until somebody is scanned nobody knows who came: then as many ride as have booked.
  const taken = leg.startsAt <= now && seen.aboard > 0 ? seen.aboard : leg.taken;
  const { status, percentage } = occupancyOf(taken, leg.capacity);
  const { at, lat, lng, bearing, metresPerSecond } = seen;
  return [
    {
      id: `${resource.id}:${date}`,
      vehicle: {
        trip: goingDescriptor(context, trip),
        vehicle: { id: resource.id, label: String(factsOf(resource).run) },
        ...(isFresh &&
          at !== null &&
          lat !== null &&
          lng !== null && {
            position: {
              latitude: lat,
              longitude: lng,
              ...(bearing !== null && { bearing }),
              ...(metresPerSecond !== null && { speed: metresPerSecond }),
            },
            timestamp: secondsOf(at),
          }),
        occupancyStatus: status,
        occupancyPercentage: percentage,
      },
    },
  ];
}
