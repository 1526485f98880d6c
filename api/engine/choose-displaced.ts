import type { Instant } from '../calendar/time.ts';

/** A live booking that takes units of slots whose capacity is cut. */
export type Displaceable = {
  id: string;
  createdAt: Instant;
  /** Accessible needs: never displaced (domain.md, Capacity). */
  isProtected: boolean;
  /** Units by slot, of the cut slots only. */
  units: ReadonlyMap<number, number>;
};

export type DisplacementChoice = {
  /** In the order in which they were booked, which is the order in which alternatives are given out. */
  displaced: string[];
  /** Units by slot that no displacement can free, because what is left is protected. */
  uncovered: Map<number, number>;
};

/**
 * Chooses who has to go when slots lose units: the latest booking first, protected ones never, and nobody whose going frees nothing that is
 * needed. Pure.
 */
export function chooseDisplaced(
  bookings: readonly Displaceable[],
  excess: ReadonlyMap<number, number>,
): DisplacementChoice {
  const needed = new Map(excess);
  const latestFirst = bookings
    .filter(({ isProtected }) => !isProtected)
    .toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
  const chosen: Displaceable[] = [];
  for (const booking of latestFirst) {
    if (![...booking.units.keys()].some((slotId) => (needed.get(slotId) ?? 0) > 0)) continue;
    chosen.push(booking);
    for (const [slotId, units] of booking.units) needed.set(slotId, (needed.get(slotId) ?? 0) - units);
  }
  const displaced = withoutNeedless(chosen, needed);
  const uncovered = new Map([...needed].filter(([slotId, units]) => units > 0 && excess.has(slotId)));
  return { displaced: displaced.map(({ id }) => id), uncovered };
}

/** Spares, earliest booking first, those whom later choices have made needless. */
function withoutNeedless(chosen: readonly Displaceable[], needed: Map<number, number>): Displaceable[] {
  const earliestFirst = chosen.toReversed();
  return earliestFirst.filter((booking) => {
    const isNeedless = [...booking.units].every(([slotId, units]) => (needed.get(slotId) ?? 0) + units <= 0);
    if (isNeedless) for (const [slotId, units] of booking.units) needed.set(slotId, (needed.get(slotId) ?? 0) + units);
    return !isNeedless;
  });
}
