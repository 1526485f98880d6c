import { z } from 'zod';
import type { Instant } from '../calendar/time.ts';
import type { Alternatives } from '../engine/alternatives.ts';
import { displacementOrders } from '../engine/displace.ts';
import { slotsOfResources } from '../engine/find-slots.ts';
import type { Slot } from '../engine/types.ts';
import type { Context, Resource, PlacedBooking } from './service.ts';

/** Who gives way first when a resource has to hold less: a setting in its schedule's rule; the latest booking when left out. */
export const displaceFirst = z.enum(displacementOrders).optional();

/** What a service offers instead of each of some bookings. */
export type AlternativesOf = Map<string, Alternatives>;

/** At most so many alternatives are looked at for one booking. */
const maxAlternatives = 6;

/** The nearest of some candidates, by whatever distance. */
export function nearest<Candidate>(
  candidates: readonly Candidate[],
  distanceOf: (candidate: Candidate) => number,
): Candidate[] {
  return candidates.toSorted((a, b) => distanceOf(a) - distanceOf(b)).slice(0, maxAlternatives);
}

/** Between two instants, in milliseconds, whichever is first. */
export const apart = (one: Instant, other: Instant): number => Math.abs(one - other);

/** Metres from one place to another as the crow flies; what has no place on the map is farthest. */
export function metresBetween(one: Resource, other: Resource): number {
  const [from, to] = [pointOf(one), pointOf(other)];
  if (!from || !to) return Infinity;
  const metresPerDegree = 111_320;
  const north = (to.lat - from.lat) * metresPerDegree;
  const east = (to.lng - from.lng) * metresPerDegree * Math.cos((from.lat * Math.PI) / 180);
  return Math.hypot(north, east);
}

function pointOf({ place }: Resource): { lat: number; lng: number } | null {
  return place && place.lat !== null && place.lng !== null ? { lat: place.lat, lng: place.lng } : null;
}

/** The resource that a booking begins with, i.e. the lot, run or class; a canteen's window and not its dishes. */
export function mainResourceOf({ catalogue }: Context, { kind, lines }: PlacedBooking): Resource | null {
  const resources = lines.flatMap(({ resourceId }) => catalogue.get(resourceId) ?? []);
  return resources.find((resource) => resource.kind === kind) ?? null;
}

/** Slots of resources on all service dates of some bookings, in one query, by resource. */
export async function slotsAround(
  context: Context,
  resources: readonly Resource[],
  bookings: readonly PlacedBooking[],
): Promise<Map<string, Slot[]>> {
  const dates = new Set(bookings.flatMap(({ lines }) => lines.map(({ serviceDate }) => serviceDate)));
  const ids = resources.map(({ id }) => id);
  const slots = await slotsOfResources(context.db, context.site.id, ids, [...dates]);
  return Map.groupBy(slots, ({ resourceId }) => resourceId);
}
