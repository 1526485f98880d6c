/** Somebody who asks for seats on neighbouring legs; legs are counted from 0, `to` excluded. */
export type Ride = { from: number; to: number; seats: number };

const legsOf = ({ from, to }: Ride): number[] => Array.from({ length: to - from }, (_, index) => from + index);

/** Whether a ride fits into what is free, leg by leg. */
export const fits = (free: readonly number[], ride: Ride): boolean =>
  legsOf(ride).every((leg) => (free[leg] ?? 0) >= ride.seats);

/** What is left when a ride has taken its seats. */
export const without = (free: readonly number[], ride: Ride): number[] =>
  free.map((units, leg) => (ride.from <= leg && leg < ride.to ? units - ride.seats : units));

/** An arc of the network below: `room` units may go through it, each gains so many seat-legs; `back` is what gives them back. */
type Arc = { to: number; room: number; gain: number; back: Arc };

/**
 * The most seat-legs that rides could fill if parties could be divided: no choice of whole parties fills more. The bus is a path from stop
 * to stop along which each seat either stays empty for a leg or carries somebody from stop to stop: a flow of most gain. Its matrix is
 * totally unimodular, so whole seats are enough and rides of one seat are solved exactly.
 */
export function mostSeatLegs(free: readonly number[], rides: readonly Ride[]): number {
  const stops = free.length + 1;
  const arcs: Arc[][] = Array.from({ length: stops }, () => []);
  const seats = Math.max(0, ...free);
  // Where fewer seats are free than elsewhere, the rest has to go by empty.
  const busy = free.map((units) => seats - Math.max(0, units));
  const forced = busy.reduce((sum, units) => sum + units, 0) * blockedGain;
  free.forEach((_, leg) => {
    addArc(arcs, leg, leg + 1, busy[leg] ?? 0, blockedGain);
    addArc(arcs, leg, leg + 1, seats, 0);
  });
  for (const [pair, asked] of demand(rides)) {
    const [from = 0, to = 0] = pair.split(' ').map(Number);
    addArc(arcs, from, to, asked, to - from);
  }
  let gain = 0;
  for (let left = seats; left > 0;) {
    const path = bestPath(arcs, stops);
    const room = Math.min(left, ...path.map((arc) => arc.room));
    for (const arc of path) {
      arc.room -= room;
      arc.back.room += room;
      gain += room * arc.gain;
    }
    left -= room;
  }
  return gain - forced;
}

/** More than any ride gains, so that seats which are taken already go by first. */
const blockedGain = 1_000;

function demand(rides: readonly Ride[]): Map<string, number> {
  const asked = new Map<string, number>();
  for (const { from, to, seats } of rides) asked.set(`${from} ${to}`, (asked.get(`${from} ${to}`) ?? 0) + seats);
  return asked;
}

function addArc(arcs: Arc[][], from: number, to: number, room: number, gain: number): void {
  const arc = { to, room, gain } as Arc;
  const back: Arc = { to: from, room: 0, gain: -gain, back: arc };
  arc.back = back;
  arcs[from]?.push(arc);
  arcs[to]?.push(back);
}

/** The way of most gain from the first stop to the last (Bellman and Ford: there are few stops). */
function bestPath(arcs: readonly (readonly Arc[])[], stops: number): Arc[] {
  const gains = Array.from({ length: stops }, (_, stop) => (stop === 0 ? 0 : -Infinity));
  const into: (Arc | undefined)[] = [];
  for (let changed = true; changed;) {
    changed = false;
    for (const [stop, leaving] of arcs.entries()) {
      for (const arc of leaving) {
        const gain = (gains[stop] ?? -Infinity) + arc.gain;
        if (arc.room === 0 || gain <= (gains[arc.to] ?? -Infinity)) continue;
        gains[arc.to] = gain;
        into[arc.to] = arc;
        changed = true;
      }
    }
  }
  const path: Arc[] = [];
  for (let arc = into[stops - 1]; arc; arc = into[arc.back.to]) path.unshift(arc);
  return path;
}

/** So many looks at most each time: milliseconds; afterwards the best that was found stands. */
const maxLooks = 1_000;

/**
 * Chooses whole parties that fill the most seat-legs; among equal fills the one that takes those who come first in the list. Exact as long
 * as `maxLooks` are enough, since whoever is undecided is bounded by `mostSeatLegs`. Where the order of the list leads to less than that
 * bound, it is tried again with large parties first: single riders fit in between, parties do not.
 * @returns the positions of the chosen.
 */
export function bestFill(free: readonly number[], rides: readonly Ride[]): number[] {
  const inOrder = [...rides.keys()];
  const first = search(free, rides, inOrder);
  if (first.filled === mostSeatLegs(free, rides)) return first.chosen;
  const seatsOf = (index: number): number => rides[index]?.seats ?? 0;
  const second = search(
    free,
    rides,
    inOrder.toSorted((a, b) => seatsOf(b) - seatsOf(a)),
  );
  return (second.filled > first.filled ? second : first).chosen.toSorted((a, b) => a - b);
}

/** Decides on rides one by one in an order, the more promising way first. */
function search(
  free: readonly number[],
  rides: readonly Ride[],
  order: readonly number[],
): { chosen: number[]; filled: number } {
  let best = { chosen: [] as number[], filled: -1 };
  let looks = 0;

  function decide(place: number, left: readonly number[], filled: number, chosen: readonly number[]): void {
    const index = order[place];
    const ride = index === undefined ? undefined : rides[index];
    if (index === undefined || !ride) {
      if (filled > best.filled) best = { chosen: [...chosen], filled };
      return;
    }
    const rest = order.slice(place + 1).flatMap((undecided) => rides[undecided] ?? []);
    const branches = [{ left, filled, chosen, bound: filled + mostSeatLegs(left, rest) }];
    if (fits(left, ride)) {
      const after = without(left, ride);
      const now = filled + (ride.to - ride.from) * ride.seats;
      const bound = now + mostSeatLegs(after, rest);
      branches.unshift({ left: after, filled: now, chosen: [...chosen, index], bound });
    }
    looks += branches.length;
    for (const branch of branches.toSorted((a, b) => b.bound - a.bound)) {
      const isEnough = looks > maxLooks && best.filled >= 0;
      if (branch.bound > best.filled && !isEnough) decide(place + 1, branch.left, branch.filled, branch.chosen);
    }
  }
  decide(0, free, 0, []);
  return best;
}
