import type { Dish, Slot } from '$lib/api.ts';
import type { Ride } from '$lib/rides.ts';

const minute = 60_000;

/** How long one walks between the stop in the park and a canteen, in minutes; null where that is not known. */
export type Walks = Readonly<Record<string, number | null>>;

/** A day: the ride in, lunch, the ride home; each may be left out. */
export type DayPlan = {
  toWork: Ride | null;
  lunch: { window: Slot; dishes: readonly Dish[] } | null;
  home: Ride | null;
};

/** Whether one who comes by a ride is at the canteen before its window is over. */
export const isInTimeForLunch = (ride: Ride | null, window: Slot, walks: Walks): boolean =>
  ride === null || Date.parse(ride.arrivesAt) + walkOf(window, walks) <= Date.parse(window.endsAt) - minute;

/** Whether one who eats in a window is back at the stop before a ride leaves. */
export const isInTimeForHome = (window: Slot | null, ride: Ride, walks: Walks): boolean =>
  window === null || Date.parse(window.startsAt) + walkOf(window, walks) <= Date.parse(ride.departsAt);

const walkOf = ({ resourceId }: Slot, walks: Walks): number => (walks[resourceId] ?? 0) * minute;

/** Which of the parts do not go together, by name. */
export function tightParts({ toWork, lunch, home }: DayPlan, walks: Walks): ('lunch' | 'home')[] {
  const isLunchMissed = lunch !== null && !isInTimeForLunch(toWork, lunch.window, walks);
  const isHomeMissed =
    home !== null &&
    (!isInTimeForHome(lunch?.window ?? null, home, walks) ||
      (toWork !== null && Date.parse(toWork.arrivesAt) > Date.parse(home.departsAt)));
  return [...(isLunchMissed ? ['lunch' as const] : []), ...(isHomeMissed ? ['home' as const] : [])];
}

/** The parts that were chosen, in the order in which they are booked: what `part` of a refusal counts. */
export const partsOf = ({ toWork, lunch, home }: DayPlan): ('toWork' | 'lunch' | 'home')[] => [
  ...(toWork ? ['toWork' as const] : []),
  ...(lunch && lunch.dishes.length > 0 ? ['lunch' as const] : []),
  ...(home ? ['home' as const] : []),
];

/** What all of it costs, in fen, for one rider. */
export const totalFen = ({ toWork, lunch, home }: DayPlan): number =>
  (toWork?.priceFen ?? 0) +
  (lunch?.dishes.reduce((sum, { priceFen }) => sum + priceFen, 0) ?? 0) +
  (home?.priceFen ?? 0);
