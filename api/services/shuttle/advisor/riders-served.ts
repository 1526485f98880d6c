import type { Direction } from '../run-rules.ts';

/** Riders who would like to ride from one stop to another at a time of day; stops are counted in the order of their direction. */
export type RideDemand = {
  direction: Direction;
  /** The departure from the first stop, in minutes of the day, that would suit them exactly at their own stop. */
  minute: number;
  /** Where they get on and off: positions of stops in the order of the run. */
  from: number;
  to: number;
  /** An expected number: it need not be whole. */
  riders: number;
};

/** A run of a timetable; minutes of the day. */
export type Departure = { minute: number; direction: Direction };

/** What limits how many can ride. */
export type Seating = {
  seats: number;
  /** How far from their wish a rider still takes a run, in minutes, earlier or later. */
  shiftMinutes: number;
  /** How many stops the line has. */
  stops: number;
};

export const directions = ['inbound', 'outbound'] as const satisfies readonly Direction[];

/** The stop pairs of one direction in the order in which they are seated: who gets off first, then who gets on last. */
export type StopPair = { from: number; to: number };

/** Pairs in the order that seats the most riders: as in interval scheduling, the earliest end first. */
export function stopPairs(stops: number): StopPair[] {
  const positions = Array.from({ length: stops }, (_, position) => position);
  return positions.flatMap((to) => positions.slice(0, to).map((from) => ({ from: to - 1 - from, to })));
}

/** A run among its neighbours of the same direction; null where there is none that riders could take instead. Minutes of the day. */
export type Neighbours = {
  beforePrevious: number | null;
  previous: number | null;
  minute: number;
  next: number | null;
  /** It is known already that nobody comes over from the run before. */
  nobodyComesOver?: true;
};

/** Whom a run serves: by pair in the order of `stopPairs`, and in all. */
export type Served = { riders: number; byPair: Float64Array; fullestLeg: number };

/** Who asks first for which run of one direction, and who finds a seat. */
export type Ridership = ReturnType<typeof ridership>;

/**
 * How the demand of one direction spreads over runs. A rider asks for the run that is nearest to their wish, the earlier one of two, if it
 * is within the shift; who finds it full takes the next one after it, if that is within the shift too and has seats left. Each run seats as
 * many as its legs can hold. Of those with the same wish but for its time, the same share finds a seat.
 */
export function ridership(demand: readonly RideDemand[], { seats, shiftMinutes, stops }: Seating) {
  const pairs = stopPairs(stops);
  const count = pairs.length;
  const { upTo, firstMinute, minutes } = sums(demand, pairs);

  /** How many of a pair wish for a minute from `from` to `to`, both inclusive. */
  const between = (pair: number, from: number, to: number): number =>
    to < from ? 0 : Math.max(0, (upTo[row(to) + pair] ?? 0) - (upTo[row(from - 1) + pair] ?? 0));
  const row = (minute: number) => Math.min(minutes, Math.max(0, minute - firstMinute + 1)) * count;

  /** The minutes whose nearest run is this one, both inclusive. */
  function asksFirst(previous: number | null, minute: number, next: number | null): [number, number] {
    const from = previous === null ? -Infinity : Math.floor((previous + minute) / 2) + 1;
    const to = next === null ? Infinity : Math.floor((minute + next) / 2);
    return [Math.max(minute - shiftMinutes, from), Math.min(minute + shiftMinutes, to)];
  }

  /** Seats of what is asked for as much as there is room. @returns how many of the pair. */
  function seat(free: Float64Array, { from, to }: StopPair, wanted: number): number {
    let room = wanted;
    for (let leg = from; leg < to; leg++) room = Math.min(room, free[leg] ?? 0);
    if (room > 0) for (let leg = from; leg < to; leg++) free[leg] = (free[leg] ?? 0) - room;
    return room;
  }

  const emptyRun = () => new Float64Array(stops - 1).fill(seats);

  /** Who finds the run full that they asked for first and can still take the next one, by pair; null when nobody. */
  function turnedAway(beforePrevious: number | null, previous: number, minute: number): Float64Array | null {
    const [from, to] = asksFirst(beforePrevious, previous, minute);
    const reaching = Math.max(from, minute - shiftMinutes);
    if (reaching > to) return null;
    const free = emptyRun();
    const left = new Float64Array(count);
    let isAnybody = false;
    for (const [index, pair] of pairs.entries()) {
      const wanted = between(index, from, to);
      if (wanted <= 0) continue;
      const share = 1 - seat(free, pair, wanted) / wanted;
      if (share <= negligible) continue;
      const still = share * between(index, reaching, to);
      left[index] = still;
      isAnybody ||= still > negligible;
    }
    return isAnybody ? left : null;
  }

  /** Whom a run serves among its neighbours. */
  function served({ beforePrevious, previous, minute, next, nobodyComesOver }: Neighbours): Served {
    const [from, to] = asksFirst(previous, minute, next);
    const free = emptyRun();
    const byPair = new Float64Array(count);
    let riders = 0;
    for (const [index, pair] of pairs.entries()) {
      const seated = seat(free, pair, between(index, from, to));
      byPair[index] = seated;
      riders += seated;
    }
    const late = previous === null || nobodyComesOver ? null : turnedAway(beforePrevious, previous, minute);
    if (late) {
      for (const [index, pair] of pairs.entries()) {
        const seated = seat(free, pair, late[index] ?? 0);
        byPair[index] = (byPair[index] ?? 0) + seated;
        riders += seated;
      }
    }
    return { riders, byPair, fullestLeg: seats - Math.min(...free) };
  }

  /** Whether anybody wishes for a minute from `from` to `to`. */
  const hasDemand = (from: number, to: number) => pairs.some((_, index) => between(index, from, to) > negligible);

  return { served, turnedAway, asksFirst, hasDemand };
}

/** Less than this of a rider is nobody: what is left over when fractions are added and taken away again. */
const negligible = 1e-9;

/** For each minute and pair, how many wish for it or an earlier one; a row per minute, and an empty one before the first. */
function sums(demand: readonly RideDemand[], pairs: readonly StopPair[]) {
  const firstMinute = demand.reduce((first, { minute }) => Math.min(first, minute), Infinity);
  const lastMinute = demand.reduce((last, { minute }) => Math.max(last, minute), -Infinity);
  const minutes = demand.length === 0 ? 0 : lastMinute - firstMinute + 1;
  const table = new Float64Array((minutes + 1) * pairs.length);
  const count = pairs.length;
  const indexOf = new Map(pairs.map(({ from, to }, index) => [from * count + to, index]));
  for (const { minute, from, to, riders } of demand) {
    const pair = indexOf.get(from * count + to);
    if (pair === undefined) throw new RangeError(`no ride from stop ${from} to stop ${to}`);
    const at = (minute - firstMinute + 1) * pairs.length + pair;
    table[at] = (table[at] ?? 0) + riders;
  }
  for (let at = pairs.length; at < table.length; at++) table[at] = (table[at] ?? 0) + (table[at - pairs.length] ?? 0);
  return { upTo: table, firstMinute: demand.length === 0 ? 0 : firstMinute, minutes };
}

/** A departure with whom it serves. */
export type ServedDeparture = Departure & Served;

/** Whom a timetable serves, in order of departure. */
export function servedBy(timetable: readonly Departure[], demand: Record<Direction, Ridership>): ServedDeparture[] {
  return directions
    .flatMap((direction) => {
      const own = timetable.filter((run) => run.direction === direction).map(({ minute }) => minute);
      const times = own.toSorted((a, b) => a - b);
      return times.map((minute, index) => ({
        minute,
        direction,
        ...demand[direction].served({
          beforePrevious: times[index - 2] ?? null,
          previous: times[index - 1] ?? null,
          minute,
          next: times[index + 1] ?? null,
        }),
      }));
    })
    .toSorted((a, b) => a.minute - b.minute);
}

/** The demand of both directions, ready to be asked. */
export function ridershipOf(demand: readonly RideDemand[], seating: Seating): Record<Direction, Ridership> {
  const ofWay = (way: Direction) =>
    ridership(
      demand.filter(({ direction }) => direction === way),
      seating,
    );
  return { inbound: ofWay('inbound'), outbound: ofWay('outbound') };
}
