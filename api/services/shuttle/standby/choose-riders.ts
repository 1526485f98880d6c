import { bestFill, fits, without, type Ride } from './best-fill.ts';

/** So many of those whose stop it is, and of those at later stops, are looked at: more than a bus holds. */
const maxLookedAt = 60;

/**
 * Who of those who stand by gets on at the stop that the bus is about to leave; `free` is by leg, `riders` in order of joining. At every stop
 * the first in line who fits gets on, so that nobody is passed over for ever longer rides of others. What is left goes to those who fill the
 * most seats from here to the end, the first in line among equals: no fitting seat stays empty because somebody ahead needs more than there
 * is. Those at later stops are planned for, and decided on at their own stop, when more is known. Pure.
 */
export function chooseRiders<Rider extends Ride>(
  free: readonly number[],
  riders: readonly Rider[],
  isLeaving: (leg: number) => boolean,
): Rider[] {
  const here = riders.filter(({ from }) => isLeaving(from)).slice(0, maxLookedAt);
  const firstLeg = Math.min(...here.map(({ from }) => from));
  const later = riders.filter(({ from }) => from > firstLeg && !isLeaving(from)).slice(0, maxLookedAt);
  const lookedAt = new Set([...here, ...later]);
  const { firsts, left } = firstsInLine(free, [...lookedAt]);
  const rest = riders.filter((rider) => lookedAt.has(rider) && !firsts.includes(rider));
  const chosen = new Set([...firsts, ...bestFill(left, rest).flatMap((index) => rest[index] ?? [])]);
  return here.filter((rider) => chosen.has(rider));
}

/** The first at each stop who fits into what those of the stops before leave. */
function firstsInLine<Rider extends Ride>(free: readonly number[], riders: readonly Rider[]) {
  const firsts: Rider[] = [];
  let left = free;
  for (let leg = 0; leg < free.length; leg++) {
    const first = riders.find((rider) => rider.from === leg && fits(left, rider));
    if (!first) continue;
    firsts.push(first);
    left = without(left, first);
  }
  return { firsts, left };
}
