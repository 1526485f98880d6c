import type { IsoDate } from '../../../calendar/time.ts';
import type { Direction } from '../run-rules.ts';
import { findTimetable, type TimetableFrame } from './best-timetable.ts';
import {
  ridershipOf,
  servedBy,
  type Departure,
  type RideDemand,
  type Ridership,
  type Seating,
} from './riders-served.ts';

/** The demand of one day of service. */
export type DayDemand = { date: IsoDate; demand: readonly RideDemand[] };

/** A run of a timetable as it would have gone on the days of the demand: figures of an average day. */
export type CountedRun = Departure & {
  riders: number;
  /** Riders on its fullest leg. */
  fullestLeg: number;
  /** By pair, in the order of `stopPairs`. */
  byPair: Float64Array;
};

/** A timetable in order of departure, counted day by day. */
export type CountedTimetable = { riders: number; runs: CountedRun[] };

/** What is proposed instead of what is; `isExact` says that no timetable serves more on the average day. */
export type Proposal = { present: CountedTimetable; proposed: CountedTimetable; isBetter: boolean; isExact: boolean };

/**
 * Looks for the timetable that serves the most riders of an average day, then counts both day by day: a day is never average, and who finds
 * no seat on a full day is not made up for by a free seat on another. What does not serve more that way, or has no room for all
 * runs, is not proposed. A generator, so that whoever has other work may do it in between.
 */
export function* propose(
  days: readonly DayDemand[],
  present: readonly Departure[],
  line: { seating: Seating; frame: TimetableFrame },
): Generator<void, Proposal> {
  const average = ridershipOf(averageDay(days), line.seating);
  const found = yield* findTimetable(average, line.frame, present);
  const [asIs, instead] = yield* countedOn(days, line.seating, [present, found.timetable]);
  if (!asIs || !instead) throw new Error('two timetables were counted');
  const isBetter = instead.runs.length === present.length && instead.riders > asIs.riders + leastGain;
  return { present: asIs, proposed: isBetter ? instead : asIs, isBetter, isExact: found.isExact };
}

/** Riders a day: less is no reason to change what people are used to, and may be rounding. */
const leastGain = 0.05;

/** The demand of all days, divided by their number. */
export function averageDay(days: readonly DayDemand[]): RideDemand[] {
  const cells = new Map<string, RideDemand>();
  for (const { demand } of days) {
    for (const wish of demand) {
      const key = `${wish.direction} ${wish.minute} ${wish.from} ${wish.to}`;
      const cell = cells.get(key);
      if (cell) cell.riders += wish.riders / days.length;
      else cells.set(key, { ...wish, riders: wish.riders / days.length });
    }
  }
  return [...cells.values()];
}

/** What timetables would have carried on these days, on average. */
export function* countedOn(
  days: readonly DayDemand[],
  seating: Seating,
  timetables: readonly (readonly Departure[])[],
): Generator<void, CountedTimetable[]> {
  let counted = timetables.map((timetable) => withDay(null, timetable, ridershipOf([], seating), 1));
  for (const { demand } of days) {
    const ridership = ridershipOf(demand, seating);
    counted = counted.map((sum) => withDay(sum, sum.runs, ridership, days.length));
    yield;
  }
  return counted;
}

function withDay(
  sum: CountedTimetable | null,
  timetable: readonly Departure[],
  ridership: Record<Direction, Ridership>,
  days: number,
): CountedTimetable {
  const runs = servedBy(timetable, ridership).map(({ minute, direction, ...day }, index): CountedRun => {
    const before = sum?.runs[index];
    return {
      minute,
      direction,
      riders: (before?.riders ?? 0) + day.riders / days,
      fullestLeg: (before?.fullestLeg ?? 0) + day.fullestLeg / days,
      byPair: day.byPair.map((riders, pair) => (before?.byPair[pair] ?? 0) + riders / days),
    };
  });
  return { riders: runs.reduce((all, { riders }) => all + riders, 0), runs };
}
