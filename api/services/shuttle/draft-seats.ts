import { localTimeOf } from '../../calendar/time.ts';
import { freshSlots } from '../../engine/kept-slots.ts';
import type { BookingDraft, Slot } from '../../engine/types.ts';
import type { Caller } from '../../people/caller.ts';
import { lineOf, notFound, refuse, spanOf } from '../drafting.ts';
import type { Context, Resource, Wish } from '../service.ts';
import {
  directionOf,
  factsOf,
  legsBetween,
  runAround,
  titleOf,
  wheelchairPlaceOf,
  type Direction,
} from './run-rules.ts';
import type { ShuttleBookingRequest } from './schemas.ts';
import { barsOf } from './standby/missed-rides.ts';

type StopName = { stopId: string; name: { zh: string; en: string } };

/** What is kept of a ride, to show it as it was booked. */
export type RideDetails = {
  title: { zh: string; en: string };
  runId: string;
  direction: Direction;
  boardStop: StopName;
  alightStop: StopName;
  /** How many ride along; who uses the wheelchair place is one of them. */
  seats: number;
  /** Somebody with accessible needs rides along: never displaced. */
  isAccessible?: true;
  /** One of them takes the wheelchair place instead of a seat. */
  wheelchair?: true;
};

/** Who rides from where to where. */
export type RideWish = {
  boardStopId: string;
  alightStopId: string;
  seats: number;
  isAccessible: boolean;
  wheelchair: boolean;
};

/** Turns a ride from stop to stop into seats on every leg between them; the person is the claimant of the ride. */
export async function draftSeats(context: Context, caller: Caller, request: ShuttleBookingRequest): Promise<Wish> {
  const run = context.catalogue.get(request.runId);
  if (run?.kind !== 'shuttle') return notFound;
  const kept = await rideIn(context, caller.personId, run, request);
  // What is remembered of slots may be some seconds old, and the dispatcher may have changed the run for that day.
  const isOld = kept === 'wrong-direction' || kept === 'not-running';
  const fresh = { ...context, slots: freshSlots(context.db) };
  const draft = isOld ? await rideIn(fresh, caller.personId, run, request) : kept;
  if (typeof draft === 'string') return refuse(draft);
  const { times } = runAround(run, request.serviceDate);
  return { ok: true, offerMinutes: times.offerMinutes, draft, bars: barsOf(context, times) };
}

async function rideIn(context: Context, personId: string, run: Resource, request: ShuttleBookingRequest) {
  const ids = [run.id, ...(request.wheelchair === true ? [wheelchairPlaceOf(run.id)] : [])];
  const slots = await context.slots.ofResources(context.site.id, ids, [request.serviceDate]);
  if (slots.length === 0) return 'not-running';
  const { accessible, wheelchair, boardStopId, alightStopId, seats } = request;
  return rideOn(context, run, slots, personId, {
    boardStopId,
    alightStopId,
    seats,
    isAccessible: accessible === true,
    wheelchair: wheelchair === true,
  });
}

/**
 * A ride of a person on a run's day: a seat for each rider on each of its legs, and the wheelchair place for one of them if need be.
 * `slots` are those of the run, and of its wheelchair place if that is wanted, on one date, in order of start.
 * @returns the rule's name when the run does not go that way or has no such place.
 */
export function rideOn(
  context: Pick<Context, 'site'>,
  run: Resource,
  slots: readonly Slot[],
  personId: string,
  wish: RideWish,
): BookingDraft | NoRide {
  const ride = sharedRide(context, run, slots, wish);
  if (typeof ride === 'string') return ride;
  const { startsAt, endsAt } = ride;
  return { ...ride, claims: [{ claimantId: personId, scope: 'ride', during: { startsAt, endsAt } }] };
}

type NoRide = 'stop-not-on-run' | 'wrong-direction' | 'no-wheelchair-place';
type Ride = Omit<BookingDraft, 'claims'>;

/** By run and first leg, as they were read: when one of them is read anew, so are the rides. */
const rides = new WeakMap<Resource, WeakMap<Slot, Map<string, Ride>>>();

/** A ride without who rides. In a rush most want the same one: it is made once. */
function sharedRide(
  context: Pick<Context, 'site'>,
  run: Resource,
  slots: readonly Slot[],
  wish: RideWish,
): Ride | NoRide {
  const [first] = slots;
  // A wheelchair place has legs of its own, which are read apart.
  if (!first || wish.wheelchair) return rideFor(context, run, slots, wish);
  const known = ridesOf(run, first);
  const key = `${wish.boardStopId}\n${wish.alightStopId}\n${wish.seats} ${wish.isAccessible}`;
  const ride = known.get(key) ?? rideFor(context, run, slots, wish);
  // What a run does not offer could be asked for in endless ways.
  if (typeof ride !== 'string') known.set(key, ride);
  return ride;
}

function ridesOf(run: Resource, first: Slot): Map<string, Ride> {
  let ofRun = rides.get(run);
  if (!ofRun) rides.set(run, (ofRun = new WeakMap()));
  let ofLegs = ofRun.get(first);
  if (!ofLegs) ofRun.set(first, (ofLegs = new Map()));
  return ofLegs;
}

function rideFor(
  { site }: Pick<Context, 'site'>,
  run: Resource,
  slots: readonly Slot[],
  wish: RideWish,
): Ride | NoRide {
  const { boardStopId, alightStopId, seats, isAccessible, wheelchair } = wish;
  const seatLegs = slots.filter(({ resourceId }) => resourceId === run.id);
  const way = legsBetween(seatLegs, boardStopId, alightStopId);
  if (typeof way === 'string') return way;
  const places = slots.filter(({ resourceId }) => resourceId === wheelchairPlaceOf(run.id));
  const placeWay = wheelchair ? legsBetween(places, boardStopId, alightStopId) : [];
  if (typeof placeWay === 'string') return 'no-wheelchair-place';
  const inSeats = wheelchair ? seats - 1 : seats;
  const details: RideDetails = {
    title: titleOf(localTimeOf(seatLegs[0]?.startsAt ?? 0, site.timeZone), directionOf(run, seatLegs)),
    runId: run.id,
    direction: directionOf(run, seatLegs),
    boardStop: stopOf(run, boardStopId),
    alightStop: stopOf(run, alightStopId),
    seats,
    ...(isAccessible && { isAccessible: true as const }),
    ...(wheelchair && { wheelchair: true as const }),
  };
  const span = spanOf(way);
  return {
    kind: 'shuttle',
    ...span,
    lines: [
      ...(inSeats > 0 ? way.map((slot) => lineOf(slot, inSeats)) : []),
      ...placeWay.map((slot) => lineOf(slot, 1)),
    ],
    // A ride has one price, whatever its length: that of the leg it begins with.
    priceFen: (way[0]?.priceFen ?? 0) * seats,
    details,
  };
}

/** A ride as it was wished for. */
export const wishOf = ({ boardStop, alightStop, seats, isAccessible, wheelchair }: RideDetails): RideWish => ({
  boardStopId: boardStop.stopId,
  alightStopId: alightStop.stopId,
  seats,
  isAccessible: isAccessible === true,
  wheelchair: wheelchair === true,
});

function stopOf(run: Resource, stopId: string): StopName {
  const name = factsOf(run).stops.find((stop) => stop.stopId === stopId)?.name;
  return { stopId, name: name ?? { zh: stopId, en: stopId } };
}
