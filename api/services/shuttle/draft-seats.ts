import type { BookingDraft, Slot } from '../../engine/types.ts';
import type { Caller } from '../../people/caller.ts';
import { lineOf, notFound, refuse, spanOf } from '../drafting.ts';
import type { Context, Resource, Wish } from '../service.ts';
import { legsBetween, runOf } from './rules.ts';
import type { ShuttleBookingRequest } from './schemas.ts';

type StopName = { stopId: string; name: { zh: string; en: string } };

/** What is kept of a ride, to show it as it was booked. */
export type RideDetails = {
  title: { zh: string; en: string };
  runId: string;
  direction: 'inbound' | 'outbound';
  boardStop: StopName;
  alightStop: StopName;
  seats: number;
  /** Somebody with accessible needs rides along: never displaced. */
  isAccessible?: true;
};

/** Turns a ride from stop to stop into seats on every leg between them; the person is the claimant of the ride. */
export async function draftSeats(context: Context, caller: Caller, request: ShuttleBookingRequest): Promise<Wish> {
  const run = context.catalogue.get(request.runId);
  if (run?.kind !== 'shuttle') return notFound;
  const { facts, times } = runOf(run);
  const legs = legsBetween(facts, request.boardStopId, request.alightStopId);
  if (typeof legs === 'string') return refuse(legs);
  const slots = (await context.slots.ofResources(context.site.id, [run.id], [request.serviceDate])).slice(
    legs.from,
    legs.to,
  );
  if (slots.length === 0) return refuse('not-running');
  const [boardStop, alightStop] = [facts.stops[legs.from], facts.stops[legs.to]];
  if (!boardStop || !alightStop) return refuse('stop-not-on-run');
  const ride = {
    boardStop: { stopId: boardStop.stopId, name: boardStop.name },
    alightStop: { stopId: alightStop.stopId, name: alightStop.name },
    seats: request.seats,
    ...(request.accessible === true && { isAccessible: true as const }),
  };
  return { ok: true, offerMinutes: times.offerMinutes, draft: rideOn(run, slots, caller.personId, ride) };
}

/** A ride of a person on a run: seats on each of its legs, in order. */
export function rideOn(
  run: Resource,
  slots: readonly Slot[],
  personId: string,
  ride: Pick<RideDetails, 'boardStop' | 'alightStop' | 'seats' | 'isAccessible'>,
): BookingDraft {
  const span = spanOf(slots);
  const details: RideDetails = { title: run.name, runId: run.id, direction: runOf(run).facts.direction, ...ride };
  return {
    kind: 'shuttle',
    ...span,
    lines: slots.map((slot) => lineOf(slot, ride.seats)),
    claims: [{ claimantId: personId, scope: 'ride', during: span }],
    // A ride has one price, whatever its length: that of the leg it begins with.
    priceFen: (slots[0]?.priceFen ?? 0) * ride.seats,
    details,
  };
}
