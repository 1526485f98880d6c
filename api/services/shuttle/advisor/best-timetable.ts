import { directions, type Departure, type Ridership } from './riders-served.ts';
import type { Direction } from '../run-rules.ts';

/** What a day's runs have to keep to. */
export type TimetableFrame = {
  buses: number;
  /** Minutes from a bus's departure until it can depart again, whichever way. */
  cycleMinutes: number;
  /** How many departures there are to spend. */
  runs: number;
  /** The minutes of the day at which a run may depart: from the first on, in steps of the grid, up to the last. */
  firstMinute: number;
  lastMinute: number;
  gridMinutes: number;
  shiftMinutes: number;
};

/** What was found: in order of departure. `isExact` says that no timetable of the grid serves more. */
export type FoundTimetable = { timetable: Departure[]; riders: number; isExact: boolean };

/** How many beginnings of a timetable are followed at once, per time and number of runs. */
export type SearchWidth = { first: number; second: number };
const usualWidth: SearchWidth = { first: 40, second: 4_000 };

/** Prefers what is as it is today, where it makes no difference to riders: a change costs habits. */
const keptRun = 1e-6;
/** Riders: less is rounding. */
const tolerance = 1e-9;

/**
 * The timetable that serves the most riders by `servedBy`, found by going through the day once. What a run serves depends on its two
 * predecessors and its successor of the same direction only, and on none that is further away than twice the shift. So all beginnings of a
 * timetable that look the same from now on are one state, of which the best is kept; the last departures also tell whether a bus is
 * back. A first, narrow pass finds a good timetable; the second leaves out every beginning that cannot become better than that one,
 * whatever follows (a bound: each run to come alone on the road). It is exact unless more states are left than the width.
 *
 * A generator, so that whoever has other work may do it in between. At most three buses are told apart: with more, as if there were three.
 */
export function* findTimetable(
  demand: Record<Direction, Ridership>,
  frame: TimetableFrame,
  present: readonly Departure[] = [],
  width: SearchWidth = usualWidth,
): Generator<void, FoundTimetable> {
  const search = timetableSearch(demand, frame, present);
  const first = yield* search(width.first, -Infinity);
  if (first.isExact) return first;
  // A timetable of fewer runs is no measure for those with all of them.
  const isWhole = first.timetable.length === frame.runs;
  const second = yield* search(width.second, isWhole ? first.worth : -Infinity);
  const isBetter = second.timetable.length === frame.runs && second.worth > first.worth;
  const best = isBetter || !isWhole ? second : first;
  return { timetable: best.timetable, riders: best.riders, isExact: second.isExact };
}

/** The same in one go. */
export function bestTimetable(...asked: Parameters<typeof findTimetable>): FoundTimetable {
  const search = findTimetable(...asked);
  for (;;) {
    const step = search.next();
    if (step.done === true) return step.value;
  }
}

/** A departure that was decided, and the ones before it. */
type Decision = Departure & { before: Decision | null };

/** The best beginning that looks like this from now on: what it has served for certain, and how it came about. */
type Beginning = { worth: number; last: Decision | null };

/**
 * Of one direction: steps of the grid since its last run, and the gaps before that run and before the one before; `far` where it does not
 * matter any more. A `gapBefore` of 0 says that nobody comes over from the run before, whatever was before that.
 */
type Past = { since: number; gap: number; gapBefore: number };
const nobodyComesOver = 0;

function timetableSearch(demand: Record<Direction, Ridership>, frame: TimetableFrame, present: readonly Departure[]) {
  const { buses, cycleMinutes, runs, firstMinute, lastMinute, gridMinutes, shiftMinutes } = frame;
  const steps = Math.floor((lastMinute - firstMinute) / gridMinutes) + 1;
  const cycle = Math.ceil(cycleMinutes / gridMinutes);
  /** From this gap on two runs have no riders in common, and the bus is back. */
  const far = Math.max(Math.floor((2 * shiftMinutes) / gridMinutes) + 1, cycle);
  const base = far + 1;
  const perWay = base ** 3;
  const alone: Past = { since: far, gap: far, gapBefore: far };
  const keep = new Set(present.map(({ minute, direction }) => `${direction} ${minute}`));
  const minuteAt = (step: number) => firstMinute + step * gridMinutes;

  const codeOf = ({ since, gap, gapBefore }: Past) => (since * base + gap) * base + gapBefore;
  const pastOf = (code: number): Past => ({
    since: Math.floor(code / base ** 2),
    gap: Math.floor(code / base) % base,
    gapBefore: code % base,
  });
  const split = (key: number): [number, number] => [Math.floor(key / perWay), key % perWay];

  const worthOf = remembered(demand, { base, far, gridMinutes, firstMinute });
  const kept = (direction: Direction, minute: number) => (keep.has(`${direction} ${minute}`) ? keptRun : 0);
  const most = directions.map((direction) =>
    Array.from({ length: steps }, (_, step) => worthOf(direction, step, alone, far) + kept(direction, minuteAt(step))),
  );
  const mostToCome = boundsOf(most, { steps, runs, buses, cycle });

  /** What a direction looks like after a departure, less what cannot matter any more. */
  function pastAfter(direction: Direction, step: number, { since, gap }: Past): Past {
    if (since >= far) return { since: 0, gap: far, gapBefore: far };
    const minute = minuteAt(step);
    const previous = minute - since * gridMinutes;
    const beforePrevious = gap >= far ? null : previous - gap * gridMinutes;
    const { turnedAway, asksFirst, hasDemand } = demand[direction];
    if (turnedAway(beforePrevious, previous, minute)) return { since: 0, gap: since, gapBefore: gap };
    // Nobody comes over from the run before. If nobody is between the two either, this one is as good as alone; but for its bus.
    const isBusOut = (age: number) => buses > 1 && age < cycle;
    const [from] = asksFirst(previous, minute, null);
    const isAlone = !hasDemand(minute - shiftMinutes, from - 1) && !isBusOut(since);
    if (isAlone) return { since: 0, gap: far, gapBefore: far };
    return { since: 0, gap: since, gapBefore: isBusOut(since + gap) ? gap : nobodyComesOver };
  }

  /** Whether a bus is there: of the last departures, whichever way, the one that took this bus is a cycle ago. */
  function hasBus(one: Past, other: Past): boolean {
    const ages = [one, other].flatMap(agesOf).toSorted((a, b) => a - b);
    return (ages[Math.min(buses, 3) - 1] ?? far) >= cycle;
  }
  const agesOf = ({ since, gap, gapBefore }: Past): number[] => {
    if (since >= far) return [];
    if (gap >= far) return [since];
    const isKnown = gapBefore !== nobodyComesOver && gapBefore < far;
    return isKnown ? [since, since + gap, since + gap + gapBefore] : [since, since + gap];
  };

  return function* search(width: number, floor: number): Generator<void, FoundTimetable & { worth: number }> {
    let isExact = true;
    const nothing = codeOf(alone) * perWay + codeOf(alone);
    let beginnings: Map<number, Beginning>[] = Array.from({ length: runs + 1 }, () => new Map());
    beginnings[0]?.set(nothing, { worth: 0, last: null });

    for (let step = 0; step < steps; step++) {
      const minute = minuteAt(step);
      for (const [way, direction] of directions.entries()) {
        // From the most runs down, so that what departs now is not looked at again for the same direction.
        for (let made = runs - 1; made >= 0; made--) {
          for (const [key, beginning] of beginnings[made] ?? []) {
            const codes = split(key);
            const own = pastOf(codes[way] ?? 0);
            if (own.since === 0 || !hasBus(own, pastOf(codes[1 - way] ?? 0))) continue;
            const settled = own.since < far ? worthOf(direction, step - own.since, own, own.since) : 0;
            const after = codeOf(pastAfter(direction, step, own));
            const next = way === 0 ? after * perWay + (codes[1] ?? 0) : (codes[0] ?? 0) * perWay + after;
            keepBetter(beginnings[made + 1], next, {
              worth: beginning.worth + settled + kept(direction, minute),
              last: { minute, direction, before: beginning.last },
            });
          }
        }
      }
      beginnings = beginnings.map((states, made) => {
        const { goOn, isCut } = cut(timePasses(states, step), made, step);
        isExact &&= !isCut;
        return goOn;
      });
      yield;
    }
    const best = beginnings
      .toReversed()
      .map((states) => bestOf([...states].map(([key, beginning]) => finished(key, beginning))))
      .find((found) => found !== null);
    if (!best) return { timetable: [], riders: 0, worth: floor, isExact };
    const timetable = listed(best.last);
    const bonus = timetable.reduce((sum, { direction, minute }) => sum + kept(direction, minute), 0);
    return { timetable, riders: best.worth - bonus, worth: best.worth, isExact };

    /** One step of the grid later; what is far by then is settled. */
    function timePasses(states: ReadonlyMap<number, Beginning>, step: number): Map<number, Beginning> {
      const later = new Map<number, Beginning>();
      for (const [key, { worth, last }] of states) {
        let settled = 0;
        let next = 0;
        for (const [way, direction] of directions.entries()) {
          const past = pastOf(split(key)[way] ?? 0);
          let code = codeOf(alone);
          if (past.since < far - 1) code = codeOf({ ...past, since: past.since + 1 });
          else if (past.since < far) settled += worthOf(direction, step - past.since, past, far);
          next = next * perWay + code;
        }
        keepBetter(later, next, { worth: worth + settled, last });
      }
      return later;
    }

    /** Leaves out what cannot be better than the floor, and of the rest what is beyond the width. */
    function cut(states: Map<number, Beginning>, made: number, step: number) {
      const toCome = mostToCome(step + 1, runs - made);
      const hopes: [number, Beginning, number][] = [];
      for (const [key, beginning] of states) {
        let pending = 0;
        for (const [way] of directions.entries()) {
          const { since } = pastOf(split(key)[way] ?? 0);
          if (since < far) pending += most[way]?.[step + 1 - since] ?? 0;
        }
        const hope = beginning.worth + pending + toCome;
        if (hope > floor + tolerance) hopes.push([key, beginning, hope]);
      }
      const isCut = hopes.length > width;
      const goOn = isCut ? hopes.toSorted((a, b) => b[2] - a[2]).slice(0, width) : hopes;
      return { goOn: new Map(goOn.map(([key, beginning]) => [key, beginning])), isCut };
    }

    function finished(key: number, { worth, last }: Beginning): Beginning {
      const pending = directions.map((direction, way) => {
        const past = pastOf(split(key)[way] ?? 0);
        return past.since < far ? worthOf(direction, steps - past.since, past, far) : 0;
      });
      return { worth: worth + (pending[0] ?? 0) + (pending[1] ?? 0), last };
    }
  };
}

/** How many a run serves, by its step and the gaps around it; each is worked out once. */
function remembered(
  demand: Record<Direction, Ridership>,
  { base, far, gridMinutes, firstMinute }: { base: number; far: number; gridMinutes: number; firstMinute: number },
) {
  const known = { inbound: new Map<number, number>(), outbound: new Map<number, number>() };
  return (direction: Direction, step: number, { gap, gapBefore }: Past, gapAfter: number): number => {
    const key = ((step * base + gap) * base + gapBefore) * base + gapAfter;
    const before = known[direction].get(key);
    if (before !== undefined) return before;
    const minute = firstMinute + step * gridMinutes;
    const previous = gap >= far ? null : minute - gap * gridMinutes;
    const { riders } = demand[direction].served({
      beforePrevious: previous === null || gapBefore >= far ? null : previous - gapBefore * gridMinutes,
      previous,
      minute,
      next: gapAfter >= far ? null : minute + gapAfter * gridMinutes,
      ...(gapBefore === nobodyComesOver && { nobodyComesOver: true }),
    });
    known[direction].set(key, riders);
    return riders;
  };
}

/**
 * At most how many riders some runs serve from a step on: each as if it were alone. With one bus they are a cycle apart; with more, that is
 * left out of account.
 */
function boundsOf(
  most: readonly (readonly number[])[],
  { steps, runs, buses, cycle }: { steps: number; runs: number; buses: number; cycle: number },
) {
  const width = runs + 1;
  const bounds = new Float64Array((steps + 1) * width);
  const at = (step: number, left: number) => bounds[Math.min(step, steps) * width + left] ?? 0;
  for (let step = steps - 1; step >= 0; step--) {
    const ways = most.map((ofWay) => ofWay[step] ?? 0);
    const [one, both] = [Math.max(...ways), ways.reduce((sum, worth) => sum + worth, 0)];
    for (let left = 1; left <= runs; left++) {
      const later = step + (buses === 1 ? cycle : 1);
      const withOne = one + at(later, left - 1);
      const withBoth = buses > 1 && left > 1 ? both + at(later, left - 2) : 0;
      bounds[step * width + left] = Math.max(at(step + 1, left), withOne, withBoth);
    }
  }
  return at;
}

function keepBetter(states: Map<number, Beginning> | undefined, key: number, beginning: Beginning): void {
  const known = states?.get(key);
  if (!known || known.worth < beginning.worth) states?.set(key, beginning);
}

const bestOf = (all: readonly Beginning[]): Beginning | null =>
  all.reduce<Beginning | null>((best, one) => (best === null || one.worth > best.worth ? one : best), null);

function listed(last: Decision | null): Departure[] {
  const timetable: Departure[] = [];
  for (let decision = last; decision; decision = decision.before) {
    timetable.push({ minute: decision.minute, direction: decision.direction });
  }
  return timetable.toReversed();
}
