import { bestFill, fits, without, type Ride } from './best-fill.ts';

/** So many of those whose stop it is, and of those at later stops, are looked at: more than a bus holds. */
const maxLookedAt = 60;

/**
 * Who of those who stand by gets on at the stop that the bus is about to leave; `free` is by leg, `riders` in order of joining. The first in
 * line who fits always gets on, so that nobody is passed over for ever longer rides of others. What is left then goes to those who fill the
 * most seats from here to the end, those at later stops counted with them, the first in line among equals: no fitting seat stays empty
 * because somebody ahead needs more than there is. Who boards later is only counted: their own stop decides on them, knowing more. Pure.
 */
export function chooseRiders<Rider extends Ride>(
  free: readonly number[],
  riders: readonly Rider[],
  isLeaving: (leg: number) => boolean,
): Rider[] {
  const here = riders.filter(({ from }) => isLeaving(from)).slice(0, maxLookedAt);
  const first = here.find((rider) => fits(free, rider));
  if (!first) return [];
  const later = riders.filter((rider) => rider.from > first.from && !isLeaving(rider.from)).slice(0, maxLookedAt);
  const rest = riders.filter((rider) => rider !== first && (here.includes(rider) || later.includes(rider)));
  const left = without(free, first);
  const filling = bestFill(left, rest).flatMap((index) => rest[index] ?? []);
  return [first, ...filling.filter(({ from }) => isLeaving(from))];
}
