import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bestTimetable, type TimetableFrame } from './best-timetable.ts';
import { directions, ridershipOf, servedBy, type Departure, type RideDemand } from './riders-served.ts';

const stops = 4;
const start = 480;

const someDemand = fc.array(
  fc.record({
    direction: fc.constantFrom(...directions),
    minute: fc.integer({ min: start - 10, max: start + 90 }),
    from: fc.integer({ min: 0, max: stops - 2 }),
    to: fc.integer({ min: 1, max: stops - 1 }),
    riders: fc.integer({ min: 1, max: 5 }),
  }),
  { maxLength: 25 },
);

const someFrame = fc.record({
  buses: fc.constantFrom(1, 1, 1, 2),
  cycleMinutes: fc.constantFrom(10, 15, 20, 25),
  runs: fc.integer({ min: 1, max: 3 }),
  firstMinute: fc.constant(start),
  lastMinute: fc.constantFrom(start + 40, start + 50),
  gridMinutes: fc.constantFrom(5, 5, 10),
  shiftMinutes: fc.constantFrom(5, 10, 15, 20, 30),
});

/** Whether the buses can drive a timetable: each of them is back before it departs again. */
function isDrivable(timetable: readonly Departure[], { buses, cycleMinutes }: TimetableFrame): boolean {
  const back: number[] = Array.from({ length: buses }, () => -Infinity);
  return timetable.every(({ minute }) => {
    const bus = back.findIndex((at) => at <= minute);
    if (bus >= 0) back[bus] = minute + cycleMinutes;
    return bus >= 0;
  });
}

/** Every timetable of the grid with so many runs that the buses can drive; in order of departure. */
function* everyTimetable(frame: TimetableFrame, runs: number, done: readonly Departure[] = []): Generator<Departure[]> {
  if (done.length === runs) return yield [...done];
  const { firstMinute, lastMinute, gridMinutes } = frame;
  for (let minute = firstMinute; minute <= lastMinute; minute += gridMinutes) {
    for (const direction of directions) {
      const last = done.at(-1);
      const isLater = !last || minute > last.minute || (minute === last.minute && direction > last.direction);
      const next = [...done, { minute, direction }];
      if (isLater && isDrivable(next, frame)) yield* everyTimetable(frame, runs, next);
    }
  }
}

const ridersOf = (timetable: readonly Departure[], demand: Parameters<typeof servedBy>[1]) =>
  servedBy(timetable, demand).reduce((sum, { riders }) => sum + riders, 0);

describe('the best timetable', () => {
  test('serves as many as the best of all that there are', () => {
    const wishes = someDemand.map((all) => all.filter(({ from, to }) => from < to) as RideDemand[]);
    fc.assert(
      fc.property(wishes, someFrame, fc.integer({ min: 1, max: 6 }), (all, frame, seats) => {
        const demand = ridershipOf(all, { seats, shiftMinutes: frame.shiftMinutes, stops });
        const found = bestTimetable(demand, frame);
        expect(found.isExact).toBe(true);
        expect(isDrivable(found.timetable, frame)).toBe(true);
        expect(ridersOf(found.timetable, demand)).toBeCloseTo(found.riders, 6);
        let best = 0;
        let isAny = false;
        for (let runs = frame.runs; runs > 0 && !isAny; runs--) {
          for (const timetable of everyTimetable(frame, runs)) {
            isAny = true;
            best = Math.max(best, ridersOf(timetable, demand));
          }
        }
        expect(found.riders).toBeCloseTo(best, 6);
      }),
      { numRuns: Number(process.env['ADVISOR_RUNS'] ?? 2_000) },
    );
  });
});
