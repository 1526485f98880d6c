import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ridershipOf, servedBy, stopPairs, type Departure, type RideDemand } from './riders-served.ts';

const stops = 5;
const wish = (minute: number, riders: number, from = 0, to = stops - 1): RideDemand => ({
  ...{ direction: 'inbound', minute, from, to, riders },
});
const inbound = (...minutes: number[]): Departure[] => minutes.map((minute) => ({ minute, direction: 'inbound' }));

function ridersBy(timetable: readonly Departure[], demand: readonly RideDemand[], seats = 10, shiftMinutes = 20) {
  return servedBy(timetable, ridershipOf(demand, { seats, shiftMinutes, stops })).map(
    ({ riders }) => Math.round(riders * 1e6) / 1e6,
  );
}

describe('a rider', () => {
  test('takes the nearest run within the shift, the earlier one of two', () => {
    expect(ridersBy(inbound(480, 510), [wish(494, 1), wish(495, 2), wish(496, 4)])).toEqual([3, 4]);
    expect(ridersBy(inbound(480), [wish(460, 1), wish(459, 2), wish(500, 4), wish(501, 8)])).toEqual([5]);
  });

  test('who finds it full takes the next one after it, if it is within the shift and has seats left', () => {
    expect(ridersBy(inbound(480, 500), [wish(485, 13)])).toEqual([10, 3]);
    expect(ridersBy(inbound(480, 500), [wish(485, 13), wish(500, 9)])).toEqual([10, 10]);
    expect(ridersBy(inbound(480, 506), [wish(485, 13)])).toEqual([10, 0]);
    expect(ridersBy(inbound(480, 490), [wish(490, 13)])).toEqual([0, 10]);
  });

  test('of the other direction does not take it', () => {
    expect(ridersBy([{ minute: 480, direction: 'outbound' }], [wish(480, 1)])).toEqual([0]);
  });

  test('takes the seat that another one has left', () => {
    const demand = [wish(480, 10, 0, 2), wish(480, 4, 2, 4), wish(480, 4, 1, 3)];
    expect(ridersBy(inbound(480), demand)).toEqual([14]);
  });
});

/** The most riders that seats can hold, by trying every number of riders of every pair. */
function mostSeated(wanted: readonly { from: number; to: number; riders: number }[], free: readonly number[]): number {
  const [first, ...rest] = wanted;
  if (!first) return 0;
  let most = 0;
  for (let seated = 0; seated <= first.riders; seated++) {
    const left = free.map((seats, leg) => (leg >= first.from && leg < first.to ? seats - seated : seats));
    if (left.some((seats) => seats < 0)) break;
    most = Math.max(most, seated + mostSeated(rest, left));
  }
  return most;
}

test('a run seats as many as its legs can hold, and never more', () => {
  const rides = fc.uniqueArray(
    fc.record({ pair: fc.constantFrom(...stopPairs(stops)), riders: fc.integer({ min: 1, max: 4 }) }),
    { maxLength: 6, selector: ({ pair }) => `${pair.from} ${pair.to}` },
  );
  fc.assert(
    fc.property(rides, fc.integer({ min: 1, max: 4 }), (wanted, seats) => {
      const demand = wanted.map(({ pair, riders }) => wish(480, riders, pair.from, pair.to));
      const seating = { seats, shiftMinutes: 20, stops };
      const [run] = servedBy(inbound(480), ridershipOf(demand, seating));
      expect(run?.riders).toBeCloseTo(
        mostSeated(
          demand,
          Array.from({ length: stops - 1 }, () => seats),
        ),
        9,
      );
      expect(run?.fullestLeg).toBeLessThanOrEqual(seats + 1e-9);
    }),
    { numRuns: 500 },
  );
});

test('on no timetable is a rider counted twice, or a leg above its seats', () => {
  const wishes = fc.array(
    fc.record({
      minute: fc.integer({ min: 470, max: 560 }),
      pair: fc.constantFrom(...stopPairs(stops)),
      riders: fc.integer({ min: 1, max: 8 }),
    }),
    { maxLength: 20 },
  );
  const minutes = fc.uniqueArray(fc.integer({ min: 470, max: 560 }), { maxLength: 5 });
  fc.assert(
    fc.property(wishes, minutes, fc.integer({ min: 1, max: 8 }), (all, departures, seats) => {
      const demand = all.map(({ minute, pair, riders }) => wish(minute, riders, pair.from, pair.to));
      const runs = servedBy(inbound(...departures), ridershipOf(demand, { seats, shiftMinutes: 25, stops }));
      for (const [index, pair] of stopPairs(stops).entries()) {
        const wanted = demand.filter(({ from, to }) => from === pair.from && to === pair.to);
        const served = runs.reduce((sum, { byPair }) => sum + (byPair[index] ?? 0), 0);
        expect(served).toBeLessThanOrEqual(wanted.reduce((sum, { riders }) => sum + riders, 0) + 1e-9);
      }
      for (const { byPair } of runs) {
        for (let leg = 0; leg < stops - 1; leg++) {
          const over = stopPairs(stops).map(({ from, to }, index) =>
            from <= leg && leg < to ? (byPair[index] ?? 0) : 0,
          );
          expect(over.reduce((sum, riders) => sum + riders, 0)).toBeLessThanOrEqual(seats + 1e-9);
        }
      }
    }),
    { numRuns: 500 },
  );
});
